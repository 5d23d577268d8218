/** Whether a head that nobody has merged passes what its base branch demands of a merge: the rule `checks`. Facts: src/services/head-checks.ts. */
import type { RequiredCheck } from './branch-rules.ts'
import type { Judgement } from './rules.ts'

/** The newest result of each name, kind and App (services/ports.ts `CheckState` fits). */
export type HeadCheck = {
  readonly name: string
  /** The reporting App's id; undefined for statuses. */
  readonly appId: number | undefined
  readonly state: 'pending' | 'success' | 'failure' | 'neutral'
  readonly conclusion: string | undefined
  readonly url: string | undefined
}

export type HeadChecks = {
  /** Of the branch that the pull request is to be merged into. */
  readonly required: readonly RequiredCheck[]
  readonly reported: readonly HeadCheck[]
}

/**
 * As GitHub judges a merge: each required name has a result, a check run and a status of one name both count, what was skipped or ended
 * neutral passes, and where an App is expected nobody else's result does. Where several Apps report one name, the worst counts.
 */
export function judgeChecks({ required, reported }: HeadChecks): Judgement {
  if (required.length === 0) return { state: 'pass', detail: 'its branch demands no checks', earliest: undefined }
  const seen = required.map((one) => ({ name: one.name, ...worst(one, reported) }))
  const failing = seen.filter(({ state }) => state === 'failure')
  const open = seen.filter(({ state }) => state === 'pending' || state === 'missing')
  // The sentence says the rest already: what is left is where to look.
  const evidence = [...failing, ...open].flatMap(({ name, url }) =>
    url === undefined ? [] : [{ text: quoted(name), url }],
  )
  const named = [...failing, ...open].map(({ name, words }) => `${quoted(name)} ${words}`).join(', ')
  const judged = { detail: `required checks: ${named}`, earliest: undefined }
  if (failing.length > 0) {
    return { ...judged, evidence, state: 'refused', act: 'Mend them on the pull request, or run them again' }
  }
  if (open.length > 0) return { ...judged, evidence, state: 'open', act: 'Wait until they have passed' }
  return { state: 'pass', detail: `${seen.map(({ name }) => quoted(name)).join(', ')} passed`, earliest: undefined }
}

type Seen = { readonly state: HeadCheck['state'] | 'missing'; readonly words: string; readonly url: string | undefined }

function worst({ name, appId }: RequiredCheck, reported: readonly HeadCheck[]): Seen {
  const meant = reported.filter((check) => check.name === name && (appId === undefined || check.appId === appId))
  const order = ['failure', 'pending', 'neutral', 'success'] as const
  const found = order.flatMap((state) => meant.filter((check) => check.state === state)).at(0)
  if (found !== undefined) {
    const words = found.state === 'pending' ? 'is still at work' : `ended as ${found.conclusion ?? found.state}`
    return { state: found.state, words, url: found.url }
  }
  const isOthers = reported.some((check) => check.name === name)
  return {
    state: 'missing',
    words: isOthers ? 'was reported by another App only' : 'was not reported yet',
    url: undefined,
  }
}

const quoted = (text: string): string => `\`${text.replaceAll('`', "'")}\``
