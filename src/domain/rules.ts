/** The rules between a release and an environment, judged purely: who passes which rule is the table of SPEC's `/deploy`, `--force` and `/rollback`. */

import { formatDuration } from './duration.ts'
import type { ErrorCode } from './failure.ts'
import { frozenUntil, nextFreeze } from './freeze.ts'
import type { EnvironmentName } from './ids.ts'
import type { VerifiedSpan, Via, Waiting } from './promotion.ts'
import type { Release } from './release.ts'
import type { EnvironmentSettings, ForceableRule, FreezeWindow } from './settings.ts'

export type RuleName = 'who-may' | 'gates' | 'after' | 'soak' | 'freeze' | 'hold' | 'approvals'

/** `open` waits for time or people; `refused` will not pass by waiting; `skipped` is not asked of this kind of promotion. */
export type RuleVerdict = {
  readonly rule: RuleName
  readonly state: 'pass' | 'open' | 'refused' | 'skipped'
  readonly detail: string
  /** Earliest instant at which it can pass, whatever the other rules say; absent when that is up to people, or never. */
  readonly earliest: Date | undefined
  /** When it closes by itself although it passes now; absent where only people can close it. */
  readonly closes?: Date | undefined
  /** Of the rule `freeze`: the windows that it obeys, since a rule that opens later may open into one. */
  readonly windows?: readonly FreezeWindow[] | undefined
  /** Of the rule `approvals`: whose approval counts. */
  readonly approvedBy?: readonly string[] | undefined
  readonly code: ErrorCode
}

/** A stop on promotion into an environment. */
export type Hold = {
  readonly by: string
  readonly reason: string
  readonly since: Date
  readonly until: Date | undefined
}

export type RuleFacts = {
  readonly via: Via
  readonly environment: EnvironmentSettings
  readonly release: Pick<Release, 'gates'> | undefined
  /**
   * For each `after` environment: the stretch for which this release was verified there that counts for the soak; `bad` when it
   * failed or was rolled back there since, undefined when it was never verified there.
   */
  readonly upstream: ReadonlyMap<EnvironmentName, VerifiedSpan | 'bad' | undefined>
  readonly hold: Hold | undefined
  /** Whether the requester may; `pass` for automation. */
  readonly whoMay: { readonly state: 'pass' | 'refused'; readonly detail: string }
  /** Approvers of the current head, requester and author already left out. */
  readonly approvedBy: readonly string[]
  readonly approvers: string
  readonly now: Date
}

type Judgement = Omit<RuleVerdict, 'rule' | 'code'>

const RULES: Readonly<Record<RuleName, { readonly code: ErrorCode; readonly judge: (facts: RuleFacts) => Judgement }>> =
  {
    'who-may': { code: 'not_allowed', judge: (facts) => ({ ...facts.whoMay, earliest: undefined }) },
    gates: { code: 'gates_failed', judge: judgeGates },
    after: { code: 'order', judge: judgeAfter },
    soak: { code: 'soak', judge: judgeSoak },
    freeze: { code: 'freeze', judge: judgeFreeze },
    hold: { code: 'held', judge: judgeHold },
    approvals: { code: 'approvals_missing', judge: judgeApprovals },
  }

/** Every rule with its verdict, in the order in which people are told. */
export function judgeRules(facts: RuleFacts): readonly RuleVerdict[] {
  return (Object.keys(RULES) as RuleName[]).map((rule) => {
    const { code, judge } = RULES[rule]
    const why = skips(facts.via, rule)
    const verdict = why === undefined ? judge(facts) : { state: 'skipped' as const, detail: why, earliest: undefined }
    return { rule, code, ...verdict }
  })
}

/** May the promotion be merged now? */
export const allPass = (verdicts: readonly RuleVerdict[]): boolean =>
  verdicts.every((verdict) => verdict.state === 'pass' || verdict.state === 'skipped')

/**
 * The earliest instant at which all rules can pass together: a soak that ends inside a freeze passes when that lifts. undefined
 * when a rule depends on people or has refused, when a freeze never lifts, and when none is open.
 */
export function earliestPass(verdicts: readonly RuleVerdict[]): Date | undefined {
  const times = notPassing(verdicts).map(({ earliest }) => earliest)
  const last = latest(times)
  if (last === undefined || times.includes(undefined)) return undefined
  const windows = verdicts.flatMap((verdict) => verdict.windows ?? [])
  const frozen = frozenUntil(windows, last)
  return frozen === undefined ? last : frozen.until
}

/** When the first of the rules that pass closes by itself; undefined when none does. */
export function closesAt(verdicts: readonly RuleVerdict[]): Date | undefined {
  const times = verdicts.flatMap(({ state, closes }) =>
    state === 'pass' && closes !== undefined ? [closes.getTime()] : [],
  )
  return times.length === 0 ? undefined : new Date(Math.min(...times))
}

