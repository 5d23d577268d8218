/** Looks once at everything under `verify:`. The one list of checks: each kind is a file here (check-*.ts, look-at-workloads.ts), and a pure rule in src/domain/. Asked by verify-rollout.ts. */
import type { CheckMemory } from '../domain/check-memory.ts'
import type { Evidence } from '../domain/promotion.ts'
import { lookAtCanary } from './check-canary.ts'
import { lookAtEndpoints } from './check-http.ts'
import { lookAtQueries } from './check-prometheus.ts'
import { lookAtReports } from './check-reports.ts'
import { lookAtWorkflows } from './check-workflow.ts'
import type { Deps } from './deps.ts'
import { lookAtWorkloads } from './look-at-workloads.ts'
import type { Merged } from './verify-service.ts'

/** What a look is made on. */
export type Looking = Merged & {
  /** What the looks before it left; checks that ask from outside look no more often than `every`. */
  readonly memory: CheckMemory
  readonly now: Date
}

/** One look. Absent where the environment asks for nothing of the kind. */
export type CheckLook = {
  readonly evidence: readonly Evidence[]
  /** A failure that no waiting mends: the rollout ends with these words. */
  readonly fatal?: string | undefined
  /** Kept for the next look, under the check's own key. */
  readonly memory?: CheckMemory | undefined
}

/** Looks at every check of its kind. Whatever outside cannot be asked is evidence without data; throws only for outages of GitHub and the database. */
export type LookAtChecks = (looking: Looking, deps: Deps) => Promise<CheckLook>

/** In the order in which people read them. */
const CHECKS: readonly LookAtChecks[] = [
  lookAtWorkloads,
  lookAtEndpoints,
  lookAtQueries,
  lookAtReports,
  lookAtWorkflows,
  lookAtCanary,
]

export async function runChecks(looking: Looking, deps: Deps): Promise<Required<CheckLook>> {
  const looks = await Promise.all(CHECKS.map((look) => look(looking, deps)))
  return {
    evidence: looks.flatMap(({ evidence }) => evidence),
    fatal: looks.find(({ fatal }) => fatal !== undefined)?.fatal,
    memory: Object.assign({}, ...looks.map(({ memory }) => memory)),
  }
}
