/** `canary:` (canary-schema.ts) as the rest of the program sees it (src/domain/canary.ts). Part of repo-settings.ts. */
import type * as z from 'zod'
import type { CanarySettings } from '../domain/canary.ts'
import type { canary } from './canary-schema.ts'
import { toTraffic } from './traffic-schema.ts'

/** Of a document that has no problems. */
export function toCanary({ steps, traffic, compare }: z.output<typeof canary>): CanarySettings {
  return {
    steps,
    traffic: toTraffic(traffic),
    compare: compare.map(({ max_regression: maxRegression, stable, ...check }) => ({
      ...check,
      stable,
      maxRegression,
    })),
  }
}
