/** The rules between a release and an environment, judged purely: who passes which rule is the table of SPEC's `/deploy`, `--force` and `/rollback`. */

import { type Beginning, judgeFree, judgeNewer, judgeReleased, judgeValues } from './beginning.ts'
import { formatDuration } from './duration.ts'
import type { ErrorCode } from './failure.ts'
import { describeWindow, frozenUntil, nextFreeze } from './freeze.ts'
import { type EnvironmentFacts, judgeGitHubEnvironment } from './github-environment.ts'
import { type Hold, judgeHolds } from './hold.ts'
import type { EnvironmentName } from './ids.ts'
import type { Via, Waiting } from './promotion.ts'
import type { Release } from './release.ts'
import { type HeadChecks, judgeChecks } from './required-checks.ts'
import type { EnvironmentSettings, ForceableRule, FreezeWindow } from './settings.ts'
import type { VerifiedSpan } from './verified-spans.ts'

/** In the order in which people are told. `newer`, `release`, `free` and `values` are asked where a promotion begins, and not again. */
export type RuleName =
  | 'who-may'
  | 'newer'
  | 'release'
  | 'checks'
  | 'gates'
  | 'after'
  | 'soak'
  | 'freeze'
  | 'hold'
  | 'free'
  | 'values'
  | 'approvals'
  | 'github-environment'

/** Something that a verdict rests on. Texts from outside stay text: src/comments/rules.ts neutralises them. */
export type RuleEvidence = {
  /** Prose. */
  readonly text: string
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  /** Where people can look at it. */
  readonly url?: string | undefined
}

/** `open` waits for time or people; `refused` will not pass by waiting; `skipped` is not asked of this kind of promotion. */
export type RuleVerdict = {
  readonly rule: RuleName
  readonly state: 'pass' | 'open' | 'refused' | 'skipped'
  /** What is so, in a clause that also stands alone in a refusal. Prose: what it quotes stands in backticks. */
  readonly detail: string
  /** Who, which window, since when, where to look. Absent: `detail` is all. */
  readonly evidence?: readonly RuleEvidence[] | undefined
  /** What somebody can do about it, as a sentence without its full stop; prose. Absent where only time opens it, or nothing does. */
  readonly act?: string | undefined
  /** It may begin although this is open: that is waited for afterwards. */
  readonly later?: true | undefined
  /** No `/deploy --force` skips it, whatever the environment lists. */
  readonly unforceable?: true | undefined
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

export type RuleFacts = {
  readonly via: Via
  readonly environment: EnvironmentSettings
  readonly release: Pick<Release, 'gates'> | undefined
  /**
   * For each `after` environment: the stretch for which this release was verified there that counts for the soak; `bad` when it
   * failed or was rolled back there since, undefined when it was never verified there.
   */
  readonly upstream: ReadonlyMap<EnvironmentName, VerifiedSpan | 'bad' | undefined>
  /** Those that are about this environment and model (`holdsOn`); what is over counts as none. */
  readonly holds: readonly Hold[]
  /** Whether the requester may; `pass` for automation. `evidence`: by which entry. */
  readonly whoMay: {
    readonly state: 'pass' | 'refused'
    readonly detail: string
    readonly evidence?: readonly RuleEvidence[] | undefined
  }
  /** Approvers of the current head, requester and author already left out. */
  readonly approvedBy: readonly string[]
  readonly approvers: string
  readonly now: Date
  /** Where people see the release's gates: its pull request. */
  readonly gatesUrl?: string | undefined
  /** For each `after` environment in which the release is verified: the promotion pull request that took it there. */
  readonly proofs?: ReadonlyMap<EnvironmentName, { readonly number: number; readonly url: string }> | undefined
  /** Of the unmerged head that it carries; absent where it carries none. */
  readonly headChecks?: HeadChecks | undefined
  /** What is asked only where a promotion begins; absent later on. */
  readonly beginning?: Beginning | undefined
  /** Absent where GitHub's environments were not read. */
  readonly githubEnvironment?: EnvironmentFacts | undefined
}

/** What one rule says. `code` where it is another one than the rule's own. */
export type Judgement = Omit<RuleVerdict, 'rule' | 'code'> & { readonly code?: ErrorCode }

type Rule = {
  readonly code: ErrorCode
  /** undefined: it is not asked. */
  readonly judge: (facts: RuleFacts) => Judgement | undefined
}

const RULES: Readonly<Record<RuleName, Rule>> = {
  'who-may': { code: 'not_allowed', judge: judgeWhoMay },
  newer: { code: 'older_than_live', judge: ({ beginning }) => beginning && judgeNewer(beginning) },
  release: { code: 'release_pending', judge: ({ beginning }) => beginning && judgeReleased(beginning) },
  checks: { code: 'checks_open', judge: ({ headChecks }) => headChecks && judgeChecks(headChecks) },
  gates: { code: 'gates_failed', judge: judgeGates },
  after: { code: 'order', judge: judgeAfter },
  soak: { code: 'soak', judge: judgeSoak },
  freeze: { code: 'freeze', judge: judgeFreeze },
  hold: { code: 'held', judge: judgeHolds },
  free: { code: 'promotion_in_progress', judge: ({ beginning }) => beginning && judgeFree(beginning) },
  values: { code: 'manifest_refused', judge: ({ beginning }) => beginning && judgeValues(beginning) },
  approvals: { code: 'approvals_missing', judge: judgeApprovals },
  'github-environment': {
    code: 'environment_policy',
    judge: ({ githubEnvironment }) => githubEnvironment && judgeGitHubEnvironment(githubEnvironment),
  },
}

/** Every rule with its verdict, in the order in which people are told. */
export function judgeRules(facts: RuleFacts): readonly RuleVerdict[] {
  return (Object.keys(RULES) as RuleName[]).flatMap((rule) => {
    const { code, judge } = RULES[rule]
    const judged = judge(facts)
    if (judged === undefined) return []
    const verdict = explained(judged, rule, facts)
    const why = skips(facts.via, rule, verdict)
    // Where there is nowhere to go, nothing of it could have been in the way.
    const isNowhere = facts.beginning?.release.kind === 'none'
    const told = isNowhere ? passed('') : verdict
    return [{ rule, code, ...(why === undefined ? verdict : skipped(told, why)) }]
  })
}

/** What is forced and open all the same. */
function explained(judgement: Judgement, rule: RuleName, { via, environment }: RuleFacts): Judgement {
  const isLeft = via.kind === 'force' && environment.force.downTo?.some((each) => each === rule) === true
  if (!isLeft || judgement.state !== 'open') return judgement
  return { ...judgement, detail: `${judgement.detail}, which the config repository insists on` }
}

/** The one rule of a command that promotes nothing: whoever wrote it may. */
export const mayVerdict = (login: string): RuleVerdict => ({
  rule: 'who-may',
  code: 'not_allowed',
  state: 'pass',
  detail: `${login} may`,
  earliest: undefined,
})

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
    rules: open.map(({ detail, earliest, act }) => ({ detail, until: earliest?.toISOString(), ...(act && { act }) })),
    together: together !== undefined && own !== undefined && together > own ? together.toISOString() : undefined,
  }
}

