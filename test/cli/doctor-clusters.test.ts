/** What `lockkeeper doctor` says about clusters: who it is there, and which right is missing for what the policy grants. */
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createClock } from '../../sandbox/clock.ts'
import { type KubernetesSandbox, startKubernetes } from '../../sandbox/systems/kubernetes.ts'
import { type AccessRule, BOT } from '../../sandbox/systems/kubernetes-access.ts'
import { startWorld, type World } from '../../sandbox/world/index.ts'
import { runDoctor, tableOf, withTwoWorkloads } from './doctor-run.ts'

let world: World
let europe: KubernetesSandbox
const KUBECONFIG = join(tmpdir(), `lockkeeper-doctor-eu-${process.pid}.yml`)

beforeAll(async () => {
  world = await startWorld()
  europe = await startKubernetes({ clock: createClock() })
  withTwoWorkloads(europe)
  writeFileSync(KUBECONFIG, europe.kubeconfig())
})
afterAll(async () => {
  await europe.close()
  await world.close()
  rmSync(KUBECONFIG, { force: true })
})
afterEach(() => {
  vi.unstubAllEnvs()
  europe.grant(BOT.token, BOT.rules)
  europe.faults.missing.delete('applications')
})

const ALLOW = `allow:
  - repositories: ["acme/models"]
    argocd: [{ cluster: prod-eu, applications: ["*"] }]
    kubernetes: [{ cluster: prod-eu, namespaces: [prod] }]`

/** The lines about clusters only. */
async function said(policy: string, settings: Record<string, string | undefined> = {}): Promise<string> {
  const table = tableOf(await runDoctor(world, [], { policy: `version: 1\n${policy}`, settings }))
  return table.slice(table.search(/^. Kubernetes/m)).replaceAll(KUBECONFIG, '<kubeconfig>')
}

const named = (allow = ALLOW, context = 'sandbox') =>
  said(`clusters: { prod-eu: { context: ${context}, kubeconfig: ${KUBECONFIG} } }\n${allow}`)

const may = (rules: readonly AccessRule[]) => europe.grant(BOT.token, rules)

