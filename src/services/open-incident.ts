/** Opens an incident when a way back is not verified either, and ends it when something is: in the ledger, the audit and the log. GitHub is told by tell-incident.ts. */
import { type Incident, incidentsIn } from '../domain/incident.ts'
import type { EnvironmentKey } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'

/** Each once, whatever happens between; needs the ledger and nothing else. */
export async function settleIncidents(key: EnvironmentKey, deps: Deps): Promise<void> {
  for (const incident of incidentsIn(await deps.ledger.history(key))) {
    const kept = incident.opening.incident
    if (kept === undefined && incident.over === undefined) await open(incident, deps)
    if (kept !== undefined && kept.closedAt === undefined && incident.over !== undefined) await close(incident, deps)
  }
}

/** The one way by which somebody is told who reads no comment. */
async function open({ opening, failures }: Incident, { ledger, clock, log }: Deps): Promise<void> {
  const { id, repository, model, environment, label, stage } = opening
  const at = clock.now()
  const message = stage.at === 'failed' || stage.at === 'refused' ? stage.message : ''
  const detail = { repository, model, environment, label, message, failures: failures.map((one) => one.id) }
  const entry = { at, actor: 'lockkeeper', action: 'incident.opened', subject: id, detail }
  await ledger.savePromotion({ ...opening, incident: { since: at.toISOString() } }, entry)
  log.error(
    { promotion: id, ...detail },
    'what is live is not verified, and its rollback did not work: a person is needed',
  )
}

async function close({ opening, over }: Incident, { ledger, clock, log }: Deps): Promise<void> {
  const { id, repository, model, environment, incident } = opening
  if (incident === undefined || over === undefined) throw new Error('only what is over is closed')
  const at = clock.now()
  const detail = { repository, model, environment, verified: over.id }
  const entry = { at, actor: 'lockkeeper', action: 'incident.closed', subject: id, detail }
  await ledger.savePromotion({ ...opening, incident: { ...incident, closedAt: at.toISOString() } }, entry)
  log.info({ promotion: id, ...detail }, 'what is live is verified again')
}
