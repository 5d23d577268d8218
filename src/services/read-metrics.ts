/** Where metrics come from: MLflow runs of a commit, the run behind a registry alias, a file at a commit. compare-model.ts sets two sides against each other. */

import type { RunReference } from '../domain/comparison-report.ts'
import { type ChosenRuns, chooseRuns, seedMetrics } from '../domain/comparison-runs.ts'
import { type ErrorCode, SystemUnavailable, UserError } from '../domain/failure.ts'
import { type CommitSha, parseCommitSha, type RepoName, shortSha } from '../domain/ids.ts'
import { type Metrics, parseMetricsFile } from '../domain/metric.ts'
import type { MetricSource, ModelSettings } from '../domain/settings.ts'
import { renderTemplate } from '../domain/template.ts'
import type { Deps } from './deps.ts'
import type { MlflowRun } from './ports.ts'

export type MetricsQuestion = {
  readonly repository: RepoName
  readonly model: Pick<ModelSettings, 'name'>
  readonly source: MetricSource
  /** Whose runs count; the first commit that has any wins. */
  readonly commits: readonly CommitSha[]
  /** Where files are read: a commit or branch. */
  readonly ref: string
  /** How people call `ref`. */
  readonly label: string
  /** Nobody waits for unfinished runs any longer. */
  readonly final: boolean
}

export type Problem = { readonly code: ErrorCode; readonly message: string; readonly hint: string }

/** What one side measured, one entry of `seeds` per run. */
export type RunSet = {
  readonly kind: 'found'
  /** `champion v11`, `main`. */
  readonly label: string
  /** `models:/churn/11`, `models/fraud/metrics.json`. */
  readonly reference: string
  readonly url: string | undefined
  readonly file: string | undefined
  readonly version: string | undefined
  readonly commit: CommitSha | undefined
  readonly runs: readonly RunReference[]
  /** Run ids, or `path@ref`. */
  readonly ids: readonly string[]
  readonly seeds: readonly Metrics[]
  /** Parameters that all seeds share. */
  readonly params: ReadonlyMap<string, string>
  readonly dataDigests: readonly string[]
  readonly failedRuns: number
  readonly newerRunning: boolean
}

export type MetricsReading =
  | RunSet
  | { readonly kind: 'running'; readonly count: number }
  /** There is nothing, for a reason that is nobody's refusal. */
  | { readonly kind: 'none'; readonly problem: Problem }
  | { readonly kind: 'unavailable'; readonly problem: Problem }
  | { readonly kind: 'refused'; readonly problem: Problem }

export type MetricsDeps = Pick<Deps, 'github' | 'mlflow' | 'mayUse'>

/** Reads one side. The operator's policy is asked before any credential is used. Throws only for GitHub outages and bugs. */
export async function readMetrics(question: MetricsQuestion, deps: MetricsDeps): Promise<MetricsReading> {
  const { source } = question
  switch (source.kind) {
    case 'file':
      return readFile(question, source, deps)
    case 'mlflow':
      return fromMlflow(() => readRuns(question, source, deps))
    case 'mlflow_alias':
      return fromMlflow(() => readVersion(question, source, deps))
  }
}

type SourceOf<Kind extends MetricSource['kind']> = Extract<MetricSource, { kind: Kind }>

async function fromMlflow(read: () => Promise<MetricsReading>): Promise<MetricsReading> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof UserError) {
      return { kind: 'refused', problem: { code: error.code, message: error.message, hint: error.hint } }
    }
    if (!(error instanceof SystemUnavailable)) throw error
    const hint = 'Nothing to do here: it is asked again by itself. Whoever runs it should have a look.'
    return { kind: 'unavailable', problem: { code: 'mlflow_unavailable', message: error.message, hint } }
  }
}

async function readRuns(
  { repository, commits, label, final }: MetricsQuestion,
  { server, experiment }: SourceOf<'mlflow'>,
  { mlflow, mayUse }: MetricsDeps,
): Promise<MetricsReading> {
  const permit = mayUse(repository, { kind: 'mlflow', server, experiment })
  if (!permit.allowed) return policyRefusal(permit)
  const found = await mlflow.runsByCommit(server, experiment, commits)
  if (found === undefined) {
    return none(
      `There is no experiment ${experiment} on the MLflow server ${server}`,
      'Create it by a first training run, or correct `candidate` in the configuration.',
    )
  }
  const choices = commits.map((commit) => ({
    commit,
    choice: chooseRuns(
      found.filter((run) => isOf(run, commit)),
      final,
    ),
  }))
  for (const { commit, choice } of choices) {
    if (choice.kind === 'chosen')
      return { ...runSet(choice), label, reference: experiment, url: undefined, version: undefined, commit }
  }
  return nothingChosen(
    choices.map(({ choice }) => choice),
    { experiment, commit: commits[0], final },
  )
}