describe('doctor, in a cluster', () => {
  it('that is well says who it is there and what it may', async () => {
    expect(await named()).toMatchInlineSnapshot(`
      "✓ Kubernetes  prod-eu  Kubernetes v1.33.4, signed in as system:serviceaccount:lockkeeper:lockkeeper
      ✓ Kubernetes  prod-eu namespace argocd  reads applications; patches applications
      ✓ Kubernetes  prod-eu namespace prod  reads inferenceservices, deployments
      "
    `)
  })

  it('names each missing verb, and a rule that mends it when it is added', async () => {
    may([{ apiGroups: ['argoproj.io', 'serving.kserve.io', 'apps'], resources: ['*'], verbs: ['get'] }])
    const text = await named()
    expect(text).toMatchInlineSnapshot(`
      "✓ Kubernetes  prod-eu  Kubernetes v1.33.4, signed in as system:serviceaccount:lockkeeper:lockkeeper
      ✗ Kubernetes  prod-eu namespace argocd  may not list, watch applications.argoproj.io
        → Add to a Role of that account in the namespace argocd (docs/guides/rbac.md):
        - apiGroups: [argoproj.io]
          resources: [applications]
          verbs: [list, watch]
      ✗ Kubernetes  prod-eu namespace prod  may not list, watch inferenceservices.serving.kserve.io; list, watch deployments.apps
        → Add to a Role of that account in the namespace prod (docs/guides/rbac.md):
        - apiGroups: [serving.kserve.io]
          resources: [inferenceservices]
          verbs: [list, watch]
        - apiGroups: [apps]
          resources: [deployments]
          verbs: [list, watch]
      "
    `)
    const rules = [...text.matchAll(/^(?: {2}- apiGroups.*\n(?: {4}.*\n)+)+/gm)].flatMap(
      ([yaml]) => load(yaml) as AccessRule[],
    )
    may([{ apiGroups: ['argoproj.io', 'serving.kserve.io', 'apps'], resources: ['*'], verbs: ['get'] }, ...rules])
    expect(await named()).not.toContain('✗')
  })

  it('leaves workloads alone of which nothing may be read, unless these are all', async () => {
    const deployments = { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch'] }
    may([deployments])
    const workloads = ALLOW.replace(/.*argocd.*\n/, '')
    expect(await named(workloads)).toContain('reads deployments; may not read inferenceservices')
    may([])
    expect(await named(workloads)).toMatch(/✗ Kubernetes {2}prod-eu namespace prod {2}may not get, list, watch inf/)
  })

  it('wants the right to patch only where syncs may be started', async () => {
    may([{ apiGroups: ['argoproj.io'], resources: ['applications'], verbs: ['get', 'list', 'watch'] }])
    const applications = ALLOW.replace(/\n.*kubernetes.*/, '')
    expect(await named(applications)).toContain('reads applications; may not patch applications')
    const syncs = applications.replace('applications: ["*"]', 'applications: ["*"], sync: true')
    expect(await named(syncs)).toContain('may not patch applications.argoproj.io')
  })

  it('without Argo CD says which cluster to look at', async () => {
    europe.faults.missing.add('applications')
    expect(await named()).toMatchInlineSnapshot(`
      "✓ Kubernetes  prod-eu  Kubernetes v1.33.4, signed in as system:serviceaccount:lockkeeper:lockkeeper
      ✗ Kubernetes  prod-eu namespace argocd  the cluster does not know applications.argoproj.io
        → Compare the cluster of this grant in LOCKKEEPER_POLICY with the one that has what \`sync: argocd\` is about.
      ✓ Kubernetes  prod-eu namespace prod  reads inferenceservices, deployments
      "
    `)
  })

  it('whose context is not there, whose kubeconfig is not there, whose credentials are not taken', async () => {
    expect(await named(ALLOW, 'sandbx')).toMatchInlineSnapshot(`
      "✗ Kubernetes  prod-eu  the kubeconfig <kubeconfig> has no context sandbx
        → Compare KUBECONFIG and \`clusters:\` in LOCKKEEPER_POLICY with the kubeconfig.
      – Kubernetes  prod-eu namespace argocd  not asked: see its cluster
      – Kubernetes  prod-eu namespace prod  not asked: see its cluster
      "
    `)
    const absent = ALLOW.replace(/\n.*kubernetes.*/, '')
    expect(await said(`clusters: { prod-eu: { kubeconfig: /nowhere/config } }\n${absent}`)).toMatchInlineSnapshot(`
      "✗ Kubernetes  prod-eu  ENOENT: no such file or directory, stat '/nowhere/config'
        → Compare KUBECONFIG and \`clusters:\` in LOCKKEEPER_POLICY with the kubeconfig.
      – Kubernetes  prod-eu namespace argocd  not asked: see its cluster
      "
    `)
    const claims = { iat: 1_700_000_000, exp: 1_700_003_600 }
    const token = ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'c2ln'].join('.')
    writeFileSync(KUBECONFIG, europe.kubeconfig(token))
    expect(await named()).toMatchInlineSnapshot(`
      "✗ Kubernetes  prod-eu  the cluster does not accept the credentials: the token ended 2023-11-14T23:13:20.000Z
        → Make new ones, for example with \`kubectl create token\`, and put them into the kubeconfig; in a pod, look at its service account.
      – Kubernetes  prod-eu namespace argocd  not asked: see its cluster
      – Kubernetes  prod-eu namespace prod  not asked: see its cluster
      "
    `)
    writeFileSync(KUBECONFIG, europe.kubeconfig())
  })

  it('with a token that ends says when', async () => {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iat: now - 60, exp: now + 600 }
    const token = ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'c2ln'].join('.')
    europe.rotate(BOT.token, token)
    writeFileSync(KUBECONFIG, europe.kubeconfig(token))
    expect(await named()).toMatch(/, token made 20\S+Z, ends 20\S+Z, within the hour$/m)
    europe.rotate(token, BOT.token)
    writeFileSync(KUBECONFIG, europe.kubeconfig())
  })

  it('that is away is asked once for all of its namespaces', async () => {
    await europe.down('refused')
    expect(await named()).toMatchInlineSnapshot(`
      "✗ Kubernetes  prod-eu  Kubernetes: connection refused
        → Check \`clusters: { prod-eu: … }\` in LOCKKEEPER_POLICY, and that the API server can be reached from here.
      – Kubernetes  prod-eu namespace argocd  not asked: see its cluster
      – Kubernetes  prod-eu namespace prod  not asked: see its cluster
      "
    `)
    await europe.up()
  })
})
