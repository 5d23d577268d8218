/** An incident as an issue of the model repository: what happened, what is live, what to do. Opened and closed by src/services/tell-incident.ts. */
import type { Promotion } from '../domain/promotion.ts'
import { commitLink } from './commit-link.ts'
import { liveNow, type Unproven, whatToDo } from './live-now.ts'
import { plain, title } from './markdown.ts'
import { renderPullRequestLink } from './promotion-link.ts'
import { renderEvidence, stageSentence, viaWords } from './rollout.ts'
import { when } from './when.ts'

export type IncidentReport = {
  readonly since: string
  readonly unproven: Unproven
  /** What failed in it, oldest first: the promotion that was to be left, and every way back. */
  readonly failures: readonly Promotion[]
  /** What was verified since; undefined while it lasts. */
  readonly over: Promotion | undefined
}

export const renderIncidentTitle = ({ model, environment }: Pick<Promotion, 'model' | 'environment'>): string =>
  title(`🚨 ${model} in ${environment} is not verified and needs a person`)

export function renderIncident({ since, unproven, failures, over }: IncidentReport): string {
  const { model, environment } = unproven.failed
  const head =
    over === undefined
      ? `### 🚨 ${plain(model)} in ${plain(environment)} needs a person since ${when(since)}`
      : `### ✅ ${plain(model)} in ${plain(environment)}: over, ${overWords(over)}`
  const now = over === undefined ? `${liveNow(unproven)}\n\n**Do:**\n${whatToDo(unproven)}` : ''
  const happened = `**What happened:**\n${failures.map(line).join('\n')}`
  return [head, now, happened, ...failures.map(evidence)].filter((part) => part !== '').join('\n\n')
}

/** What ended it. */
export function overWords(over: Promotion): string {
  const { label, kind, stage } = over
  const at = stage.at === 'verified' ? ` since ${when(stage.verifiedAt)}` : ''
  return `${plain(label)} is verified${at}${kind === 'rollback' ? ' by a rollback' : ''}`
}

function line(promotion: Promotion): string {
  const what = promotion.kind === 'rollback' ? `back to ${plain(promotion.label)}` : plain(promotion.label)
  const places = [renderPullRequestLink(promotion), commitLink(promotion)].filter((place) => place !== '').join(', ')
  return `- ${what}, ${viaWords(promotion)}: ${stageSentence(promotion)}${places === '' ? '' : ` (${places})`}`
}

function evidence({ stage, label }: Promotion): string {
  if (stage.at !== 'failed' || stage.evidence.length === 0) return ''
  return `Seen of ${plain(label)}:\n\n${renderEvidence(stage.evidence)}`
}
