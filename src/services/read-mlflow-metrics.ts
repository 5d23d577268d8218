/** Metrics of MLflow runs: those of a commit, those behind a registered version, or one fixed run. Part of read-metrics.ts. */
import { type ChosenRuns, COMMIT_TAG, chooseRuns, seedMetrics } from '../domain/comparison-runs.ts'
import { type CommitSha, parseCommitSha, type RepoName, shortSha } from '../domain/ids.ts'
import { sharedParams } from '../domain/seed-params.ts'
import type { Permit } from '../domain/server-policy.ts'
import type { ExperimentRef, MetricSource, MlflowReading, VersionRef } from '../domain/settings.ts'
import type { MlflowRun, MlflowVersion } from './ports.ts'
import {
  type MetricsDeps,
  type MetricsQuestion,
  type MetricsReading,
  none,
  policyRefusal,
  type RunSet,
  refusal,
} from './read-metrics.ts'

/** The command line has these and no others. */
type MlflowDeps = Pick<MetricsDeps, 'mlflow' | 'mayUse'>

type SourceOf<Kind extends MetricSource['kind']> = Extract<MetricSource, { kind: Kind }>

/** The newest group of runs of the first commit that has any. */
export async function readMlflowRuns(
  { repository, commits, label, final }: MetricsQuestion,
  source: SourceOf<'mlflow'>,
  deps: MlflowDeps,
): Promise<MetricsReading> {
  const { server, commitTag } = source
  const experiment = await findExperiment(repository, source, deps)
  if (experiment.kind !== 'experiment') return experiment
  const choices: ChosenRuns<MlflowRun>[] = []
  for (const commit of commits) {
    const runs = await deps.mlflow.runsOfCommit(server, { experimentId: experiment.id, commitTag, commit })
    const choice = chooseRuns(runs, { final, groupBy: source.groupBy })
    if (choice.kind === 'chosen') {
      return {
        ...runSet(choice, source),
        label,
        reference: experiment.name,
        url: undefined,
        version: undefined,
        commit,
      }
    }
    choices.push(choice)
  }
  return nothingChosen(choices, { experiment: experiment.name, commit: commits[0], final, commitTag })
}

/** A version of the registry, with the runs that belong to its run. */
export async function readMlflowVersion(
  { repository, model: { candidate } }: MetricsQuestion,
  source: SourceOf<'mlflow_version'>,
  { mlflow, mayUse }: MlflowDeps,
): Promise<MetricsReading> {
  const { server, model } = source
  const permit = mayUse(repository, { kind: 'mlflow', server, model })
  if (!permit.allowed) return policyRefusal(permit)
  const version = await mlflow.version(server, model, source.version)
  if (version === undefined) return noVersion(source)
  const reference = `models:/${model}/${version.version}`
  const commitTag = commitTagOf(candidate)
  const run = version.runId === undefined ? undefined : await mlflow.run(server, version.runId)
  const seeds = run === undefined ? undefined : await seedsOf(run, source, { mlflow, commitTag })
  // A version whose metrics are gone is not "no baseline yet": that would let every candidate pass.
  if (run === undefined || seeds?.kind !== 'chosen') {
    return refusal(
      'gates_failed',
      `${reference} has no finished run with metrics`,
      'Point the alias or the configuration to a version that was registered from its training run.',
    )
  }
  return {
    ...runSet(seeds, source),
    label: labelOf(source.version, version),
    reference,
    url: version.url,
    version: version.version,
    commit: commitOf(run, commitTag),
  }
}

/** One run, with the runs that belong to it. */
export async function readMlflowRun(
  { repository, model: { candidate } }: MetricsQuestion,
  source: SourceOf<'mlflow_run'>,
  { mlflow, mayUse }: MlflowDeps,
): Promise<MetricsReading> {
  const { server, runId } = source
  const run = await mlflow.run(server, runId)
  if (run === undefined) {
    return refusal(
      'gates_failed',
      `There is no run ${runId} on the MLflow server ${server}`,
      'Correct `baseline` in the configuration: the id stands in the address of the run.',
    )
  }
  const name = await mlflow.experimentName(server, run.experimentId)
  const permit = permitExperiment(repository, { server, id: run.experimentId, name }, mayUse)
  if (!permit.allowed) return policyRefusal(permit)
  const commitTag = commitTagOf(candidate)
  const seeds = await seedsOf(run, source, { mlflow, commitTag })
  if (seeds.kind !== 'chosen') {
    return refusal(
      'gates_failed',
      `The run ${runId} has not finished, so it cannot be the baseline`,
      'Name a finished run, or wait for this one.',
    )
  }
  return {
    ...runSet(seeds, source),
    label: run.name === undefined ? `run ${runId.slice(0, 8)}` : `run ${run.name}`,
    reference: `runs:/${runId}`,
    url: run.url,
    version: undefined,
    commit: commitOf(run, commitTag),
  }
}

