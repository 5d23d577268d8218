/** The rules between a release and an environment, judged purely: who passes which rule is the table of SPEC's `/deploy`, `--force` and `/rollback`. */

import { formatDuration } from './duration.ts'
import type { ErrorCode } from './failure.ts'
import { frozenUntil } from './freeze.ts'
import type { EnvironmentName } from './ids.ts'
import type { VerifiedSpan, Via } from './promotion.ts'
import type { Release } from './release.ts'
import type { EnvironmentSettings, ForceableRule } from './settings.ts'

export type RuleName = 'who-may' | 'gates' | 'after' | 'soak' | 'freeze' | 'hold' | 'approvals'

/** `open` waits for time or people; `refused` will not pass by waiting; `skipped` is not asked of this kind of promotion. */
export type RuleVerdict = {
  readonly rule: RuleName
  readonly state: 'pass' | 'open' | 'refused' | 'skipped'
  readonly detail: string
  /** Earliest instant at which it can pass; absent when that is up to people. */
  readonly earliest: Date | undefined
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
  /** For each `after` environment: the stretch for which this release was verified there that counts for the soak; undefined when it never was. */
  readonly upstream: ReadonlyMap<EnvironmentName, VerifiedSpan | undefined>
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

/** The latest of the known earliest instants; undefined when an open rule depends on people, or none is open. */
export function earliestPass(verdicts: readonly RuleVerdict[]): Date | undefined {
  const open = verdicts.filter((verdict) => verdict.state === 'open')
  if (open.length === 0 || open.some((verdict) => verdict.earliest === undefined)) return undefined
  return new Date(Math.max(...open.map((verdict) => verdict.earliest?.getTime() ?? 0)))
}

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
  const missing = environment.after.filter((name) => upstream.get(name) === undefined)
  if (missing.length === 0)
    return passed(environment.after.length === 0 ? 'first environment' : `verified in ${environment.after.join(', ')}`)
  return { state: 'open', detail: `not verified in ${missing.join(', ')} yet`, earliest: undefined }
}

function judgeSoak({ environment, upstream, now }: RuleFacts): Judgement {
  const { soak, after } = environment
  if (soak === 0) return passed('no soak asked')
  const spans = after.map((name) => ({ name, span: upstream.get(name) }))
  const known = spans.flatMap(({ name, span }) => (span === undefined ? [] : [{ name, ...span }]))
  if (known.length < spans.length || known.length === 0) {
    return open(`soaks for ${formatDuration(soak)} once verified in ${after.join(', ')}`)
  }
  const short = known.find(({ since, until }) => until !== undefined && until.getTime() - since.getTime() < soak)
  if (short !== undefined) {
    return open(`was replaced in ${short.name} before it had soaked there for ${formatDuration(soak)}`)
  }
  const passes = new Date(Math.max(...known.map(({ since }) => since.getTime())) + soak)
  if (passes <= now) return passed(`soaked for ${formatDuration(soak)}`)
  return { state: 'open', detail: `soaks in ${after.join(', ')} for ${formatDuration(soak)}`, earliest: passes }
}

function judgeFreeze({ environment, now }: RuleFacts): Judgement {
  const frozen = frozenUntil(environment.freeze, now)
  if (frozen === undefined) return passed('no freeze')
  return {
    state: 'open',
    detail: `frozen${frozen.reason === undefined ? '' : ` (${frozen.reason})`}`,
    earliest: frozen.until,
  }
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
