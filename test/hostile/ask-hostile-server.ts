/**
 * The child of hostile-answers.test.ts: one client of the product (the first argument) asks the servers at some addresses (the others), one after
 * the other, and says of each what became of it, and how much memory it took. A line of JSON each.
 */
import { mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectArgoCd } from '../../src/clients/argocd-connection.ts'
import { createGitHub } from '../../src/clients/github/github.ts'
import { createOctokitClass } from '../../src/clients/github/octokit.ts'
import { createHttpProbe } from '../../src/clients/http-probe.ts'
import { connectCluster } from '../../src/clients/kubernetes/connection.ts'
import { createMlflow } from '../../src/clients/mlflow.ts'
import { createPrometheus } from '../../src/clients/prometheus.ts'
import { createRegistries } from '../../src/clients/registry.ts'
import { createBuckets } from '../../src/clients/s3.ts'
import { createWandb } from '../../src/clients/wandb.ts'
import { parseCommitSha, parseRepoName } from '../../src/domain/ids.ts'
import type { GitHub, Log } from '../../src/services/ports.ts'

export type Met = {
  /** What was thrown, or what the client gave. */
  readonly outcome: string
  readonly isAnswered: boolean
  readonly seconds: number
  /** Above what was used before. */
  readonly megabytes: number
}

const TIMEOUT_MS = 700
/** Of what is heard for as long as it lasts. */
const STREAM_MS = 3000
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const commit = parseCommitSha('3'.repeat(40))
const repository = parseRepoName('acme/models')
const patience = { timeoutMs: TIMEOUT_MS, deadlineMs: TIMEOUT_MS, retries: 0, wait: async () => undefined }

/** Waited for for a minute. */
export const STORAGE = "GitHub's storage"

/** Each gives what the client gives. What a policy would name is named: only how an answer is read is tried here. */
export const ASKING: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  'MLflow, a run': (url) =>
    createMlflow({ servers: new Map([['a', url]]), credentials: new Map(), log: silent, transport: patience }).run(
      'a',
      '1',
    ),
  'MLflow, a token': (url) =>
    createMlflow({
      servers: new Map([['a', url]]),
      credentials: new Map([['a', { kind: 'databricks', clientId: 'id', clientSecret: 'secret' }]]),
      log: silent,
      transport: patience,
    }).run('a', '1'),
  'Weights & Biases': (url) =>
    createWandb({ baseUrl: url, apiKey: 'key', patience }).runsOfCommits(
      { entity: 'a', project: 'b' },
      commit ? [commit] : [],
    ),
  Prometheus: (url) => createPrometheus({ servers: new Map([['a', { url }]]), timeoutMs: TIMEOUT_MS }).query('a', 'up'),
  'an endpoint': (url) => probe(url).ask({ url: 'https://churn.example.com/', method: 'GET' }),
  'an endpoint that is read': (url) =>
    probe(url).ask({ url: 'https://churn.example.com/', method: 'POST', json: {}, readBody: true }),
  'a registry': (url) =>
    createRegistries({
      routes: [{ from: 'https://ghcr.io', to: url }],
      userAgent: 'lockkeeper',
      timeoutMs: TIMEOUT_MS,
    }).resolve({ repository: 'ghcr.io/acme/churn', reference: 'v1', anonymously: true }),
  'a bucket, an object': (url) => bucket(url).read('s3://acme-models/a.json', { maxBytes: 8 * 1024 * 1024 }),
  'a bucket, a folder': (url) => bucket(url).exists('s3://acme-models/a/'),
  'a cluster': (url) =>
    withKubeconfig(url, (kubeconfig) => connectCluster({ kubeconfig, timeoutMs: TIMEOUT_MS }).ask('/api')),
  'a cluster that is watched': (url) => withKubeconfig(url, watched),
  'Argo CD': (url) => connectArgoCd({ url, token: 'token' }, TIMEOUT_MS).ask('/api/v1/applications'),
  'Argo CD that is heard': async (url) => {
    for await (const line of connectArgoCd({ url, token: 'token' }, TIMEOUT_MS).lines(
      '/s',
      AbortSignal.timeout(STREAM_MS),
    ))
      return line
    return undefined
  },
  'GitHub by GraphQL': (url) => (repository && github(url).readFiles(repository, 'HEAD', ['a'])) || Promise.resolve(),
  'GitHub by REST': (url) => github(url).failedDeliveries(new Date()),
  [STORAGE]: artifact,
}

