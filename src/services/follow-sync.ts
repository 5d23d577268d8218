/** Watches Argo CD until it runs our commit: stage `syncing` → `verifying`, or failed. Woken by the watch; a poll backs it up. The rule is src/domain/argocd-readiness.ts. */
import { assessApplication, type Readiness } from '../domain/argocd-readiness.ts'
import { formatDuration } from '../domain/duration.ts'
import type { CommitSha } from '../domain/ids.ts'
import type { Promotion, Stage } from '../domain/promotion.ts'
import { renderTemplate } from '../domain/template.ts'
import type { Deps } from './deps.ts'
import type { ArgoApplication } from './ports.ts'
import type { Target } from './promotion-context.ts'

/** A poll that only matters when the watch has missed something. */
const POLL_MS = 30_000

export type Following = { readonly promotion: Promotion; readonly wait: Date | undefined }

export async function followSync(promotion: Promotion, target: Target, deps: Deps): Promise<Following> {
  const { stage } = promotion
  if (stage.at !== 'syncing') throw new Error('only a syncing promotion is followed')
  const now = deps.clock.now()
  const look = await observe(promotion, stage.revision, { target, deps })
  if (look.kind === 'ready') {
    const verifying: Stage = {
      at: 'verifying',
      revision: stage.revision,
      mergedAt: stage.mergedAt,
      syncedAt: now.toISOString(),
      holdingSince: undefined,
      evidence: [],
    }
    return { promotion: { ...promotion, stage: verifying }, wait: undefined }
  }
  if (look.kind === 'failed')
    return { promotion: failed(promotion, { code: 'rollout_failed', message: look.detail }, now), wait: undefined }
  const { within } = target.environment.sync
  const deadline = new Date(Date.parse(stage.mergedAt) + within)
  if (deadline <= now) {
    const message = `not synced within ${formatDuration(within)}: ${look.detail}`
    return {
      promotion: failed(promotion, { code: look.kind === 'blocked' ? 'sync_blocked' : 'sync_timeout', message }, now),
      wait: undefined,
    }
  }
  const blocked = look.kind === 'blocked' ? look.detail : undefined
  const wait = new Date(Math.min(deadline.getTime(), now.getTime() + POLL_MS))
  return { promotion: { ...promotion, stage: { ...stage, blocked } }, wait }
}

function failed(
  promotion: Promotion,
  failure: { readonly code: 'rollout_failed' | 'sync_blocked' | 'sync_timeout'; readonly message: string },
  now: Date,
): Promotion {
  const revision = promotion.stage.at === 'syncing' ? promotion.stage.revision : undefined
  return {
    ...promotion,
    stage: { at: 'failed', failedAt: now.toISOString(), ...failure, revision, evidence: [], rollback: undefined },
  }
}

type Look = Exclude<Readiness, { readonly kind: 'blocked' }> | { readonly kind: 'blocked'; readonly detail: string }

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
  for (const revision of application.syncRevisions) {
    if (
      revision.length === ours.length &&
      (await deps.github.contains(target.environment.repository, ours, revision as CommitSha))
    )
      found.add(revision)
  }
  return found
}
