/** `/lock`: a person's hold on an environment, for one model or for all, or on all that goes into a config repository. `/unlock` is free-environment.ts; what a rollback leaves is place-hold.ts. */
import { holdList, holdProse, holdWords, scopeWords } from '../comments/holds.ts'
import { code, plain } from '../comments/markdown.ts'
import { whenFrom } from '../comments/when.ts'
import { closest } from '../domain/closest.ts'
import type { SpokenCommand } from '../domain/command.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { parseDuration } from '../domain/duration.ts'
import { UserError } from '../domain/failure.ts'
import { type Hold, type HoldScope, holdId, isOver, isSameScope, isStop, unlockCommand } from '../domain/hold.ts'
import { heldMark } from '../domain/hold-marks.ts'
import type { RepoName } from '../domain/ids.ts'
import { mayVerdict } from '../domain/rules.ts'
import type { RepoSettings } from '../domain/settings.ts'
import { type CommandPlace, environmentOf, placeOf, sortWords } from './command-target.ts'
import type { Decision } from './decide-command.ts'
import type { Deps, ReadDeps } from './deps.ts'
import { type HoldRights, readHoldRights } from './hold-rights.ts'
import type { CommandRecord } from './ledger.ts'
import { mergedBefore, wakeHeld } from './wake-held.ts'

export async function decideLock(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const place = await placeOf(command, deps)
  const { scope, rest } = lockMeant(command, spoken, place)
  const now = deps.clock.now()
  const { until, reason } = termsOf(rest, spoken, now)
  const by = command.author
  const rights = await readHoldRights({ right: 'lock', scope, login: by }, deps)
  if (!rights.may) throw mayNot(command, scope, rights.who)
  const id = holdId(scope, 'lock', causeOf(command, spoken))
  const confinedTo = isConfined(scope, rights, command) ? command.repository : undefined
  const hold: Hold = { ...scope, id, kind: 'lock', by, reason, since: now, until, confinedTo }
  const around = await holdsAround(scope, place.settings, deps)
  const there = around.find((one) => one.kind === 'lock' && isSameScope(one, scope))
  if (there !== undefined && there.by !== by) throw alreadyHeld(there, command.repository)
  const change = there === undefined ? '' : `\nIn place of the ${holdWords(there, command.repository)}.`
  return {
    kind: 'willing',
    rules: [mayVerdict(by)],
    isBegun: await deps.ledger.wasPlaced(id),
    would: () => `🔎 **Dry run**, nothing was done: ${scopeWords(scope)} would be held ${lasts(hold)}.${change}`,
    carryOut: (writing) => lock(hold, { command, line: spoken.line, place }, writing),
  }
}

/** Why a whole config repository is stopped is for its own readers; so is what is said in one repository where more people can read the other. */
function isConfined(scope: HoldScope, { wider }: HoldRights, { repository }: CommandRecord): boolean {
  if (scope.environment === undefined) return true
  return wider === (repository === scope.repository ? 'config' : 'model')
}

type Asked = { readonly command: CommandRecord; readonly line: string; readonly place: CommandPlace }

async function lock(hold: Hold, { command, line, place }: Asked, deps: Deps): Promise<CommandOutcome> {
  const placing = await deps.ledger.placeHold(hold, deps.clock.now())
  if (placing.kind === 'taken') throw alreadyHeld(placing.hold, command.repository)
  const late = await mergedBefore(hold, deps)
  await wakeHeld(hold, deps)
  const { before, isLifted } = placing
  const besides = (await holdsAround(hold, place.settings, deps)).filter(
    (one) => one.id !== hold.id && covers(hold, one),
  )
  const lines = isLifted
    ? [`🔓 ${capital(scopeWords(hold))} was held by this command, and the lock has ended since.`]
    : [
        `🔒 ${capital(scopeWords(hold))} is held ${lasts(placing.hold)}: ${whatPasses(hold, place.settings)}.`,
        ...(before === undefined ? [] : [`In place of the ${holdWords(before, command.repository)}.`]),
        `Reason: ${plain(hold.reason)}`,
        ...late.map(
          ({ model, label, environment }) =>
            `Merged before, so that this does not stop it: ${plain(model)} ${plain(label)} on its way to ${code(environment)}.`,
        ),
        `To lift it: ${code(unlockCommand(hold))}.`,
        ...(besides.length === 0 ? [] : [`\nHeld besides:\n${holdList(besides, command.repository)}`]),
      ]
  const marks = isLifted ? [] : [heldMark(placing.hold)]
  return { kind: 'answered', line, markdown: lines.join('\n'), marks }
}

/** Of what is held wholly or in part by both: what stays when the one is lifted. */
const covers = (one: HoldScope, other: HoldScope): boolean =>
  isStop(other) ||
  (one.environment === other.environment &&
    (one.model === undefined || other.model === undefined || one.model === other.model))