const notPassing = (verdicts: readonly RuleVerdict[]): readonly RuleVerdict[] =>
  verdicts.filter(({ state }) => state === 'open' || state === 'refused')

/** Those that keep a promotion from beginning; in the order in which people are told. */
export const stoppingRules = (verdicts: readonly RuleVerdict[]): readonly RuleVerdict[] =>
  notPassing(verdicts).filter(({ state, later }) => state === 'refused' || later === undefined)

const latest = (times: readonly (Date | undefined)[]): Date | undefined =>
  times
    .filter((time) => time !== undefined)
    .reduce<Date | undefined>((a, b) => (a !== undefined && a > b ? a : b), undefined)

/** What a rollback is asked like everything else: whether it may, and whether it can. */
const ASKED_OF_ALL: readonly RuleName[] = ['who-may', 'newer', 'release', 'free', 'values']

/** Not ours to skip: it is GitHub's. */
const NEVER_FORCED: readonly RuleName[] = ['github-environment']

/** Why this kind of promotion is not asked the rule; undefined when it is. docs/permissions.md is written from it. */
export function skips(via: Via, rule: RuleName, { unforceable }: Pick<RuleVerdict, 'unforceable'>): string | undefined {
  const isAutomatic = via.kind === 'automation' || via.kind === 'automatic-rollback'
  if (rule === 'who-may') return isAutomatic ? 'automation' : undefined
  if (ASKED_OF_ALL.includes(rule)) return undefined
  if (via.kind === 'rollback' || via.kind === 'automatic-rollback') return 'a rollback does not wait for it'
  const isForceable = unforceable === undefined && !NEVER_FORCED.includes(rule)
  const isForced = via.kind === 'force' && via.rules.includes(rule as ForceableRule) && isForceable
  return isForced ? `forced: ${via.reason}` : undefined
}

/** What would have stopped it is told all the same. */
function skipped({ state, detail, evidence = [] }: Judgement, why: string): Judgement {
  const past = state === 'pass' ? [] : [{ text: detail }, ...evidence]
  return { state: 'skipped', detail: why, evidence: past, earliest: undefined }
}

function judgeWhoMay({ whoMay, via, environment }: RuleFacts): Judgement {
  const isForNobody = via.kind === 'force' && environment.force.by.length === 0
  const act = isForNobody
    ? `\`force:\` of ${environment.name} names nobody: write it without \`--force\``
    : 'Ask one of them to write the command'
  return { ...whoMay, ...(whoMay.state === 'refused' ? { act } : {}), earliest: undefined }
}

