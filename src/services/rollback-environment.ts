/** `/rollback`: back to the newest verified release that is not bad (or the named one). Skips every rule but who-may, pre-empts what is under way, and holds the environment. */

import type { SpokenCommand } from '../domain/command.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { UserError } from '../domain/failure.ts'
import type { RepoName } from '../domain/ids.ts'
import {
  type EnvironmentKey,
  type History,
  historyIn,
  isActive,
  isMerged,
  type Promotion,
  promotionId,
  verifiedSince,
} from '../domain/promotion.ts'
import { releaseLabel } from '../domain/release.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import {
  type CommandPlace,
  environmentOf,
  modelOf,
  type Named,
  namedRelease,
  placeOf,
  sortWords,
} from './command-target.ts'
import { type Decision, refusal } from './decide-command.ts'
import type { Deps, ReadDeps } from './deps.ts'
import { planRollback, standingPromotion } from './end-promotion.ts'
import { judgePromotion } from './judge-promotion.ts'
import type { CommandRecord, ReleaseRecord } from './ledger.ts'
import { placeHold } from './place-hold.ts'
import { knownTarget, readContext } from './promotion-context.ts'

export async function decideRollback(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const place = await placeOf(command, deps)
  const { named, to } = wordsOf(spoken, place)
  const environment = environmentOf(named, place, spoken.usage)
  const model = await modelOf(named, place, { environment, deps })
  const key: EnvironmentKey = { repository: place.modelRepository, model, environment }
  const cause = `command ${command.repository} ${command.commentId} ${spoken.line}`
  const id = promotionId(key, cause)
  // A crash may have come between proposing and recording the answer; what is live may have changed since.
  if ((await deps.ledger.promotion(id)) !== undefined) {
    return {
      kind: 'willing',
      rules: [],
      would: () => 'It was proposed by this command already.',
      carryOut: async () => ({ kind: 'promotion', line: spoken.line, promotion: id }),
    }
  }
  const into = (await knownTarget(key, deps)).environment.repository
  const wish: Wish = { command, key, cause, to, into }
  const { rollback } = await planned(wish, deps)
  const rules = await rulesOf(rollback, command, deps)
  const refused = rules.find(({ state }) => state === 'refused')
  if (refused !== undefined)
    return refusal(new UserError('not_allowed', refused.detail, 'Ask one of them to roll back.'), rules)
  return {
    kind: 'willing',
    rules,
    would: () => `${model} in ${environment} would go back to ${rollback.label}, and be held there.`,
    // Anew: a rollout that is being watched is saved at every look, and asking for rights took its time.
    carryOut: async (writing) => propose({ ...(await planned(wish, writing)), command, spoken }, writing),
  }
}

type Wish = {
  readonly command: CommandRecord
  readonly key: EnvironmentKey
  readonly cause: string
  readonly to: string | undefined
  /** The config repository. */
  readonly into: RepoName
}

/** The rollback as things stand, and what it pre-empts. */
async function planned(
  { command, key, cause, to, into }: Wish,
  deps: ReadDeps,
): Promise<Pick<Proposal, 'rollback' | 'active'>> {
  const { environment } = key
  const all = await deps.ledger.history(key)
  const active = all.find(isActive)
  const history = historyIn(all, into)
  const leaving = leftBy(history, active, { environment, to })
  const target = to === undefined ? undefined : await verifiedPromotion(to, { key, history }, deps)
  if (target !== undefined && target.release === leaving.release && leaving.stage.at === 'verified') {
    throw new UserError('already_live', `${target.label} is already live in ${environment}`, 'There is nothing to do.')
  }
  const rollback = planRollback(
    {
      leaving,
      history,
      via: { kind: 'rollback', by: command.author },
      cause,
      into,
      to: target,
      asked: { repository: command.repository, commentId: command.commentId },
    },
    deps.clock.now().toISOString(),
  )
  if (rollback !== undefined) return { rollback, active }
  throw new UserError(
    'no_verified_release',
    `no earlier release was verified in ${environment}`,
    'Name a release that was: `/rollback to <version>`; `/status` lists what is live.',
  )
}

type Leaving = { readonly environment: string; readonly to: string | undefined }

/** What the rollback leaves. While another one is under way, only a named release is a clear wish: "back" would go a step too far. */
function leftBy(history: History, active: Promotion | undefined, { environment, to }: Leaving): Promotion {
  if (active?.kind === 'rollback' && to === undefined) {
    throw new UserError(
      'promotion_in_progress',
      `a rollback to ${active.label} is already on its way in ${environment}`,
      `Wait until it has ended, or name where to go: \`/rollback ${environment} to <version>\`.`,
    )
  }
  const leaving = active !== undefined && isMerged(active) ? active : standingPromotion(history)
  if (leaving !== undefined) return leaving
  throw new UserError(
    'no_verified_release',
    `Lockkeeper has not put anything into ${environment} yet, so there is nothing to go back to`,
    'Revert in the config repository, or deploy a release.',
  )
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
    const hint = `For a release: \`/rollback ${named.environment ?? '<environment>'} to ${stranger}\`. Usage: \`${spoken.usage}\`.`
    throw new UserError('usage', `\`${stranger}\` is no environment and no model`, hint)
  }
  return { named, to }
}

type Past = { readonly key: EnvironmentKey; readonly history: History }

/** Only what was proven here is a way back. */
async function verifiedPromotion(to: string, { key, history }: Past, deps: ReadDeps): Promise<Promotion> {
  const proven = new Set(history.map(({ stage, release }) => (stage.at === 'verified' ? release : undefined)))
  const rather = ({ state }: ReleaseRecord) => state.kind === 'complete' && proven.has(state.release.id)
  const record = await namedRelease(to, key, deps, { rather })
  const release = record.state.kind === 'complete' ? record.state.release : undefined
  const found = history.find((promotion) => promotion.stage.at === 'verified' && promotion.release === release?.id)
  if (release !== undefined && found !== undefined) return found
  const verified = [
    ...new Set(
      history.flatMap((one) =>
        one.release !== undefined && verifiedSince(history, one.release) !== undefined ? [one.label] : [],
      ),
    ),
  ]
  const label = release === undefined ? to : releaseLabel(release)
  throw new UserError(
    'no_verified_release',
    `${label} was never verified in ${key.environment}`,
    verified.length === 0 ? 'No release was.' : `These were: ${verified.join(', ')}.`,
  )
}

/** Who may roll back is who may deploy, on the environment and the config repository. */
async function rulesOf(
  rollback: Promotion,
  { author }: CommandRecord,
  deps: ReadDeps,
): Promise<readonly RuleVerdict[]> {
  const context = await readContext(rollback, deps, [author])
  return judgePromotion({ promotion: rollback, context, reviews: [] }, deps)
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
  await placeHold(
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
  const answer = await deps.ledger.propose(proposal, superseded)
  if (answer === 'busy') throw new Error('a promotion began during the rollback: the command is repeated')
  await deps.ledger.audit({
    at: deps.clock.now(),
    actor: command.author,
    action: 'rollback',
    subject: rollback.id,
    detail: { model, environment, to: rollback.label },
  })
  return { kind: 'promotion', line: spoken.line, promotion: rollback.id }
}
