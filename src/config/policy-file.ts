/** The operator's file (LOCKKEEPER_POLICY) to a policy, or to every problem it has. What a policy allows is decided in src/domain/server-policy.ts. */
import type { Problem } from '../domain/config-problem.ts'
import type { MlflowPolicyServer, ServerPolicy } from '../domain/server-policy.ts'
import { isLoopback } from './env-values.ts'
import { type PolicyDocument, policySchema } from './policy-schema.ts'
import { reportProblems } from './report.ts'
import { nearest, RuleReport } from './rules.ts'
import { checkShape } from './shape.ts'
import { checkSignIn } from './sign-in-rules.ts'
import { placeOf, toSignIn } from './sign-in-schema.ts'
import { readYaml } from './yaml-document.ts'

export type ParsedPolicy =
  | { readonly ok: true; readonly policy: ServerPolicy; readonly notices: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Reads a policy. Never throws, whatever the text. `file` only names the file in the problems. */
export function parsePolicy(text: string, options: { readonly file: string }): ParsedPolicy {
  const yaml = readYaml(text)
  const { root } = yaml
  if (root === undefined)
    return { ok: false, problems: reportProblems(text, options.file, [{ severity: 'error', findings: yaml.findings }]) }
  const shape = checkShape(policySchema, root)
  const rules = new RuleReport(root)
  for (const name of rules.names(['mlflow'])) checkSignIn(rules, ['mlflow', name])
  for (const name of rules.names(['clusters']))
    rules.atLeastOne(['clusters', name], ['context', 'kubeconfig'], 'this names no cluster')
  for (const name of rules.names(['argocd_servers'])) checkArgoCd(rules, ['argocd_servers', name])
  for (const path of rules.items(['allow'])) checkEntry(rules, path)
  const problems = reportProblems(text, options.file, [
    { severity: 'error', findings: [...yaml.findings, ...shape.findings, ...rules.errors] },
    { severity: 'warning', findings: rules.warnings },
  ])
  if (shape.document === undefined || problems.some((problem) => problem.severity === 'error'))
    return { ok: false, problems }
  return { ok: true, policy: toPolicy(shape.document), notices: problems }
}

function checkEntry(rules: RuleReport, entry: readonly (string | number)[]): void {
  const mlflow = [...rules.names(['mlflow']), 'default']
  for (const grant of rules.items([...entry, 'mlflow'])) {
    rules.atLeastOne(grant, ['experiments', 'models'], 'this grant allows nothing')
    const server = rules.scalar([...grant, 'server'])
    if (server !== undefined && !mlflow.includes(server.text)) {
      rules.error(
        [...grant, 'server'],
        `no MLflow server is named \`${server.text.slice(0, 60)}\``,
        nearest(server.text, mlflow, 'MLflow server'),
      )
    }
  }
  for (const key of ['argocd', 'flux', 'fleet', 'kubernetes']) {
    for (const grant of rules.items([...entry, key]))
      checkName(rules, [...grant, 'cluster'], { section: 'clusters', kind: 'cluster' })
  }
  for (const grant of rules.items([...entry, 'argocd'])) {
    checkName(rules, [...grant, 'server'], { section: 'argocd_servers', kind: 'Argo CD server' })
    if (rules.has([...grant, 'server']) && rules.has([...grant, 'cluster']))
      rules.errorAtKey([...grant, 'cluster'], 'an Argo CD server knows its own clusters', 'keep `server` or `cluster`')
  }
  rules.knownNames([...entry, 'prometheus'], rules.names(['prometheus']), 'Prometheus server')
}

/** The token is worth a sync of everything that its account may sync. */
function checkArgoCd(rules: RuleReport, server: readonly (string | number)[]): void {
  rules.exactlyOne(server, ['token_env', 'token_file'])
  const url = URL.parse(rules.scalar([...server, 'url'])?.text ?? '')
  if (url?.protocol === 'http:' && !isLoopback(url.host) && !/\.svc(?:\.cluster\.local)?(?::\d+)?$/.test(url.host))
    rules.error(
      [...server, 'url'],
      'the token would go over http://, where others can read it',
      'write the https:// address',
    )
}

/** What a grant names is named in the file. */
function checkName(
  rules: RuleReport,
  path: readonly (string | number)[],
  { section, kind }: { readonly section: string; readonly kind: string },
): void {
  const name = rules.scalar(path)
  const known = rules.names([section])
  if (name === undefined || known.includes(name.text)) return
  const hint = nearest(name.text, known, kind)
  const reason = `no ${kind} is named \`${name.text.slice(0, 60)}\``
  rules.error(path, reason, known.length > 0 ? hint : `${hint}: add it under \`${section}:\``)
}

function toPolicy(document: PolicyDocument): ServerPolicy {
  return {
    mlflow: new Map(Object.entries(document.mlflow).map(([name, server]) => [name, toMlflowServer(server)])),
    prometheus: new Map(Object.entries(document.prometheus)),
    clusters: new Map(
      Object.entries(document.clusters).map(([name, { context, kubeconfig }]) => [name, { context, kubeconfig }]),
    ),
    argocdServers: new Map(
      Object.entries(document.argocd_servers).flatMap(([name, { url, token_env, token_file, ca_file: caFile }]) => {
        const token = placeOf(token_env, token_file)
        return token === undefined ? [] : [[name, { url, token, ...(caFile && { caFile }) }] as const]
      }),
    ),
    routes: document.routes,
    allow: document.allow.map(({ http_post: httpPost, ...entry }) => ({
      ...entry,
      httpPost,
      registries: entry.registries,
      fleet: entry.fleet.map(({ git_repos: gitRepos, ...grant }) => ({ ...grant, gitRepos })),
      mlflow: entry.mlflow.map((grant) => ({
        server: grant.server,
        experiments: grant.experiments ?? [],
        models: grant.models ?? [],
      })),
    })),
  }
}

function toMlflowServer({ url, registry, sign_in }: PolicyDocument['mlflow'][string]): MlflowPolicyServer {
  const signIn = sign_in && toSignIn(sign_in)
  return {
    url,
    ...(signIn === undefined ? {} : { signIn }),
    ...(registry === 'unity_catalog' ? { registry } : {}),
  }
}
