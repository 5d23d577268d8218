/** Writes the commit, the branch and the pull request of a promotion: a new one, or the one there is. Part of open-promotion.ts. */
import { renderPromotionBody, renderPromotionTitle } from '../comments/promotion-pull-request.ts'
import type { EarlierPromotion } from '../comments/pull-request-history.ts'
import { promotionBranch, temporaryBranch } from '../domain/branch-name.ts'
import { UserError } from '../domain/failure.ts'
import type { CommitSha } from '../domain/ids.ts'
import { commitRecord } from '../domain/ledger-record.ts'
import type { Change, OpenedPullRequest, Promotion } from '../domain/promotion.ts'
import { promotionLabels } from '../domain/promotion-labels.ts'
import { promotionTrailers } from '../domain/promotion-trailers.ts'
import { renderTrailers } from '../domain/trailers.ts'
import type { Deps } from './deps.ts'
import { judgePromotion } from './judge-promotion.ts'
import type { GitHubWrite, GitHubWriteResult, PromotionPullRequest } from './ports.ts'
import type { PromotionContext } from './promotion-context.ts'
import { blobsOf } from './rebuild-promotion.ts'
import { rollbackWay } from './rollback-way.ts'

export type Opening = {
  readonly promotion: Promotion
  readonly context: PromotionContext
  readonly files: readonly { readonly path: string; readonly text: string }[]
  readonly changes: readonly Change[]
  /** The open pull request on the promotion's branch, with nothing but our own work in it. */
  readonly existing: PromotionPullRequest | undefined
}

export type Written = {
  readonly pullRequest: OpenedPullRequest
  /** Node ids of its labels that are not on it yet. */
  readonly labelsDue: readonly string[] | undefined
}

/** One request for a new pull request, two to move one; one more where the repository lacks a label. Throws UserError `not_allowed`, and `manifest_refused` for more than one commit may carry. */
export async function writePromotion(opening: Opening, deps: Deps): Promise<Written> {
  refuseMuch(opening)
  const made = opening.existing === undefined ? await openNew(opening, deps) : await moveExisting(opening, deps)
  const labelsDue = await labelsFor(opening, made, deps)
  const { world } = opening.context
  const pullRequest = {
    ...made,
    base: world.config.headSha,
    branch: world.config.defaultBranch,
    blobs: blobsOf(opening.files, world),
    repositoryId: world.config.repositoryId,
    deletedByGitHub: world.config.deletesMergedBranches,
    wider: world.wider,
  }
  return { pullRequest, labelsDue }
}

type Made = Pick<OpenedPullRequest, 'id' | 'number' | 'url' | 'headSha' | 'headSince'>

async function openNew(opening: Opening, deps: Deps): Promise<Made> {
  const { promotion, context } = opening
  const { config } = context.world
  const branch = promotionBranch(promotion, promotion)
  const { title, body } = await words(opening, deps)
  // Makes the branch, or resets what a closed pull request left: GitHub keeps its commits with that one.
  const move = { branch, sha: config.headSha, from: config.branch?.sha ?? 'absent' } as const
  const [refs, commit, created] = await deps.github.write(context.environment.repository, [
    { kind: 'set-refs', repositoryId: config.repositoryId, refs: [move] },
    commitWrite(opening, branch, title),
    {
      kind: 'create-pull-request',
      repositoryId: config.repositoryId,
      base: config.defaultBranch,
      head: branch,
      title,
      body,
    },
  ])
  requireBranch(refs)
  if (commit?.ok === false && isForbidden(commit)) await takeBack(opening, { branch, from: config.headSha }, deps)
  const { headSha, madeAt } = committed(commit)
  if (created?.ok !== true || created.id === undefined || created.number === undefined || created.url === undefined) {
    if (created?.ok === false && isForbidden(created)) await takeBack(opening, { branch, from: headSha }, deps)
    throw writeFailed('the promotion pull request', created)
  }
  // Nobody can have seen the pull request before its commit, and GitHub's clock is the one that comments are dated by.
  const headSince = madeAt === undefined ? seenFrom(undefined, deps) : wholeSecond(madeAt.getTime())
  return { id: created.id, number: created.number, url: created.url, headSha, headSince }
}