const probe = (url: string) =>
  createHttpProbe({
    routes: [{ from: 'https://*.example.com', to: url }],
    userAgent: 'lockkeeper',
    timeoutMs: TIMEOUT_MS,
  })

function bucket(url: string): ReturnType<typeof createBuckets> {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  })
  return createBuckets({ pathStyle: true, timeoutMs: TIMEOUT_MS })
}

async function withKubeconfig<T>(url: string, work: (path: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-cluster-'))
  const path = join(directory, 'config')
  const config = {
    'current-context': 'a',
    clusters: [{ name: 'a', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    users: [{ name: 'a', user: {} }],
  }
  writeFileSync(path, JSON.stringify(config))
  try {
    return await work(path)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

async function watched(kubeconfig: string): Promise<unknown> {
  const connection = connectCluster({ kubeconfig, timeoutMs: TIMEOUT_MS })
  const signal = AbortSignal.timeout(STREAM_MS)
  const stream = await connection.stream('/watch', { accept: 'application/json', silenceMs: TIMEOUT_MS, signal })
  for await (const line of stream?.lines ?? []) return line
  return stream?.status
}

function github(url: string): GitHub {
  const Octokit = createOctokitClass({ userAgent: 'lockkeeper', timeoutMs: TIMEOUT_MS })
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const octokit = new Octokit({ auth: { token: 'token' }, log: quiet, baseUrl: url })
  return createGitHub({
    octokitFor: async () => octokit,
    appOctokit: octokit,
    installationOf: async () => 7,
    appId: 1,
    appLogin: 'lockkeeper[bot]',
    log: silent,
    clock: { now: () => new Date() },
  })
}

/** GitHub is as always; only its storage is not. */
async function artifact(storage: string): Promise<unknown> {
  const run = {
    ...{ id: 1, workflow_id: 2, event: 'push', path: 't.yml', html_url: 'https://github.com/a', status: 'completed' },
    created_at: '2026-11-24T09:00:00Z',
  }
  const found = { id: 9, name: 'm', size_in_bytes: 9, expired: false, created_at: '2026-11-24T09:05:00Z' }
  const server = createServer(({ url = '' }, response) => {
    response.setHeader('content-type', 'application/json')
    if (url.includes('/artifacts/9/zip')) response.writeHead(302, { location: `${storage}/a` }).end()
    else response.end(JSON.stringify(url.includes('/artifacts') ? { artifacts: [found] } : { workflow_runs: [run] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = github(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  try {
    if (repository === undefined || commit === undefined) return undefined
    return await port.readArtifact(repository, { commits: [commit], name: 'm', file: undefined, workflow: undefined })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

if (import.meta.main) {
  const [, , name = '', ...urls] = process.argv
  // Nobody answers there: what a client loads at its first question is loaded by then.
  await met(name, 'http://127.0.0.1:1')
  for (const url of urls) writeSync(1, `${JSON.stringify(await met(name, url))}\n`)
  // Streams that nobody reads any more.
  process.exit()
}

async function met(name: string, url: string): Promise<Met> {
  const ask = ASKING[name]
  if (ask === undefined) throw new Error(`no such client: ${name}`)
  const idle = process.memoryUsage.rss()
  let most = idle
  const look = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 10)
  const started = performance.now()
  const { outcome, isAnswered } = await ask(url).then(
    (given) => ({ outcome: JSON.stringify(given) ?? 'nothing', isAnswered: true }),
    (error: unknown) => ({
      outcome: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      isAnswered: false,
    }),
  )
  clearInterval(look)
  most = Math.max(most, process.memoryUsage.rss())
  const seconds = (performance.now() - started) / 1000
  return { outcome: outcome.slice(0, 400), isAnswered, seconds, megabytes: Math.round((most - idle) / 1024 ** 2) }
}
