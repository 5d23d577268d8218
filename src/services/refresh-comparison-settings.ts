/** The configuration as a pull request meets it: what is in force on the default branch, and what the pull request proposes. Part of refresh-comparison.ts. */
import { annotationsFor, renderConfigProblems } from '../comments/config-problems.ts'
import type { LineOf, Problem } from '../domain/config-problem.ts'
import { globMatches } from '../domain/glob.ts'
import type { ModelSettings, RepoSettings } from '../domain/settings.ts'
import type { ParseConfig } from './deps.ts'
import type { CheckRunOutput, PullRequestView } from './ports.ts'
import { CONFIG_FILE } from './repo-settings.ts'

export type Configuration = {
  /** In force; undefined where the default branch has none, or one that does not load. */
  readonly settings: RepoSettings | undefined
  /** Why the default branch's does not load. */
  readonly invalid: readonly Problem[] | undefined
  /** What is to be said about the version of this pull request; undefined: it does not change the file. */
  readonly proposed: { readonly isValid: boolean; readonly problems: readonly Problem[] } | undefined
  /** Where gates stand in the file on the head; undefined where it has none, or one that does not load. */
  readonly lineOf: LineOf | undefined
}

const MAX_ANNOTATIONS = 50

/** undefined: no configuration on either side, so this repository wants nothing from us. */
export function readConfiguration(view: PullRequestView, parseConfig: ParseConfig): Configuration | undefined {
  const { configFile, headConfigFile } = view
  if (configFile === undefined && headConfigFile === undefined) return undefined
  const inForce = configFile && parseConfig(configFile.text, { file: CONFIG_FILE })
  const isChanged =
    headConfigFile !== undefined && headConfigFile.oid !== configFile?.oid && view.changedPaths.includes(CONFIG_FILE)
  const proposed = isChanged ? parseConfig(headConfigFile.text, { file: CONFIG_FILE }) : undefined
  const onHead =
    proposed ??
    (headConfigFile?.oid === configFile?.oid
      ? inForce
      : headConfigFile && parseConfig(headConfigFile.text, { file: CONFIG_FILE }))
  return {
    lineOf: onHead?.ok === true ? onHead.lineOf : undefined,
    settings: inForce?.ok === true ? inForce.settings : undefined,
    invalid: inForce?.ok === false ? inForce.problems : undefined,
    proposed: proposed && {
      isValid: proposed.ok,
      problems: proposed.ok ? proposed.notices : proposed.problems,
    },
  }
}

/** The models whose files the pull request changes; none while the configuration in force does not load. */
export function touchedModels(
  { settings }: Pick<Configuration, 'settings'>,
  { changedPaths }: Pick<PullRequestView, 'changedPaths'>,
): readonly ModelSettings[] {
  return [...(settings?.models.values() ?? [])].filter(({ paths }) =>
    changedPaths.some((path) => paths.some((pattern) => globMatches(pattern, path))),
  )
}

/** Whether pull requests here get a check run at all: also those that touch no model, since branch rules may require it. */
export const isConcerned = ({ proposed, invalid, settings }: Configuration): boolean =>
  proposed !== undefined || invalid !== undefined || (settings?.models.size ?? 0) > 0

/**
 * The check run with what is to be said about the configuration: a proposal that does not load fails it, with annotations on
 * its lines; a default branch that does not load makes it neutral. `check` undefined: there is no comparison to show.
 */
export function withConfiguration(
  check: CheckRunOutput | undefined,
  { invalid, proposed }: Configuration,
): CheckRunOutput {
  const base = check ?? configurationCheck(invalid, proposed)
  if (proposed === undefined) return base
  const problems = renderConfigProblems(proposed.problems)
  const annotations = [...annotationsFor(proposed.problems), ...base.annotations].slice(0, MAX_ANNOTATIONS)
  if (!proposed.isValid) {
    return {
      ...base,
      status: 'completed',
      conclusion: 'failure',
      title: 'This pull request breaks the configuration',
      summary: problems,
      annotations,
    }
  }
  return { ...base, summary: check === undefined && problems !== '' ? problems : base.summary, annotations }
}

function configurationCheck(
  invalid: readonly Problem[] | undefined,
  proposed: Configuration['proposed'],
): CheckRunOutput {
  const isCorrected = invalid !== undefined && proposed?.isValid === true
  const empty = { status: 'completed', annotations: [], actions: [], detailsUrl: undefined } as const
  if (isCorrected || invalid === undefined) {
    const title = isCorrected ? 'This pull request corrects the configuration' : 'The configuration is valid'
    return { ...empty, conclusion: 'success', title, summary: `${title}; it comes into force with the merge.` }
  }
  return {
    ...empty,
    conclusion: 'neutral',
    title: 'Configuration invalid: models are not compared',
    summary: renderConfigProblems(
      invalid,
      'Until it is corrected on the default branch, no model is compared or promoted.',
    ),
  }
}
