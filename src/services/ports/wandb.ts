/** Runs of Weights & Biases. src/clients/wandb.ts implements it. */
import type { CommitSha } from '../../domain/ids.ts'
import type { Metrics } from '../../domain/metric.ts'

export type WandbRun = {
  readonly id: string
  readonly commit: CommitSha
  /** W&B's states in MLflow's words: `crashed` is FAILED, `pending` and `preempted` are SCHEDULED. */
  readonly status: 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'
  readonly startedAt: Date
  readonly group: string | undefined
  readonly sweep: string | undefined
  /** The run's summary, nested names joined by dots; W&B's own (`_runtime`) left out. */
  readonly metrics: Metrics
  /** The run's configuration, likewise. */
  readonly params: ReadonlyMap<string, string>
  readonly url: string
}

/** Throws SystemUnavailable for outages, and UserError `wandb_refused` where a person has to change something. */
export type Wandb = {
  /** Newest first, of any state. `isCut`: there are more than are read. undefined: there is no such project, or the key may not see it. At most two requests. */
  runsOfCommits(
    project: { readonly entity: string; readonly project: string },
    commits: readonly CommitSha[],
  ): Promise<{ readonly runs: readonly WandbRun[]; readonly isCut: boolean } | undefined>
}
