/** Where a model's champions live, and which they were: the trend of a comparison. The ledger gives the releases: services/read-trend.ts. */
import type { TrendPoint } from './comparison-report.ts'
import type { EnvironmentName } from './ids.ts'
import { canonicalMetricName } from './metric.ts'
import { type Release, releaseLabel } from './release.ts'
import type { EnvironmentSettings, ModelSettings } from './settings.ts'

type Environments = ReadonlyMap<EnvironmentName, EnvironmentSettings>

/**
 * The environment whose verified releases were the champions: the one that the baseline names, else the one that moves the
 * baseline's alias, else the last that the model is promoted to. undefined: it is promoted nowhere.
 */
export function championEnvironment(model: ModelSettings, environments: Environments): EnvironmentName | undefined {
  const { baseline } = model
  if (baseline?.kind === 'live') return baseline.environment
  if (baseline?.kind === 'mlflow_version' && baseline.version.by === 'alias') {
    const { alias } = baseline.version
    const mover = model.environments.find((name) => environments.get(name)?.onVerified.mlflowAlias === alias)
    if (mover !== undefined) return mover
  }
  return model.environments.toSorted((a, b) => depthOf(a, environments) - depthOf(b, environments)).at(-1)
}

/** How many environments come one after another before it. The configuration's rules refuse circles. */
function depthOf(name: EnvironmentName, environments: Environments): number {
  return Math.max(0, ...(environments.get(name)?.after ?? []).map((before) => 1 + depthOf(before, environments)))
}

/** A release as a point of the trend: its metrics that are gated now, by the names that the gates have now. */
export function trendPoint(
  { at, release }: { readonly at: string; readonly release: Release },
  gated: readonly string[],
): TrendPoint {
  const recorded = new Map(Object.entries(release.metrics).map(([name, value]) => [canonicalMetricName(name), value]))
  const metrics = gated.flatMap((name) => {
    const value = recorded.get(canonicalMetricName(name))
    return value === undefined ? [] : [[name, value] as const]
  })
  return { at, label: releaseLabel(release), metrics: Object.fromEntries(metrics) }
}
