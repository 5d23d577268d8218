/**
 * The operator's policy (LOCKKEEPER_POLICY): which repository may use which of this server's credentials and reach.
 * Parsed by src/config/policy-file.ts, asked by every service before a client is. No entry, no access.
 */
import { globMatches } from './glob.ts'
import { assertNever, type RepoName } from './ids.ts'
import { imageMatches, isPublicRegistry, parseImageName } from './image-name.ts'
import type { SecretPlace, SignIn } from './sign-in.ts'
import { type UrlPattern, urlMatches } from './url-pattern.ts'

/** A named Prometheus server. `url` has no trailing slash. */
type NamedServer = { readonly url: string }

/** A named cluster: a context of a kubeconfig. At least one is set. */
export type NamedCluster = {
  /** undefined: the file's current one. */
  readonly context: string | undefined
  /** Absolute path. undefined: what KUBECONFIG names. */
  readonly kubeconfig: string | undefined
}

/** A named MLflow server. Without `registry`, registered models are in MLflow's own. */
export type MlflowPolicyServer = NamedServer & {
  readonly signIn?: SignIn<SecretPlace>
  readonly registry?: 'unity_catalog'
}

/** An Argo CD whose API is asked, and the token of its account. */
export type ArgoCdPolicyServer = NamedServer & {
  readonly token: SecretPlace
  /** A file of certificates that it is trusted by, besides those that everybody is. */
  readonly caFile?: string
}

/** `cluster` is a name under `clusters:`. undefined: the cluster that the server itself is set up for, and no other. */
type InCluster = { readonly cluster?: string | undefined }

/** One entry of `allow:`. Lists are patterns; an empty list allows nothing. */
type PolicyEntry = {
  /** Patterns over `owner/name`, lower case. */
  readonly repositories: readonly string[]
  readonly mlflow: readonly {
    readonly server: string
    readonly experiments: readonly string[]
    readonly models: readonly string[]
  }[]
  /** Patterns over `entity/project` of Weights & Biases. */
  readonly wandb: readonly string[]
  readonly buckets: readonly string[]
  /** `server`: through the API of that one of `argocd_servers:`. `sync`: may also be told to sync. */
  readonly argocd: readonly (InCluster & {
    readonly server?: string | undefined
    readonly namespace: string
    readonly applications: readonly string[]
    readonly sync?: boolean | undefined
  })[]
  /** `objects`: names of Kustomizations and HelmReleases. `reconcile`: they, and what they are made of, may also be told to reconcile. */
  readonly flux: readonly (InCluster & {
    readonly namespace: string
    readonly objects: readonly string[]
    readonly reconcile: boolean
  })[]
  readonly fleet: readonly (InCluster & { readonly namespace: string; readonly gitRepos: readonly string[] })[]
  readonly kubernetes: readonly (InCluster & { readonly namespaces: readonly string[] })[]
  readonly http: readonly UrlPattern[]
  /** What may be sent to, besides: a request with a body may do anything there. */
  readonly httpPost: readonly UrlPattern[]
  readonly prometheus: readonly string[]
  readonly slack: readonly string[]
  /** Patterns of images, also with the server's credentials. undefined (the key is not there): those of public registries, without credentials. */
  readonly registries: readonly string[] | undefined
}

/** Requests whose scheme, host and port match `from` go to `to` instead, with the original Host header; done in src/clients/routes.ts. */
type Route = { readonly from: UrlPattern; readonly to: string }

export type ServerPolicy = {
  readonly mlflow: ReadonlyMap<string, MlflowPolicyServer>
  readonly prometheus: ReadonlyMap<string, NamedServer>
  readonly clusters: ReadonlyMap<string, NamedCluster>
  readonly argocdServers: ReadonlyMap<string, ArgoCdPolicyServer>
  readonly routes: readonly Route[]
  readonly allow: readonly PolicyEntry[]
}

/** One thing that a repository wants of this server. */
export type Need =
  | { readonly kind: 'mlflow'; readonly server: string; readonly experiment: string }
  | { readonly kind: 'mlflow'; readonly server: string; readonly model: string }
  /** `entity/project` of Weights & Biases. */
  | { readonly kind: 'wandb'; readonly project: string }
  | { readonly kind: 'bucket'; readonly uri: string }
  /** `sync`, `reconcile`: it is told to do something, not only looked at. */
  | (InCluster & {
      readonly kind: 'argocd'
      readonly server?: string | undefined
      readonly namespace: string
      readonly application: string
      readonly sync?: true
    })
  | (InCluster & {
      readonly kind: 'flux'
      readonly namespace: string
      readonly object: string
      readonly reconcile?: true
    })
  | (InCluster & { readonly kind: 'fleet'; readonly namespace: string; readonly gitRepo: string })
  | (InCluster & { readonly kind: 'kubernetes'; readonly namespace: string })
  /** `post`: something is sent there. */
  | { readonly kind: 'http'; readonly url: string; readonly post?: true }
  | { readonly kind: 'prometheus'; readonly server: string }
  | { readonly kind: 'slack'; readonly channel: string }
  /** `image` is a name without tag. `anonymously`: without the credentials of LOCKKEEPER_REGISTRY_CONFIG. */
  | { readonly kind: 'registry'; readonly image: string; readonly anonymously: boolean }