/** All that hold there now: in the environment, and what stops the config repository that it is written into. */
export async function holdsAround(
  { repository, environment }: HoldScope,
  { environments }: RepoSettings,
  { ledger, clock }: ReadDeps,
): Promise<readonly Hold[]> {
  const into = environment === undefined ? repository : environments.get(environment)?.repository
  const kept = await ledger.holds(into === undefined ? [repository] : [repository, into])
  const isAbout = (hold: Hold) =>
    isStop(hold) ? hold.repository === into : hold.repository === repository && hold.environment === environment
  return kept.filter((hold) => isAbout(hold) && !isOver(hold, clock.now()))
}

function whatPasses({ environment }: HoldScope, { environments }: RepoSettings): string {
  if (environment === undefined) return 'only rollbacks go there'
  const isForceable = environments.get(environment)?.force.rules.includes('hold') === true
  return `only a rollback${isForceable ? `, or ${code('/deploy --force')},` : ''} goes there`
}

const lasts = ({ until }: Hold): string => (until === undefined ? 'until it is lifted' : `until ${whenFrom(until)}`)

/** A sentence that begins with code stays as it is. */
const capital = (words: string): string => words.replace(/^e(?=verything)/, 'E')

/** The words' order is fixed: what follows environment and model is a duration and a reason. */
function lockMeant(
  command: CommandRecord,
  spoken: SpokenCommand,
  place: CommandPlace,
): { readonly scope: HoldScope; readonly rest: readonly string[] } {
  if (spoken.options.has('all')) {
    const [first = ''] = spoken.words
    const named = sortWords([first], place, 'none')
    if (named.rest.length === 0 && first !== '') throw onlySome(first, spoken)
    return { scope: allInto(command, place, spoken), rest: spoken.words }
  }
  const named = sortWords(spoken.words.slice(0, 2), place, 'none')
  const rest = [...named.rest, ...spoken.words.slice(2)]
  const own = place.promotionOf
  // On a promotion pull request the environment need not be named: then every word belongs to the reason.
  if (own !== undefined && named.environment === undefined && (named.model ?? own.model) === own.model)
    return { scope: { repository: own.repository, environment: own.environment, model: own.model }, rest }
  const environment = environmentOf(
    named.environment === undefined ? named : { ...named, rest: [] },
    place,
    spoken.usage,
  )
  const [word = ''] = named.rest
  const meant = named.model === undefined ? closest(word, place.settings.models.keys()) : undefined
  if (meant !== undefined) {
    // A lock of every model must not come of a slip.
    const hint = `Write \`/${spoken.name} ${environment} ${meant}\`, or begin the reason with another word.`
    throw new UserError('usage', `\`${word}\` is no model, and looks like \`${meant}\``, hint)
  }
  return { scope: { repository: place.modelRepository, environment, model: named.model }, rest }
}

const onlySome = (word: string, { name }: SpokenCommand): UserError =>
  new UserError(
    'usage',
    `\`--all\` is about everything that goes into the config repository, and \`${word}\` is only a part of it`,
    `For that part: \`/${name} ${word}\`. Else begin the reason with another word.`,
  )

/** The config repository that the comment stands in. Throws UserError `usage` elsewhere: a comment elsewhere does not say which. */
export function allInto(command: CommandRecord, place: CommandPlace, { name }: SpokenCommand): HoldScope {
  const isConfig = place.promotionOf !== undefined || place.settings.accepts.length > 0
  if (isConfig) return { repository: command.repository, environment: undefined, model: undefined }
  throw new UserError(
    'usage',
    '`--all` is about everything that goes into a config repository, and this is none',
    `Write \`/${name} --all\` on a promotion pull request in the config repository, or on an issue of it.`,
  )
}

const LONGEST_MS = 30 * 86_400_000

function termsOf(
  rest: readonly string[],
  { usage }: SpokenCommand,
  now: Date,
): { readonly until: Date | undefined; readonly reason: string } {
  const isTimed = rest[0]?.toLowerCase() === 'for'
  const length = isTimed ? parseDuration(rest[1] ?? '') : undefined
  if (isTimed && (length === undefined || length === 0))
    throw new UserError('usage', '`for` is followed by a duration such as `2h`', `Usage: \`${usage}\`.`)
  if (length !== undefined && length > LONGEST_MS)
    throw new UserError('usage', 'a timed lock lasts 30 days at most', 'Without `for` it lasts until `/unlock`.')
  const reason = rest.slice(isTimed ? 2 : 0).join(' ') || 'no reason given'
  return { until: length === undefined ? undefined : new Date(now.getTime() + length), reason }
}

export const causeOf = ({ repository, commentId }: CommandRecord, { line }: SpokenCommand): string =>
  `command ${repository} ${commentId} ${line}`

const alreadyHeld = (there: Hold, readIn: RepoName): UserError =>
  new UserError(
    'already_held',
    `${scopeWords(there)} is held already: ${holdProse(there, readIn)}`,
    `It holds for everybody as it is. To hold it otherwise: \`${unlockCommand(there)}\` first.`,
  )

export const mayNot = ({ author }: CommandRecord, scope: HoldScope, who: string): UserError =>
  new UserError(
    'not_allowed',
    `${author} may not hold or free ${scope.environment ?? `all that goes into ${scope.repository}`}; these may: ${who}`,
    'Ask one of them.',
  )
