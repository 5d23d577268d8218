/** Stops on promotion: a person's lock or what a rollback leaves, on a model in an environment, on an environment, or on all that goes into a config repository. Judged in rules.ts, kept in src/store/holds.ts. */
import { createHash } from 'node:crypto'
import type { EnvironmentName, ModelName, RepoName } from './ids.ts'
import type { EnvironmentKey } from './promotion.ts'
import type { Judgement, RuleEvidence, RuleFacts } from './rules.ts'

/** What is held. Without `model` every model of the repository in that environment; without `environment` all that goes into the config repository `repository`. */
export type HoldScope = {
  readonly repository: RepoName
  readonly environment: EnvironmentName | undefined
  readonly model: ModelName | undefined
}

/** A lock is a person's; a `rollback` is what a rollback or a failed promotion leaves. One of each at most per scope, and neither touches the other. */
export type HoldKind = 'lock' | 'rollback'

export type Hold = HoldScope & {
  /** Of its cause (`holdId`). Whoever lifts a hold names this one, so that nobody lifts its successor. */
  readonly id: string
  readonly kind: HoldKind
  /** A login, or `Lockkeeper`. */
  readonly by: string
  readonly reason: string
  readonly since: Date
  /** It counts as none from then on; undefined: until it is lifted. */
  readonly until: Date | undefined
  /** The repository whose readers alone may read the reason: where it was written, when more people can read the other one. */
  readonly confinedTo: RepoName | undefined
}

/** The same for the same cause, so that a command that is run again after a crash finds its own. */
export function holdId({ repository, environment, model }: HoldScope, kind: HoldKind, cause: string): string {
  const text = [repository, environment ?? '', model ?? '', kind, cause].join('\n')
  return `hold-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}

export const isOver = ({ until }: Pick<Hold, 'until'>, now: Date): boolean => until !== undefined && until <= now

/** The stop of a whole config repository. It is that repository's own: no model repository's settings pass it. */
export const isStop = ({ environment }: HoldScope): boolean => environment === undefined

export const isSameScope = (one: HoldScope, other: HoldScope): boolean =>
  one.repository === other.repository && one.environment === other.environment && one.model === other.model

/** Those that stop promotions of this model into this environment, which is written into the repository `into`; widest first. */
export function holdsOn(
  holds: readonly Hold[],
  { repository, environment, model }: EnvironmentKey,
  { into, now }: { readonly into: RepoName; readonly now: Date },
): readonly Hold[] {
  const scopes: readonly HoldScope[] = [
    { repository: into, environment: undefined, model: undefined },
    { repository, environment, model: undefined },
    { repository, environment, model },
  ]
  return scopes.flatMap((scope) => holds.filter((hold) => isSameScope(hold, scope) && !isOver(hold, now)))
}

/** The end of the last of them; undefined where one is there until somebody lifts it, and where there is none. */
function endOf(holds: readonly Hold[]): Date | undefined {
  const ends = holds.flatMap(({ until }) => (until === undefined ? [] : [until.getTime()]))
  return ends.length === 0 || ends.length < holds.length ? undefined : new Date(Math.max(...ends))
}

/** The hold for people who may not read where it was set; as it is where everybody may. */
export const withoutReason = (hold: Hold): Hold =>
  hold.confinedTo === undefined ? hold : { ...hold, reason: `why is told in ${hold.confinedTo}` }

/** What lifts holds of this scope, wherever it may be lifted. */
export const unlockCommand = ({ environment, model }: HoldScope): string =>
  ['/unlock', environment ?? '--all', model].filter((word) => word !== undefined).join(' ')

/** The rule `hold`: all of them together. Of what is forced past holds, a stop of the config repository is left. */
export function judgeHolds({ holds, via, now }: Pick<RuleFacts, 'holds' | 'via' | 'now'>): Judgement {
  const inForce = holds.filter((hold) => !isOver(hold, now))
  const stops = inForce.filter(isStop)
  const stopping = via.kind === 'force' && via.rules.includes('hold') && stops.length > 0 ? stops : inForce
  if (stopping.length === 0) return { state: 'pass', detail: 'no hold', earliest: undefined }
  const commands = [...new Set(stopping.map(unlockCommand))].map((command) => `\`${command}\``)
  return {
    state: 'open',
    detail: stopping.map(sentence).join('; '),
    evidence: stopping.map((hold) => evidenceOf(hold, stopping.length)),
    act: `When the reason is gone: ${commands.join(', ')}`,
    earliest: endOf(stopping),
    ...(stops.length === 0 ? {} : { unforceable: true }),
  }
}

function sentence({ by, reason, repository, environment, model }: Hold): string {
  if (environment === undefined) return `everything that goes into ${repository} is stopped by ${by}: ${reason}`
  return `held by ${by}${model === undefined ? ' for every model' : ''}: ${reason}`
}

const evidenceOf = ({ by, since, until }: Hold, of: number): RuleEvidence => ({
  text: of === 1 ? 'held' : `by ${by}`,
  since,
  until,
})
