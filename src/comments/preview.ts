/** What the thread of a pull request says of its heads that were deployed before any merge, and the offer to take the last one out again when it is closed. */
import type { Promotion } from '../domain/promotion.ts'
import { code, lowered, plain } from './markdown.ts'
import { movedSentence, nextSentence, promotionLine, summary } from './rollout.ts'
import { when } from './when.ts'

type Replacements = ReadonlyMap<string, { readonly label: string; readonly at: string }>

/** One section per model; `promotions` oldest first. Heads whose release is still being made are told in the reply alone. */
export function renderPreviews(promotions: readonly Promotion[], replaced: Replacements): readonly string[] {
  const begun = promotions.filter(
    ({ head, release, stage }) => head === undefined || release !== undefined || stage.at === 'superseded',
  )
  const models = [...Map.groupBy(begun, ({ model }) => model)].toSorted(([a], [b]) => a.localeCompare(b))
  return models.map(([, those]) => renderPreview(those, replaced))
}

function renderPreview(promotions: readonly Promotion[], replaced: Replacements): string {
  const newest = promotions.at(-1)
  if (newest === undefined) return ''
  const head = promotions.findLast((promotion) => promotion.head !== undefined) ?? newest
  const successor = replaced.get(newest.id)
  const state =
    successor === undefined
      ? summary(newest)
      : `➖ replaced in ${plain(newest.environment)} by ${plain(successor.label)}`
  const next =
    successor === undefined ? lowered(nextSentence(newest)) : `${code(`/deploy ${newest.environment}`)} brings it back.`
  const lines = promotions.map((promotion) => {
    const later = replaced.get(promotion.id)
    const gone = later === undefined ? '' : `; replaced ${when(later.at)} by ${plain(later.label)}`
    return `${promotionLine(promotion)}${gone}`
  })
  const told = [
    `### 🔭 ${plain(newest.model)} ${plain(head.label)}, before any merge — ${state}`,
    movedSentence(newest),
    `**Next:** ${next || 'nothing to do.'}`,
  ]
  return `${told.filter((line) => line !== '').join('\n')}\n\n${lines.join('\n')}`
}

export type LeftBehind = {
  readonly live: Promotion
  /** What `/rollback` would bring back; undefined: the values as they were found. */
  readonly back: string | undefined
}

/** Said once to those who follow the pull request: it was closed, and its head is still there. */
export function renderLeftBehind({ live, back }: LeftBehind): string {
  const environment = plain(live.environment)
  const restored = back === undefined ? 'the values that were there before Lockkeeper' : plain(back)
  return [
    `### 🔭 ${plain(live.model)} ${plain(live.label)} is still live in ${environment}`,
    `This pull request was closed without a merge. **Next:** ${code(`/rollback ${live.environment} ${live.model}`)} brings back ${restored}, and holds ${environment} until ${code(`/unlock ${live.environment} ${live.model}`)}; or deploy another pull request there.`,
  ].join('\n')
}
