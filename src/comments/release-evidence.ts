/** Why a release may go, on its promotion pull requests: the comparison it was judged by, kept by src/domain/kept-comparison.ts. */
import { keptReport } from '../domain/kept-comparison.ts'
import { type Release, releaseLabel } from '../domain/release.ts'
import { renderComparisonTables } from './comparison.ts'
import { verdictIcon } from './comparison-words.ts'
import { code, link, plain, prose, table } from './markdown.ts'

export type EvidenceView = {
  /** Rows of each table. */
  readonly rows: number
  /** Where people find the model repository; undefined: no link. */
  readonly modelUrl: string | undefined
  /** More people can read the place where this is shown than the model repository: the verdict alone is said. */
  readonly isPublic: boolean
}

/** One sentence that decides, and the table under it. */
export function renderReleaseEvidence(release: Release, view: EvidenceView): string {
  if (view.isPublic) return withoutNumbers(release, view)
  const { comparison } = release
  if (comparison === undefined) return metricsAlone(release, view)
  const report = keptReport(release.model, comparison)
  return [
    `#### ${verdictIcon(report)} ${sentence(prose(comparison.headline))}`,
    ...renderComparisonTables(report, { candidate: plain(releaseLabel(release)), limit: view.rows }),
    moreWords(comparison.rowsLeft + comparison.outsideLeft, modelPullRequestLink(release, view.modelUrl)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** Neither numbers nor what people wrote on a repository that not every reader can see. */
function withoutNumbers(release: Release, { modelUrl }: EvidenceView): string {
  const pullRequest = modelPullRequestLink(release, modelUrl)
  const where = pullRequest === '' ? '' : `; ${pullRequest} has them for whoever may read that`
  return `#### ${gatesSentence(release)}\n\nThe numbers are not shown here: more people can read this repository than ${code(release.repository)}${where}.`
}

function moreWords(left: number, where: string): string {
  if (left === 0) return ''
  const more = left === 1 ? '1 more metric was compared' : `${left} more metrics were compared`
  return where === '' ? `${more}.` : `${more}; ${where} has the whole comparison.`
}

/** `pull request 7 of acme/models`, linked; empty where it came from none. */
export function modelPullRequestLink({ pullRequest, repository }: Release, modelUrl: string | undefined): string {
  if (pullRequest === undefined) return ''
  const words = `pull request ${pullRequest.number} of ${plain(repository)}`
  return link(words, modelUrl === undefined ? undefined : `${modelUrl}/pull/${pullRequest.number}`)
}

/** Of releases that were made before comparisons were kept. */
function metricsAlone(release: Release, { rows: limit }: EvidenceView): string {
  const names = Object.keys(release.metrics).toSorted()
  if (names.length === 0) return ''
  const rows = names
    .slice(0, Math.min(20, limit))
    .map((name) => [code(name), String(Number((release.metrics[name] ?? Number.NaN).toPrecision(6)))])
  const left = names.length - rows.length
  const more = left === 0 ? '' : `and ${left} more metrics.`
  return [`#### ${gatesSentence(release)}`, rows.length === 0 ? '' : table(['Metric', 'Value'], 'lr', rows), more]
    .filter((part) => part !== '')
    .join('\n\n')
}

function gatesSentence({ gates: { verdict, waived = [] } }: Release): string {
  if (verdict === 'none') return '➖ No gate is set'
  if (verdict === 'fail') return '❌ Gates fail'
  return waived.length === 0 ? '✅ Every gate passes' : `✅ Every gate passes or is waived (${waived.length} waived)`
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
