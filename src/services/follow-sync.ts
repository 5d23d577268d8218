/** Watches Argo CD until it runs our commit: stage `syncing` → `verifying`, or failed. Woken by the watch; a poll backs it up. The rule is src/domain/argocd-readiness.ts. */
import { assessApplication, type Readiness } from '../domain/argocd-readiness.ts'
import { formatDuration } from '../domain/duration.ts'
import type { CommitSha } from '../domain/ids.ts'
import type { Promotion, Stage } from '../domain/promotion.ts'
import { renderTemplate } from '../domain/template.ts'
import type { Deps } from './deps.ts'
import type { ArgoApplication } from './ports.ts'
import { releaseOf, type Target } from './promotion-context.ts'
import { lookAtService, type ServiceLook } from './verify-service.ts'

/** A poll that only matters when the watch has missed something. */
const POLL_MS = 30_000

export type Following = { readonly promotion: Promotion; readonly wait: Date | undefined }

/** From here on a person reads what is in the way, though it may still clear up by itself. */
const LONG_MS = 5 * 60_000

export async function followSync(promotion: Promotion, target: Target, deps: Deps): Promise<Following> {
  const { stage } = promotion
  if (stage.at !== 'syncing') throw new Error('only a syncing promotion is followed')
  const now = deps.clock.now()
  const look = await observe(promotion, stage.revision, { target, deps })
  if (look.kind === 'ready') return { promotion: { ...promotion, stage: verifying(stage, now) }, wait: undefined }
  const service = isUnwell(look) ? await lookBehind({ promotion, stage, target }, deps) : undefined
  const evidence = service === undefined ? [] : [service.evidence]
  if (look.kind === 'failed' || service?.fatal !== undefined) {
    const message = service?.fatal === undefined ? look.detail : `${look.detail}: ${service.fatal}`
    return ended(promotion, { code: 'rollout_failed', message, evidence }, now)
  }
  const merged = Date.parse(stage.mergedAt)
  const { within } = target.environment.sync
  const next = { ...stage, applied: stage.applied === true || isApplied(look), blocked: obstacle(look, merged, now) }
  const deadline = new Date(merged + within)
  if (deadline <= now) {
    const { code, what } = overdue(look, next.applied)
    const message = `${what} within ${formatDuration(within)}: ${look.detail}`
    return ended(promotion, { code, message, evidence }, now)
  }
  const wait = new Date(Math.min(deadline.getTime(), now.getTime() + POLL_MS))
  return { promotion: { ...promotion, stage: next }, wait }
}

type Syncing = Extract<Stage, { readonly at: 'syncing' }>

function verifying({ revision, mergedAt }: Syncing, now: Date): Stage {
  return { at: 'verifying', revision, mergedAt, syncedAt: now.toISOString(), holdingSince: undefined, evidence: [] }
}

type Failure = Pick<Extract<Stage, { readonly at: 'failed' }>, 'message' | 'evidence'> & {
  readonly code: 'rollout_failed' | 'sync_blocked' | 'sync_timeout'
}

function ended(promotion: Promotion, failure: Failure, now: Date): Following {
  const revision = promotion.stage.at === 'syncing' ? promotion.stage.revision : undefined
  const stage: Stage = { at: 'failed', failedAt: now.toISOString(), ...failure, revision, rollback: undefined }
  return { promotion: { ...promotion, stage }, wait: undefined }
}

/** Whether something of ours may be in the cluster, well or not. */
const isApplied = (look: Look): boolean =>
  look.kind === 'waiting' && look.because !== 'not-seen' && look.because !== 'not-synced'

/** What has been applied and is not healthy is a failed rollout. What never was has failed nobody: see `wasNeverApplied`. */
function overdue(look: Pending, applied: boolean): { readonly code: Failure['code']; readonly what: string } {
  if (look.kind === 'blocked') return { code: 'sync_blocked', what: 'not synced' }
  if (applied) return { code: 'rollout_failed', what: 'not healthy' }
  return { code: 'sync_timeout', what: 'not synced' }
}

function obstacle(look: Pending, merged: number, now: Date): string | undefined {
  const isLong = now.getTime() - merged >= LONG_MS
  return look.kind === 'blocked' || (isLong && !isApplied(look)) ? look.detail : undefined
}

/**
 * Argo CD's health is one word, and of an InferenceService that never gets ready it is Progressing for ever: KServe knows
 * more, and sooner. Health from before the sync says nothing about us.
 */
const isUnwell = (look: Look): boolean =>
  look.kind === 'failed' ? look.because === 'degraded' : look.kind === 'waiting' && look.because === 'progressing'

type Watched = { readonly promotion: Promotion; readonly stage: Syncing; readonly target: Target }

async function lookBehind({ promotion, stage, target }: Watched, deps: Deps): Promise<ServiceLook | undefined> {
  const release = await releaseOf(promotion, deps)
  return lookAtService({ promotion, release, environment: target.environment, mergedAt: stage.mergedAt }, deps)
}

type Blocked = { readonly kind: 'blocked'; readonly detail: string }
type Look = Exclude<Readiness, { readonly kind: 'blocked' }> | Blocked
type Pending = Extract<Look, { readonly kind: 'waiting' }> | Blocked

async function observe(
  promotion: Promotion,
  revision: CommitSha,
  { target, deps }: { readonly target: Target; readonly deps: Deps },
): Promise<Look> {
  const { argocd } = target.environment.sync
  const name = renderTemplate(argocd.application, { 'model.name': promotion.model, environment: promotion.environment })
  if (!name.ok)
    return {
      kind: 'failed',
      because: 'sync-failed',
      detail: `\`${argocd.application.source}\` cannot use {{ ${name.missing} }}`,
    }
  const at = { namespace: argocd.namespace, name: name.text }
  const permit = deps.mayUse(promotion.repository, { kind: 'argocd', namespace: at.namespace, application: at.name })
  if (!permit.allowed) return { kind: 'blocked', detail: permit.message }
  const read = await deps.cluster.readApplication(at)
  if (read.kind === 'absent')
    return { kind: 'waiting', because: 'not-seen', detail: `there is no Application ${at.namespace}/${at.name}` }
  if (read.kind === 'refused') return { kind: 'blocked', detail: read.reason }
  const ours = await revisionsOfOurs(read.application, revision, { target, deps })
  return assessApplication(read.application, (at) => ours.has(at))
}

/** The revisions that Argo CD names and that hold our commit: it itself, or a later one on the branch. */
async function revisionsOfOurs(
  application: ArgoApplication,
  ours: CommitSha,
  { target, deps }: { readonly target: Target; readonly deps: Deps },
): Promise<ReadonlySet<string>> {
  const named = [...new Set([...application.syncRevisions, ...(application.operation?.revisions ?? [])])]
  const found = new Set<string>(named.includes(ours) ? [ours] : [])
  // Someone's later commit must not make us wait for ever; asked of GitHub only when Argo CD is somewhere else.
  if (application.syncRevisions.includes(ours)) return found
  for (const revision of named) {
    if (
      revision !== ours &&
      revision.length === ours.length &&
      (await deps.github.contains(target.environment.repository, ours, revision as CommitSha))
    )
      found.add(revision)
  }
  return found
}
