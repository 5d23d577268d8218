/** What the operator's policy lets each repository use, and that a refusal says which line is missing. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/config/policy-file.ts'
import { parseRepoName, type RepoName } from '../../src/domain/ids.ts'
import { mayUse, type Need, type ServerPolicy } from '../../src/domain/server-policy.ts'

function policyOf(text: string): ServerPolicy {
  const parsed = parsePolicy(text, { file: 'policy.yml' })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.policy
}

function repo(text: string): RepoName {
  const name = parseRepoName(text)
  if (name === undefined) throw new Error('not a name')
  return name
}

const REFERENCE = policyOf(readFileSync('examples/reference/server/policy.yml', 'utf8'))
const MODELS = repo('acme/models')

const ALLOWED: readonly Need[] = [
  { kind: 'mlflow', server: 'default', experiment: 'churn' },
  { kind: 'mlflow', server: 'default', model: 'churn' },
  { kind: 'bucket', uri: 's3://acme-models/fraud/0d1c' },
  { kind: 'argocd', namespace: 'argocd', application: 'churn-prod' },
  { kind: 'kubernetes', namespace: 'prod' },
  { kind: 'http', url: 'https://churn.example.com/v2/health/ready' },
  { kind: 'prometheus', server: 'default' },
  { kind: 'slack', channel: '#ml-deploys' },
]

const REFUSED: readonly (readonly [Need, string])[] = [
  [
    { kind: 'mlflow', server: 'default', experiment: 'payroll' },
    'mlflow: [{ server: default, experiments: [payroll] }]',
  ],
  [{ kind: 'mlflow', server: 'default', model: 'fraud' }, 'mlflow: [{ server: default, models: [fraud] }]'],
  [
    { kind: 'mlflow', server: 'default', experiment: '/Users/x y/churn' },
    'mlflow: [{ server: default, experiments: ["/Users/x y/churn"] }]',
  ],
  [{ kind: 'wandb', project: 'acme/payroll' }, 'wandb: ["acme/payroll"]'],
  [{ kind: 'bucket', uri: 's3://payroll/x' }, 'buckets: ["s3://payroll/x"]'],
  [
    { kind: 'argocd', namespace: 'argocd', application: 'payroll' },
    'argocd: [{ namespace: argocd, applications: [payroll] }]',
  ],
  [
    { kind: 'argocd', namespace: 'other', application: 'churn-prod' },
    'argocd: [{ namespace: other, applications: [churn-prod] }]',
  ],
  [
    { kind: 'argocd', namespace: 'argocd', application: 'payroll', sync: true },
    'argocd: [{ namespace: argocd, applications: [payroll], sync: true }]',
  ],
  [
    { kind: 'flux', namespace: 'flux-system', object: 'churn-prod' },
    'flux: [{ namespace: flux-system, objects: [churn-prod] }]',
  ],
  [
    { kind: 'flux', namespace: 'flux-system', object: 'churn-prod', reconcile: true },
    'flux: [{ namespace: flux-system, objects: [churn-prod], reconcile: true }]',
  ],
  [
    { kind: 'fleet', namespace: 'fleet-default', gitRepo: 'ml-config' },
    'fleet: [{ namespace: fleet-default, git_repos: [ml-config] }]',
  ],
  [{ kind: 'kubernetes', namespace: 'kube-system' }, 'kubernetes: [{ namespaces: [kube-system] }]'],
  [{ kind: 'http', url: 'http://169.254.169.254/latest/meta-data' }, 'http: ["http://169.254.169.254"]'],
  [
    { kind: 'http', url: 'https://churn.example.com/v2/models/churn/infer', post: true },
    'http_post: ["https://churn.example.com"]',
  ],
  [{ kind: 'slack', channel: '#general' }, 'slack: ["#general"]'],
]

describe('the reference policy', () => {
  it.each(ALLOWED)('lets acme/models use $kind', (need) => {
    expect(mayUse(REFERENCE, MODELS, need)).toEqual({ allowed: true })
  })

  it.each(ALLOWED)('lets nobody else use $kind', (need) => {
    expect(mayUse(REFERENCE, repo('evil/models'), need).allowed).toBe(false)
    expect(mayUse(REFERENCE, repo('acme/models-evil'), need).allowed).toBe(false)
  })

  it.each(REFUSED)('refuses %j with the line that is missing', (need, line) => {
    const answer = mayUse(REFERENCE, MODELS, need)
    expect(answer).toMatchObject({ allowed: false, missingLine: `  - { repositories: ["acme/models"], ${line} }` })
  })

  it('says in a sentence who may not use what, and which file to look at', () => {
    const answer = mayUse(REFERENCE, MODELS, { kind: 'bucket', uri: 's3://payroll/x' })
    expect(answer.allowed ? '' : answer.message).toBe(
      "acme/models may not use the address s3://payroll/x: the operator's policy (LOCKKEEPER_POLICY) has no entry for it",
    )
  })
})

describe('a refusal', () => {
  it('prints a line that works when it is pasted, and allows no more than was asked', () => {
    for (const [need] of REFUSED) {
      const answer = mayUse(undefined, MODELS, need)
      if (answer.allowed) throw new Error('nothing is allowed without a policy')
      expect(answer.message).toContain("this server has no operator's policy (LOCKKEEPER_POLICY)")
      const repaired = policyOf(answer.missingLine)
      expect(mayUse(repaired, MODELS, need)).toEqual({ allowed: true })
      expect(ALLOWED.filter((other) => mayUse(repaired, MODELS, other).allowed)).toEqual([])
    }
  })

  it.each<Need>([
    { kind: 'mlflow', server: 'default', experiment: '*' },
    { kind: 'mlflow', server: 'default', model: 'churn*' },
    { kind: 'wandb', project: 'payroll/*' },
    { kind: 'bucket', uri: 's3://payroll/**' },
  ])('offers no line for a name with a star, which would allow more: %j', (need) => {
    const answer = mayUse(policyOf('version: 1'), MODELS, need)
    expect(answer.allowed ? '' : answer.missingLine).toMatch(/^#.*$/)
  })

  it('of another cluster names the cluster, and how it is added where the file does not know it', () => {
    const inEurope = { kind: 'kubernetes', cluster: 'prod-eu', namespace: 'prod' } as const
    const unknown = mayUse(undefined, MODELS, inEurope)
    expect(unknown.allowed ? '' : unknown.missingLine).toBe(`clusters:
  prod-eu: { context: prod-eu }
version: 1
allow:
  - { repositories: ["acme/models"], kubernetes: [{ cluster: prod-eu, namespaces: [prod] }] }`)
    expect(unknown.allowed ? '' : unknown.message).toContain('the Kubernetes namespace prod of the cluster prod-eu')
    const repaired = policyOf(unknown.allowed ? '' : unknown.missingLine)
    expect(mayUse(repaired, MODELS, inEurope)).toEqual({ allowed: true })
    const elsewhere = mayUse(repaired, MODELS, { ...inEurope, cluster: 'prod-us' })
    expect(elsewhere.allowed ? '' : elsewhere.missingLine).toBe(`# below \`clusters:\`
  prod-us: { context: prod-us }
# below \`allow:\`
  - { repositories: ["acme/models"], kubernetes: [{ cluster: prod-us, namespaces: [prod] }] }`)
    const application = mayUse(repaired, MODELS, {
      kind: 'argocd',
      cluster: 'prod-eu',
      namespace: 'argocd',
      application: 'churn',
    })
    expect(application.allowed ? '' : application.missingLine).toBe(
      '  - { repositories: ["acme/models"], argocd: [{ cluster: prod-eu, namespace: argocd, applications: [churn] }] }',
    )
  })

  it('keeps clusters apart: what is granted in one is granted in no other', () => {
    const policy = policyOf(`version: 1
clusters: { prod-eu: { context: eu }, prod-us: { kubeconfig: /etc/us } }
allow:
  - repositories: ["acme/*"]
    argocd: [{ cluster: prod-eu, applications: ["churn"] }]
    kubernetes: [{ namespaces: [prod] }]`)
    const allowed = (need: Need) => mayUse(policy, MODELS, need).allowed
    const application = { kind: 'argocd', namespace: 'argocd', application: 'churn' } as const
    const workloads = { kind: 'kubernetes', namespace: 'prod' } as const
    expect(allowed(workloads)).toBe(true)
    expect(allowed(application)).toBe(false)
    expect(allowed({ ...application, cluster: 'prod-eu' })).toBe(true)
    expect(allowed({ ...application, cluster: 'prod-us' })).toBe(false)
    expect(allowed({ ...workloads, cluster: 'prod-eu' })).toBe(false)
  })

  it('adds the heading where the file has none', () => {
    const answer = mayUse(policyOf('version: 1'), MODELS, { kind: 'prometheus', server: 'default' })
    expect(answer.allowed ? '' : answer.missingLine).toBe(
      'allow:\n  - { repositories: ["acme/models"], prometheus: [default] }',
    )
  })
})

describe('an experiment that is known by its id', () => {
  it.each([
    ['*', true],
    ['**', true],
    ['id:7', true],
    ['id:*', true],
    ['id*', false],
    ['i*', false],
    ['*7', false],
    ['*:*', false],
  ])('is meant by the pattern %s: %s', (pattern, allowed) => {
    const policy = policyOf(`version: 1
allow:
  - { repositories: ["acme/models"], mlflow: [{ experiments: ["${pattern}"] }] }
`)
    expect(mayUse(policy, MODELS, { kind: 'mlflow', server: 'default', experiment: 'id:7' }).allowed).toBe(allowed)
  })
})

describe('hosts', () => {
  const policy = policyOf(`version: 1
allow:
  - repositories: ["acme/*"]
    http: ["https://*.example.com", "http://127.0.0.1:4010", "https://api.example.com:8443"]
`)
  it.each([
    ['https://churn.example.com/x', true],
    ['https://CHURN.example.com/x', true],
    ['https://churn.example.com:443/x', true],
    ['http://churn.example.com/x', false],
    ['https://churn.example.com:8443/x', false],
    ['https://api.example.com:8443/x', true],
    ['https://a.b.example.com/', false],
    ['https://example.com/', false],
    ['https://.example.com/', false],
    ['https://churn.example.com.evil.com/', false],
    ['https://churn.example.com./', false],
    ['https://churn.example.com@evil.com/', false],
    ['https://user:pw@churn.example.com/', false],
    ['https://evil.com/https://churn.example.com', false],
    ['https://evil.com\\.example.com/', false],
    ['http://127.0.0.1:4010/ready', true],
    ['http://127.1:4010/ready', true],
    ['http://127.0.0.1/ready', false],
    ['http://localhost:4010/ready', false],
    ['file:///etc/passwd', false],
    ['not a url', false],
  ])('%s: %s', (url, allowed) => {
    expect(mayUse(policy, MODELS, { kind: 'http', url }).allowed).toBe(allowed)
  })
})

describe('images', () => {
  const may = (policy: ServerPolicy, image: string, { anonymously }: { readonly anonymously: boolean }) =>
    mayUse(policy, MODELS, { kind: 'registry', image, anonymously }).allowed

  it.each([
    ['ghcr.io/acme/churn', true],
    ['nginx', true],
    ['acme/churn', true],
    ['registry-1.docker.io/acme/churn', true],
    ['acme.azurecr.io/churn', true],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn', true],
    ['europe-docker.pkg.dev/acme/models/churn', true],
    ['localhost:5000/a/b', false],
    ['10.0.0.1/a/b', false],
    ['registry.internal/a/b', false],
    ['ghcr.io:8443/acme/churn', false],
    ['ghcr.io.evil.com/a/b', false],
    ['a.b.azurecr.io/churn', false],
    ['../x', false],
  ])('without `registries:` %s may be asked for: %s, and never with credentials', (image, allowed) => {
    expect(may(REFERENCE, image, { anonymously: true })).toBe(allowed)
    expect(may(REFERENCE, image, { anonymously: false })).toBe(false)
  })

  const policy = policyOf(`version: 1
allow:
  - repositories: ["acme/*"]
    registries: ["ghcr.io/acme/*", "registry.example.com:8443/models/**", "index.docker.io/acme/churn", "*.azurecr.io/**"]
`)
  it.each([
    ['ghcr.io/acme/churn', true],
    ['registry.example.com:8443/models/a/b', true],
    ['acme/churn', true],
    ['acme.azurecr.io/x', true],
    ['ghcr.io/acme/churn/base', false],
    ['ghcr.io/evil/churn', false],
    ['registry.example.com/models/a', false],
    ['acme/other', false],
    ['quay.io/acme/churn', false],
    ['a.b.azurecr.io/x', false],
  ])('with it %s: %s, with credentials too', (image, allowed) => {
    expect(may(policy, image, { anonymously: true })).toBe(allowed)
    expect(may(policy, image, { anonymously: false })).toBe(allowed)
  })

  it('are refused where the list is empty, where there is no policy, and to others', () => {
    const none = policyOf('version: 1\nallow: [{ repositories: ["acme/*"], registries: [] }]')
    expect(may(none, 'ghcr.io/acme/churn', { anonymously: true })).toBe(false)
    const need = { kind: 'registry', image: 'ghcr.io/acme/churn', anonymously: true } as const
    expect(mayUse(undefined, MODELS, need).allowed).toBe(false)
    expect(mayUse(REFERENCE, repo('evil/models'), need).allowed).toBe(false)
  })

  it.each(['localhost:5000/a/b', 'nginx', 'registry.internal/a/b'])('of %s: the missing line works', (image) => {
    const need = { kind: 'registry', image, anonymously: false } as const
    const answer = mayUse(REFERENCE, MODELS, need)
    expect(answer).toMatchObject({ allowed: false, missingLine: expect.stringContaining('registries: ["') })
    const repaired = policyOf(`version: 1\nallow:\n${answer.allowed ? '' : answer.missingLine}`)
    expect(mayUse(repaired, MODELS, need)).toEqual({ allowed: true })
    expect(may(repaired, 'ghcr.io/acme/churn', { anonymously: true })).toBe(false)
  })
})

describe('a path out of a bucket', () => {
  it('is refused', () => {
    expect(mayUse(REFERENCE, MODELS, { kind: 'bucket', uri: 's3://acme-models/../payroll/x' }).allowed).toBe(false)
  })
})

describe('projects of Weights & Biases', () => {
  const policy = policyOf('version: 1\nallow: [{ repositories: ["acme/*"], wandb: ["acme/churn", "shared/*"] }]')

  it.each([
    ['acme/churn', true],
    ['shared/anything', true],
    ['acme/churn-2', false],
    ['Acme/churn', false],
    ['shared/a/b', false],
    ['shared', false],
  ])('%s: %s', (project, allowed) => {
    expect(mayUse(policy, MODELS, { kind: 'wandb', project }).allowed).toBe(allowed)
  })
})

describe('what an engine may be told to do', () => {
  const policy = policyOf(`version: 1
argocd_servers: { main: { url: "https://argocd.x", token_env: ARGOCD } }
allow:
  - repositories: [acme/models]
    argocd: [{ server: main, applications: ["churn-*"] }, { applications: [fraud], sync: true }]
    flux: [{ objects: [apps] }, { namespace: prod, objects: ["churn-*"], reconcile: true }]
    fleet: [{ git_repos: [ml-config] }]
`)
  it.each<[Need, boolean]>([
    [{ kind: 'argocd', server: 'main', namespace: 'argocd', application: 'churn-prod' }, true],
    [{ kind: 'argocd', server: 'main', namespace: 'argocd', application: 'churn-prod', sync: true }, false],
    [{ kind: 'argocd', namespace: 'argocd', application: 'churn-prod' }, false],
    [{ kind: 'argocd', namespace: 'argocd', application: 'fraud', sync: true }, true],
    [{ kind: 'argocd', server: 'main', namespace: 'argocd', application: 'fraud' }, false],
    [{ kind: 'flux', namespace: 'flux-system', object: 'apps' }, true],
    [{ kind: 'flux', namespace: 'flux-system', object: 'apps', reconcile: true }, false],
    [{ kind: 'flux', namespace: 'prod', object: 'churn-prod', reconcile: true }, true],
    [{ kind: 'flux', cluster: 'eu', namespace: 'prod', object: 'churn-prod' }, false],
    [{ kind: 'fleet', namespace: 'fleet-default', gitRepo: 'ml-config' }, true],
    [{ kind: 'fleet', namespace: 'fleet-local', gitRepo: 'ml-config' }, false],
  ])('%j: %s', (need, allowed) => {
    expect(mayUse(policy, MODELS, need).allowed).toBe(allowed)
  })
})
