/** What the services around promotions are given. Put together once, in src/main.ts. */
import type { LineOf, Problem } from '../domain/config-problem.ts'
import type { RepoName } from '../domain/ids.ts'
import type { Need, Permit } from '../domain/server-policy.ts'
import type { RepoSettings } from '../domain/settings.ts'
import type { CompareModel } from './compare-model.ts'
import type { Ledger, LedgerReads } from './ledger.ts'
import type {
  ArgoCdServers,
  Buckets,
  Clock,
  Cluster,
  ComparisonStore,
  GitHub,
  GitHubReads,
  Hints,
  HttpProbe,
  Log,
  MergeGroups,
  Mlflow,
  Prometheus,
  Registries,
  Wandb,
} from './ports.ts'

export type ParseConfig = (
  text: string,
  options: { readonly file: string },
) =>
  | {
      readonly ok: true
      readonly settings: RepoSettings
      readonly notices: readonly Problem[]
      readonly lineOf: LineOf
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export type Deps = {
  readonly github: GitHub
  readonly mlflow: Mlflow
  readonly wandb: Wandb
  readonly buckets: Buckets
  readonly registries: Registries
  readonly cluster: Cluster
  readonly argocd: ArgoCdServers
  readonly prometheus: Prometheus
  readonly probe: HttpProbe
  readonly ledger: Ledger
  readonly comparisons: ComparisonStore
  readonly mergeGroups: MergeGroups
  readonly hints: Hints
  readonly clock: Clock
  readonly log: Log
  readonly parseConfig: ParseConfig
  /** The operator's policy, as a question. */
  readonly mayUse: (repository: RepoName, need: Need) => Permit
  readonly compareModel: CompareModel
}

/** What decides is given: nothing in it changes anything outside, so that a dry run is the decision itself. */
export type ReadDeps = Pick<Deps, 'clock' | 'log' | 'parseConfig' | 'mayUse' | 'compareModel'> & {
  readonly github: GitHubReads
  readonly ledger: LedgerReads
  readonly comparisons: Pick<ComparisonStore, 'get' | 'waivers'>
}
