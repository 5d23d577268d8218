/** Runs of GitHub Actions workflows that Lockkeeper starts: what `GitHub.dispatchWorkflow` and its like (github.ts) are asked and answer. */

export type WorkflowDispatch = {
  /** `smoke.yml`. */
  readonly file: string
  /** A branch or tag; undefined: the default branch, which costs one call more. */
  readonly ref: string | undefined
  readonly inputs: Readonly<Record<string, string>>
}

export type WorkflowStart =
  /** `run` undefined: GitHub (an older Enterprise Server) does not tell which run it is; `findWorkflowRun` does. */
  | { readonly kind: 'started'; readonly run: WorkflowRunView | undefined }
  /** The App may not start workflows: `actions: write` is optional. */
  | { readonly kind: 'not_allowed' }
  /** GitHub's words: no such file, no such input, no `workflow_dispatch` trigger. */
  | { readonly kind: 'refused'; readonly reason: string }

export type WorkflowRunView = {
  /** Decimal text. */
  readonly id: string
  readonly url: string
  readonly status: string
  readonly conclusion: string | undefined
}

export type WorkflowRunQuestion = {
  readonly file: string
  /** Runs that were created no earlier, give or take a few seconds. */
  readonly since: Date
  /** A text in the run's name that settles it. */
  readonly name: string
}
