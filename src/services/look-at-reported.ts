/** Whoever reports on the config repository's commits, Argo CD Notifications for one: `sync: { reported }`. Needs no access to a cluster. The rule is src/domain/reported-readiness.ts. One of the engines of look-at-sync.ts. */
import type { RepoName } from '../domain/ids.ts'
import { isMerged, type Promotion } from '../domain/promotion.ts'
import { assessReports, type CommitReport, countedReports } from '../domain/reported-readiness.ts'
import type { Subject } from '../domain/subject.ts'
import type { SyncSettings } from '../domain/sync-settings.ts'
import { renderTemplate } from '../domain/template.ts'
import type { Deps } from './deps.ts'
import type { LookAtEngine, Synced } from './look-at-sync.ts'
import { overwrittenAt, revisionsOfOurs } from './our-revisions.ts'
import type { GitHubReads, ReportQuestion } from './ports.ts'

type Reported = NonNullable<SyncSettings['reported']>

/** One call in half a minute, or after news; two more the first time that a later commit is told of. */
export const lookAtReported: LookAtEngine<'reported'> = async (synced, settings, deps) => {
  const { revision, environment } = synced
  const { kind, by } = settings
  const name = reporterOf(settings, synced.promotion)
  if (!name.ok) {
    const detail = `\`${settings.name.source}\` cannot use {{ ${name.missing} }}`
    return { kind: 'failed', because: 'sync-failed', detail }
  }
  const reports = await readReports(environment.repository, { revision, kind, name: name.text }, deps)
  const isAdopted = synced.promotion.pullRequest === undefined
  const counting = { by, revision, mergedAt: new Date(synced.mergedAt), isAdopted }
  const [newest] = countedReports(reports, counting)
  const lost = newest?.state === 'success' ? await overwrittenAt([newest.sha], synced, deps) : undefined
  if (lost !== undefined) return lost
  const ours = await revisionsOfOurs(newest === undefined ? [] : [newest.sha], synced, deps)
  const about = reportedName(settings, synced)
  const isHidden = synced.promotion.pullRequest?.wider === 'model'
  return assessReports(reports, { ...counting, name: about, isHidden, isOurs: (sha) => ours.has(sha) })
}

/** As people know it: `status argocd/churn-prod`. */
export function reportedName(settings: Reported, { promotion }: Pick<Synced, 'promotion'>): string {
  const name = reporterOf(settings, promotion)
  return `${settings.kind === 'commit_status' ? 'status' : 'deployment'} ${name.ok ? name.text : settings.name.source}`
}

const reporterOf = ({ name }: Reported, { model, environment }: Promotion) =>
  renderTemplate(name, { 'model.name': model, environment })

/** Less than lies between two looks of follow-sync.ts: events tell when there is something new, but what GitHub lists may lag behind them. */
const KEPT_MS = 25_000

type Kept = { readonly at: number; readonly reports: readonly CommitReport[] }

/** By the connection that it was asked through, so that two bots in one process share nothing. */
const kept = new WeakMap<GitHubReads, Map<string, Kept>>()

async function readReports(
  repository: RepoName,
  question: ReportQuestion,
  { github, clock }: Deps,
): Promise<readonly CommitReport[]> {
  const known = kept.get(github) ?? new Map<string, Kept>()
  kept.set(github, known)
  const key = `${repository}\n${question.revision}\n${question.kind}\n${question.name}`
  const now = clock.now().getTime()
  for (const [old, { at }] of known) if (Math.abs(now - at) >= KEPT_MS) known.delete(old)
  const reports = known.get(key)?.reports ?? (await github.readReports(repository, question))
  if (!known.has(key)) known.set(key, { at: now, reports })
  return reports
}

/**
 * Who is woken by a status on any commit of the config repository: all rollouts that are followed by what is reported
 * there, since it may be about a later commit. What was read before is forgotten.
 */
export async function followedByReports(
  repository: RepoName,
  { ledger, github }: Pick<Deps, 'ledger' | 'github'>,
): Promise<readonly Subject[]> {
  for (const key of kept.get(github)?.keys() ?? []) if (key.startsWith(`${repository}\n`)) kept.get(github)?.delete(key)
  const followed = (await ledger.activePromotions()).filter(
    (promotion) =>
      isMerged(promotion) &&
      promotion.watch?.environment.repository === repository &&
      promotion.watch.environment.sync.reported !== undefined,
  )
  return followed.map(({ repository: of, model, environment }) => ({
    kind: 'environment',
    repository: of,
    model,
    environment,
  }))
}