async function findExperiment(
  repository: RepoName,
  { server, experiment }: { readonly server: string; readonly experiment: ExperimentRef },
  { mlflow, mayUse }: MlflowDeps,
): Promise<{ readonly kind: 'experiment'; readonly id: string; readonly name: string } | MetricsReading> {
  if (experiment.by === 'name') {
    const permit = mayUse(repository, { kind: 'mlflow', server, experiment: experiment.name })
    if (!permit.allowed) return policyRefusal(permit)
    const id = await mlflow.experimentId(server, experiment.name)
    return id === undefined ? noExperiment(experiment.name, server) : { kind: 'experiment', id, name: experiment.name }
  }
  const name = await mlflow.experimentName(server, experiment.id)
  const permit = permitExperiment(repository, { server, id: experiment.id, name }, mayUse)
  if (!permit.allowed) return policyRefusal(permit)
  return name === undefined ? noExperiment(experiment.id, server) : { kind: 'experiment', id: experiment.id, name }
}

/** The policy names experiments; one known only by its id may also be allowed as `id:7`, and a refusal tells no name. */
function permitExperiment(
  repository: RepoName,
  { server, id, name }: { readonly server: string; readonly id: string; readonly name: string | undefined },
  mayUse: MetricsDeps['mayUse'],
): Permit {
  const byName = name === undefined ? undefined : mayUse(repository, { kind: 'mlflow', server, experiment: name })
  return byName?.allowed === true ? byName : mayUse(repository, { kind: 'mlflow', server, experiment: `id:${id}` })
}

async function seedsOf(
  run: MlflowRun,
  { server, groupBy }: { readonly server: string } & MlflowReading,
  { mlflow, commitTag }: Pick<MetricsDeps, 'mlflow'> & { readonly commitTag: string },
): Promise<ChosenRuns<MlflowRun>> {
  return chooseRuns(await mlflow.seedsOf(server, run, { groupBy, commitTag }), { final: true, groupBy })
}

/** The baseline's runs were made by the same training as the candidate's. */
function commitTagOf(candidate: MetricSource | undefined): string {
  return candidate?.kind === 'mlflow' ? candidate.commitTag : COMMIT_TAG
}

function noExperiment(experiment: string, server: string): MetricsReading {
  return none(
    `There is no experiment ${experiment} on the MLflow server ${server}`,
    'Create it by a first training run, or correct `candidate` in the configuration.',
  )
}

/** A version that the configuration fixes must be there; an alias or a stage may still come. */
function noVersion({ model, version }: SourceOf<'mlflow_version'>): MetricsReading {
  if (version.by === 'alias') {
    return none(
      `The registered model ${model} has no version with the alias ${version.alias}`,
      'Set the alias once a version is live.',
    )
  }
  if (version.by === 'stage') {
    return none(`The registered model ${model} has no version in the stage ${version.stage}`, 'Move a version there.')
  }
  return refusal(
    'gates_failed',
    `The registered model ${model} has no version ${version.version}`,
    'Correct `baseline` in the configuration.',
  )
}

function labelOf(ref: VersionRef, { version }: MlflowVersion): string {
  if (ref.by === 'version') return `v${version}`
  return `${ref.by === 'alias' ? ref.alias : ref.stage} v${version}`
}

function nothingChosen(
  choices: readonly ChosenRuns<MlflowRun>[],
  {
    experiment,
    commit,
    final,
    commitTag,
  }: {
    readonly experiment: string
    readonly commit: CommitSha | undefined
    readonly final: boolean
    readonly commitTag: string
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
    commitTag === COMMIT_TAG
      ? `Train this commit; the run needs the tag ${COMMIT_TAG} with the full commit id, which MLflow sets by itself inside a Git checkout.`
      : `Train this commit; the run needs the tag ${commitTag} with the full commit id.`,
  )
}

function runSet(
  choice: Extract<ChosenRuns<MlflowRun>, { kind: 'chosen' }>,
  { server, dataset }: { readonly server: string } & MlflowReading,
): Omit<RunSet, 'label' | 'reference' | 'url' | 'version' | 'commit'> {
  const { runs, parent } = choice
  return {
    kind: 'found',
    file: undefined,
    runs: runs.map((run) => ({ id: run.runId, url: run.url })),
    ids: runs.map((run) => run.runId),
    seeds: seedMetrics(choice),
    mlflow: { server, dataset, seeds: { runs, parent } },
    params: sharedParams(runs),
    dataDigests: [...new Set(runs.flatMap((run) => run.dataDigests))].toSorted(),
    failedRuns: choice.failed,
    newerRunning: choice.newerRunning,
    notes: [],
  }
}

function commitOf(run: MlflowRun, tag: string): CommitSha | undefined {
  return parseCommitSha(run.tags.get(tag)?.toLowerCase() ?? '')
}
