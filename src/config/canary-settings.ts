/** `canary:` (canary-schema.ts) as the rest of the program sees it (src/domain/canary.ts). Part of repo-settings.ts. */
import type * as z from 'zod'
import type { CanarySettings } from '../domain/canary.ts'
import type { canary } from './canary-schema.ts'

/** Of a document that has no problems. */
export function toCanary({ steps, traffic: { kserve }, compare }: z.output<typeof canary>): CanarySettings {
  if (kserve === undefined) throw new Error('the schema let a canary without traffic through')
  return {
    steps,
    traffic: { kind: 'kserve', ...kserve },
    compare: compare.map(({ max_regression: maxRegression, stable, ...check }) => ({
      ...check,
      stable,
      maxRegression,
    })),
  }
}
