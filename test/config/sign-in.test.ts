/** How an operator writes sign-ins, what is heard about mistakes in them, and where their secrets are looked for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEnv, readSignIns, type Variables } from '../../src/config/env.ts'
import { parsePolicy } from '../../src/config/policy-file.ts'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { parseRepoName } from '../../src/domain/ids.ts'
import { mayUse, type ServerPolicy } from '../../src/domain/server-policy.ts'

const CANARY = 'dapi-C4N4RY'
const ARN = 'arn:aws:sagemaker:eu-central-1:123456789012:mlflow-tracking-server/research'

const server = (text: string): string => `version: 1\nmlflow:\n  x: { url: "https://x.example", ${text} }\n`

function policyOf(text: string): ServerPolicy {
  const parsed = parsePolicy(text, { file: 'policy.yml' })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.policy
}

function problemsOf(text: string): string[] {
  const parsed = parsePolicy(text, { file: 'policy.yml' })
  return parsed.ok
    ? []
    : parsed.problems.map(({ line, column, key, reason, hint }) => `${line}:${column} ${key} | ${reason} | ${hint}`)
}

let directory: string
const file = (name: string): string => join(directory, name)
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lockkeeper-sign-in-'))
  writeFileSync(file('secret'), `${CANARY}\n`)
  writeFileSync(file('empty'), '\n')
  writeFileSync(file('two-lines'), `${CANARY}\nmore`)
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** What the sign-in of the server `x` becomes with these variables. */
const resolved = (text: string, variables: Variables = {}) => readSignIns(policyOf(server(text)), variables)

describe('a sign-in', () => {
  it.each([
    [
      'sign_in: { basic: { username: ci, password_env: RESEARCH_PASSWORD } }',
      { RESEARCH_PASSWORD: CANARY },
      { kind: 'basic', username: 'ci', password: CANARY },
    ],
    [
      'sign_in: { bearer: { token_env: RESEARCH_TOKEN } }',
      { RESEARCH_TOKEN: CANARY },
      { kind: 'token', token: CANARY },
    ],
    ['sign_in: { databricks: { token_env: DBX } }', { DBX: CANARY }, { kind: 'token', token: CANARY }],
    [
      'sign_in: { databricks: { oauth: { client_id: sp, client_secret_env: DBX } } }',
      { DBX: CANARY },
      { kind: 'databricks', clientId: 'sp', clientSecret: CANARY },
    ],
    [
      'sign_in: { azure: { tenant_id: acme.example, client_id: sp, client_secret_env: AML } }',
      { AML: CANARY },
      {
        kind: 'azure',
        authority: 'https://login.microsoftonline.com',
        tenantId: 'acme.example',
        clientId: 'sp',
        clientSecret: CANARY,
        scope: 'https://management.azure.com/.default',
      },
    ],
    [`sign_in: { sagemaker: { arn: "${ARN}" } }`, {}, { kind: 'sagemaker', arn: ARN }],
  ])('%s', (text, variables, signIn) => {
    expect(resolved(text, variables)).toMatchObject({ ok: true, signIns: new Map([['x', signIn]]) })
  })

  it('takes its secret from the file of a variable, and from a file that the policy names', () => {
    const token = { ok: true, signIns: new Map([['x', { kind: 'token', token: CANARY }]]), argocdTokens: new Map() }
    expect(resolved('sign_in: { bearer: { token_env: T } }', { T_FILE: file('secret') })).toEqual(token)
    expect(resolved(`sign_in: { bearer: { token_file: ${file('secret')} } }`)).toEqual(token)
  })

  it('is not needed, and none is there without a policy', () => {
    expect(resolved('registry: unity_catalog')).toMatchObject({ ok: true, signIns: new Map() })
    expect(policyOf(server('registry: unity_catalog')).mlflow.get('x')).toEqual({
      url: 'https://x.example',
      registry: 'unity_catalog',
    })
    expect(readSignIns(undefined, {})).toMatchObject({ ok: true, signIns: new Map() })
  })
})