/** What is waited for, to be kept with the promotion. `together` only where no rule's own time says it. */
export function waitingFor(verdicts: readonly RuleVerdict[]): Waiting {
  const open = notPassing(verdicts)
  const together = earliestPass(verdicts)
  const own = latest(open.map(({ earliest }) => earliest))
  return {
    rules: open.map(({ detail, earliest }) => ({ detail, until: earliest?.toISOString() })),
    together: together !== undefined && own !== undefined && together > own ? together.toISOString() : undefined,
  }
}

const notPassing = (verdicts: readonly RuleVerdict[]): readonly RuleVerdict[] =>
  verdicts.filter(({ state }) => state === 'open' || state === 'refused')

const latest = (times: readonly (Date | undefined)[]): Date | undefined =>
  times
    .filter((time) => time !== undefined)
    .reduce<Date | undefined>((a, b) => (a !== undefined && a > b ? a : b), undefined)

/** Why this kind of promotion is not asked the rule; undefined when it is. */
function skips(via: Via, rule: RuleName): string | undefined {
  if (rule === 'who-may')
    return via.kind === 'automation' || via.kind === 'automatic-rollback' ? 'automation' : undefined
  if (via.kind === 'rollback' || via.kind === 'automatic-rollback') return 'a rollback does not wait for it'
  if (via.kind === 'force' && via.rules.includes(rule as ForceableRule)) return `forced: ${via.reason}`
  return undefined
}

function judgeGates({ release }: RuleFacts): Judgement {
  if (release === undefined || release.gates.verdict !== 'fail') return passed('gates pass')
  return {
    state: 'refused',
    detail: `gates fail: ${release.gates.failing.join(', ')}`,
    earliest: undefined,
  }
}

function judgeAfter({ environment, upstream }: RuleFacts): Judgement {
  const { after } = environment
  const bad = after.filter((name) => upstream.get(name) === 'bad')
  const missing = after.filter((name) => upstream.get(name) === undefined)
  if (bad.length > 0) return open(`failed or was rolled back in ${bad.join(', ')}`)
  if (missing.length > 0) return open(`not verified in ${missing.join(', ')} yet`)
  return passed(after.length === 0 ? 'first environment' : `verified in ${after.join(', ')}`)
}

function judgeSoak({ environment, upstream, now }: RuleFacts): Judgement {
  const { soak, after } = environment
  if (soak === 0) return passed('no soak asked')
  const spans = after.map((name) => ({ name, span: upstream.get(name) }))
  const known = spans.flatMap(({ name, span }) => (span === undefined || span === 'bad' ? [] : [{ name, ...span }]))
  if (known.length < spans.length || known.length === 0) {
    return open(`soaks for ${formatDuration(soak)} once verified in ${after.join(', ')}`)
  }
  const short = known.find(({ since, until }) => until !== undefined && until.getTime() - since.getTime() < soak)
  if (short !== undefined) {
    return open(`was replaced in ${short.name} before it had soaked there for ${formatDuration(soak)}`)
  }
  const soaking = known.filter(({ since }) => since.getTime() + soak > now.getTime())
  if (soaking.length === 0) return passed(`soaked for ${formatDuration(soak)}`)
  const passes = new Date(Math.max(...soaking.map(({ since }) => since.getTime())) + soak)
  const where = soaking.map(({ name }) => name).join(', ')
  return { state: 'open', detail: `soaks in ${where} for ${formatDuration(soak)}`, earliest: passes }
}

function judgeFreeze({ environment, now }: RuleFacts): Judgement {
  const { freeze: windows } = environment
  const frozen = frozenUntil(windows, now)
  if (frozen === undefined) return { ...passed('no freeze'), closes: nextFreeze(windows, now), windows }
  const why = frozen.reason === undefined ? '' : ` (${frozen.reason})`
  const never = frozen.until === undefined ? ': its windows leave no time' : ''
  return { state: 'open', detail: `frozen${why}${never}`, earliest: frozen.until, windows }
}

function judgeHold({ hold, now }: RuleFacts): Judgement {
  if (hold === undefined || (hold.until !== undefined && hold.until <= now)) return passed('no hold')
  return { state: 'open', detail: `held by ${hold.by}: ${hold.reason}`, earliest: hold.until }
}

function judgeApprovals({ environment, approvedBy, approvers }: RuleFacts): Judgement {
  const { approvals } = environment
  if (approvals === 0) return passed('no approval asked')
  if (approvedBy.length >= approvals) return { ...passed(`approved by ${approvedBy.join(', ')}`), approvedBy }
  const have = approvedBy.length === 0 ? '' : `, has ${approvedBy.length} (${approvedBy.join(', ')})`
  return {
    state: 'open',
    detail: `needs ${approvals} approving review${approvals === 1 ? '' : 's'} by ${approvers}${have}`,
    earliest: undefined,
  }
}

const open = (detail: string): Judgement => ({ state: 'open', detail, earliest: undefined })

const passed = (detail: string): Judgement => ({ state: 'pass', detail, earliest: undefined })
