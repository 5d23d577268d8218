/** Keeps the issue of an incident current: opened once, rewritten in place, closed when something is verified. Where the App may not write issues, the reports of publish-promotion.ts are all there is. */
import { renderIncident, renderIncidentTitle } from '../comments/incident.ts'
import { promotionBranch } from '../domain/branch-name.ts'
import { SystemUnavailable } from '../domain/failure.ts'
import { type Incident, incidentsIn, leftBy, provenBesides } from '../domain/incident.ts'
import { renderMarker } from '../domain/marker.ts'
import type { History, OpenedPullRequest, Promotion } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import { repositoryOf } from './leave-pull-request.ts'
import { intendedNow, requireListed } from './listed-yet.ts'
import { hashOf } from './publish-check.ts'

const INCIDENT_LABEL = 'lockkeeper-incident'

/** What has ended may have opened an incident, gone on in it, or ended it. Costs GitHub nothing where nothing is new. */
export async function tellIncidents(ended: Promotion, deps: Deps): Promise<void> {
  const history = await deps.ledger.history(ended)
  for (const incident of incidentsIn(history)) {
    if (incident.opening.incident !== undefined) await tell(incident, history, deps)
  }
}

type Told = { readonly marker: string; readonly body: string; readonly hash: string }

async function tell(incident: Incident, history: History, deps: Deps): Promise<void> {
  const { opening, over } = incident
  const key = `incident:${opening.id}`
  const known = await deps.ledger.publication(key)
  // What is over was said once and for all.
  if (known?.hash === OVER) return
  const marker = renderMarker('incident', { of: opening.id })
  const body = `${marker}\n${textOf(incident, history)}`
  const told = { marker, body, hash: over === undefined ? hashOf(body) : OVER }
  if (known?.hash === told.hash) return
  const isRefused = known?.hash === REFUSED
  const made =
    known?.nodeId === undefined && !isRefused ? await createdIssue(opening, { ...told, key, known }, deps) : undefined
  const issue = known?.nodeId ?? made?.id
  // The reports in the thread and on the promotion pull request say the same.
  if (issue === undefined) return
  if (made?.isNew !== true || over !== undefined)
    await rewrite(opening, { issue, told, isOver: over !== undefined }, deps)
  await deps.ledger.savePublication({ key, nodeId: issue, hash: told.hash, intendedAt: undefined })
}

const OVER = 'over'
const REFUSED = 'refused'

function textOf({ opening, failures, over }: Incident, history: History): string {
  const failed = failures.at(-1) ?? opening
  const unproven = { failed, left: leftBy(failed, history), others: provenBesides(failed, history) }
  return renderIncident({ since: opening.incident?.since ?? opening.createdAt, unproven, failures, over })
}

type Creating = Told & {
  readonly key: string
  readonly known: { readonly intendedAt: string | undefined } | undefined
}

/** The issue, also when an earlier run made it and crashed, with what was to be said then; undefined where the App may not write issues, or the repository has none. */
async function createdIssue(
  opening: Promotion,
  { key, known, marker, body }: Creating,
  deps: Deps,
): Promise<{ readonly id: string; readonly isNew: boolean } | undefined> {
  const { ledger, github, clock, log } = deps
  const { repository, model, environment } = opening
  const lost = known?.intendedAt
  // Of several attempts the first may have made it.
  const since = new Date(opening.incident?.since ?? opening.createdAt)
  const found = lost === undefined ? undefined : await github.findIssue(repository, { marker, since })
  if (found !== undefined) {
    await labelled(opening, found.number, deps)
    return { id: found.id, isNew: false }
  }
  if (lost !== undefined) requireListed(lost, clock)
  await ledger.savePublication({
    key,
    nodeId: undefined,
    hash: undefined,
    intendedAt: intendedNow(clock),
  })
  const title = renderIncidentTitle({ model, environment })
  const repositoryId = await modelRepositoryId(opening, deps)
  const [made] = await github.write(repository, [{ kind: 'create-issue', repositoryId, title, body }])
  if (made?.ok === true && made.id !== undefined) {
    if (made.number !== undefined) await labelled(opening, made.number, deps)
    return { id: made.id, isNew: true }
  }
  const reason = made?.ok === false ? `${made.type}: ${made.message}` : 'an incomplete answer'
  if (made?.ok !== false || made.type === 'INTERNAL')
    throw new SystemUnavailable('GitHub', `did not open the issue of an incident: ${reason}`)
  log.warn({ promotion: opening.id, reason }, 'an incident could not be opened as an issue; its reports are comments')
  await ledger.savePublication({ key, nodeId: undefined, hash: REFUSED, intendedAt: undefined })
  return undefined
}

/** One call: incidents are rare, and nothing else needs it then. */
async function modelRepositoryId(opening: Promotion, { github }: Deps): Promise<string> {
  const { repository, into, watch, pullRequest } = opening
  const config = pullRequest === undefined ? (into ?? watch?.environment.repository) : repositoryOf(pullRequest)
  const world = await github.readPromotionWorld({
    modelRepository: repository,
    configRepository: config ?? repository,
    branch: undefined,
    headBranch: promotionBranch(opening, opening),
    pullRequestNumber: undefined,
    files: [],
    standing: undefined,
  })
  return world.modelRepositoryId
}

/** Nice to have: an incident is no less one without its label. */
async function labelled({ repository }: Promotion, number: number, { github, log }: Deps): Promise<void> {
  try {
    await github.addLabels(repository, number, [INCIDENT_LABEL])
  } catch (error) {
    log.warn({ number, reason: error instanceof Error ? error.message : String(error) }, 'an incident was not labelled')
  }
}

type Rewriting = { readonly issue: string; readonly told: Told; readonly isOver: boolean }

/** Somebody may have deleted it: then there is nothing left to keep. */
async function rewrite(
  { repository, model, environment }: Promotion,
  { issue, told, isOver }: Rewriting,
  { github }: Deps,
): Promise<void> {
  const title = renderIncidentTitle({ model, environment })
  const results = await github.write(repository, [
    { kind: 'update-issue', issueId: issue, title, body: told.body },
    ...(isOver ? ([{ kind: 'close-issue', issueId: issue }] as const) : []),
  ])
  const failed = results.find((result) => !result.ok && result.type !== 'NOT_FOUND')
  if (failed?.ok === false)
    throw new SystemUnavailable('GitHub', `did not take the issue of an incident: ${failed.type}: ${failed.message}`)
}

/** Whether more people may read the config repository than the model repository, as far as it is known. */
export const isPublicOn = ({ wider }: OpenedPullRequest): boolean => wider === undefined || wider === 'config'