function judgeGates({ release, gatesUrl: url, beginning }: RuleFacts): Judgement {
  if (beginning !== undefined && beginning.release.kind !== 'complete')
    return { ...open('judged when the release is there'), later: true }
  const { verdict, failing, waived = [] } = release?.gates ?? { verdict: 'none', failing: [] }
  const evidence = [
    ...(waived.length === 0 ? [] : [{ text: `waived: ${waived.map(quoted).join(', ')}`, url }]),
    ...(waived.length > 0 || release === undefined || url === undefined ? [] : [{ text: 'the comparison', url }]),
  ]
  if (verdict !== 'fail') return { ...passed(verdict === 'none' ? 'no gates' : 'gates pass'), evidence }
  return {
    state: 'refused',
    detail: `gates fail: ${failing.join(', ')}`,
    evidence,
    earliest: undefined,
    act: 'Fix the gates in a new pull request: a release whose gates fail goes nowhere',
  }
}

const quoted = (text: string): string => `\`${text.replaceAll('`', "'")}\``

function judgeAfter({ environment, upstream, proofs }: RuleFacts): Judgement {
  const { after } = environment
  const bad = after.filter((name) => upstream.get(name) === 'bad')
  const missing = after.filter((name) => upstream.get(name) === undefined)
  if (bad.length > 0) {
    const act = `Mend it in a new release; what is proven in ${bad[0]} by another \`/deploy ${bad[0]}\` may go on from there`
    return { ...open(`failed or was rolled back in ${bad.join(', ')}`, act), state: 'refused' }
  }
  if (missing.length > 0) {
    const [first = ''] = missing
    return open(
      `not verified in ${missing.join(', ')} yet`,
      `First \`/deploy ${first}\`, and wait until it is verified`,
    )
  }
  if (after.length === 0) return passed('first environment')
  const evidence = after.flatMap((name) => {
    const span = upstream.get(name)
    const since = span === undefined || span === 'bad' ? undefined : span.since
    const proof = proofs?.get(name)
    const by = proof === undefined ? [] : [`promotion PR ${proof.number}`]
    const text = [...(after.length === 1 ? [] : [name]), ...by].join(' by ')
    return since === undefined ? [] : [{ text, since, url: proof?.url }]
  })
  return { ...passed(`verified in ${after.join(', ')}`), evidence }
}

function judgeSoak({ environment, upstream, now }: RuleFacts): Judgement {
  const { soak, after } = environment
  if (soak === 0) return passed('no soak asked')
  const must = `must soak ${formatDuration(soak)}`
  const spans = after.map((name) => ({ name, span: upstream.get(name) }))
  const known = spans.flatMap(({ name, span }) => (span === undefined || span === 'bad' ? [] : [{ name, ...span }]))
  if (known.length < spans.length || known.length === 0) return open(`${must} once verified in ${after.join(', ')}`)
  const short = known.find(({ since, until }) => until !== undefined && until.getTime() - since.getTime() < soak)
  if (short !== undefined) {
    const detail = `was replaced in ${short.name} before it had soaked there for ${formatDuration(soak)}`
    return open(detail, `\`/deploy ${short.name}\` again, or deploy what is live there`)
  }
  const ends = (since: Date): Date => new Date(since.getTime() + soak)
  const isOne = known.length === 1
  const evidence = known.map(({ name, since }) => ({
    text: isOne ? '' : name,
    since,
    ...(isOne ? {} : { until: ends(since) }),
  }))
  const soaking = known.filter(({ since }) => ends(since) > now)
  if (soaking.length === 0) return { ...passed(`soaked for ${formatDuration(soak)}`), evidence }
  const earliest = latest(soaking.map(({ since }) => ends(since)))
  return { ...open(`${must} in ${soaking.map(({ name }) => name).join(', ')}`), evidence, earliest }
}

function judgeFreeze({ environment, now }: RuleFacts): Judgement {
  const { freeze: windows } = environment
  const frozen = frozenUntil(windows, now)
  if (frozen === undefined) {
    const closes = nextFreeze(windows, now)
    return { ...passed('no freeze'), closes, windows }
  }
  const why = frozen.reason === undefined ? '' : ` (${frozen.reason})`
  const never = frozen.until === undefined ? ': its windows leave no time' : ''
  const inForce = windows.filter((window) => frozenUntil([window], now) !== undefined)
  const evidence = inForce.map((window) => {
    const until = frozenUntil([window], now)?.until
    return { text: describeWindow(window), ...(until?.getTime() === frozen.until?.getTime() ? {} : { until }) }
  })
  return { ...open(`frozen${why}${never}`), earliest: frozen.until, evidence, windows }
}

function judgeApprovals({ environment, approvedBy, approvers }: RuleFacts): Judgement {
  const { approvals } = environment
  if (approvals === 0) return passed('no approval asked')
  if (approvedBy.length >= approvals) return { ...passed(`approved by ${approvedBy.join(', ')}`), approvedBy }
  const have = approvedBy.length === 0 ? '' : `, has ${approvedBy.length} (${approvedBy.join(', ')})`
  return {
    ...open(
      `needs ${approvals} approval${approvals === 1 ? '' : 's'} by ${approvers}${have}`,
      `Review the promotion pull request, or write \`/approve ${environment.name}\``,
    ),
    later: true,
  }
}

const open = (detail: string, act?: string): Judgement => ({ state: 'open', detail, act, earliest: undefined })

const passed = (detail: string): Judgement => ({ state: 'pass', detail, earliest: undefined })