export type Permit =
  | { readonly allowed: true }
  | {
      readonly allowed: false
      /** YAML for the operator's file: one item of `allow:`, with that key and `version:` where the file has none yet. */
      readonly missingLine: string
      /** One sentence that names the repository, the thing and LOCKKEEPER_POLICY. Plain text: escape it in Markdown. */
      readonly message: string
    }

/** May `repo` have `need`? `policy` undefined: LOCKKEEPER_POLICY is not set, and nothing is allowed. */
export function mayUse(policy: ServerPolicy | undefined, repo: RepoName, need: Need): Permit {
  const entries =
    policy?.allow.filter((entry) => entry.repositories.some((pattern) => globMatches(pattern, repo))) ?? []
  if (entries.some((entry) => entryAllows(entry, need))) return { allowed: true }
  const entry = entryFor(need)
  const heads = policy === undefined ? ['version: 1', 'allow:'] : policy.allow.length === 0 ? ['allow:'] : []
  const where =
    policy === undefined
      ? "this server has no operator's policy (LOCKKEEPER_POLICY), so nothing is allowed"
      : "the operator's policy (LOCKKEEPER_POLICY) has no entry for it"
  return {
    allowed: false,
    missingLine: entry.includes('*')
      ? '# No line: `*` in the name that is asked for would be a pattern here, and allow more than that.'
      : [...missingCluster(policy, need), ...heads, `  - { repositories: ["${repo}"], ${entry} }`].join('\n'),
    message: `${repo} may not use ${describe(need)}: ${where}`,
  }
}

/** A cluster that the file does not know, as the first thing it needs. */
function missingCluster(policy: ServerPolicy | undefined, need: Need): readonly string[] {
  const name = 'cluster' in need ? need.cluster : undefined
  if (name === undefined || policy?.clusters.has(name)) return []
  const line = `  ${text(name)}: { context: ${text(name)} }`
  return policy === undefined || policy.clusters.size === 0
    ? ['clusters:', line]
    : ['# below `clusters:`', line, '# below `allow:`']
}

function entryAllows(entry: PolicyEntry, need: Need): boolean {
  const among = (patterns: readonly string[], text: string): boolean =>
    patterns.some((pattern) => globMatches(pattern, text))
  switch (need.kind) {
    case 'mlflow':
      return entry.mlflow.some(
        (grant) =>
          grant.server === need.server &&
          ('experiment' in need ? amongExperiments(grant, need.experiment) : amongFree(grant.models, need.model)),
      )
    case 'wandb':
      return /^[^/]+\/[^/]+$/.test(need.project) && among(entry.wandb, need.project)
    case 'bucket':
      return isPlainBucketUri(need.uri) && among(entry.buckets, need.uri)
    case 'argocd':
      return entry.argocd.some(
        (grant) =>
          isIn(grant, need) &&
          grant.server === need.server &&
          grant.namespace === need.namespace &&
          among(grant.applications, need.application) &&
          (grant.sync === true || need.sync === undefined),
      )
    case 'flux':
      return entry.flux.some(
        (grant) =>
          isIn(grant, need) &&
          grant.namespace === need.namespace &&
          among(grant.objects, need.object) &&
          (grant.reconcile || need.reconcile === undefined),
      )
    case 'fleet':
      return entry.fleet.some(
        (grant) => isIn(grant, need) && grant.namespace === need.namespace && among(grant.gitRepos, need.gitRepo),
      )
    case 'kubernetes':
      return entry.kubernetes.some((grant) => isIn(grant, need) && grant.namespaces.includes(need.namespace))
    case 'http':
      return (need.post ? entry.httpPost : entry.http).some((pattern) => urlMatches(pattern, need.url))
    case 'prometheus':
      return entry.prometheus.includes(need.server)
    case 'slack':
      return entry.slack.includes(need.channel)
    case 'registry': {
      const image = parseImageName(need.image)
      if (image === undefined) return false
      return (
        entry.registries?.some((pattern) => imageMatches(pattern, image)) ??
        (need.anonymously && isPublicRegistry(image))
      )
    }
    default:
      return assertNever(need)
  }
}

const isIn = (grant: InCluster, need: InCluster): boolean => grant.cluster === need.cluster

/** MLflow names are not paths (`/Users/me/churn` is one name on Databricks), so `*` alone is every name. */
const amongFree = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => pattern === '*' || globMatches(pattern, name))

