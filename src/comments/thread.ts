/** The comment in the thread of a merged model pull request: what became of its releases, one line per environment. */
import type { Promotion } from '../domain/promotion.ts'
import { type Release, releaseLabel } from '../domain/release.ts'
import { code, plain } from './markdown.ts'
import { stageIcon, stageSentence, viaWords } from './rollout.ts'

type Record = {
  readonly model: string
  readonly commit: string
  readonly state:
    | { readonly kind: 'pending'; readonly missing: readonly string[] }
    | { readonly kind: 'complete'; readonly release: Release }
    | { readonly kind: 'given-up'; readonly missing: readonly string[]; readonly at: string }
}

/** undefined while there is nothing to tell: releases that merely wait for their artefacts are quiet. */
export function renderThread({
  releases,
  promotions,
}: {
  readonly releases: readonly Record[]
  readonly promotions: readonly Promotion[]
}): string | undefined {
  const told = releases
    .filter(({ state }) => state.kind !== 'pending')
    .toSorted((a, b) => a.model.localeCompare(b.model))
  if (told.length === 0) return undefined
  return told
    .map((record) =>
      renderRelease(
        record,
        promotions.filter(({ model }) => model === record.model),
      ),
    )
    .join('\n\n')
}

function renderRelease({ model, commit, state }: Record, promotions: readonly Promotion[]): string {
  if (state.kind === 'given-up') {
    const list = state.missing.map((one) => `- ${plain(one, 300)}`).join('\n')
    return `### 🚢 ${plain(model)} — no release was made of ${code(commit.slice(0, 7))}\nThese did not appear in time:\n${list}\n\nMake them, then merge a new commit.`
  }
  if (state.kind === 'pending') return ''
  const { release } = state
  const heading = `### 🚢 ${plain(model)} ${plain(releaseLabel(release))}`
  if (release.gates.verdict === 'fail') {
    return `${heading} — not promoted, gates fail\nFailing: ${release.gates.failing.map((gate) => code(gate)).join(', ')}. Lockkeeper promotes no release whose gates fail.`
  }
  if (promotions.length === 0) return `${heading} — released\nIt waits for ${code('/deploy <environment>')}.`
  const lines = promotions.map(
    (promotion) =>
      `- ${stageIcon(promotion)} **${plain(promotion.environment)}**${promotion.kind === 'rollback' ? ` (back to ${plain(promotion.label)})` : ''} ${viaWords(promotion)}: ${stageSentence(promotion)}`,
  )
  return `${heading} — ${summary(promotions)}\n${lines.join('\n')}`
}

function summary(promotions: readonly Promotion[]): string {
  const newest = promotions.at(-1)
  if (newest === undefined) return 'released'
  const { environment, stage, kind } = newest
  if (stage.at === 'verified')
    return kind === 'rollback' ? `${plain(environment)} was rolled back` : `live in ${plain(environment)}`
  if (stage.at === 'failed') return `failed in ${plain(environment)}`
  if (stage.at === 'refused' || stage.at === 'cancelled') return `not promoted to ${plain(environment)}`
  return `on its way to ${plain(environment)}`
}
