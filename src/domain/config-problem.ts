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

/** The line (from 1) at which a key of a model stands, such as `['gates', 'auc']`, else what it would stand in; undefined for a model that is not there. */
export type LineOf = (model: string, path: readonly string[]) => number | undefined
