/** Title and body of a promotion pull request: what changes, why it may, where it comes from, how to go back. */

import { unlockCommand } from '../domain/hold.ts'
import { renderMarker } from '../domain/marker.ts'
import type { Change, Promotion } from '../domain/promotion.ts'
import { requester } from '../domain/promotion-trailers.ts'
import { imageReference, type Release } from '../domain/release.ts'
import { allPass, type RuleVerdict } from '../domain/rules.ts'
import type { EnvironmentSettings } from '../domain/settings.ts'
import { renderSteps, shareSuffix } from './canary.ts'
import { COMMENT_LIMIT, code, codeBlock, details, plain, prose, title } from './markdown.ts'
import { type EarlierPromotion, renderPullRequestHistory } from './pull-request-history.ts'
import { modelPullRequestLink, renderReleaseEvidence } from './release-evidence.ts'
import { renderRollbackReason, type Way } from './rollback-reason.ts'
import { openRules, renderRules } from './rules.ts'

export type PromotionReport = {
  readonly promotion: Promotion
  readonly release: Release | undefined
  readonly environment: EnvironmentSettings
  readonly rules: readonly RuleVerdict[]
  /** Where people find the model repository; absent: it is not linked. */
  readonly modelUrl?: string | undefined
  /** Which repository more people can read; the body of a wider config repository shows no numbers of the model repository. */
  readonly wider?: 'config' | 'model' | 'neither' | undefined
  /** Of a rollback. */
  readonly way?: Way | undefined
  /** What this pull request carried before, oldest first. */
  readonly earlier?: readonly EarlierPromotion[] | undefined
}

/** `Promote churn v12 to prod`, `Roll back churn in prod to v11`. Also the commit's headline. */
export function renderPromotionTitle(promotion: Promotion): string {
  const { kind, model, environment, label } = promotion
  const what =
    kind === 'rollback'
      ? `Roll back ${model} in ${environment} to ${label}`
      : `Promote ${model} ${label} to ${environment}`
  return title(`${what}${shareSuffix(promotion)}`)
}

/** How much of it is shown: rows of each table of metrics, and of what changes. */
const LENGTHS = [
  { rows: 50, changes: 200 },
  { rows: 20, changes: 100 },
  { rows: 5, changes: 40 },
  { rows: 0, changes: 15 },
] as const
type Length = (typeof LENGTHS)[number]

/** The whole body, at most 65,536 characters: what happens, what is to be done and why, then everything else. Rendered shorter where it is too long, never cut. */
export function renderPromotionBody(report: PromotionReport): string {
  const [longest, ...shorter] = LENGTHS
  let text = render(report, longest)
  for (const length of shorter) {
    if (text.length <= COMMENT_LIMIT) break
    text = render(report, length)
  }
  return text
}

function render(report: PromotionReport, { rows, changes }: Length): string {
  const { promotion, release, environment, rules, way, modelUrl } = report
  const isPublic = report.wider === 'config'
  const isRollback = promotion.kind === 'rollback'
  const sections = [
    renderMarker('promotion', { promotion: promotion.id }),
    `### ${headline(promotion)}\n${asker(promotion)}. ${nextStep(report)}`,
    isRollback || promotion.canary === undefined ? '' : renderSteps(promotion.canary),
    isRollback && way !== undefined ? renderRollbackReason(promotion, way, isPublic) : '',
    isRollback || release === undefined ? '' : renderReleaseEvidence(release, { rows, modelUrl, isPublic }),
    `#### What changes\n\n${renderChanges(promotion.changes, changes)}`,
    release === undefined ? '' : `#### Lineage\n\n${renderLineage(release, modelUrl)}`,
    renderPullRequestHistory(promotion, report.earlier ?? []),
    `${details(rulesSummary(rules), renderRules(rules))}\n\nThe check run ${code('lockkeeper/promotion')} has them as they are now.`,
    goingBack(promotion, environment),
  ]
  return sections.filter((section) => section !== '').join('\n\n')
}

