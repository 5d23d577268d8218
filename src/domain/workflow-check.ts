/** `verify: workflow`: a GitHub Actions workflow that is run once for each promotion, as a smoke test. The rule over its run, and its settings. Looked at by src/services/check-workflow.ts. */
import type { Evidence } from './promotion.ts'
import type { Template } from './template.ts'

export type WorkflowCheck = {
  /** Below `.github/workflows/` of the model repository: `smoke.yml`. */
  readonly file: string
  /** A branch or tag; undefined: the default branch. */
  readonly ref: string | undefined
  readonly inputs: readonly { readonly name: string; readonly value: Template }[]
  /** From its start to its end, in milliseconds; undefined: as long as the rollout may take to be verified. */
  readonly within: number | undefined
}

/** GitHub's words. */
export type WorkflowRun = {
  readonly status: string
  /** undefined while it has not ended. */
  readonly conclusion: string | undefined
}

export type WorkflowVerdict = Pick<Evidence, 'verdict' | 'seen'> & {
  /** No waiting mends it. A run that somebody cancelled, or that never began, says nothing about the model and can be run again. */
  readonly isFatal: boolean
}

const FATAL: ReadonlySet<string> = new Set(['failure', 'timed_out'])

/** `overdue`: it has had all the time that it may have. */
export function assessRun({ status, conclusion }: WorkflowRun, overdue: boolean): WorkflowVerdict {
  if (conclusion === undefined) {
    const seen = status.replaceAll('_', ' ')
    return overdue
      ? { verdict: 'fails', seen: `${seen} when its time was over`, isFatal: true }
      : { verdict: 'pending', seen, isFatal: false }
  }
  const seen = conclusion.replaceAll('_', ' ')
  if (conclusion === 'success') return { verdict: 'holds', seen, isFatal: false }
  return { verdict: 'fails', seen, isFatal: FATAL.has(conclusion) }
}

/** The input that a workflow may declare: it then names its run by the promotion (`run-name`), by which a lost one is found again. */
export const PROMOTION_INPUT = 'lockkeeper_promotion'
