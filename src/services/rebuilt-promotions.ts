/** Promotions and releases from what GitHub has of them: Deployments say what was merged and how it ended, commits what it changed. Part of rebuild-ledger.ts. */
import type { ErrorCode } from '../domain/failure.ts'
import type { CommitSha, ReleaseId, RepoName } from '../domain/ids.ts'
import {
  type DeploymentRecord,
  type KeptPromotion,
  parseCommitRecord,
  parseDeploymentRecord,
  parseFailureWords,
} from '../domain/ledger-record.ts'
import { isActive, type OpenedPullRequest, type Promotion, reachedGit, type Stage } from '../domain/promotion.ts'
import { parseTrailers } from '../domain/trailers.ts'
import type { ReleaseRecord } from './ledger.ts'
import type { PastDeployment, PastPullRequest } from './ports.ts'

/** Whatever was found, with the repository that it was found in: names in records may be older. */
export type Found<Thing> = Thing & { readonly repository: RepoName }

/** A promotion pull request of ours, with what its commit says. */
export type Carrier = { readonly pull: Found<PastPullRequest>; readonly kept: KeptPromotion }

export type Deployed = {
  readonly deployment: Found<PastDeployment>
  readonly record: DeploymentRecord
}

/** Those whose first commit GitHub signed for the App: anybody may copy trailers, nobody that. Without `record` (an earlier version) nothing is known. */
export function carriersOf(pulls: readonly Found<PastPullRequest>[]): readonly Carrier[] {
  return pulls.flatMap((pull) => {
    const record = pull.commit?.isSigned === true ? parseTrailers(pull.commit.message)?.record : undefined
    const kept = record === undefined ? undefined : parseCommitRecord(record)
    return kept === undefined ? [] : [{ pull, kept }]
  })
}

/** One per promotion, the newest; oldest first. */
export function deployedOf(deployments: readonly Found<PastDeployment>[]): readonly Deployed[] {
  const found = new Map<string, Deployed>()
  for (const deployment of deployments) {
    const record = parseDeploymentRecord(deployment.record)
    if (record !== undefined) found.set(record.promotion.id, { deployment, record })
  }
  return [...found.values()]
}

/** Each once; all of them were complete. */
export function releasesOf(deployed: readonly Deployed[]): readonly ReleaseRecord[] {
  const releases = new Map<string, ReleaseRecord>()
  for (const { deployment, record } of deployed) {
    const release = record.release as ReleaseRecord
    if (release.state?.kind !== 'complete') continue
    const { repository } = deployment
    const state = { ...release.state, release: { ...release.state.release, repository } }
    releases.set(`${repository} ${state.release.id}`, { ...release, repository, state })
  }
  const completedAt = ({ state }: ReleaseRecord) => (state.kind === 'complete' ? state.release.completedAt : '')
  return [...releases.values()].toSorted((a, b) => (completedAt(a) < completedAt(b) ? -1 : 1))
}

/** What was merged, with its end, and what was closed; oldest first. What is open is rebuilt-openings.ts. */
export function promotionsOf(deployed: readonly Deployed[], carriers: readonly Carrier[]): readonly Promotion[] {
  const known = new Set(deployed.map(({ record }) => record.promotion.id))
  const rest = carriers.filter(({ kept }) => !known.has(kept.id))
  const promotions = [
    ...deployed.map((one) => deployedPromotion(one, carriers)),
    ...rest.filter(({ pull }) => pull.state !== 'open').map(undeployedPromotion),
  ].toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
  return answered(onlyNewestActive(promotions))
}

function deployedPromotion({ deployment, record }: Deployed, carriers: readonly Carrier[]): Promotion {
  const { repository } = deployment
  const own = carriers.filter(
    ({ kept, pull }) =>
      kept.id === record.promotion.id && kept.model === record.promotion.model && pull.state === 'merged',
  )
  // A canary has one for each share; the last one has what the others wrote before it.
  const last = own.findLast(({ pull }) => pull.state === 'merged')
  const revision = last?.pull.mergeCommit ?? record.merge.revision
  const { changes = [], restore = [], canary } = last?.kept ?? {}
  return {
    ...record.promotion,
    ...{ repository, changes, restore, canary },
    // Why somebody forced it stands in the config repository alone.
    via: last?.kept.via ?? record.promotion.via,
    into: last?.pull.repository ?? record.promotion.into,
    pullRequest: last && openedOf(last.pull),
    ...lateOf(deployment),
    stage: stageOf(deployment, { ...record.merge, revision }),
  }
}