/** A branch without its pull request is nobody's. Nice to have: what GitHub refused is told either way. */
async function takeBack({ context }: Opening, made: Left, { github, log }: Deps): Promise<void> {
  const { branch, from, words = [] } = made
  const { repositoryId } = context.world.config
  const left = (reason: string) => log.warn({ branch, reason }, 'what a refused promotion had made was not taken back')
  try {
    const results = await github.write(context.environment.repository, [
      { kind: 'set-refs', repositoryId, refs: [{ branch, sha: undefined, from }] },
      ...words,
    ])
    for (const result of results) if (!result.ok) left(result.message)
  } catch (error) {
    left(error instanceof Error ? error.message : String(error))
  }
}

type Left = { readonly branch: string; readonly from: CommitSha; readonly words?: readonly GitHubWrite[] }

/** A pull request whose branch may not be moved speaks of what is on it again. */
async function wordsBefore({ promotion, existing }: Opening, { ledger }: Deps): Promise<readonly GitHubWrite[]> {
  const history = await ledger.history(promotion)
  const before = history.find(({ id, pullRequest }) => id !== promotion.id && pullRequest?.id === existing?.id)
  if (existing === undefined || before === undefined) return []
  const title = renderPromotionTitle(before)
  return [{ kind: 'update-pull-request', pullRequestId: existing.id, title, body: existing.body }]
}

/**
 * `createCommitOnBranch` needs the branch's tip as parent, and resetting an open pull request's branch to its base closes
 * the pull request: so the commit is made on a temporary branch from the current base, and the branch is moved onto it,
 * unless somebody has pushed to it since it was read.
 */
async function moveExisting(opening: Opening, deps: Deps): Promise<Made> {
  const { promotion, context, existing } = opening
  if (existing === undefined) throw new Error('there is no pull request to move')
  const { config } = context.world
  const repository = context.environment.repository
  const branch = promotionBranch(promotion, promotion)
  const temporary = temporaryBranch(branch)
  const { title, body } = await words(opening, deps)
  const [refs, commit] = await deps.github.write(repository, [
    { kind: 'set-refs', repositoryId: config.repositoryId, refs: [{ branch: temporary, sha: config.headSha }] },
    commitWrite(opening, temporary, title),
  ])
  requireBranch(refs)
  if (commit?.ok === false && isForbidden(commit))
    await takeBack(opening, { branch: temporary, from: config.headSha }, deps)
  const { headSha, madeAt } = committed(commit)
  const moves = [
    { branch, sha: headSha, from: existing.headSha },
    { branch: temporary, sha: undefined },
  ]
  const results = await deps.github.write(repository, [
    { kind: 'set-refs', repositoryId: config.repositoryId, refs: moves },
    { kind: 'update-pull-request', pullRequestId: existing.id, title, body },
  ])
  const [moved] = results
  if (moved?.ok === false && isForbidden(moved)) {
    const left = { branch: temporary, from: headSha, words: await wordsBefore(opening, deps) }
    await takeBack(opening, left, deps)
  }
  const failed = results.find((result) => !result.ok)
  if (failed !== undefined) throw writeFailed('the promotion branch', failed)
  if (results.some((result) => result.ok && result.wasMerged === true))
    throw new Error('the promotion pull request was merged in the moment in which it was to be moved')
  return { id: existing.id, number: existing.number, url: existing.url, headSha, headSince: seenFrom(madeAt, deps) }
}

/**
 * Labels that the repository has travel with the next document about the pull request; for one that it has not, REST is
 * asked, which makes it. Nice to have: a promotion never fails for want of a label.
 */
async function labelsFor(
  { promotion, context, existing }: Opening,
  { number, url }: Made,
  deps: Deps,
): Promise<readonly string[] | undefined> {
  const there = new Set(existing?.labels.map((name) => name.toLowerCase()))
  const missing = promotionLabels(promotion).filter((name) => !there.has(name.toLowerCase()))
  if (missing.length === 0) return undefined
  const ids = missing.flatMap((name) => context.world.config.labels.get(name) ?? [])
  if (ids.length === missing.length) return ids
  try {
    await deps.github.addLabels(context.environment.repository, number, missing)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    deps.log.warn({ pullRequest: url, reason }, 'a promotion pull request was not labelled')
  }
  return undefined
}