/** `id:7` is no name: a pattern over names (`id*`, `*7`) does not mean it, only every name or another id does. */
const amongExperiments = ({ experiments }: { readonly experiments: readonly string[] }, name: string): boolean =>
  amongFree(name.startsWith('id:') ? experiments.filter((each) => /^(?:\*\*?$|id:)/.test(each)) : experiments, name)

const isPlainBucketUri = (uri: string): boolean =>
  /^s3:\/\/[^\s\\]+$/.test(uri) && !uri.split('/').some((segment) => segment === '.' || segment === '..')

/** As YAML reads it in a flow mapping. */
const text = (value: string): string =>
  /^[a-z0-9][a-z0-9_-]*$/i.test(value) && !/^(?:true|false|null|[\d_]+)$/i.test(value) ? value : JSON.stringify(value)

const inCluster = ({ cluster }: InCluster): string => (cluster === undefined ? '' : `cluster: ${text(cluster)}, `)

/** The grant as one flow-style key, as narrow as the need. */
function entryFor(need: Need): string {
  switch (need.kind) {
    case 'mlflow': {
      const what = 'experiment' in need ? `experiments: [${text(need.experiment)}]` : `models: [${text(need.model)}]`
      return `mlflow: [{ server: ${text(need.server)}, ${what} }]`
    }
    case 'wandb':
      return `wandb: [${JSON.stringify(need.project)}]`
    case 'bucket':
      return `buckets: [${JSON.stringify(need.uri)}]`
    case 'argocd': {
      const where = need.server === undefined ? inCluster(need) : `server: ${text(need.server)}, `
      const sync = need.sync === undefined ? '' : ', sync: true'
      return `argocd: [{ ${where}namespace: ${text(need.namespace)}, applications: [${text(need.application)}]${sync} }]`
    }
    case 'flux': {
      const reconcile = need.reconcile === undefined ? '' : ', reconcile: true'
      return `flux: [{ ${inCluster(need)}namespace: ${text(need.namespace)}, objects: [${text(need.object)}]${reconcile} }]`
    }
    case 'fleet':
      return `fleet: [{ ${inCluster(need)}namespace: ${text(need.namespace)}, git_repos: [${text(need.gitRepo)}] }]`
    case 'kubernetes':
      return `kubernetes: [{ ${inCluster(need)}namespaces: [${text(need.namespace)}] }]`
    case 'http':
      return `${need.post ? 'http_post' : 'http'}: [${JSON.stringify(URL.parse(need.url)?.origin ?? need.url)}]`
    case 'prometheus':
      return `prometheus: [${text(need.server)}]`
    case 'slack':
      return `slack: [${JSON.stringify(need.channel)}]`
    case 'registry':
      return `registries: [${JSON.stringify(imageText(need.image))}]`
    default:
      return assertNever(need)
  }
}

function describe(need: Need): string {
  switch (need.kind) {
    case 'mlflow':
      return 'experiment' in need
        ? `the experiment ${need.experiment} on the MLflow server ${need.server}`
        : `the registered model ${need.model} on the MLflow server ${need.server}`
    case 'wandb':
      return `the Weights & Biases project ${need.project}`
    case 'bucket':
      return `the address ${need.uri}`
    case 'argocd': {
      const where = need.server === undefined ? ofCluster(need) : ` of the Argo CD server ${need.server}`
      const what = `the Argo CD Application ${need.application} in the namespace ${need.namespace}${where}`
      return need.sync === undefined ? what : `${what}, and tell it to sync`
    }
    case 'flux': {
      const what = `${need.object} of Flux in the namespace ${need.namespace}${ofCluster(need)}`
      return need.reconcile === undefined ? what : `${what}, and tell it to reconcile`
    }
    case 'fleet':
      return `the GitRepo ${need.gitRepo} of Fleet in the namespace ${need.namespace}${ofCluster(need)}`
    case 'kubernetes':
      return `the Kubernetes namespace ${need.namespace}${ofCluster(need)}`
    case 'http':
      return `the address ${URL.parse(need.url)?.origin ?? need.url}${need.post ? ' for POST requests' : ''}`
    case 'prometheus':
      return `the Prometheus server ${need.server}`
    case 'slack':
      return `the Slack channel ${need.channel}`
    case 'registry':
      return `the images of ${imageText(need.image)}${need.anonymously ? '' : " with this server's credentials"}`
    default:
      return assertNever(need)
  }
}

const ofCluster = ({ cluster }: InCluster): string => (cluster === undefined ? '' : ` of the cluster ${cluster}`)

/** With its registry, which `acme/churn` leaves out. */
function imageText(text: string): string {
  const image = parseImageName(text)
  return image === undefined ? text : `${image.host}/${image.name}`
}
