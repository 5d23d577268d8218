/** The trend of a comparison: what the champions before measured. From the ledger alone, whatever has become of their runs. Part of refresh-comparison.ts. */
import { championEnvironment, trendPoint } from '../domain/champion.ts'
import type { ModelReport, TrendPoint } from '../domain/comparison-report.ts'
import type { RepoName } from '../domain/ids.ts'
import type { ModelSettings, RepoSettings } from '../domain/settings.ts'
import type { Deps } from './deps.ts'

/** A chart of more is not read. */
const POINTS = 20

/** Oldest first; empty where nothing was compared, or no gated metric was ever released. */
export async function readTrend(
  { comparison }: ModelReport,
  of: { readonly repository: RepoName; readonly model: ModelSettings; readonly settings: RepoSettings },
  { ledger }: Pick<Deps, 'ledger'>,
): Promise<readonly TrendPoint[]> {
  const { repository, model, settings } = of
  const gated = (comparison?.rows ?? []).flatMap(({ name, gate }) => (gate === undefined ? [] : [name]))
  const environment = championEnvironment(model, settings.environments)
  if (gated.length === 0 || environment === undefined) return []
  const releases = await ledger.verifiedReleases({ repository, model: model.name, environment }, POINTS)
  return releases.map((each) => trendPoint(each, gated)).filter(({ metrics }) => Object.keys(metrics).length > 0)
}
