/** What `lockkeeper doctor` looks at: every system that the settings and the policy name, through the clients that the server uses. Part of the composition root. */
import { examineArgoCdApi } from './clients/argocd-examination.ts'
import { examineHost } from './clients/examine-host.ts'
import { examineMlflow } from './clients/mlflow-examination.ts'
import { openServers } from './clients/mlflow-servers.ts'
import { PATIENCE } from './clients/patient-call.ts'
import { createPrometheus } from './clients/prometheus.ts'
import { examineRegistry } from './clients/registry-examination.ts'
import { createBuckets } from './clients/s3.ts'
import { createWandb } from './clients/wandb.ts'
import { examineClusters } from './cluster-examinations.ts'
import type { Env } from './config/env.ts'
import { UserError } from './domain/failure.ts'
import type { ServerPolicy } from './domain/server-policy.ts'
import type { SignIn } from './domain/sign-in.ts'
import { examineGitHub } from './github-examinations.ts'
import { createLog } from './log.ts'
import { argocdServers, mlflowServers, registrySettings } from './outside.ts'
import type { Examination } from './services/examine-systems.ts'
import { openDatabase } from './store/database.ts'

export type Installation = {
  readonly env: Env
  readonly policy: ServerPolicy | undefined
  readonly signIns: ReadonlyMap<string, SignIn<string>>
  readonly argocdTokens?: ReadonlyMap<string, string>
}

/** A person waits for it. */
const PATIENCE_OF_A_PERSON = { ...PATIENCE, timeoutMs: 10_000, deadlineMs: 15_000 }

/** In the order in which a pull request needs them. Makes no request by itself. */
export function examinationsOf(installation: Installation): readonly Examination[] {
  return [
    ...examineGitHub(installation.env),
    examineStore(installation.env),
    ...examineMlflowServers(installation),
    ...examineBuckets(installation),
    ...examineRegistries(installation),
    ...examineWandb(installation),
    ...examinePrometheus(installation),
    ...examineArgoCd(installation),
    ...examineHosts(installation),
    ...examineClusters(installation.policy, installation.env.kubeconfig),
  ]
}

function examineStore({ database }: Env): Examination {
  const about = {
    system: 'database',
    name: '',
    whenDown: 'Check DATABASE_URL, and that the server takes connections from here.',
  }
  if (!('url' in database)) return { ...about, look: { skipped: 'embedded: DATABASE_URL is not set' } }
  return {
    ...about,
    look: async () => {
      const opened = await openDatabase({ url: database.url, log: createLog('silent'), maxConnections: 1 })
      await opened.close()
      return `${new URL(database.url).host || 'it'} answers`
    },
  }
}

function examineMlflowServers(installation: Installation): readonly Examination[] {
  const settings = mlflowServers(installation)
  const serverNamed = openServers(settings)
  const examined = [...settings.servers.keys()].map((name) => ({
    system: 'MLflow',
    name,
    whenDown: 'Check its address in LOCKKEEPER_POLICY or MLFLOW_TRACKING_URI, and that it can be reached from here.',
    look: () =>
      examineMlflow(serverNamed(name), {
        inCatalog: installation.policy?.mlflow.get(name)?.registry === 'unity_catalog',
        transport: PATIENCE_OF_A_PERSON,
      }),
  }))
  const none = 'no server: MLFLOW_TRACKING_URI is not set, and the policy has no `mlflow:`'
  return examined.length > 0 ? examined : [{ system: 'MLflow', name: '', whenDown: '', look: { skipped: none } }]
}

/** Where an object could be that a pattern of the policy allows. */
function examineBuckets({ env, policy }: Installation): readonly Examination[] {
  const buckets = createBuckets({ pathStyle: env.s3.pathStyle, timeoutMs: 5000 })
  const patterns = new Set((policy?.allow ?? []).flatMap((entry) => entry.buckets))
  return [...patterns].map((pattern) => ({
    system: 'bucket',
    name: pattern,
    whenDown: 'Check AWS_REGION and AWS_ENDPOINT_URL_S3, and that the store can be reached from here.',
    look: async () => {
      const star = pattern.indexOf('*')
      const literal = star < 0 ? pattern : pattern.slice(0, pattern.lastIndexOf('/', star) + 1)
      const found = await buckets.exists(literal === pattern ? pattern : `${literal}lockkeeper-doctor`)
      if (found.kind !== 'refused') return 'can be listed'
      throw new UserError(
        'system_unavailable',
        found.reason,
        'Give the credentials of this server s3:ListBucket on the bucket and s3:GetObject on its objects.',
      )
    },
  }))
}

