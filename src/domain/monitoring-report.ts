/** Whether a report that monitoring writes after a deployment lets it pass. Read by src/services/check-reports.ts. */
import type { Evidence } from './promotion.ts'
import type { ToolReport } from './tool-report.ts'

/** `modifiedAt`: of the object, by its store. */
export type WrittenReport = { readonly report: ToolReport; readonly modifiedAt: Date | undefined }

type Judged = Pick<Evidence, 'verdict' | 'seen'>

/**
 * The store's time decides: Evidently writes the local time of its machine, without its zone. What is older than the merge is about the
 * release before. A report may be written again: one that fails now is waited for until the deadline, like any check.
 */
export function judgeMonitoringReport({ report, modifiedAt }: WrittenReport, mergedAt: Date): Judged {
  if (modifiedAt === undefined) return { verdict: 'no_data', seen: 'its store does not say when it was written' }
  const written = `${modifiedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  // Stores keep whole seconds.
  if (modifiedAt.getTime() + 1000 <= mergedAt.getTime())
    return { verdict: 'pending', seen: `written ${written}, before the merge` }
  if (!report.ok) return { verdict: 'no_data', seen: `it cannot be read: ${report.reason}` }
  const failing = report.tests.filter(({ passes }) => !passes)
  const [first] = failing
  const of = report.tests.length
  if (first === undefined) return { verdict: 'holds', seen: `${of} of ${of} tests pass, written ${written}` }
  return {
    verdict: 'fails',
    seen: `${failing.length} of ${of} tests fail, first ${first.name.slice(0, 80)}: ${first.evidence.slice(0, 120)}`,
  }
}
