/**
 * `/cancel`: stops what is on its way before its merge. The ledger decides who was first, this or the merge: it is ended there before its pull request
 * is closed, and whatever is merged all the same in that moment is taken up again and watched (merged-by-people.ts).
 */
import { type CancellationReport, renderCancellation, renderWouldCancel } from '../comments/cancellation.ts'
import { promotionBranch } from '../domain/branch-name.ts'
import type { SpokenCommand } from '../domain/command.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { SystemUnavailable, UserError } from '../domain/failure.ts'
import { holdsOn } from '../domain/hold.ts'
import { isMerged, type OpenedPullRequest, type Promotion } from '../domain/promotion.ts'
import { requester } from '../domain/promotion-trailers.ts'
import { mayDo } from '../domain/rights.ts'
import { mayVerdict } from '../domain/rules.ts'
import type { EnvironmentSettings } from '../domain/settings.ts'
import { nothingOnItsWay, promotionMeant } from './active-promotion.ts'
import type { Decision } from './decide-command.ts'
import type { Deps, ReadDeps } from './deps.ts'
import { repositoryOf } from './leave-pull-request.ts'
import type { CommandRecord } from './ledger.ts'
import { knownTarget, readRights } from './promotion-context.ts'
import { workOnOwn } from './whose-branch.ts'

export async function decideCancel(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const isDone = (promotion: Promotion): boolean => isCancelledBy(promotion, command, spoken)
  const { active, key, history } = await promotionMeant(command, spoken, deps, isDone)
  const ended = history.find(isDone)
  const promotion = ended ?? active
  if (promotion === undefined) throw nothingOnItsWay(key, history)
  if (isMerged(promotion)) throw mergedFirst(promotion)
  // Cancelled by this very comment in an earlier run, before a crash: then only the rest is left to do.
  const isHeld = ended === undefined ? await permitted(promotion, command, deps) : await isHeldAt(promotion, deps)
  const report = { promotion, isHeld }
  const carryOut = async (writing: Deps): Promise<CommandOutcome> => {
    const cancelled = ended ?? (await end(promotion, { command, spoken }, writing))
    const stillOpen = await close(cancelled, writing)
    const { repository, model, environment } = promotion
    await writing.hints.hint({ kind: 'environment', repository, model, environment })
    const told = { ...promotion, pullRequest: cancelled.pullRequest }
    return { kind: 'answered', line: spoken.line, markdown: renderCancellation({ promotion: told, isHeld, stillOpen }) }
  }
  return {
    kind: 'willing',
    rules: [mayVerdict(command.author)],
    isBegun: ended !== undefined,
    would: () => renderWouldCancel(report),
    carryOut,
  }
}

function isCancelledBy(
  { stage }: Promotion,
  { repository, commentId }: CommandRecord,
  { line }: Pick<SpokenCommand, 'line'>,
): boolean {
  if (stage.at !== 'cancelled' || stage.comment === undefined) return false
  const { comment } = stage
  return comment.repository === repository && comment.commentId === commentId && (comment.line ?? line) === line
}

const mergedFirst = ({ label, environment }: Promotion): UserError =>
  new UserError(
    'promotion_in_progress',
    `${label} is merged already, and on its way to ${environment}`,
    `What is merged cannot be cancelled: \`/rollback ${environment}\` takes it out.`,
  )

/** Whether the environment is held, for who may. */
async function permitted(
  promotion: Promotion,
  { author }: CommandRecord,
  deps: ReadDeps,
): Promise<CancellationReport['isHeld']> {
  const { repository, environment: name } = promotion
  const { environment, person } = await readRights(promotion, author, deps)
  const repositories = { model: repository, config: environment.repository }
  const asked = requester(promotion.via)
  const { may, who } = mayDo('cancel', person, { environment, repositories, requester: asked })
  if (may) return isHeldAt(promotion, deps, environment)
  throw new UserError(
    'not_allowed',
    `${author} may not cancel what is on its way to ${name}; these may: ${who}`,
    'Ask one of them.',
  )
}

async function isHeldAt(
  promotion: Promotion,
  { ledger, clock }: ReadDeps,
  environment?: EnvironmentSettings,
): Promise<boolean> {
  const into = environment?.repository ?? promotion.into ?? promotion.repository
  const kept = await ledger.holds([promotion.repository, into])
  return holdsOn(kept, promotion, { into, now: clock.now() }).length > 0
}

