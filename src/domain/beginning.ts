/** The rules that are asked where a promotion begins, and not again: is its release complete and newer than what is live, is nothing else on its way, do the files take its values. Part of rules.ts. */
import type { ErrorCode } from './failure.ts'
import type { EnvironmentName } from './ids.ts'
import type { Judgement, RuleEvidence } from './rules.ts'

export type Beginning = {
  readonly environment: EnvironmentName
  /** How far the release is. `awaited`: it is made because of this command, and the promotion goes on when it is there. */
  readonly release: /** `proof`: of a rollback, that it was verified there. */
    | { readonly kind: 'complete'; readonly proof?: RuleEvidence | undefined }
    | { readonly kind: 'awaited' }
    /** A rollback has nowhere to go. */
    | { readonly kind: 'none'; readonly message: string; readonly act: string }
    | { readonly kind: 'pending' | 'given-up'; readonly missing: readonly string[] }
  /** What is live there, and how the release stands to it; undefined: nothing is, or it is not known which is newer. */
  readonly live:
    | {
        readonly label: string
        readonly since: Date | undefined
        readonly promotion: { readonly number: number; readonly url: string } | undefined
        /** The pull request that brought it. */
        readonly thread: number | undefined
        readonly than: 'same' | 'older' | 'newer' | 'unordered'
      }
    | undefined
  /** How to go to the older release all the same: `/rollback prod to v11`. */
  readonly goBack: string
  /** What else is on its way there. `replaced`: it is not merged, and this promotion takes its place. */
  readonly other:
    | {
        readonly label: string
        readonly kind: 'promotion' | 'rollback'
        readonly at: string
        readonly url: string | undefined
        readonly isReplaced: boolean
        /** It has ended since: it began after the command was written, and whoever wrote that did not know of it. */
        readonly hasEnded: boolean
      }
    | undefined
  /** What the editor says to the files; undefined: not known before the release is there. */
  readonly plan:
    | { readonly kind: 'planned' | 'unchanged' }
    | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly hint: string }
    | undefined
}

export function judgeNewer({ environment, live, goBack }: Beginning): Judgement {
  if (live === undefined) return passed('nothing is live there yet')
  const { label, since, promotion, thread } = live
  const text = promotion === undefined ? '' : `promotion PR ${promotion.number}`
  const evidence = [{ text, since, url: promotion?.url }]
  if (live.than === 'same') {
    const act = 'There is nothing to do'
    return { ...refused(`${label} is already live in ${environment}`, act), evidence, code: 'already_live' }
  }
  if (live.than === 'newer') {
    const from = thread === undefined ? '' : ` (pull request ${thread})`
    return {
      ...refused(`${label}, which is newer, is live in ${environment}${from}`, `To go back: \`${goBack}\``),
      evidence,
    }
  }
  return { ...passed(live.than === 'older' ? `newer than ${label}` : `${label} is live`), evidence }
}

export function judgeReleased({ release }: Beginning): Judgement {
  switch (release.kind) {
    case 'complete':
      return { ...passed('complete'), evidence: release.proof && [release.proof] }
    case 'none':
      return { ...refused(release.message, release.act), code: 'no_verified_release' }
    case 'awaited':
      return { ...waits('is made now'), later: true }
    case 'pending':
      return waits(`it waits for ${listed(release.missing)}`, 'Lockkeeper keeps looking')
    case 'given-up': {
      const act = 'Make what is missing, then merge a new commit'
      return {
        ...refused(`its release was given up: ${listed(release.missing)} did not appear in time`, act),
        code: 'artefact_missing',
      }
    }
  }
}

export function judgeFree({ environment, other }: Beginning): Judgement {
  if (other === undefined) return passed('nothing else is on its way')
  const { label, kind, at, url, isReplaced, hasEnded } = other
  const what = kind === 'rollback' ? `a rollback to ${label}` : label
  const evidence = [{ text: `now ${at}`, url }]
  if (isReplaced) return { ...passed(`takes the place of ${what}`), evidence }
  if (hasEnded)
    return {
      ...waits(`${what} began after the command was written, and has ended since`, 'Look at `/status`'),
      evidence,
    }
  const wait = 'Wait until that has ended'
  return {
    ...waits(
      `${what} is on its way to ${environment}`,
      kind === 'rollback' ? wait : `${wait}, or \`/rollback ${environment}\``,
    ),
    evidence,
  }
}

export function judgeValues({ plan }: Beginning): Judgement {
  if (plan === undefined) return { ...waits('not known without a release'), later: true }
  if (plan.kind !== 'refused')
    return passed(plan.kind === 'planned' ? 'the files take them' : 'the files hold them already')
  return { ...refused(plan.message, plan.hint.replace(/\.$/, '')), code: plan.code }
}

const listed = (missing: readonly string[]): string => (missing.length === 0 ? 'its artefacts' : missing.join('; '))

const passed = (detail: string): Judgement => ({ state: 'pass', detail, earliest: undefined })

const waits = (detail: string, act?: string): Judgement => ({ state: 'open', detail, act, earliest: undefined })

const refused = (detail: string, act: string): Judgement => ({ state: 'refused', detail, act, earliest: undefined })
