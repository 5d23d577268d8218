/** What the server may do in one namespace of a cluster, asked of the API server itself (SelfSubjectAccessReview). For `lockkeeper doctor`; who the server is there: examine-cluster.ts. */
import { UserError } from '../../domain/failure.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import type { ClusterConnection } from './connection.ts'
import { askOr } from './examine-cluster.ts'
import { RESOURCE_TYPES } from './resources.ts'
import { type Purpose, type Rule, resourceName, rulesFor, rulesYaml, type Verb } from './rights.ts'

/** What the policy grants in one namespace. */
export type GrantedNamespace = {
  readonly cluster: string | undefined
  readonly namespace: string
  /** What cannot be done without. */
  readonly needed: readonly Purpose[]
  /** What saves time. */
  readonly helpful: readonly Purpose[]
  /** Of which a part is used, and nobody here knows which. */
  readonly possible: readonly Purpose[]
}

type Looked = Rule & { readonly isThere: boolean; readonly missing: readonly Verb[] }

/** One line about what may be done. Throws UserError, with the rule to add, for what may not, and SystemUnavailable. */
export async function examineRights(connection: ClusterConnection, granted: GrantedNamespace): Promise<string> {
  const { namespace } = granted
  const look = async (purposes: readonly Purpose[]): Promise<readonly Looked[]> => {
    const looked: Looked[] = []
    for (const rule of rulesFor(purposes)) looked.push(await lookAt(connection, namespace, rule))
    return looked
  }
  const needed = await look(granted.needed)
  const absent = granted.needed.find(({ kinds }) => !needed.some((each) => each.isThere && kinds.includes(each.kind)))
  if (absent !== undefined) throw notInstalled(absent)
  const possible = (await look(granted.possible)).filter(({ isThere }) => isThere)
  // Kinds of which nothing may be read are left alone, unless that is all of them.
  const isNoneAllowed = possible.every(({ missing, verbs }) => missing.length === verbs.length)
  const used = possible.filter(({ missing, verbs }) => isNoneAllowed || missing.length < verbs.length)
  const missing = [...needed, ...used].flatMap(({ kind, missing: verbs }) =>
    verbs.length > 0 ? [{ kind, verbs }] : [],
  )
  if (missing.length > 0) throw notAllowed(namespace, missing)
  return summary({ may: [...needed, ...used], mayNot: possible, helpful: await look(granted.helpful) })
}

async function lookAt(connection: ClusterConnection, namespace: string, rule: Rule): Promise<Looked> {
  const { group, version, plural } = RESOURCE_TYPES[rule.kind]
  const found = await askOr(connection, `/apis/${group}/${version}`, {})
  const resources = fieldsOf(found.body)?.['resources']
  const isThere =
    found.status === 200 && Array.isArray(resources) && resources.some((each) => fieldsOf(each)?.['name'] === plural)
  if (!isThere) return { ...rule, isThere, missing: [] }
  const may = await Promise.all(
    rule.verbs.map(async (verb) => ({ verb, allowed: await mayI(connection, { group, plural, verb, namespace }) })),
  )
  return { ...rule, isThere, missing: may.filter(({ allowed }) => !allowed).map(({ verb }) => verb) }
}

type Question = { readonly group: string; readonly plural: string; readonly verb: Verb; readonly namespace: string }

async function mayI(connection: ClusterConnection, { group, plural, verb, namespace }: Question): Promise<boolean> {
  const spec = { resourceAttributes: { group, resource: plural, verb, namespace } }
  const json = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec }
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const answer = await askOr(connection, path, { method: 'POST', body: { type: 'application/json', json } })
  const allowed = fieldsOf(fieldsOf(answer.body)?.['status'])?.['allowed']
  if (typeof allowed === 'boolean') return allowed
  throw new UserError(
    'system_unavailable',
    `the API server does not say what the account may do (${answer.status})`,
    'Bind the ClusterRole system:basic-user to system:authenticated again, as Kubernetes does by itself.',
  )
}

const notInstalled = ({ kinds, key }: Purpose): UserError =>
  new UserError(
    'system_unavailable',
    `the cluster does not know ${kinds.map(resourceName).join(', ')}`,
    `Compare the cluster of this grant in LOCKKEEPER_POLICY with the one that has what \`${key}\` is about.`,
  )

function notAllowed(namespace: string, missing: readonly Rule[]): UserError {
  const verbs = missing.map(({ kind, verbs }) => `${verbs.join(', ')} ${resourceName(kind)}`)
  return new UserError(
    'system_unavailable',
    `may not ${verbs.join('; ')}`,
    `Add to a Role of that account in the namespace ${namespace} (docs/guides/rbac.md):\n${rulesYaml(missing)}`,
  )
}

type Summary = {
  readonly may: readonly Looked[]
  /** Without those of `may`. */
  readonly mayNot: readonly Looked[]
  readonly helpful: readonly Looked[]
}

function summary({ may, mayNot, helpful }: Summary): string {
  const plurals = (looked: readonly Looked[], verb?: Verb): string =>
    looked
      .filter(({ isThere, verbs }) => isThere && (verb === undefined || verbs.includes(verb)))
      .map(({ kind }) => RESOURCE_TYPES[kind].plural)
      .join(', ')
  const isAllowed = ({ missing }: Looked): boolean => missing.length === 0
  const words = [
    ['reads', plurals(may)],
    ['patches', plurals([...may, ...helpful.filter(isAllowed)], 'patch')],
    ['may not patch', plurals(helpful.filter((each) => !isAllowed(each)))],
    ['may not read', plurals(mayNot.filter(({ kind }) => !may.some((each) => each.kind === kind)))],
  ]
  return words.flatMap(([verb, names]) => (names === '' ? [] : [`${verb} ${names}`])).join('; ')
}
