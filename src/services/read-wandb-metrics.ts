/** Metrics of Weights & Biases runs of a commit. Part of read-metrics.ts. */
import { type ChosenRuns, chooseRuns, type GroupableRun, seedMetrics } from '../domain/comparison-runs.ts'
import { type CommitSha, shortSha } from '../domain/ids.ts'
import { sharedParams } from '../domain/seed-params.ts'
import type { MetricSource } from '../domain/settings.ts'
import type { WandbRun } from './ports.ts'
import {
  type MetricsDeps,
  type MetricsQuestion,
  type MetricsReading,
  none,
  policyRefusal,
  type RunSet,
} from './read-metrics.ts'

type WandbSource = Extract<MetricSource, { kind: 'wandb' }>
type SeedRun = GroupableRun & Pick<WandbRun, 'params' | 'url'>

/** The newest group of runs of the first commit that has any. */
export async function readWandbRuns(
  { repository, commits, label, final }: MetricsQuestion,
  { entity, project, groupBy }: WandbSource,
  { wandb, mayUse }: MetricsDeps,
): Promise<MetricsReading> {
  const reference = `${entity}/${project}`
  const permit = mayUse(repository, { kind: 'wandb', project: reference })
  if (!permit.allowed) return policyRefusal(permit)
  const found = await wandb.runsOfCommits({ entity, project }, commits)
  if (found === undefined) {
    return none(
      `Weights & Biases has no project ${reference} that this server may see`,
      'Create it by a first training run, correct `candidate` in the configuration, or give the key access to it.',
    )
  }
  const choices = commits.map((commit) => {
    const runs = found.runs.filter((run) => run.commit === commit).map((run) => toSeed(run))
    return { commit, choice: chooseRuns(runs, { final, groupBy: groupBy ?? '' }) }
  })
  for (const { commit, choice } of choices) {
    if (choice.kind === 'chosen') return { ...runSet(choice, found.isCut), label, reference, commit }
  }
  return nothingChosen(
    choices.map(({ choice }) => choice),
    { reference, commit: commits[0], final },
  )
}

function toSeed(run: WandbRun): SeedRun {
  const { id: runId, status, startedAt, metrics, params, url, group, sweep } = run
  const tags = new Map([
    ...(group === undefined ? [] : [['group', group] as const]),
    ...(sweep === undefined ? [] : [['sweep', sweep] as const]),
  ])
  return { runId, status, startedAt, metrics, params, url, tags }
}

function runSet(
  choice: Extract<ChosenRuns<SeedRun>, { kind: 'chosen' }>,
  isCut: boolean,
): Omit<RunSet, 'label' | 'reference' | 'commit'> {
  const { runs, failed, newerRunning } = choice
  return {
    kind: 'found',
    url: undefined,
    file: undefined,
    version: undefined,
    runs: runs.map(({ runId, url }) => ({ id: runId, url })),
    ids: runs.map(({ runId }) => runId),
    seeds: seedMetrics(choice),
    params: sharedParams(runs),
    dataDigests: [],
    failedRuns: failed,
    newerRunning,
    notes: isCut ? [`Weights & Biases has more runs of this commit; the newest of them were read.`] : [],
  }
}

function nothingChosen(
  choices: readonly ChosenRuns<SeedRun>[],
  {
    reference,
    commit,
    final,
  }: { readonly reference: string; readonly commit: CommitSha | undefined; readonly final: boolean },
): MetricsReading {
  const total = (kind: 'running' | 'failed'): number =>
    choices.reduce((sum, choice) => sum + (choice.kind === kind ? choice.count : 0), 0)
  const of = `of ${commit === undefined ? 'this commit' : shortSha(commit)} in ${reference} on Weights & Biases`
  const [running, failed] = [total('running'), total('failed')]
  if (running > 0 && !final) return { kind: 'running', count: running }
  if (running > 0) {
    return none(
      `${running === 1 ? 'A run' : `${running} runs`} ${of} did not finish in time`,
      'End or repeat the training run; `training.within` in the configuration says how long is waited.',
    )
  }
  if (failed > 0) {
    return none(
      `${failed === 1 ? 'The only run' : `All ${failed} runs`} ${of} failed`,
      'Look into the training log, then push or train again.',
    )
  }
  return none(
    `There is no run ${of}`,
    'Train this commit; W&B notes the commit of the Git checkout, or the one in WANDB_GIT_COMMIT.',
  )
}
