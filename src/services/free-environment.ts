/** `/unlock`: lifts what was said and no more, a person's lock and what a rollback left; the reply names each. `/lock` is hold-environment.ts. */
import { holdList, holdWords, scopeWords } from '../comments/holds.ts'
import type { SpokenCommand } from '../domain/command.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { UserError } from '../domain/failure.ts'
import { type Hold, type HoldScope, isSameScope, isStop, unlockCommand } from '../domain/hold.ts'
import { liftedMark } from '../domain/hold-marks.ts'
import type { EnvironmentName, ModelName } from '../domain/ids.ts'
import { mayVerdict } from '../domain/rules.ts'
import { type CommandPlace, didYouMean, environmentOf, type Named, placeOf, sortWords } from './command-target.ts'
import type { Decision } from './decide-command.ts'
import type { Deps, ReadDeps } from './deps.ts'
import { allInto, causeOf, holdsAround, mayNot } from './hold-environment.ts'
import { readHoldRights } from './hold-rights.ts'
import type { CommandRecord } from './ledger.ts'
import { wakeHeld } from './wake-held.ts'

export async function decideUnlock(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const place = await placeOf(command, deps)
  const cause = causeOf(command, spoken)
  const said = unlockSaid(command, spoken, place)
  const around = await holdsAround(said, place.settings, deps)
  const before = await deps.ledger.holdsEndedBy(cause)
  const scope = before[0] ?? (await scopeMeant(said, around, { place, deps }))
  const heardAt = new Date(command.heardAt)
  // A crash may have come between lifting and recording the answer: what somebody has set since then was not meant.
  const meant = around.filter((hold) => isSameScope(hold, scope) && (before.length === 0 || hold.since <= heardAt))
  if (meant.length === 0) {
    const markdown = freed(before, around, { scope, command })
    return before.length === 0 ? { kind: 'answered', markdown } : liftedBefore(markdown, { scope, line: spoken.line })
  }
  const rights = await readHoldRights({ right: 'unlock', scope, login: command.author }, deps)
  const isOwn = rights.isOfHouse && meant.every(({ kind, by }) => kind === 'lock' && by === command.author)
  if (!rights.may && !isOwn) throw mayNot(command, scope, rights.who)
  return {
    kind: 'willing',
    rules: [mayVerdict(command.author)],
    isBegun: before.length > 0,
    would: () => `🔎 **Dry run**, nothing was done. This would be lifted:\n${holdList(meant, command.repository)}`,
    carryOut: (writing) => lift(meant, { command, place, scope, cause, line: spoken.line }, writing),
  }
}

/** An earlier run of the same command lifted it, and may have ended before it woke what waited. */
function liftedBefore(markdown: string, { scope, line }: Pick<Lifting, 'scope' | 'line'>): Decision {
  return {
    kind: 'willing',
    rules: [],
    isBegun: true,
    would: () => markdown,
    carryOut: async (deps) => {
      await wakeHeld(scope, deps)
      return { kind: 'answered', line, markdown }
    },
  }
}

type Lifting = {
  readonly command: CommandRecord
  readonly place: CommandPlace
  readonly scope: HoldScope
  readonly cause: string
  readonly line: string
}

/** Only these very holds: what somebody has set meanwhile stays, and is told. */
async function lift(meant: readonly Hold[], lifting: Lifting, deps: Deps): Promise<CommandOutcome> {
  const { command, place, scope, cause, line } = lifting
  const at = deps.clock.now()
  for (const hold of meant) await deps.ledger.liftHold(hold, { by: command.author, cause, at })
  await wakeHeld(scope, deps)
  const around = await holdsAround(scope, place.settings, deps)
  const lifted = await deps.ledger.holdsEndedBy(cause)
  const marks = lifted.map((hold) => liftedMark(hold, cause))
  return { kind: 'answered', line, markdown: freed(lifted, around, lifting), marks }
}