/** Registries that the policy names, and those that the server has credentials for. */
function examineRegistries({ env, policy }: Installation): readonly Examination[] {
  const settings = registrySettings({ env, policy })
  const patterns = (policy?.allow ?? []).flatMap((entry) => entry.registries ?? [])
  const named = patterns.map((pattern) => pattern.slice(0, pattern.indexOf('/'))).filter((host) => !host.includes('*'))
  const hosts = new Set([...named, ...(settings.credentials?.keys() ?? [])])
  return [...hosts].map((host) => ({
    system: 'registry',
    name: host,
    whenDown: 'Check that it can be reached from here, and `routes:` in LOCKKEEPER_POLICY.',
    look: () => examineRegistry(host, settings),
  }))
}

/** Projects that the policy names; patterns cannot be asked for. */
function examineWandb({ env, policy }: Installation): readonly Examination[] {
  const about = { system: 'W&B', whenDown: 'Check WANDB_BASE_URL, and that it can be reached from here.' }
  const projects = new Set((policy?.allow ?? []).flatMap((entry) => entry.wandb))
  if (env.wandb.apiKey === undefined && projects.size === 0) return []
  const wandb = createWandb({ ...env.wandb, patience: PATIENCE_OF_A_PERSON })
  const named = [...projects].filter((project) => !project.includes('*'))
  if (named.length === 0)
    return [
      { ...about, name: '', look: { skipped: 'the policy names no project without `*` that could be asked for' } },
    ]
  return named.map((path) => ({
    ...about,
    name: path,
    look: async () => {
      const [entity = '', project = ''] = path.split('/')
      if ((await wandb.runsOfCommits({ entity, project }, [])) !== undefined) return 'can be read'
      throw new UserError(
        'system_unavailable',
        'there is no such project, or the user of WANDB_API_KEY may not see it',
        'Compare `wandb:` in LOCKKEEPER_POLICY with the address of the project, and give that user access.',
      )
    },
  }))
}

function examineArgoCd(installation: Installation): readonly Examination[] {
  const granted = (installation.policy?.allow ?? []).flatMap(({ argocd }) => argocd)
  return [...argocdServers(installation)].map(([name, server]) => ({
    system: 'Argo CD',
    name,
    whenDown: '',
    look: () => {
      const grants = granted
        .filter((grant) => grant.server === name)
        .map((grant) => ({ ...grant, sync: grant.sync === true }))
      return examineArgoCdApi({ name, server, grants })
    },
  }))
}

function examinePrometheus({ policy }: Installation): readonly Examination[] {
  const servers = policy?.prometheus ?? new Map()
  const prometheus = createPrometheus({ servers })
  return [...servers.keys()].map((name) => ({
    system: 'Prometheus',
    name,
    whenDown: '',
    look: async () => {
      const answer = await prometheus.query(name, '1')
      if (answer.kind === 'value') return 'answers queries'
      throw new UserError(
        'system_unavailable',
        answer.kind === 'failed' ? answer.reason : 'it has no answer to the query `1`',
        'Check its address under `prometheus:` in LOCKKEEPER_POLICY: the one below which /api/v1/query is.',
      )
    },
  }))
}

/** Hosts that the policy lets HTTP checks ask. They are looked up and not asked: what stands behind a pattern is somebody else's. */
function examineHosts(installation: Installation): readonly Examination[] {
  const { routes } = registrySettings(installation)
  const patterns = new Set(
    (installation.policy?.allow ?? []).flatMap(({ http, httpPost }) =>
      [...http, ...httpPost].map(({ source }) => source),
    ),
  )
  return [...patterns].map((pattern) => ({
    system: 'HTTP host',
    name: pattern,
    whenDown:
      'Compare `http:` in LOCKKEEPER_POLICY with the name in DNS; where that is another one from here, add it to `routes:`.',
    look: pattern.includes('*')
      ? { skipped: 'a pattern: its hosts are looked up when a check asks them' }
      : () => examineHost(pattern, { routes }),
  }))
}
