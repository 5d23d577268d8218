/** `/rollback`: back to the newest verified release that is not bad (or the named one). Skips what time and order say, pre-empts what is under way, and holds the environment. */
import { plain } from '../comments/markdown.ts'
import type { SpokenCommand } from '../domain/command.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { UserError } from '../domain/failure.ts'
import { heldMark } from '../domain/hold-marks.ts'
import { type EnvironmentKey, isMerged, type Promotion, promotionId } from '../domain/promotion.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import {
  type CommandPlace,
  didYouMean,
  environmentOf,
  modelOf,
  type Named,
  placeOf,
  sortWords,
} from './command-target.ts'
import { type Decision, proposedAlready, refusal } from './decide-command.ts'
import type { Deps, ReadDeps } from './deps.ts'
import { findWayBack, type RollbackCommand, type WayBack } from './find-way-back.ts'
import { judgePromotion } from './judge-promotion.ts'
import type { CommandRecord } from './ledger.ts'
import { placeHold } from './place-hold.ts'
import { knownTarget } from './promotion-context.ts'
import { beginningOf, readGround } from './read-beginning.ts'
import { refusalBy } from './stopping-rules.ts'

export async function decideRollback(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const place = await placeOf(command, deps)
  const { named, to } = wordsOf(spoken, place)
  const environment = environmentOf(named, place, spoken.usage)
  const model = await modelOf(named, place, { environment, deps })
  const key: EnvironmentKey = { repository: place.modelRepository, model, environment }
  const cause = `command ${command.repository} ${command.commentId} ${spoken.line}`
  const id = promotionId(key, cause)
  // A crash may have come between proposing and recording the answer; what is live may have changed since.
  if ((await deps.ledger.promotion(id)) !== undefined) return proposedAlready(id, spoken)
  const into = (await knownTarget(key, deps)).environment.repository
  const wish: RollbackCommand = { command, key, cause, to, into }
  const way = await findWayBack(wish, deps)
  const rules = await rulesOf(way, command, deps)
  const refused = refusalBy(rules, way.rollback)
  if (refused !== undefined) return refusal(refused, rules)
  return {
    kind: 'willing',
    rules,
    would: () =>
      `🔎 **Dry run**, nothing was done: ${plain(model)} in ${plain(environment)} would go back to ${plain(way.rollback.label)}, and be held there.`,
    // Anew: a rollout that is being watched is saved at every look, and asking for rights took its time.
    carryOut: async (writing) => propose({ ...stillThere(await findWayBack(wish, writing)), command, spoken }, writing),
  }
}

/** Throws UserError where somebody else's rollback began meanwhile, or the way is gone. */
function stillThere({ rollback, release, active, isReplaced }: WayBack): Pick<Proposal, 'rollback' | 'active'> {
  const { environment, label } = rollback
  if (active !== undefined && !isReplaced) {
    const message = `a rollback to ${label} began in ${environment} a moment ago`
    throw new UserError('promotion_in_progress', message, 'There is nothing to do; `/status` shows it.')
  }
  if (release.kind === 'none') throw new UserError('no_verified_release', release.message, `${release.act}.`)
  return { rollback, active }
}

function wordsOf(
  spoken: SpokenCommand,
  place: CommandPlace,
): { readonly named: Named; readonly to: string | undefined } {
  const at = spoken.words.findIndex((word) => word.toLowerCase() === 'to')
  const to = at < 0 ? undefined : spoken.words[at + 1]
  const named = sortWords(at < 0 ? spoken.words : spoken.words.slice(0, at), place)
  if (at >= 0 && (to === undefined || spoken.words.length > at + 2)) {
    throw new UserError('usage', '`to` is followed by one version or release', `Usage: \`${spoken.usage}\`.`)
  }
  const [stranger] = named.rest
  if (stranger !== undefined) {
    const { environments, models } = place.settings
    const names = [...(named.environment === undefined ? environments.keys() : []), ...models.keys()]
    const hint = `${didYouMean(stranger, names)}For a release: \`/rollback ${named.environment ?? '<environment>'} to ${stranger}\`. Usage: \`${spoken.usage}\`.`
    throw new UserError('usage', `\`${stranger}\` is no environment and no model`, hint)
  }
  return { named, to }
}

/** Who may, and whether it can: the others are told, and skipped. */
async function rulesOf(
  { rollback, release, active, isReplaced, isThere }: WayBack,
  { author: by }: CommandRecord,
  deps: ReadDeps,
): Promise<readonly RuleVerdict[]> {
  const hasRelease = release.kind === 'complete' && (active === undefined || isReplaced)
  const { context, plan } = await readGround(rollback, { by, hasRelease }, deps)
  const than = isThere ? 'same' : 'unordered'
  const beginning = await beginningOf(rollback, { release, plan, than, active, isReplaced }, deps)
  return judgePromotion({ promotion: rollback, context, reviews: [], beginning }, deps)
}

type Proposal = {
  readonly rollback: Promotion
  readonly active: Promotion | undefined
  readonly command: CommandRecord
  readonly spoken: SpokenCommand
}

async function propose({ rollback, active, command, spoken }: Proposal, deps: Deps): Promise<CommandOutcome> {
  const { repository, model, environment } = rollback
  const reason = `rolled back to ${rollback.label} by ${command.author}`
  const hold = await placeHold(
    {
      repository,
      model,
      environment,
      by: command.author,
      reason,
      since: deps.clock.now(),
      cause: rollback.id,
    },
    deps,
  )
  const superseded: Promotion | undefined = active && {
    ...active,
    stage: {
      at: 'superseded',
      endedAt: rollback.createdAt,
      by: rollback.id,
      label: rollback.label,
      wasMerged: isMerged(active),
    },
  }
  // Its pull request is taken over where it is.
  const proposal: Promotion = active?.ownBranch === true ? { ...rollback, ownBranch: true } : rollback
  const answer = await deps.ledger.propose(proposal, superseded, {
    at: deps.clock.now(),
    actor: command.author,
    action: 'rollback',
    subject: rollback.id,
    detail: { model, environment, to: rollback.label },
  })
  if (answer === 'busy') throw new Error('a promotion began during the rollback: the command is repeated')
  return { kind: 'promotion', line: spoken.line, promotion: rollback.id, marks: [heldMark(hold)] }
}
