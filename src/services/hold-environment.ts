/** `/lock` and `/unlock`: a person's hold on an environment of a model. A rollback sets the same hold by itself. */

import { whenFrom } from '../comments/when.ts'
import { isDeployer } from '../domain/acceptance.ts'
import type { SpokenCommand } from '../domain/command.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { parseDuration } from '../domain/duration.ts'
import { UserError } from '../domain/failure.ts'
import type { EnvironmentKey } from '../domain/promotion.ts'
import { environmentOf, modelOf, placeOf, sortWords } from './command-target.ts'
import type { Decision } from './decide-command.ts'
import type { Deps, ReadDeps } from './deps.ts'
import { describeDeployers } from './judge-promotion.ts'
import type { CommandRecord } from './ledger.ts'
import { placeHold } from './place-hold.ts'
import { readRights } from './promotion-context.ts'

export async function decideLock(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const { key, rest } = await permitted(command, spoken, deps)
  const now = deps.clock.now()
  const timed = rest[0]?.toLowerCase() === 'for'
  const length = timed ? parseDuration(rest[1] ?? '') : undefined
  if (timed && length === undefined)
    throw new UserError('usage', '`for` is followed by a duration such as `2h`', `Usage: \`${spoken.usage}\`.`)
  const until = length === undefined ? undefined : new Date(now.getTime() + length)
  const reason = rest.slice(timed ? 2 : 0).join(' ') || 'no reason given'
  const lasts = until === undefined ? 'until `/unlock`' : `until ${whenFrom(until)}`
  const carryOut = async ({ ledger, clock, hints }: Deps): Promise<CommandOutcome> => {
    await placeHold({ ...key, by: command.author, reason, since: now, until }, { ledger, clock })
    const subject = `${key.model} ${key.environment}`
    await ledger.audit({ at: now, actor: command.author, action: 'lock', subject, detail: { reason } })
    await hints.hint({ kind: 'environment', ...key })
    const markdown = `🔒 \`${key.environment}\` is held for \`${key.model}\` ${lasts}: only a rollback goes there.\nTo lift it: \`/unlock ${key.environment} ${key.model}\`.`
    return { kind: 'answered', line: spoken.line, markdown }
  }
  const would = () => `\`${key.environment}\` would be held for \`${key.model}\` ${lasts}.`
  return { kind: 'willing', rules: [], would, carryOut }
}

export async function decideUnlock(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const { key } = await permitted(command, spoken, deps)
  const carryOut = async ({ ledger, clock, hints }: Deps): Promise<CommandOutcome> => {
    const lifted = await ledger.liftHold(key)
    const subject = `${key.model} ${key.environment}`
    await ledger.audit({ at: clock.now(), actor: command.author, action: 'unlock', subject, detail: { lifted } })
    await hints.hint({ kind: 'environment', ...key })
    const markdown = lifted
      ? `🔓 \`${key.environment}\` is free for \`${key.model}\` again.`
      : `\`${key.environment}\` was not held for \`${key.model}\`.`
    return { kind: 'answered', line: spoken.line, markdown }
  }
  const would = () => `The hold on \`${key.environment}\` would be lifted for \`${key.model}\`.`
  return { kind: 'willing', rules: [], would, carryOut }
}

/** The environment meant, if the author is one of its deployers by both repositories' rules. Only the first two words can be names: what follows is a reason. */
async function permitted(
  command: CommandRecord,
  spoken: SpokenCommand,
  deps: ReadDeps,
): Promise<{ readonly key: EnvironmentKey; readonly rest: readonly string[] }> {
  const place = await placeOf(command, deps)
  const named = sortWords(spoken.words.slice(0, 2), place)
  // On a promotion pull request the environment need not be named: then every word belongs to the reason.
  const isElsewhere = named.environment === undefined && place.promotionOf === undefined
  const environment = environmentOf(isElsewhere ? named : { ...named, rest: [] }, place, spoken.usage)
  const model = await modelOf(named, place, { environment, deps })
  const key: EnvironmentKey = { repository: place.modelRepository, model, environment }
  const rights = await readRights(key, command.author, deps)
  const repositories = { model: key.repository, config: rights.environment.repository }
  if (!isDeployer(rights.person, rights.environment, repositories)) {
    throw new UserError(
      'not_allowed',
      `${command.author} may not hold or free ${environment}; these may: ${describeDeployers(rights.environment)}`,
      'Ask one of them.',
    )
  }
  return { key, rest: [...named.rest, ...spoken.words.slice(2)] }
}
