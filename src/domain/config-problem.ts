/** One finding about a configuration file, as everything that shows it needs it. Found by src/config/, shown by src/comments/ and the CLI. */

/** `error`: the file is refused. `inactive`: understood, but nothing acts on it yet. `warning`: works, but hardly as meant. */
export type ProblemSeverity = 'error' | 'inactive' | 'warning'

export type Problem = {
  /** The file as the reader knows it, relative to its repository. */
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  /** Counted from 1, in UTF-16 units. */
  readonly column: number
  /** The key's path: `models.churn.gates.auc.goal`, `environments.prod.edit[0].file`; empty for the file as a whole. */
  readonly key: string
  readonly reason: string
  /** What to do about it; empty when there is nothing to add to the reason. */
  readonly hint: string
  readonly severity: ProblemSeverity
}
