/** `/canary` and `/promote`: a person chooses the share of the traffic, or all of it. The wish is kept in the promotion and followed by its next run (advance-canary.ts, begin-canary.ts). */
import { type Move, renderMove, renderWouldMove } from '../comments/canary.ts'
import { type Canary, type CanaryWish, isWhole, WHOLE } from '../domain/canary.ts'
import type { SpokenCommand } from '../domain/command.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { UserError } from '../domain/failure.ts'
import { isActive, isMerged, type Promotion } from '../domain/promotion.ts'
import { mayDo } from '../domain/rights.ts'
import { mayVerdict } from '../domain/rules.ts'
import { nothingOnItsWay, promotionMeant } from './active-promotion.ts'
import { canaryOf } from './begin-canary.ts'
import type { Decision } from './decide-command.ts'
import type { Deps, ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import { knownTarget, readRights } from './promotion-context.ts'

export async function decideCanary(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const { share, words } = shareIn(spoken)
  return decideMove(command, { ...spoken, words }, { share, deps })
}

export const decidePromote = (command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> =>
  decideMove(command, spoken, { share: WHOLE, deps })

/** `25` or `25%`, wherever it stands. */
function shareIn({ words, usage }: SpokenCommand): { readonly share: number; readonly words: readonly string[] } {
  const at = words.findIndex((word) => /^\d+%?$/.test(word))
  const share = Number.parseInt(words[at] ?? '', 10)
  if (at < 0) throw new UserError('usage', 'which share of the traffic is meant?', `Usage: \`${usage}\`.`)
  if (share >= 1 && share < WHOLE) return { share, words: words.toSpliced(at, 1) }
  const hint = share === WHOLE ? 'All of the traffic is `/promote`.' : 'None of it is `/rollback`.'
  throw new UserError('usage', `the share is a whole number from 1 to ${WHOLE - 1}`, hint)
}

type Wished = { readonly share: number; readonly deps: ReadDeps }

async function decideMove(command: CommandRecord, spoken: SpokenCommand, { share, deps }: Wished): Promise<Decision> {
  const { active, key, history } = await promotionMeant(command, spoken, deps)
  const { author, repository, commentId } = command
  const wish: CanaryWish = { share, by: author, comment: { repository, commentId, line: spoken.line } }
  const before = history.find(({ canary }) => isHeard(canary, wish))
  // A crash may have come between keeping the wish and recording the answer.
  if (before !== undefined) return willing(before, wish, { spoken, isDone: true })
  if (active === undefined) throw nothingOnItsWay(key, history)
  const canary = await movable(active, deps)
  refuseNothing(active, canary, share)
  const { environment, person } = await readRights(active, author, deps)
  const repositories = { model: active.repository, config: environment.repository }
  const { may, who } = mayDo('deploy', person, { environment, repositories })
  if (may) return willing(active, wish, { spoken, isDone: false })
  throw new UserError(
    'not_allowed',
    `${author} may not deploy to ${active.environment}; these may: ${who}`,
    'Ask one of them.',
  )
}

const isHeard = (canary: Canary | undefined, { comment }: CanaryWish): boolean =>
  [canary?.wish?.comment, canary?.heard].some(
    (one) => one?.repository === comment.repository && one.commentId === comment.commentId && one.line === comment.line,
  )

/** Throws UserError for what takes its traffic at once. */
async function movable(active: Promotion, deps: ReadDeps): Promise<Canary> {
  const { label, environment, kind } = active
  if (kind === 'rollback')
    throw new UserError(
      'promotion_in_progress',
      `${environment} is being rolled back to ${label}`,
      'A rollback takes the traffic at once; `/status` shows it.',
    )
  const canary = await canaryOf(active, await knownTarget(active, deps), deps)
  if (canary !== undefined) return canary
  throw new UserError(
    'nothing_to_do',
    `${label} takes all of the traffic of ${environment} at once`,
    'Shares are for an environment with `canary:`, from the second release that is verified there on.',
  )
}

/** What is merged whole is taken out by a rollback alone. */
function refuseNothing(active: Promotion, canary: Canary, share: number): void {
  const { label, environment, stage } = active
  if (!isMerged(active) || !isWhole(canary) || stage.at === 'opened' || stage.at === 'proposed') return
  throw new UserError(
    'nothing_to_do',
    `${label} has all of the traffic of ${environment} already`,
    share === WHOLE
      ? 'Its checks go on; `/status` shows them.'
      : `To take it away from it again: \`/rollback ${environment}\`.`,
  )
}

type Willing = { readonly spoken: SpokenCommand; readonly isDone: boolean }

function willing(promotion: Promotion, wish: CanaryWish, { spoken, isDone }: Willing): Decision {
  const move: Move = { promotion, share: wish.share }
  const markdown = renderMove(move)
  return {
    kind: 'willing',
    rules: [mayVerdict(wish.by)],
    isBegun: isDone,
    would: () => renderWouldMove(move),
    carryOut: async (deps): Promise<CommandOutcome> => {
      if (!isDone) await keep(promotion, wish, deps)
      const { repository, model, environment } = promotion
      await deps.hints.hint({ kind: 'environment', repository, model, environment })
      return { kind: 'answered', line: spoken.line, markdown }
    },
  }
}

/** Read anew: a rollout that is watched is saved at every look. Whoever saves in that very moment makes the command run again. */
async function keep({ id, repository, model, environment }: Promotion, wish: CanaryWish, deps: Deps): Promise<void> {
  const { ledger, clock } = deps
  const active = (await ledger.history({ repository, model, environment })).find(isActive)
  if (active?.id !== id)
    throw new UserError(
      'nothing_to_do',
      `what was on its way to ${environment} has ended in this moment`,
      `\`/status ${environment}\` says what is there.`,
    )
  const canary = await movable(active, deps)
  refuseNothing(active, canary, wish.share)
  const detail = { model, environment, label: active.label, share: wish.share }
  const entry = { at: clock.now(), actor: wish.by, action: 'canary', subject: id, detail }
  await ledger.undisturbed(active, () => ledger.savePromotion({ ...active, canary: { ...canary, wish } }, entry))
}
