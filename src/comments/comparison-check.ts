/** The check run `lockkeeper` of a pull request: the same report as the comment (comparison.ts), with a conclusion. */
import { type ComparisonReport, conclusionOf, isFailing, type ModelReport } from '../domain/comparison-report.ts'
import { type CheckAction, type DeployTarget, deployButtons } from '../domain/deploy-button.ts'
import type { ModelName } from '../domain/ids.ts'
import { renderComparisonSections, summaryWords } from './comparison.ts'
import { verdictWords } from './comparison-words.ts'
import type { ConfigAnnotation } from './config-problems.ts'
import { type GatePlaces, gateAnnotations } from './gate-annotations.ts'
import { CHECK_SUMMARY_LIMIT, plain, title } from './markdown.ts'
import { whenFrom } from './when.ts'

/** What a check run shows; services/ports.ts `CheckRunOutput` fits. */
export type ComparisonCheck = {
  readonly status: 'in_progress' | 'completed'
  readonly conclusion: 'success' | 'failure' | 'neutral' | undefined
  readonly title: string
  readonly summary: string
  readonly annotations: readonly ConfigAnnotation[]
  readonly actions: readonly CheckAction[]
  readonly detailsUrl: undefined
}

/** The button that has the metrics read again; its click arrives as `check_run.requested_action`. */
const RE_EVALUATE: CheckAction = {
  identifier: 're-evaluate',
  label: 'Re-evaluate',
  description: 'Read the metrics again and judge',
}

// GitHub shows about this much of a title in a list of checks.
const TITLE_LENGTH = 200

/**
 * The check run for a report; completed unless something is still open. `places` is where gates that fail are annotated; absent where the head has no
 * configuration. `deployable` is where this head may go before its merge: offered once nothing speaks against it.
 */
export function renderComparisonCheck(
  report: ComparisonReport,
  places?: GatePlaces,
  deployable: readonly DeployTarget[] = [],
): ComparisonCheck {
  const conclusion = conclusionOf(report.models)
  const isPassing = conclusion === 'success' || conclusion === 'neutral'
  return {
    status: conclusion === 'in_progress' ? 'in_progress' : 'completed',
    conclusion: conclusion === 'in_progress' ? undefined : conclusion,
    title: title(checkTitle(report.models), TITLE_LENGTH),
    summary: renderComparisonSections(report, CHECK_SUMMARY_LIMIT),
    annotations: places === undefined ? [] : gateAnnotations(report.models, places),
    actions: report.models.length === 0 ? [] : [RE_EVALUATE, ...(isPassing ? deployButtons(deployable) : [])],
    detailsUrl: undefined,
  }
}

/** The check run of a head that is not looked at before `until`. */
export function renderComparisonDeferred(until: Date): ComparisonCheck {
  const time = whenFrom(until)
  return {
    status: 'in_progress',
    conclusion: undefined,
    title: title(`Waits for GitHub's limit until ${time}`, TITLE_LENGTH),
    summary: plain(
      `Little is left of the requests that GitHub grants Lockkeeper in this hour. That is kept for commands and rollouts; this comparison is made by itself after ${time}.`,
    ),
    annotations: [],
    actions: [],
    detailsUrl: undefined,
  }
}

/** The check run at the moment a head appears, before anything was read: an old conclusion must not stay green. */
export function renderComparisonStart(models: readonly ModelName[]): ComparisonCheck {
  const names = models.slice(0, 5).join(', ')
  return {
    status: 'in_progress',
    conclusion: undefined,
    title: title(`Reading the metrics of ${names}`, TITLE_LENGTH),
    summary: `The metrics of ${plain(names, 400)}${models.length > 5 ? ` and ${models.length - 5} more` : ''} are being read.`,
    annotations: [],
    actions: [],
    detailsUrl: undefined,
  }
}

function checkTitle(models: readonly ModelReport[]): string {
  if (models.length === 0) return 'No model is touched'
  const failingFirst = models.toSorted((a, b) => Number(isFailing(b)) - Number(isFailing(a)))
  const whole = failingFirst.map((model) => `${model.model}: ${verdictWords(model)}${failingNames(model)}`).join(' · ')
  // Cut in its middle it would leave out models that fail.
  return whole.length <= TITLE_LENGTH || models.length === 1 ? whole : summaryWords(models)
}

function failingNames({ gates }: ModelReport): string {
  if (gates.failing.length === 0) return ''
  return ` (${gates.failing.slice(0, 3).join(', ')}${gates.failing.length > 3 ? ', …' : ''})`
}
