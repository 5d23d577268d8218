/** Everything broken at once, each in its own way: `lockkeeper doctor` names cause and remedy of all, in bounded time. */
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { BOT } from '../../sandbox/systems/kubernetes-access.ts'
import { startWorld, type World } from '../../sandbox/world/index.ts'
import { runDoctor, tableOf, withTwoWorkloads } from './doctor-run.ts'

let world: World
let directory: string
beforeEach(async () => {
  world = await startWorld()
  withTwoWorkloads(world.kubernetes)
  directory = await mkdtemp(join(tmpdir(), 'lockkeeper-ill-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true })
  await world.close()
})

/** A server that answers everything with this status and text. */
async function answering(status: number, text: string): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((_, response) => response.writeHead(status).end(text))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

it('everything is broken in a way of its own', async () => {
  const mlflow = await answering(401, 'You are not authenticated.')
  const notPrometheus = await answering(200, '<html>')
  const gone = await answering(500, '')
  gone.close()
  const registryConfig = join(directory, 'docker.json')
  writeFileSync(registryConfig, JSON.stringify({ auths: { 'ghcr.io': { username: 'robot', password: 'wrong' } } }))
  world.registry.restrict('acme/private', { user: 'robot', password: 'good' })
  const stale = join(directory, 'stale.kubeconfig')
  writeFileSync(stale, world.kubernetes.kubeconfig('a-token-that-nobody-has'))
  const away = join(directory, 'away.kubeconfig')
  writeFileSync(away, world.kubernetes.kubeconfig().replaceAll(world.kubernetes.url, gone.url))
  world.kubernetes.grant(BOT.token, [{ apiGroups: ['argoproj.io'], resources: ['applications'], verbs: ['get'] }])
  const policy = `version: 1
mlflow: { default: { url: "${mlflow.url}" } }
prometheus: { down: { url: "${gone.url}" }, html: { url: "${notPrometheus.url}" } }
clusters: { away: { kubeconfig: ${away} }, stale: { kubeconfig: ${stale} }, typo: { context: sandbx } }
routes: [{ from: "https://ghcr.io", to: "${world.registry.url}" }]
allow:
  - repositories: ["acme/models"]
    buckets: ["s3://nobody-has/**"]
    wandb: ["acme/churn"]
    registries: ["ghcr.io/acme/*"]
    http: ["http://169.254.169.254"]
    argocd: [{ applications: ["*"] }, { cluster: stale, applications: ["*"] }]
    kubernetes: [{ namespaces: [prod] }]
`
  const settings = {
    APP_ID: '4243',
    DATABASE_URL: 'postgresql://bot:s3cret@127.0.0.1:1/x',
    LOCKKEEPER_REGISTRY_CONFIG: registryConfig,
    WANDB_API_KEY: undefined,
    AWS_SECRET_ACCESS_KEY: world.variables['AWS_SECRET_ACCESS_KEY'],
  }
  const started = performance.now()
  const run = await runDoctor(world, [], { policy, settings })
  const { code, stdout, stderr } = run
  expect(performance.now() - started).toBeLessThan(60_000)
  const said = tableOf(run)
    .replaceAll(world.github.host, '<github>')
    .replaceAll(directory, '<directory>')
    .replace(/[^\s"]*\/lockkeeper-world-\w+/g, '<world>')
    .replace(/127\.0\.0\.1:\d+/g, '<address>')
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  expect(said).toMatchInlineSnapshot(`
    "✗ GitHub App  GitHub at http://<github>/api/v3 does not accept the key of App 4243.
      → Compare APP_ID and the private key (PRIVATE_KEY, PRIVATE_KEY_PATH) with the App's settings page, and check this machine's clock.
    – clock  the time is taken from the sandbox's clock
    ✗ rollbacks  GitHub: bad credentials at GET /app/installations: check APP_ID and the private key
      → Check this machine's network and proxy, and https://www.githubstatus.com.
    ✗ database  database: cannot be reached: connect ECONNREFUSED <address>
      → Check DATABASE_URL, and that the server takes connections from here.
    ✗ MLflow  default  The MLflow server default cannot be used: it wants credentials and none are set: You are not authenticated.
      → Write \`sign_in\` for it in LOCKKEEPER_POLICY, or set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.
    ✗ bucket  s3://nobody-has/**  there is no bucket nobody-has
      → Give the credentials of this server s3:ListBucket on the bucket and s3:GetObject on its objects.
    ✗ registry  ghcr.io  it gives no token (403)
      → Compare \`registries:\` in LOCKKEEPER_POLICY with the entry of ghcr.io in LOCKKEEPER_REGISTRY_CONFIG; for AWS give this server's role ecr:GetAuthorizationToken.
    ✗ W&B  acme/churn  Weights & Biases cannot be used: this server has no key for it
      → Set WANDB_API_KEY on the Lockkeeper server.
    ✗ Prometheus  down  connection refused
      → Check its address under \`prometheus:\` in LOCKKEEPER_POLICY: the one below which /api/v1/query is.
    ✗ Prometheus  html  what Prometheus answered is no JSON
      → Check its address under \`prometheus:\` in LOCKKEEPER_POLICY: the one below which /api/v1/query is.
    ✗ HTTP host  http://169.254.169.254  is at 169.254.169.254, which is loopback, link-local or metadata: checks refuse to go there
      → If that is meant, name the address under \`routes:\` in LOCKKEEPER_POLICY; else mend the name in DNS.
    ✓ Kubernetes  Kubernetes v1.33.4, signed in as system:serviceaccount:lockkeeper:lockkeeper
    ✗ Kubernetes  namespace argocd  may not list, watch applications.argoproj.io
      → Add to a Role of that account in the namespace argocd (docs/guides/rbac.md):
      - apiGroups: [argoproj.io]
        resources: [applications]
        verbs: [list, watch]
    ✗ Kubernetes  namespace prod  may not get, list, watch inferenceservices.serving.kserve.io; get, list, watch deployments.apps
      → Add to a Role of that account in the namespace prod (docs/guides/rbac.md):
      - apiGroups: [serving.kserve.io]
        resources: [inferenceservices]
        verbs: [get, list, watch]
      - apiGroups: [apps]
        resources: [deployments]
        verbs: [get, list, watch]
    ✗ Kubernetes  away  Kubernetes: connection refused
      → Check \`clusters: { away: … }\` in LOCKKEEPER_POLICY, and that the API server can be reached from here.
    ✗ Kubernetes  stale  the cluster does not accept the credentials
      → Make new ones, for example with \`kubectl create token\`, and put them into the kubeconfig; in a pod, look at its service account.
    – Kubernetes  stale namespace argocd  not asked: see its cluster
    ✗ Kubernetes  typo  the kubeconfig <world>/kubeconfig has no context sandbx
      → Compare KUBECONFIG and \`clusters:\` in LOCKKEEPER_POLICY with the kubeconfig.
    "
  `)
  for (const secret of ['s3cret', 'wrong', 'a-token-that-nobody-has', BOT.token]) expect(stdout).not.toContain(secret)
  mlflow.close()
  notPrometheus.close()
})
