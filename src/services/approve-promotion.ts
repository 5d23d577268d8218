/** `/approve`: an approver's yes to the head that a promotion's pull request has. Kept in the ledger, and counted at the merge by approved-by.ts. */
import { renderApproval, renderWouldApprove } from '../comments/approval.ts'
import { when } from '../comments/when.ts'
import { obstacles } from '../domain/branch-rules.ts'
import type { SpokenCommand } from '../domain/command.ts'
import { UserError } from '../domain/failure.ts'
import { reviewersOf } from '../domain/github-environment.ts'
import { isMerged, type Promotion } from '../domain/promotion.ts'
import { mayDo } from '../domain/rights.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { type Meant, nothingOnItsWay, promotionMeant } from './active-promotion.ts'
import { sceneOf, standingsOf } from './approved-by.ts'
import { type Decision, refusal } from './decide-command.ts'
import type { Deps, ReadDeps } from './deps.ts'
import { judgePromotion } from './judge-promotion.ts'
import type { Approval, CommandRecord } from './ledger.ts'
import type { PromotionPullRequest } from './ports.ts'
import { askers, type PromotionContext, readContext } from './promotion-context.ts'
import { rebuiltPromotion } from './rebuild-promotion.ts'

/** Every reason against it is told at once. */
export async function decideApprove(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const approved = await deps.ledger.approvalsBy({ repository: command.repository, commentId: command.commentId })
  const isGiven = ({ id }: Promotion): boolean => approved.some(({ promotion }) => promotion === id)
  const meant = await promotionMeant(command, spoken, deps, isGiven)
  const { active, key, history } = meant
  // The promotion that this very comment approved in an earlier run, before a crash.
  const given = history.find(isGiven)
  if (given !== undefined && (active?.id !== given.id || isMerged(given))) return alreadyDone(given, command, spoken)
  if (active === undefined) throw nothingOnItsWay(key, history)
  refuseUnready(active)
  await refuseElsewhere(active, command, { meant, deps })
  const context = await readContext(active, deps, [command.author, ...askers(active)])
  const seen = ownPullRequest(active, context)
  if (given !== undefined && seen?.state === 'merged') return alreadyDone(given, command, spoken)
  const judged = { promotion: active, context, reviews: seen?.reviews ?? [] }
  const rules = await judgePromotion(judged, deps)
  const problems = [
    movedOn(active, { command, context, seen, deps }),
    notAsked(active, rules, context),
    await notAllowed(active, { command, context, deps }),
    await doneAlready(active, { command, seen, deps }),
  ].filter((problem) => problem !== undefined)
  const [first] = problems
  if (first !== undefined) {
    const message = problems.map((problem) => problem.message).join('; ')
    return refusal(new UserError(first.code, message, first.hint))
  }
  const then = await judgePromotion({ ...judged, approving: command.author }, deps)
  const { rules: branch } = context.world.config
  const github = seen === undefined ? [] : obstacles(branch, seen.merging && { ...seen, ...seen.merging })
  const report = { promotion: active, by: command.author, rules: then, github }
  return {
    kind: 'willing',
    rules: then,
    would: () => renderWouldApprove(report),
    carryOut: async (writing) => {
      await approve(active, command, writing)
      return { kind: 'answered', line: spoken.line, markdown: renderApproval(report) }
    },
  }
}

function alreadyDone(promotion: Promotion, { author }: CommandRecord, { line }: SpokenCommand): Decision {
  const markdown = renderApproval({ promotion, by: author, rules: undefined, github: [] })
  return {
    kind: 'willing',
    rules: [],
    would: () => markdown,
    carryOut: async () => ({ kind: 'answered', line, markdown }),
  }
}

function refuseUnready(active: Promotion): void {
  const { label, environment, stage } = active
  if (isMerged(active)) throw mergedAlready(active)
  if (stage.at !== 'awaiting') return
  throw new UserError(
    'release_pending',
    `the release of ${label} is being made, so that there is nothing to approve yet`,
    `\`/approve ${environment}\` when its promotion pull request is there.`,
  )
}

const mergedAlready = ({ label, environment }: Promotion): UserError =>
  new UserError(
    'promotion_in_progress',
    `${label} is merged already, and on its way to ${environment}`,
    `If it should not be there: \`/rollback ${environment}\`.`,
  )

type Elsewhere = { readonly meant: Meant; readonly deps: ReadDeps }

/** What people see is what they approve: not another pull request's release, for which the environment is named on this one. */
async function refuseElsewhere(
  active: Promotion,
  { repository, pullRequestNumber }: CommandRecord,
  { meant: { place }, deps }: Elsewhere,
): Promise<void> {
  const { thread, asked, label, environment, pullRequest } = active
  if (thread === undefined || thread === place.pullRequest) return
  const asking = asked && (await deps.ledger.command(asked.repository, asked.commentId))
  if (asking?.repository === repository && asking.pullRequestNumber === pullRequestNumber) return
  throw new UserError(
    'head_moved',
    `it is ${label} of pull request ${thread} that is on its way to ${environment}, and nothing of this one`,
    `Approve it there${pullRequest === undefined ? '' : `, or on promotion PR ${pullRequest.number}`}.`,
  )
}