function stageOf({ statuses }: PastDeployment, merge: DeploymentRecord['merge']): Stage {
  const { revision, mergedAt, mergedBy } = merge
  const success = statuses.findLast(({ state }) => state === 'success')
  if (success !== undefined)
    return { at: 'verified', revision, mergedAt, verifiedAt: success.at.toISOString(), evidence: [], alias: undefined }
  const latest = statuses.at(-1)
  if (latest?.state === 'failure') {
    const said = parseFailureWords(latest.description)
    return {
      at: 'failed',
      failedAt: latest.at.toISOString(),
      code: (said?.code ?? 'verify_failed') as ErrorCode,
      message: said?.message ?? latest.description,
      revision,
      evidence: [],
      rollback: undefined,
    }
  }
  if (latest?.state === 'inactive')
    return { at: 'superseded', endedAt: latest.at.toISOString(), by: '', wasMerged: true }
  return { at: 'syncing', revision, mergedAt, mergedBy, blocked: undefined }
}

/** It had failed, and went on after that: it was found applied after all. */
function lateOf({ statuses }: PastDeployment): Pick<Promotion, 'late'> {
  const failed = statuses.findIndex(({ state }) => state === 'failure')
  const again = statuses.find(({ state }, at) => at > failed && state === 'in_progress')
  if (failed === -1 || again === undefined) return {}
  const because = parseFailureWords(statuses[failed]?.description ?? '')?.code ?? 'sync_timeout'
  return { late: { since: again.at.toISOString(), because } }
}

/** Closed, or merged without a Deployment: GitHub refused one, somebody deleted it, or the loss came in between. A merge that is the newest is looked at again. */
function undeployedPromotion({ pull, kept }: Carrier): Promotion {
  const pullRequest = openedOf(pull)
  const openedAt = pull.createdAt.toISOString()
  const endedAt = (pull.endedAt ?? pull.createdAt).toISOString()
  const stage: Stage =
    pull.state === 'merged'
      ? { at: 'opened', pullRequest, openedAt }
      : { at: 'cancelled', endedAt, reason: 'its pull request was closed', act: 'closed' }
  return { ...kept, into: pull.repository, pullRequest, stage }
}

function openedOf({ id, number, url, commit, createdAt }: PastPullRequest): OpenedPullRequest {
  const headSha = (commit?.sha ?? '') as CommitSha
  return { id, number, url, headSha, headSince: createdAt.toISOString() }
}

const keyOf = ({ repository, model, environment }: Promotion): string => `${repository} ${model} ${environment}`

/** Of one environment the newest may be under way; whatever it replaced is over. */
function onlyNewestActive(promotions: readonly Promotion[]): readonly Promotion[] {
  return promotions.map((promotion, at) => {
    const { stage } = promotion
    const next = promotions.slice(at + 1).find((one) => keyOf(one) === keyOf(promotion) && isOfGit(one))
    const isReplaced = isActive(promotion) || (stage.at === 'superseded' && stage.by === '')
    if (!isReplaced || (next === undefined && isActive(promotion))) return promotion
    const endedAt = stage.at === 'superseded' ? stage.endedAt : (next?.createdAt ?? promotion.createdAt)
    const by = { by: next?.id ?? '', ...(next !== undefined && { label: next.label }) }
    return { ...promotion, stage: { at: 'superseded', endedAt, ...by, wasMerged: true } }
  })
}

const isOfGit = (promotion: Promotion): boolean => reachedGit(promotion) || promotion.stage.at === 'opened'

/** Which rollback answered each failure. The newest one that nothing followed is answered again by its environment's next run: the same cause gives the same. */
function answered(promotions: readonly Promotion[]): readonly Promotion[] {
  return promotions.map((promotion, at) => {
    if (promotion.stage.at !== 'failed') return promotion
    const later = promotions.slice(at + 1).filter((one) => keyOf(one) === keyOf(promotion))
    const own = later.find(({ via }) => via.kind === 'automatic-rollback' && via.of === promotion.id)
    const rollback = own?.id ?? (later.some(isOfGit) ? 'none' : undefined)
    return { ...promotion, stage: { ...promotion.stage, rollback } }
  })
}

/** The ids of those releases. */
export const releaseIdsOf = (releases: readonly ReleaseRecord[]): ReadonlySet<ReleaseId> =>
  new Set(releases.flatMap(({ state }) => (state.kind === 'complete' ? [state.release.id] : [])))