async function words(
  { promotion, context, changes, existing }: Opening,
  deps: Deps,
): Promise<{ readonly title: string; readonly body: string }> {
  const rules = await judgePromotion({ promotion, context, reviews: [] }, deps)
  const report = {
    promotion: { ...promotion, changes },
    release: context.release,
    environment: context.environment,
    rules,
    modelUrl: context.world.modelUrl,
    wider: context.world.wider,
    way: await rollbackWay(promotion, deps),
    earlier: existing === undefined ? [] : await earlierIn(existing, promotion, deps),
  }
  return { title: renderPromotionTitle(report.promotion), body: renderPromotionBody(report) }
}

/** What newer releases replaced in this pull request, oldest first. */
async function earlierIn(
  { id }: PromotionPullRequest,
  promotion: Promotion,
  { ledger }: Deps,
): Promise<readonly EarlierPromotion[]> {
  const history = await ledger.history(promotion)
  return history
    .toReversed()
    .flatMap(({ pullRequest, stage, label }) =>
      pullRequest?.id === id && stage.at === 'superseded' ? [{ label, endedAt: stage.endedAt, by: stage.label }] : [],
    )
}

function commitWrite({ promotion, context, files, changes }: Opening, branch: string, headline: string): GitHubWrite {
  const record = commitRecord({ ...promotion, changes, into: context.environment.repository })
  return {
    kind: 'commit',
    repository: context.environment.repository,
    branch,
    expectedHead: context.world.config.headSha,
    headline,
    body: renderTrailers({ ...promotionTrailers(promotion, context.release), record }),
    files,
  }
}

/**
 * GitHub publishes no limit for `createCommitOnBranch`; it has been seen to time out or to refuse the request with some
 * hundred files or tens of megabytes. A promotion is one commit, all of it or nothing, and is never split.
 */
const MOST_FILES = 100
const MOST_BYTES = 10 * 1024 * 1024

function refuseMuch({ files, context }: Opening): void {
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  if (files.length <= MOST_FILES && bytes <= MOST_BYTES) return
  throw new UserError(
    'manifest_refused',
    `the promotion changes ${files.length} files of ${Math.ceil(bytes / 1024)} KiB in ${context.environment.repository}; one commit through GitHub's API carries at most ${MOST_FILES} files of ${MOST_BYTES / 1024} KiB`,
    'Keep what changes with a promotion in fewer and smaller files, for example in one Kustomize or Helm values file.',
  )
}

function committed(result: GitHubWriteResult | undefined): {
  readonly headSha: CommitSha
  readonly madeAt: Date | undefined
} {
  if (result?.ok !== true || result.sha === undefined) throw writeFailed('the promotion commit', result)
  return { headSha: result.sha, madeAt: result.at }
}

/** The branch is there by now; GitHub's own time of the commit counts where this machine's clock is behind. */
function seenFrom(madeAt: Date | undefined, { clock }: Pick<Deps, 'clock'>): string {
  const seen = Math.max(clock.now().getTime(), madeAt?.getTime() ?? 0)
  return wholeSecond(seen)
}

const wholeSecond = (milliseconds: number): string => new Date(Math.floor(milliseconds / 1000) * 1000).toISOString()

/** Waiting mends neither a missing permission nor a ruleset. */
const isForbidden = ({ type, message }: { readonly type: string; readonly message: string }): boolean =>
  type === 'FORBIDDEN' || /not accessible|protected|ruleset|rule violation|permission/i.test(message)

/** What follows a refused branch fails for want of it, which tells nobody why. */
function requireBranch(result: GitHubWriteResult | undefined): void {
  if (result?.ok === false && isForbidden(result)) throw writeFailed('the promotion branch', result)
}

/** Not for people: the run is repeated against the world as it then is. */
function writeFailed(what: string, result: GitHubWriteResult | undefined): Error {
  if (result?.ok === false && isForbidden(result)) {
    return new UserError(
      'not_allowed',
      `GitHub does not let the App make ${what}: ${result.message}`,
      'Give the App write access to the config repository, and let it past the rules for branches named `lockkeeper/**`.',
    )
  }
  const why =
    result === undefined ? 'no answer' : result.ok ? 'an incomplete answer' : `${result.type}: ${result.message}`
  return new Error(`GitHub did not make ${what}: ${why}`)
}