describe('a secret that is not there', () => {
  const bearer = 'sign_in: { bearer: { token_env: RESEARCH_TOKEN } }'
  it.each<[string, () => string, Variables, () => string]>([
    [
      'is named with what needs it',
      () => bearer,
      {},
      () =>
        'RESEARCH_TOKEN is not set, and `mlflow.x.sign_in` of the policy takes its secret from there. Set it, or RESEARCH_TOKEN_FILE to a file that holds it.',
    ],
    [
      'counts as absent when it is empty',
      () => bearer,
      { RESEARCH_TOKEN: ' ' },
      () => 'RESEARCH_TOKEN is not set, and `mlflow.x.sign_in`',
    ],
    [
      'in a file that is absent',
      () => 'sign_in: { bearer: { token_file: /absent/token } }',
      {},
      () =>
        'LOCKKEEPER_POLICY (`mlflow.x.sign_in`) names the file /absent/token, which cannot be read (ENOENT). Check the path and its permissions.',
    ],
    [
      'in a file that is empty',
      () => `sign_in: { bearer: { token_file: ${file('empty')} } }`,
      {},
      () => 'LOCKKEEPER_POLICY (`mlflow.x.sign_in`) names an empty file. Put the secret into it.',
    ],
    [
      'because there is more in the file',
      () => `sign_in: { bearer: { token_file: ${file('two-lines')} } }`,
      {},
      () => 'LOCKKEEPER_POLICY (`mlflow.x.sign_in`) has line breaks or other control characters in it.',
    ],
    [
      'because there are two',
      () => bearer,
      { RESEARCH_TOKEN: 'a', RESEARCH_TOKEN_FILE: '/etc/hostname' },
      () => 'RESEARCH_TOKEN and RESEARCH_TOKEN_FILE are both set. Keep one of them.',
    ],
  ])('%s', (_, text, variables, problem) => {
    const result = resolved(text(), variables)
    expect(result).toEqual({ ok: false, problems: [expect.stringContaining(problem())] })
    expect(JSON.stringify(result)).not.toContain(CANARY)
  })

  it('every one is named at once', () => {
    const policy = policyOf(
      'version: 1\nmlflow:\n  a: { url: "https://a", sign_in: { bearer: { token_env: A } } }\n  b: { url: "https://b", sign_in: { basic: { username: u, password_env: B } } }\n',
    )
    expect(readSignIns(policy, {})).toMatchObject({
      problems: [expect.stringMatching(/^A is not set/), expect.stringMatching(/^B is not set/)],
    })
  })

  it('MLFLOW_TRACKING_TOKEN that no header can carry', () => {
    const read = readEnv({ MLFLOW_TRACKING_TOKEN: `${CANARY}\nmore` })
    expect(read.ok ? [] : read.problems).toContainEqual(expect.stringMatching(/^MLFLOW_TRACKING_TOKEN has line breaks/))
    expect(JSON.stringify(read)).not.toContain(CANARY)
  })
})

describe('one mistake in a sign-in', () => {
  it.each([
    [
      'sign_in: {}',
      '3:34 mlflow.x.sign_in | none of `basic`, `bearer`, `databricks`, `azure`, `sagemaker` is there | add one of them',
    ],
    [
      'sign_in: { bearer: { token_env: A }, basic: { username: u, password_env: B } }',
      'only one of `basic`, `bearer`, `databricks`, `azure`, `sagemaker` can be there | keep `basic` or `bearer`',
    ],
    [
      'sign_in: { basic: { username: u } }',
      '3:45 mlflow.x.sign_in.basic | none of `password_env`, `password_file` is there | add one of them',
    ],
    [
      'sign_in: { basic: { username: u, password_env: A, password_file: /b } }',
      '3:84 mlflow.x.sign_in.basic.password_file | only one of `password_env`, `password_file` can be there | keep `password_env` or `password_file`',
    ],
    ['sign_in: { basic: { password_env: A } }', '`username` is missing'],
    ['sign_in: { basic: { username: "a:b", password_env: A } }', 'not a user name | one line without `:`'],
    [
      'sign_in: { databricks: { token_env: A, oauth: { client_id: a, client_secret_env: B } } }',
      'only one of `token_env`, `token_file`, `oauth` can be there',
    ],
    [
      'sign_in: { databricks: { oauth: { client_id: a } } }',
      'none of `client_secret_env`, `client_secret_file` is there',
    ],
    [
      'sign_in: { azure: { tenant_id: "a/b", client_id: c, client_secret_env: A } }',
      'mlflow.x.sign_in.azure.tenant_id | not a tenant',
    ],
    [
      'sign_in: { azure: { tenant_id: a, client_id: c, client_secret_env: A, authority: "http://login.example" } }',
      'not a login address | scheme and host',
    ],
    [
      'sign_in: { azure: { tenant_id: a, client_id: c, client_secret_env: A, scope: "https://management.azure.com" } }',
      'not a scope | it ends in `/.default`',
    ],
    ['sign_in: { sagemaker: { arn: "arn:aws:s3:::bucket" } }', 'not a server ARN | for example `arn:aws:sagemaker:'],
    [
      'sign_in: { bearer: { token_env: WEBHOOK_SECRET } }',
      'this variable is a setting of Lockkeeper itself | name one of your own',
    ],
    ['sign_in: { bearer: { token_env: LOCKKEEPER_TOKEN } }', 'this variable is a setting of Lockkeeper itself'],
    ['sign_in: { bearer: { token_file: secrets/token } }', 'not an absolute path of a file'],
    ['sign_in: { bearer: { token: x } }', 'there is no key `token` here | known here: `token_env`, `token_file`'],
    ['registry: unity', 'mlflow.x.registry'],
  ])('%s', (text, problem) => {
    expect(problemsOf(server(text))).toContainEqual(expect.stringContaining(problem))
  })

  it.each(['databricks: { token_env: A }', `sagemaker: { arn: "${ARN}" }`])('%s over http://', (kind) => {
    expect(problemsOf(`version: 1\nmlflow: { x: { url: "http://x.example", sign_in: { ${kind} } } }`)).toEqual([
      `2:21 mlflow.x.url | \`${kind.split(':')[0]}\` is not spoken over http:// | write the https:// address`,
    ])
    expect(problemsOf(`version: 1\nmlflow: { x: { url: "http://127.0.0.1:80", sign_in: { ${kind} } } }`)).toEqual([])
  })

  it.each([
    ['azureml://westeurope.api.azureml.ms/mlflow', 'write `https:` instead of `azureml:`'],
    ['databricks://profile', 'write the address of the workspace'],
    [ARN, 'write `https://<region>.experiments.sagemaker.aws`'],
  ])('the address %s, which MLflow’s Python client takes', (url, hint) => {
    expect(problemsOf(`version: 1\nmlflow: { x: { url: "${url}" } }`)).toEqual([expect.stringContaining(hint)])
  })

  it('the secret itself is never repeated, wherever it is put', () => {
    for (const text of [
      `sign_in: { bearer: { token_env: ${CANARY} } }`,
      `sign_in: { bearer: { token_file: ${CANARY} } }`,
      `sign_in: { bearer: { token: ${CANARY} } }`,
      `sign_in: { bearer: ${CANARY} }`,
      `sign_in: ${CANARY}`,
    ]) {
      expect(problemsOf(server(text))).not.toEqual([])
      expect(problemsOf(server(text)).join('\n')).not.toContain(CANARY)
    }
  })
})

