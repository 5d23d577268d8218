/** `verify: reports`: what monitoring wrote about the release after its merge. What it means: domain/monitoring-report.ts. Part of run-checks.ts. */
import { isDue, type ReportMemory } from '../domain/check-memory.ts'
import type { ReportCheck } from '../domain/check-settings.ts'
import { SystemUnavailable } from '../domain/failure.ts'
import { judgeMonitoringReport } from '../domain/monitoring-report.ts'
import type { Evidence } from '../domain/promotion.ts'
import { EVERY } from '../domain/verification.ts'
import type { Deps } from './deps.ts'
import { FORMATS } from './read-reports.ts'
import type { CheckLook, Looking } from './run-checks.ts'
import { checkText } from './verify-service.ts'

/** Reports are large, and written every some minutes at most. */
const EVERY_MS = 60_000
const MAX_BYTES = 8 * 1024 * 1024

export async function lookAtReports(looking: Looking, deps: Deps): Promise<CheckLook> {
  const { reports = [], every = EVERY } = looking.environment.verify
  if (reports.length === 0) return { evidence: [] }
  const memory = await Promise.all(
    reports.map(async (check, index): Promise<ReportMemory> => {
      const earlier = looking.memory.reports?.[index] ?? undefined
      if (earlier !== undefined && !isDue(earlier.at, looking.now, Math.max(every, EVERY_MS))) return earlier
      const at = looking.now.toISOString()
      const about = { check: `report ${check.name}`, wanted: 'every test passes, written after the merge', at }
      return { at, evidence: { ...about, ...(await judge(looking, check, deps)) } }
    }),
  )
  return { evidence: memory.map(({ evidence }) => evidence), memory: { reports: memory } }
}

async function judge(looking: Looking, check: ReportCheck, deps: Deps): Promise<Pick<Evidence, 'verdict' | 'seen'>> {
  const uri = checkText(looking, check.uri)
  const permit = deps.mayUse(looking.promotion.repository, { kind: 'bucket', uri })
  if (!permit.allowed) return { verdict: 'no_data', seen: permit.message }
  try {
    const object = await deps.buckets.read(uri, { maxBytes: MAX_BYTES })
    if (object.kind === 'absent') return { verdict: 'pending', seen: 'not written yet' }
    if (object.kind !== 'found') return { verdict: 'no_data', seen: object.reason }
    const text = new TextDecoder().decode(object.bytes)
    const written = { report: FORMATS[check.format](text), modifiedAt: object.modifiedAt }
    return judgeMonitoringReport(written, new Date(looking.mergedAt))
  } catch (error) {
    if (error instanceof SystemUnavailable) return { verdict: 'no_data', seen: error.message }
    throw error
  }
}
