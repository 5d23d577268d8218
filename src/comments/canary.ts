/** Words about a canary: the answers to `/canary` and `/promote`, and where a promotion is on its way to all of the traffic. */
import { type Canary, partialShare, trafficWords, WHOLE } from '../domain/canary.ts'
import { formatDuration } from '../domain/duration.ts'
import { isMerged, type Promotion } from '../domain/promotion.ts'
import { code, plain, prose } from './markdown.ts'

export type Move = { readonly promotion: Promotion; readonly share: number }

export function renderMove(move: Move): string {
  return [`⏳ **${what(move)}**${when(move)}.`, then(move)].join('\n')
}

/** The same before it is done. */
export const renderWouldMove = (move: Move): string =>
  [`🔎 **Dry run**, nothing was done: ${what(move)}${when(move)}.`, then(move)].join('\n')

const what = ({ promotion: { model, label, environment }, share }: Move): string =>
  `${plain(model)} ${plain(label)} → ${share === WHOLE ? 'all' : `${share} %`} of the traffic of ${plain(environment)}`

const when = ({ promotion }: Move): string =>
  isMerged(promotion) ? ', as soon as what is under way is synced' : ', when its promotion pull request is merged'

function then({ promotion: { environment }, share }: Move): string {
  if (share === WHOLE) return 'The remaining steps are skipped; the checks of `verify:` follow.'
  return `There it stays, and is watched, until ${ways(environment)}.`
}

const ways = (environment: string): string =>
  `${code(`/canary ${environment} <percent>`)}, ${code(`/promote ${environment}`)} or ${code(`/rollback ${environment}`)}`

/** ` (canary 10 %)` behind the title of a pull request; empty where all of the traffic moves at once. */
export function shareSuffix({ canary, kind }: Pick<Promotion, 'canary' | 'kind'>): string {
  if (canary === undefined) return ''
  if (canary.share < WHOLE) return ` (canary ${canary.share} %)`
  return kind === 'rollback' ? ' (without the canary)' : ' (all of the traffic)'
}

/** `canary at 10 %, ` in front of where it stands; empty while it has no part of the traffic, or all. */
export function sharePrefix(promotion: Promotion): string {
  const share = partialShare(promotion)
  return share === undefined ? '' : `canary at ${share} %, `
}

/** Why it goes no further by itself; empty where it does. */
export function staysSentence({ canary, stage, environment }: Promotion): string {
  if (canary === undefined || stage.at !== 'verifying') return ''
  if (canary.stays !== undefined)
    return `; ${plain(canary.stays.by)} chose this share: it stays until ${ways(environment)}`
  return canary.stopped === undefined ? '' : `; it goes no further: ${prose(canary.stopped)}`
}

/** `canary 10 % of v12, 90 % v11`, for the list of what is live. */
export function trafficCell(active: Promotion | undefined, live: Promotion | undefined): string | undefined {
  const share = active === undefined ? undefined : partialShare(active)
  if (active === undefined || share === undefined) return undefined
  return trafficWords(share, {
    label: plain(active.label),
    stable: live === undefined ? 'as found' : plain(live.label),
  })
}

/** The steps, with the one that this pull request takes. */
export function renderSteps({ steps, share }: Canary): string {
  const shares = steps.map(({ percent, for: time }) => ({ percent, words: `${percent} % for ${formatDuration(time)}` }))
  const all = [...shares, { percent: WHOLE, words: 'all of it' }]
  const path = all.map(({ percent, words }) => (percent === share ? `**${words}**` : words)).join(' → ')
  const isOwn = all.some(({ percent }) => percent === share)
  return `The traffic moves in steps: ${path}.${isOwn ? '' : ` This one is ${share} %, chosen by hand.`} Each has a pull request of its own, and is made when the one before it is proven.`
}
