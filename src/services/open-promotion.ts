/** Opens the promotion pull request, or moves the one there is: stage `proposed` → `opened`. What Git holds already needs none: adopt-values.ts. */
import { renderPromotionBody, renderPromotionTitle } from '../comments/promotion-pull-request.ts'
import { promotionBranch } from '../domain/branch-name.ts'
import { UserError } from '../domain/failure.ts'
import type { CommitSha } from '../domain/ids.ts'
import type { Change, OpenedPullRequest, Promotion } from '../domain/promotion.ts'
import { promotionTrailers } from '../domain/promotion-trailers.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { renderTrailers } from '../domain/trailers.ts'
import { adoptValues } from './adopt-values.ts'
import type { Deps } from './deps.ts'
import { judgePromotion } from './judge-promotion.ts'
import type { GitHubWrite, GitHubWriteResult } from './ports.ts'
import { askers, type PromotionContext, readContext } from './promotion-context.ts'

/** How long after an interrupted opening the list of pull requests may still not show what it made. */
const LIST_LAG_MS = 10_000

export type Opened = {
  readonly promotion: Promotion
  /** What it was opened on, for a merge that may follow at once. */
  readonly context: PromotionContext
  readonly rules: readonly RuleVerdict[]
  readonly wait: Date | undefined
}

/** The promotion with its next stage. */
export async function openPromotion(promotion: Promotion, deps: Deps): Promise<Opened> {
  const context = await readContext(promotion, deps, askers(promotion))
  const { plan, world } = context
  if (plan.kind === 'refused') throw new UserError(plan.code, plan.message, plan.hint)
  const now = deps.clock.now()
  if (plan.kind === 'unchanged') return { ...(await adoptValues(promotion, context, deps)), context }
  const interrupted = promotion.stage.at === 'proposed' ? promotion.stage.openingSince : undefined
  const existing = world.config.pullRequest?.state === 'open' ? world.config.pullRequest : undefined
  if (interrupted !== undefined && existing === undefined && world.config.branch !== undefined) {
    // An earlier run may have opened it a moment ago: lists lag behind writes, and a second pull request must not be.
    const settled = new Date(Date.parse(interrupted) + LIST_LAG_MS)
    if (now < settled) return { promotion, context, rules: [], wait: new Date(now.getTime() + 1000) }
  }
  const { edition } = await deps.ledger.savePromotion({
    ...promotion,
    stage: { at: 'proposed', openingSince: interrupted ?? now.toISOString() },
  })
  const pullRequest =
    existing === undefined
      ? await openNew({ promotion, context, files: plan.files, changes: plan.changes }, deps)
      : await moveExisting(
          { promotion, context, files: plan.files, changes: plan.changes },
          { id: existing.id, number: existing.number, url: existing.url },
          deps,
        )
  return {
    promotion: {
      ...promotion,
      edition,
      changes: plan.changes,
      pullRequest,
      stage: { at: 'opened', pullRequest, openedAt: now.toISOString() },
    },
    context,
    rules: [],
    wait: undefined,
  }
}

type Opening = {
  readonly promotion: Promotion
  readonly context: PromotionContext
  readonly files: readonly { readonly path: string; readonly text: string }[]
  readonly changes: readonly Change[]
}

async function openNew(opening: Opening, deps: Deps): Promise<OpenedPullRequest> {
  const { promotion, context } = opening
  const { config } = context.world
  const branch = promotionBranch(promotion)
  const { title, body } = await words(opening, deps)
  const [, commit, created] = await deps.github.write(context.environment.repository, [
    // Makes the branch, or resets one that an earlier promotion left.
    { kind: 'set-refs', repositoryId: config.repositoryId, refs: [{ branch, sha: config.headSha }] },
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
  const headSha = committed(commit)
  if (created?.ok !== true || created.id === undefined || created.number === undefined || created.url === undefined) {
    throw writeFailed('the promotion pull request', created)
  }
  return { id: created.id, number: created.number, url: created.url, headSha }
}

/**
 * `createCommitOnBranch` needs the branch's tip as parent, and resetting an open pull request's branch to its base closes
 * the pull request: so the commit is made on a temporary branch from the current base, and the branch is moved onto it.
 */
async function moveExisting(
  opening: Opening,
  existing: Pick<OpenedPullRequest, 'id' | 'number' | 'url'>,
  deps: Deps,
): Promise<OpenedPullRequest> {
  const { promotion, context } = opening
  const { config } = context.world
  const repository = context.environment.repository
  const temporary = `${promotionBranch(promotion)}.next`
  const { title, body } = await words(opening, deps)
  const [, commit] = await deps.github.write(repository, [
    { kind: 'set-refs', repositoryId: config.repositoryId, refs: [{ branch: temporary, sha: config.headSha }] },
    commitWrite(opening, temporary, title),
  ])
  const headSha = committed(commit)
  const refs = [
    { branch: promotionBranch(promotion), sha: headSha },
    { branch: temporary, sha: undefined },
  ]
  const results = await deps.github.write(repository, [
    { kind: 'set-refs', repositoryId: config.repositoryId, refs },
    { kind: 'update-pull-request', pullRequestId: existing.id, title, body },
  ])
  const failed = results.find((result) => !result.ok)
  if (failed !== undefined) throw writeFailed('the promotion branch', failed)
  return { ...existing, headSha }
}

async function words(
  { promotion, context, changes }: Opening,
  deps: Deps,
): Promise<{ readonly title: string; readonly body: string }> {
  const rules = await judgePromotion({ promotion, context, reviews: [] }, deps)
  const report = {
    promotion: { ...promotion, changes },
    release: context.release,
    environment: context.environment,
    rules,
  }
  return { title: renderPromotionTitle(report.promotion), body: renderPromotionBody(report) }
}

function commitWrite({ promotion, context, files }: Opening, branch: string, headline: string): GitHubWrite {
  return {
    kind: 'commit',
    repository: context.environment.repository,
    branch,
    expectedHead: context.world.config.headSha,
    headline,
    body: renderTrailers(promotionTrailers(promotion, context.release)),
    files,
  }
}

function committed(result: GitHubWriteResult | undefined): CommitSha {
  if (result?.ok !== true || result.sha === undefined) throw writeFailed('the promotion commit', result)
  return result.sha
}

/** Waiting mends neither a missing permission nor a ruleset. */
const isForbidden = ({ type, message }: { readonly type: string; readonly message: string }): boolean =>
  type === 'FORBIDDEN' || /not accessible|protected|ruleset|rule violation|permission/i.test(message)

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