function nothingChosen(
  choices: readonly ChosenRuns<MlflowRun>[],
  {
    experiment,
    commit,
    final,
  }: {
    readonly experiment: string
    readonly commit: CommitSha | undefined
    readonly final: boolean
  },
): MetricsReading {
  const total = (kind: 'running' | 'failed'): number =>
    choices.reduce((sum, choice) => sum + (choice.kind === kind ? choice.count : 0), 0)
  const sha = commit === undefined ? 'this commit' : shortSha(commit)
  const running = total('running')
  if (running > 0) {
    if (!final) return { kind: 'running', count: running }
    return none(
      `${running === 1 ? 'A run' : `${running} runs`} of ${sha} in the experiment ${experiment} did not finish in time`,
      'End or repeat the training run; `training.within` in the configuration says how long is waited.',
    )
  }
  const failed = total('failed')
  if (failed > 0) {
    return none(
      `${failed === 1 ? 'The only run' : `All ${failed} runs`} of ${sha} in the experiment ${experiment} failed`,
      'Look into the training log, then push or train again.',
    )
  }
  return none(
    `The experiment ${experiment} has no run of ${sha}`,
    `Train this commit; the run needs the tag mlflow.source.git.commit with the full commit id, which MLflow sets by itself inside a Git checkout.`,
  )
}

async function readVersion(
  { repository }: MetricsQuestion,
  { server, model, alias }: SourceOf<'mlflow_alias'>,
  { mlflow, mayUse }: MetricsDeps,
): Promise<MetricsReading> {
  const permit = mayUse(repository, { kind: 'mlflow', server, model })
  if (!permit.allowed) return policyRefusal(permit)
  const version = await mlflow.versionByAlias(server, model, alias)
  if (version === undefined) {
    return none(
      `The registered model ${model} has no version with the alias ${alias}`,
      'Set the alias once a version is live.',
    )
  }
  const reference = `models:/${model}/${version.version}`
  const run = version.runId === undefined ? undefined : await mlflow.run(server, version.runId)
  const seeds = run === undefined ? undefined : chooseRuns(await mlflow.seedsOf(server, run), true)
  // A version whose metrics are gone is not "no baseline yet": that would let every candidate pass.
  if (run === undefined || seeds?.kind !== 'chosen') {
    const problem = {
      code: 'gates_failed',
      message: `${reference} has no finished run with metrics`,
      hint: `Point the alias ${alias} to a version that was registered from its training run.`,
    } as const
    return { kind: 'refused', problem }
  }
  return {
    ...runSet(seeds),
    label: `${alias} v${version.version}`,
    reference,
    url: version.url,
    version: version.version,
    commit: parseCommitSha(run.tags.get('mlflow.source.git.commit') ?? ''),
  }
}

async function readFile(
  { repository, model, ref, label }: MetricsQuestion,
  { path }: SourceOf<'file'>,
  { github }: MetricsDeps,
): Promise<MetricsReading> {
  const rendered = renderTemplate(path, { 'model.name': model.name })
  if (!rendered.ok) {
    return refusedFile(
      'config_invalid',
      `${path.source} uses a value that is not known before a release`,
      'Only `{{ model.name }}` can be used in the path of a metrics file.',
    )
  }
  const file = (await github.readFiles(repository, ref, [rendered.text])).get(rendered.text)
  if (file === undefined) {
    return none(
      `There is no ${rendered.text} at ${label}`,
      'Commit the metrics file together with the change, or correct its path in the configuration.',
    )
  }
  const parsed = parseMetricsFile(file.text)
  if (!parsed.ok) {
    return refusedFile(
      'gates_failed',
      `${rendered.text} at ${label} cannot be read: ${parsed.reason}`,
      'Write it as one JSON object of names and numbers.',
    )
  }
  return {
    kind: 'found',
    label,
    reference: rendered.text,
    url: undefined,
    file: rendered.text,
    version: undefined,
    commit: parseCommitSha(ref),
    runs: [],
    ids: [`${rendered.text}@${ref}`],
    seeds: [parsed.metrics],
    params: new Map(),
    dataDigests: [],
    failedRuns: 0,
    newerRunning: false,
  }
}

function runSet(
  choice: Extract<ChosenRuns<MlflowRun>, { kind: 'chosen' }>,
): Omit<RunSet, 'label' | 'reference' | 'url' | 'version' | 'commit'> {
  const { runs } = choice
  return {
    kind: 'found',
    file: undefined,
    runs: runs.map((run) => ({ id: run.runId, url: run.url })),
    ids: runs.map((run) => run.runId),
    seeds: seedMetrics(choice),
    params: sharedParams(runs),
    dataDigests: [...new Set(runs.flatMap((run) => run.dataDigests))].toSorted(),
    failedRuns: choice.failed,
    newerRunning: choice.newerRunning,
  }
}

/** A random seed differs from run to run and is no change of the model. */
function sharedParams([first, ...rest]: readonly MlflowRun[]): ReadonlyMap<string, string> {
  return new Map(
    [...(first?.params ?? [])].filter(([name, value]) => rest.every((run) => run.params.get(name) === value)),
  )
}

function isOf(run: MlflowRun, commit: CommitSha): boolean {
  return run.tags.get('mlflow.source.git.commit')?.toLowerCase() === commit
}

function none(message: string, hint: string): MetricsReading {
  return { kind: 'none', problem: { code: 'artefact_missing', message, hint } }
}

function refusedFile(code: ErrorCode, message: string, hint: string): MetricsReading {
  return { kind: 'refused', problem: { code, message, hint } }
}

function policyRefusal({
  message,
  missingLine,
}: {
  readonly message: string
  readonly missingLine: string
}): MetricsReading {
  return {
    kind: 'refused',
    problem: {
      code: 'policy_missing',
      message,
      hint: `Whoever runs this Lockkeeper adds to LOCKKEEPER_POLICY what is below.\n\`\`\`yaml\n${missingLine.trimEnd()}\n\`\`\``,
    },
  }
}