const ownPullRequest = (
  { pullRequest }: Promotion,
  { world: { config } }: PromotionContext,
): PromotionPullRequest | undefined =>
  pullRequest !== undefined && config.pullRequest?.id === pullRequest.id ? config.pullRequest : undefined

type Looked = {
  readonly command: CommandRecord
  readonly context: PromotionContext
  readonly seen: PromotionPullRequest | undefined
  readonly deps: ReadDeps
}

/** What the comment meant is not what is there: server time decides, and what cannot be known is refused. */
function movedOn(promotion: Promotion, { command, context, seen, deps }: Looked): UserError | undefined {
  const { pullRequest, stage, label, environment, model, createdAt } = promotion
  if (seen?.state === 'merged') return mergedAlready(promotion)
  const again = `Look at what it changes now, then repeat it: \`/approve ${environment} ${model}\`.`
  const isInFiles = context.plan.kind === 'unchanged'
  if (stage.at === 'proposed' && !isInFiles) {
    const why = pullRequest === undefined ? 'is being opened' : 'is being made anew'
    return new UserError('head_moved', `the promotion pull request of ${label} ${why}`, again)
  }
  if (stage.at === 'opened') {
    const because = rebuiltPromotion(promotion, context, deps)?.rebuilt?.because
    if (seen?.headSha !== pullRequest?.headSha || because !== undefined) {
      const why = because === undefined ? '' : `: ${because}`
      return new UserError('head_moved', `the promotion pull request of ${label} is being made anew${why}`, again)
    }
  }
  const since = pullRequest === undefined ? createdAt : pullRequest.headSince
  if (since === undefined)
    return new UserError(
      'head_moved',
      `it is not known since when the promotion pull request of ${label} has its head`,
      'An approving review of it counts the same.',
    )
  if (Date.parse(command.createdAt) > wholeSecond(since)) return undefined
  return new UserError('head_moved', `${whatIsNew(promotion)} only since ${when(since)}, not before the comment`, again)
}

/** GitHub's times of comments have no fractions: within one second nobody knows what was first. */
const wholeSecond = (instant: string): number => Math.floor(Date.parse(instant) / 1000) * 1000

const whatIsNew = ({ label, environment, pullRequest }: Promotion): string =>
  pullRequest === undefined
    ? `${label} is proposed for ${environment}`
    : `promotion pull request ${pullRequest.number} has ${label} at \`${pullRequest.headSha.slice(0, 7)}\``

function notAsked(
  { label, environment }: Promotion,
  rules: readonly RuleVerdict[],
  { world }: PromotionContext,
): UserError | undefined {
  // GitHub's reviewers are asked whatever else is, and no force skips them.
  if (reviewersOf(world.protection).length > 0) return undefined
  const approvals = rules.find(({ rule }) => rule === 'approvals')
  const hint = 'There is nothing to approve.'
  if (approvals?.state === 'skipped')
    return new UserError('nothing_to_do', `${label} needs no approval for ${environment} (${approvals.detail})`, hint)
  const isNone = approvals?.state === 'pass' && approvals.approvedBy === undefined
  return isNone ? new UserError('nothing_to_do', `${environment} asks for no approval`, hint) : undefined
}

async function notAllowed(
  promotion: Promotion,
  { command: { author }, context, deps }: Omit<Looked, 'seen'>,
): Promise<UserError | undefined> {
  const standings = await standingsOf([author], context, deps)
  const { may, who, excluded } = mayDo('approve', standings.get(author), await sceneOf(promotion, context, deps))
  if (may) return undefined
  const why = excluded ?? `${author} is not among those who may approve for ${promotion.environment}`
  return new UserError('not_allowed', `${why}; these may: ${who}`, 'Ask another one of them.')
}

async function doneAlready(
  { id, label, pullRequest }: Promotion,
  { command, seen, deps }: Omit<Looked, 'context'>,
): Promise<UserError | undefined> {
  const { author, repository, commentId } = command
  const head = pullRequest?.headSha
  const isOwn = ({ by }: Approval): boolean => by.repository === repository && by.commentId === commentId
  const said = (await deps.ledger.approvals(id)).find((one) => one.head === head && one.login === author)
  const reviewed = seen?.reviews.some((one) => one.state === 'approved' && one.commit === head && one.author === author)
  if (reviewed !== true && (said === undefined || isOwn(said))) return undefined
  return new UserError('nothing_to_do', `${author} has approved ${label} already`, 'Each person counts once.')
}

async function approve(promotion: Promotion, command: CommandRecord, deps: Deps): Promise<void> {
  const { repository, model, environment, id, label, pullRequest } = promotion
  const by = { repository: command.repository, commentId: command.commentId }
  const head = pullRequest?.headSha
  const at = new Date(command.createdAt)
  const detail = { model, environment, head: head ?? null, label, comment: command.commentId }
  const entry = { at: deps.clock.now(), actor: command.author, action: 'approve', subject: id, detail }
  const answer = await deps.ledger.approve({ promotion: id, head, login: command.author, by, at }, entry)
  if (answer === 'moved')
    throw new UserError(
      'head_moved',
      `${label} moved on in this very moment, and was not approved`,
      `\`/status ${environment}\` says what is there now.`,
    )
  await deps.hints.hint({ kind: 'environment', repository, model, environment })
}