/** While it is being merged this waits for the outcome, and loses: the run is then repeated, and finds it merged. */
async function end(
  promotion: Promotion,
  { command, spoken: { line } }: { readonly command: CommandRecord; readonly spoken: SpokenCommand },
  deps: Deps,
): Promise<Promotion> {
  const { id } = promotion
  const pullRequest = promotion.pullRequest ?? (await leftBehind(promotion, deps))
  const { author, repository, commentId } = command
  const stage: Promotion['stage'] = {
    at: 'cancelled',
    endedAt: deps.clock.now().toISOString(),
    reason: `cancelled by ${author}`,
    act: 'command',
    comment: { repository, commentId, line },
  }
  const { label, environment, model } = promotion
  const detail = { model, environment, label }
  const entry = { at: deps.clock.now(), actor: author, action: 'cancel', subject: id, detail }
  return deps.ledger.undisturbed(promotion, () =>
    deps.ledger.savePromotion({ ...promotion, pullRequest, stage }, entry),
  )
}

/** An opening takes seconds. One that goes on for longer has failed, or its server has died: it is what people write `/cancel` for. */
const OPENING_MS = 60_000

/** What an opening that came to no end has left on GitHub; undefined: nothing. Throws SystemUnavailable while it may yet come to one. */
async function leftBehind(promotion: Promotion, deps: Deps): Promise<OpenedPullRequest | undefined> {
  const { stage, id, repository: modelRepository } = promotion
  const openingSince = stage.at === 'proposed' ? stage.openingSince : undefined
  if (openingSince === undefined) return undefined
  if (deps.clock.now().getTime() < Date.parse(openingSince) + OPENING_MS)
    throw new SystemUnavailable('GitHub', `the pull request of ${id} is being opened`, { retryAfterSeconds: 3 })
  const { environment } = await knownTarget(promotion, deps)
  const world = await deps.github.readPromotionWorld({
    ...{ modelRepository, configRepository: environment.repository, branch: undefined },
    ...{
      headBranch: promotionBranch(promotion, promotion),
      pullRequestNumber: undefined,
      files: [],
      standing: undefined,
    },
  })
  const seen = world.config.pullRequest
  const isOwn = seen?.state === 'open' && (await workOnOwn(seen, { promotion, context: { world } }, deps)) !== 'theirs'
  return isOwn ? { id: seen.id, number: seen.number, url: seen.url, headSha: seen.headSha } : undefined
}

/** GitHub may fail for a while; whoever wrote `/cancel` waits no longer for its answer. */
const CLOSING_MS = 5 * 60_000

/** Why GitHub did not close it; undefined: it did. Throws UserError where it was merged in the moment before, SystemUnavailable where it is worth another try. */
async function close(promotion: Promotion, deps: Deps): Promise<CancellationReport['stillOpen']> {
  const { pullRequest, id, stage } = promotion
  if (pullRequest === undefined) return undefined
  const repository = repositoryOf(pullRequest)
  // After a crash a newer promotion may have taken it over.
  const owner = await deps.ledger.promotionOfPullRequest(pullRequest.number, repository)
  if (owner?.id !== id) return undefined
  const [closed] = await deps.github.write(repository, [{ kind: 'close-pull-request', pullRequestId: pullRequest.id }])
  if (closed?.ok === true && closed.wasMerged === true) {
    await deps.hints.hint({ kind: 'environment', ...keyOf(promotion) })
    throw mergedFirst(promotion)
  }
  if (closed?.ok !== false) return undefined
  const { type, message } = closed
  const isYoung = stage.at === 'cancelled' && deps.clock.now().getTime() < Date.parse(stage.endedAt) + CLOSING_MS
  if (type !== 'FORBIDDEN' && isYoung)
    throw new SystemUnavailable('GitHub', `did not close ${pullRequest.url}: ${type}: ${message}`)
  deps.log.warn({ pullRequest: pullRequest.url, reason: message }, 'a cancelled pull request was not closed')
  return { code: type === 'FORBIDDEN' ? 'not_allowed' : 'system_unavailable', message }
}

const keyOf = ({ repository, model, environment }: Promotion) => ({ repository, model, environment })