describe('a model in Unity Catalog, with its three levels', () => {
  it('can be named in a repository', () => {
    const text = `version: 1
models:
  churn:
    paths: ["churn/**"]
    candidate: { mlflow: { experiment: /Users/me@acme.example/churn, server: dbx } }
    baseline: { mlflow: { model: main.ml.churn, alias: champion, server: dbx } }
    gates: { auc: { goal: maximize, max_regression: 1% } }
`
    const parsed = parseRepoConfig(text, { file: 'lockkeeper.yml' })
    expect(parsed.ok ? [] : parsed.problems).toEqual([])
    expect(parsed.ok && [...parsed.settings.models.values()][0]?.baseline).toMatchObject({
      model: 'main.ml.churn',
      server: 'dbx',
    })
  })

  it.each([
    ['main.ml.churn', true],
    ['main.ml.*', true],
    ['main.other.*', false],
  ])('is allowed by %s: %s', (pattern, allowed) => {
    const policy = policyOf(
      `version: 1\nmlflow: { dbx: { url: "https://dbx", registry: unity_catalog } }\nallow: [{ repositories: ["acme/models"], mlflow: [{ server: dbx, models: ["${pattern}"] }] }]\n`,
    )
    const repository = parseRepoName('acme/models')
    if (repository === undefined) throw new Error('no name')
    const permit = mayUse(policy, repository, { kind: 'mlflow', server: 'dbx', model: 'main.ml.churn' })
    expect(permit.allowed).toBe(allowed)
  })
})

describe('the token of an Argo CD server', () => {
  const argocd = (text: string) => `version: 1\nargocd_servers: { main: { url: "https://argocd.x", ${text} } }\n`

  it('comes from a variable, the file of a variable, or a file that the policy names', () => {
    const found = { ok: true, signIns: new Map(), argocdTokens: new Map([['main', CANARY]]) }
    expect(readSignIns(policyOf(argocd('token_env: ARGOCD')), { ARGOCD: CANARY })).toEqual(found)
    expect(readSignIns(policyOf(argocd('token_env: ARGOCD')), { ARGOCD_FILE: file('secret') })).toEqual(found)
    expect(readSignIns(policyOf(argocd(`token_file: ${file('secret')}`)), {})).toEqual(found)
  })

  it('is missed by the name of its variable', () => {
    expect(readSignIns(policyOf(argocd('token_env: ARGOCD')), {})).toEqual({
      ok: false,
      problems: [
        'ARGOCD is not set, and `argocd_servers.main` of the policy takes its secret from there. Set it, or ARGOCD_FILE to a file that holds it.',
      ],
    })
  })
})
