/** What an operator hears about mistakes in the policy. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/config/policy-file.ts'

function problemsOf(text: string): string[] {
  const parsed = parsePolicy(text, { file: 'policy.yml' })
  return parsed.ok
    ? []
    : parsed.problems.map(({ line, column, key, reason, hint }) => `${line}:${column} ${key} | ${reason} | ${hint}`)
}

const entry = (text: string): string => `version: 1\nallow:\n  - repositories: ["acme/models"]\n    ${text}\n`

describe('one mistake in the policy', () => {
  it.each([
    [
      'mlflow: [{ server: defualt, models: [x] }]',
      '4:24 allow[0].mlflow[0].server | no MLflow server is named `defualt` | did you mean `default`?',
    ],
    [
      'mlflow: [{ server: default }]',
      '4:14 allow[0].mlflow[0] | this grant allows nothing | add `experiments` or `models`',
    ],
    ['wandb: [acme]', '4:13 allow[0].wandb[0] | `acme` is not a project | write `entity/project` or `entity/*`'],
    [
      'buckets: ["acme-models"]',
      '4:15 allow[0].buckets[0] | not an s3:// address with the name of a bucket | for example `s3://acme-models/**`',
    ],
    [
      'buckets: ["s3://*/**"]',
      '4:15 allow[0].buckets[0] | not an s3:// address with the name of a bucket | for example `s3://acme-models/**`',
    ],
    ['http: ["https://x.io/path"]', '4:12 allow[0].http[0] | a pattern has no path | write `https://x.io`'],
    [
      'http: ["*.example.com"]',
      '4:12 allow[0].http[0] | not an http:// or https:// address | write scheme and host, for example `https://*.example.com`',
    ],
    [
      'http: ["https://api-*.example.com"]',
      '4:12 allow[0].http[0] | `*` must be a whole part between dots | for example `https://*.example.com`',
    ],
    [
      'http: ["https://*"]',
      '4:12 allow[0].http[0] | a pattern must name the end of the host | for example `https://*.example.com`',
    ],
    [
      'http: ["https://10.0.0.*"]',
      '4:12 allow[0].http[0] | a pattern must name the end of the host | for example `https://*.example.com`',
    ],
    [
      'prometheus: [default]',
      '4:18 allow[0].prometheus[0] | there is no Prometheus server `default` | this file names no Prometheus server',
    ],
    ['slack: [ml-deploys]', '4:13 allow[0].slack[0] | `ml-deploys` is not a channel | write `"#ml-deploys"`'],
    [
      'registries: ["acme/churn"]',
      '4:18 allow[0].registries[0] | `acme/churn` does not begin with the host of a registry | write host and path, for example `ghcr.io/acme/*`, or `ghcr.io/**` for all images there',
    ],
    [
      'registries: [ghcr.io]',
      '4:18 allow[0].registries[0] | `ghcr.io` names no images | write host and path, for example `ghcr.io/acme/*`, or `ghcr.io/**` for all images there',
    ],
    [
      'registries: ["*.io/**"]',
      '4:18 allow[0].registries[0] | `*.io/**` has a host in which `*` is not the first of at least three parts | write host and path, for example `ghcr.io/acme/*`, or `ghcr.io/**` for all images there',
    ],
    [
      'registries: ["ghcr.io/acme/churn:v1"]',
      '4:18 allow[0].registries[0] | `ghcr.io/acme/churn:v1` has a path that no image can have | write host and path, for example `ghcr.io/acme/*`, or `ghcr.io/**` for all images there',
    ],
    [
      'kubernetes: [{ namespace: prod }]',
      '4:20 allow[0].kubernetes[0].namespace | there is no key `namespace` here | did you mean `namespaces`?',
    ],
    [
      'flux: [{ namespace: flux-system }]',
      '4:12 allow[0].flux[0].objects | `objects` is missing | for example `["churn-*"]`',
    ],
    [
      'kubernetes: [{ cluster: prod-eu, namespaces: [prod] }]',
      '4:29 allow[0].kubernetes[0].cluster | no cluster is named `prod-eu` | this file names no cluster: add it under `clusters:`',
    ],
  ])('%s', (text, problem) => {
    expect(problemsOf(entry(text))).toContain(problem)
  })

  it('an address with a password in it', () => {
    expect(problemsOf('version: 1\nmlflow: { default: { url: "https://u:p@mlflow" } }')).toEqual([
      "2:27 mlflow.default.url | an address here holds no user or password | write `sign_in` for MLflow; or set them in the server's environment, for example MLFLOW_TRACKING_USERNAME",
    ])
  })

  it.each([
    [
      'clusters: { prod-eu: { context: eu } }\nallow: [{ repositories: [a/b], argocd: [{ cluster: prod-ue, applications: [x] }] }]',
      '3:52 allow[0].argocd[0].cluster | no cluster is named `prod-ue` | did you mean `prod-eu`?',
    ],
    ['clusters: { prod-eu: {} }', '2:13 clusters.prod-eu | this names no cluster | add `context` or `kubeconfig`'],
    [
      'clusters: { prod-eu: { kubeconfig: ~/.kube/config } }',
      '2:36 clusters.prod-eu.kubeconfig | `~/.kube/config` is not an absolute path | for example `/etc/lockkeeper/prod-eu.kubeconfig`',
    ],
    [
      'clusters: { "Prod EU": { context: eu } }',
      '2:13 clusters."Prod EU" | `Prod EU` is not a name | use a-z, 0-9, `.`, `_`, `-`, beginning with a letter or digit, at most 63',
    ],
  ])('a cluster that cannot be: %s', (text, problem) => {
    expect(problemsOf(`version: 1\n${text}`)).toEqual([problem])
  })

  it.each([
    [
      '{ main: { url: "https://argocd.x" } }',
      '2:19 argocd_servers.main | none of `token_env`, `token_file` is there | add one of them',
    ],
    [
      '{ main: { url: "https://argocd.x", token_env: ARGOCD, token_file: /run/argocd } }',
      '2:71 argocd_servers.main.token_file | only one of `token_env`, `token_file` can be there | keep `token_env` or `token_file`',
    ],
    [
      '{ main: { url: "http://argocd.x", token_env: ARGOCD } }',
      '2:32 argocd_servers.main.url | the token would go over http://, where others can read it | write the https:// address',
    ],
    [
      '{ main: { url: "https://argocd.x", token_env: eyJhbGciOi } }',
      '2:63 argocd_servers.main.token_env | not a name of an environment variable in capital letters | for example `ARGOCD_AUTH_TOKEN`; the secret itself never stands in this file',
    ],
    [
      '{ main: { url: "https://argocd.x", token_env: ARGOCD } }\nallow: [{ repositories: [a/b], argocd: [{ server: mian, applications: [x] }] }]',
      '3:51 allow[0].argocd[0].server | no Argo CD server is named `mian` | did you mean `main`?',
    ],
    [
      '{}\nallow: [{ repositories: [a/b], argocd: [{ server: main, applications: [x] }] }]',
      '3:51 allow[0].argocd[0].server | no Argo CD server is named `main` | this file names no Argo CD server: add it under `argocd_servers:`',
    ],
    [
      '{ main: { url: argocd.example.com, token_env: ARGOCD } }',
      '2:32 argocd_servers.main.url | not an http:// or https:// address | write `https://argocd.example.com`',
    ],
    [
      '{ main: { url: "https://argocd.x", token_env: ARGOCD } }\nclusters: { eu: { context: eu } }\nallow: [{ repositories: [a/b], argocd: [{ server: main, cluster: eu, applications: [x] }] }]',
      '4:57 allow[0].argocd[0].cluster | an Argo CD server knows its own clusters | keep `server` or `cluster`',
    ],
  ])('an Argo CD server that cannot be: %s', (text, problem) => {
    expect(problemsOf(`version: 1\nargocd_servers: ${text}`)).toEqual([problem])
  })

  it('a repository without its owner', () => {
    expect(problemsOf('version: 1\nallow: [{ repositories: [models] }]')).toEqual([
      '2:26 allow[0].repositories[0] | `models` is not a repository | write `owner/name` or `owner/*`',
    ])
  })

  it('whatever the text, there is an answer and never a throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(() => parsePolicy(text, { file: 'f' })).not.toThrow()
      }),
    )
  })
})

describe('a policy that loads', () => {
  it('names servers and routes, addresses without their last slash', () => {
    const parsed = parsePolicy(
      `version: 1
mlflow: { eu: { url: "https://mlflow.eu.example/" } }
routes: [{ from: "https://*.example.com", to: "http://127.0.0.1:4010" }]
`,
      { file: 'policy.yml' },
    )
    expect(parsed).toEqual({
      ok: true,
      notices: [],
      policy: {
        mlflow: new Map([['eu', { url: 'https://mlflow.eu.example' }]]),
        prometheus: new Map(),
        clusters: new Map(),
        argocdServers: new Map(),
        routes: [
          {
            from: { source: 'https://*.example.com', protocol: 'https:', labels: ['*', 'example', 'com'], port: '' },
            to: 'http://127.0.0.1:4010',
          },
        ],
        allow: [],
      },
    })
  })
})
