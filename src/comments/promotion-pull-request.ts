/** Title and body of a promotion pull request: what changes, why it may, where it comes from, how to go back. */

import { renderMarker } from '../domain/marker.ts'
import type { Change, Promotion } from '../domain/promotion.ts'
import { requester } from '../domain/promotion-trailers.ts'
import { type Release, releaseLabel } from '../domain/release.ts'
import { allPass, type RuleVerdict } from '../domain/rules.ts'
import type { EnvironmentSettings } from '../domain/settings.ts'
import { code, link, plain, table, title } from './markdown.ts'
import { type EarlierPromotion, renderPullRequestHistory } from './pull-request-history.ts'
import { openRules, renderRules } from './rules.ts'

export type PromotionReport = {
  readonly promotion: Promotion
  readonly release: Release | undefined
  readonly environment: EnvironmentSettings
  readonly rules: readonly RuleVerdict[]
  /** What this pull request carried before, oldest first. */
  readonly earlier: readonly EarlierPromotion[]
}

/** `Promote churn v12 to prod`, `Roll back churn in prod to v11`. Also the commit's headline. */
export function renderPromotionTitle({ kind, model, environment, label }: Promotion): string {
  return title(
    kind === 'rollback'
      ? `Roll back ${model} in ${environment} to ${label}`
      : `Promote ${model} ${label} to ${environment}`,
  )
}

/** The whole body; its first two lines say what happens, to what, and what is to be done. */
export function renderPromotionBody(report: PromotionReport): string {
  const { promotion, release, environment, rules } = report
  const sections = [
    renderMarker('promotion', { promotion: promotion.id }),
    `${headline(promotion)}\n${nextStep(report)}`,
    renderPullRequestHistory(promotion, report.earlier),
    `#### What changes\n\n${renderChanges(promotion.changes)}`,
    `#### Rules when it was opened\n\n${renderRules(rules)}\n\nThe check run ${code('lockkeeper/promotion')} has them as they are now.`,
    release === undefined ? '' : `#### Lineage\n\n${renderLineage(release)}`,
    release === undefined ? '' : renderMetrics(release),
    goingBack(promotion, environment),
  ]
  return sections.filter((section) => section !== '').join('\n\n')
}

function headline(promotion: Promotion): string {
  const { kind, model, environment, label, release } = promotion
  const by = requester(promotion.via)
  const asked = by === undefined ? 'by automation' : `asked for by ${plain(by)}`
  if (kind === 'promotion') return `**${plain(model)} ${plain(label)} → ${plain(environment)}**, ${asked}.`
  const unverified = release === undefined ? ' (the values found before the first promotion, unverified)' : ''
  return `**Rollback of ${plain(model)} in ${plain(environment)} to ${plain(label)}**${unverified}, ${asked}.`
}

function nextStep({ rules }: PromotionReport): string {
  if (allPass(rules)) return 'Every rule holds, so that Lockkeeper merges it at once; nothing to do.'
  return `Lockkeeper merges this by itself when every rule holds. Open: ${openRules(rules)}.`
}

/** What changes, one row per scalar. */
export function renderChanges(changes: readonly Change[]): string {
  const rows = changes.map(({ file, path, before, after }) => [
    code(file),
    code(path),
    before === '' ? '–' : code(before),
    code(after),
  ])
  return table(['File', 'Key', 'Before', 'After'], 'llll', rows)
}

function renderLineage(release: Release): string {
  const { pullRequest, repository, commit, modelVersion, registeredModel, modelUri, image, runs, dataDigests } = release
  const lines = [
    `- release ${code(release.id)}`,
    `- commit ${code(`${repository}@${commit.slice(0, 7)}`)}${pullRequest === undefined ? '' : ` from pull request ${pullRequest.number}`}`,
    modelVersion === undefined ? '' : `- model ${code(`models:/${registeredModel ?? release.model}/${modelVersion}`)}`,
    modelUri === undefined ? '' : `- artefact ${code(modelUri)}`,
    image === undefined ? '' : `- image ${code(`${image.repository}:${image.tag}@${image.digest}`, 300)}`,
    runs.length === 0
      ? ''
      : `- runs ${runs
          .slice(0, 5)
          .map((run) => code(run))
          .join(', ')}${runs.length > 5 ? ` and ${runs.length - 5} more` : ''}`,
    dataDigests.length === 0
      ? ''
      : `- data ${dataDigests
          .slice(0, 5)
          .map((digest) => code(digest))
          .join(', ')}`,
  ]
  return lines.filter((line) => line !== '').join('\n')
}

/** The metrics of the release as they were judged; the comparison itself is on the model pull request. */
function renderMetrics(release: Release): string {
  const names = Object.keys(release.metrics).toSorted()
  if (names.length === 0) return ''
  const rows = names
    .slice(0, 20)
    .map((name) => [code(name), String(Number((release.metrics[name] ?? Number.NaN).toPrecision(6)))])
  const { verdict: gates, waived = [] } = release.gates
  const without =
    waived.length === 0
      ? ''
      : `, ${waived
          .slice(0, 5)
          .map((gate) => code(gate))
          .join(', ')} waived`
  const verdict = gates === 'none' ? 'no gates' : `gates ${gates}${without}`
  const more = names.length > 20 ? `\n\nand ${names.length - 20} more metrics.` : ''
  return `#### Metrics of ${plain(releaseLabel(release))} (${verdict})\n\n${table(['Metric', 'Value'], 'lr', rows)}${more}`
}

function goingBack({ environment, kind }: Promotion, settings: EnvironmentSettings): string {
  if (kind === 'rollback') return `After this, ${plain(environment)} is held until ${code(`/unlock ${environment}`)}.`
  const automatic =
    settings.rollback === 'automatic' ? 'If it is not verified in time, Lockkeeper goes back by itself. ' : ''
  return `${automatic}To go back by hand: ${code(`/rollback ${environment}`)}.`
}

/** For other comments: the promotion pull request as `owner/repo#7`, linked, without a cross-reference. */
export function renderPullRequestLink({ pullRequest }: Pick<Promotion, 'pullRequest'>): string {
  return pullRequest === undefined ? '' : link(`promotion PR ${pullRequest.number}`, pullRequest.url)
}