function headline({ kind, model, environment, label, release }: Promotion): string {
  if (kind === 'promotion') return `🚢 ${plain(model)} ${plain(label)} → ${plain(environment)}`
  const unverified = release === undefined ? ' (unverified)' : ''
  return `↩️ Rollback of ${plain(model)} in ${plain(environment)} to ${plain(label)}${unverified}`
}

function asker({ via }: Promotion): string {
  const by = requester(via)
  if (via.kind === 'automatic-rollback') return 'Started by Lockkeeper itself'
  if (via.kind === 'force') return `Forced by ${plain(via.by)} (${plain(via.reason)})`
  return by === undefined ? 'By automation' : `Asked for by ${plain(by)}`
}

function nextStep({ rules }: PromotionReport): string {
  if (allPass(rules)) return 'Every rule holds, so that Lockkeeper merges it at once; nothing to do.'
  return `**Open:** ${openRules(rules)}. Lockkeeper merges this by itself when nothing is open any more.`
}

/** The table is for whoever wants to know; what is open stands at the top. */
function rulesSummary(rules: readonly RuleVerdict[]): string {
  const open = rules.filter(({ state }) => state === 'open' || state === 'refused').length
  const held = open === 0 ? 'all held' : `${open} of ${rules.length} open`
  return `Rules when this was written: ${held}`
}

/**
 * What changes, at most `limit` values: place, before, after, below each other, since two digests beside each other are wider
 * than a comment. The same as `git diff` would be, without the lines around.
 */
export function renderChanges(changes: readonly Change[], limit: number): string {
  const lines = changes
    .slice(0, limit)
    .flatMap(({ file, path, before, after, removed }) => [
      `@@ ${title(file)} ${title(path)} @@`,
      ...(before === '' ? [] : [`-${title(before)}`]),
      ...(removed === true ? [] : [`+${title(after)}`]),
    ])
  const more = changes.length - limit
  const shown = codeBlock(lines.join('\n'), 'diff')
  return more <= 0
    ? shown
    : `${shown}\n\nand ${more === 1 ? '1 more value' : `${more} more values`}; the diff has them all.`
}

function renderLineage(release: Release, modelUrl: string | undefined): string {
  const { pullRequest, repository, commit, modelVersion, registeredModel, modelUri, image, runs, dataDigests } = release
  const seen = release.unseen === undefined ? '' : ` (taken at its word: ${prose(release.unseen)})`
  const lines = [
    `- release ${code(release.id)}`,
    `- commit ${code(`${repository}@${commit.slice(0, 7)}`)}${pullRequest === undefined ? '' : ` from ${modelPullRequestLink(release, modelUrl)}`}`,
    modelVersion === undefined ? '' : `- model ${code(`models:/${registeredModel ?? release.model}/${modelVersion}`)}`,
    modelUri === undefined ? '' : `- artefact ${code(modelUri)}${seen}`,
    image === undefined ? '' : `- image ${code(imageReference(image), 300)}`,
    runs.length === 0 ? '' : `- runs ${listed(runs)}`,
    dataDigests.length === 0 ? '' : `- data ${listed(dataDigests)}`,
  ]
  return lines.filter((line) => line !== '').join('\n')
}

/** The first five, and how many more there are. */
function listed(ids: readonly string[]): string {
  const shown = ids.slice(0, 5).map((id) => code(id))
  return `${shown.join(', ')}${ids.length > 5 ? ` and ${ids.length - 5} more` : ''}`
}

function goingBack(promotion: Promotion, settings: EnvironmentSettings): string {
  const { environment, kind } = promotion
  if (kind === 'rollback') return `After this, ${plain(environment)} is held until ${code(unlockCommand(promotion))}.`
  const automatic =
    settings.rollback === 'automatic' ? 'If it is not verified in time, Lockkeeper goes back by itself. ' : ''
  return `${automatic}To go back by hand: ${code(`/rollback ${environment}`)}.`
}