function freed(
  lifted: readonly Hold[],
  around: readonly Hold[],
  { scope, command }: Pick<Lifting, 'scope' | 'command'>,
): string {
  const still = around.filter(
    (hold) => scope.model === undefined || hold.model === undefined || hold.model === scope.model,
  )
  const words = scopeWords(scope).replace(/^e(?=verything)/, 'E')
  const besides = still.length === 0 ? '' : `\n\nStill held:\n${holdList(still, command.repository)}`
  if (lifted.length === 0) return `${words} was not held.${besides}`
  const isFree = !still.some((hold) => hold.model === undefined || isSameScope(hold, scope))
  const first = isFree ? `🔓 ${words} is free again.` : `🔓 Lifted, but ${scopeWords(scope)} is still held.`
  const list = lifted.map((hold) => `- the ${holdWords(hold, command.repository)}`).join('\n')
  return `${first}\n\nLifted:\n${list}${besides}`
}

/** What the words say. Without a model it is not yet sure which scope is meant. */
type Said = Omit<HoldScope, 'model'> & { readonly model: ModelName | undefined; readonly named: Named | undefined }

function unlockSaid(command: CommandRecord, spoken: SpokenCommand, place: CommandPlace): Said {
  const named = sortWords(spoken.words, place)
  const [stranger] = named.rest
  if (spoken.options.has('all')) {
    if (spoken.words.length === 0) return { ...allInto(command, place, spoken), named: undefined }
    const hint = `For a part: \`/unlock ${spoken.words.join(' ')}\`.`
    throw new UserError('usage', '`--all` lifts the stop of the whole config repository, and nothing else', hint)
  }
  const environment = environmentOf(named, place, spoken.usage)
  if (stranger !== undefined) {
    const models = [...place.settings.models.keys()]
    const hint = `${didYouMean(stranger, models)}Models: ${models.join(', ')}. Usage: \`${spoken.usage}\`.`
    throw new UserError('usage', `\`${stranger}\` is no environment and no model`, hint)
  }
  // Where nothing is named, a promotion pull request is about its own.
  const own = named.environment === undefined ? place.promotionOf?.model : undefined
  return { repository: place.modelRepository, environment, model: named.model ?? own, named }
}

type Around = { readonly place: CommandPlace; readonly deps: ReadDeps }

/** Without a model: the hold on the environment; else the one model's that is meant. Throws UserError `ambiguous` with all of them. */
async function scopeMeant(said: Said, around: readonly Hold[], { place, deps }: Around): Promise<HoldScope> {
  const { repository, environment, model } = said
  const scope: HoldScope = { repository, environment, model }
  if (isStop(scope) || model !== undefined || around.some((hold) => isSameScope(hold, scope))) return scope
  const held = [...new Set(around.flatMap((hold) => (hold.model === undefined ? [] : [hold.model])))]
  const own = held.filter((name) => name === place.promotionOf?.model)
  const touched = own.length > 0 ? own : await ofThread(held, place, deps)
  const candidates = touched.length > 0 ? touched : held
  const [only] = candidates
  if (candidates.length === 1) return { repository, environment, model: only }
  if (only === undefined) return scope
  throw severalHeld(held, environment, scope)
}

async function ofThread(
  held: readonly ModelName[],
  { modelRepository, pullRequest }: CommandPlace,
  { ledger }: ReadDeps,
): Promise<readonly ModelName[]> {
  if (pullRequest === undefined) return []
  const released = await ledger.releasesOf({ repository: modelRepository, pullRequest })
  return held.filter((name) => released.some(({ model }) => model === name))
}

function severalHeld(
  held: readonly ModelName[],
  environment: EnvironmentName | undefined,
  scope: HoldScope,
): UserError {
  const commands = held.map((model) => `\`${unlockCommand({ ...scope, model })}\``)
  return new UserError(
    'ambiguous',
    `${environment} is held for ${held.length} models, each by itself`,
    `Name one: ${commands.join(', ')}.`,
  )
}
