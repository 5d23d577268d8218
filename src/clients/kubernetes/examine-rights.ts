/** What the server may do in one namespace of a cluster, asked of the API server itself (SelfSubjectAccessReview). For `lockkeeper doctor`; who the server is there: examine-cluster.ts. */
import { UserError } from '../../domain/failure.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import type { ClusterConnection } from './connection.ts'
import { askOr } from './examine-cluster.ts'
import { RESOURCE_TYPES, type ReadKind } from './resources.ts'
import {
  APPLICATIONS,
  type Rule,
  resourceName,
  rulesFor,
  rulesYaml,
  STARTING_SYNCS,
  type Verb,
  WORKLOADS,
} from './rights.ts'

/** What the policy grants in one namespace. `sync`: some grant there lets Lockkeeper start syncs. */
export type GrantedNamespace = {
  readonly cluster: string | undefined
  readonly namespace: string
  readonly applications: { readonly sync: boolean } | undefined
  readonly workloads: boolean
}

type Looked = Rule & { readonly isThere: boolean; readonly missing: readonly Verb[] }

/** One line about what may be done. Throws UserError, with the rule to add, for what may not, and SystemUnavailable. */
export async function examineRights(connection: ClusterConnection, granted: GrantedNamespace): Promise<string> {
  const { namespace, applications, workloads } = granted
  const looked: Looked[] = []
  const purposes = [...(applications ? [APPLICATIONS, STARTING_SYNCS] : []), ...(workloads ? WORKLOADS : [])]
  for (const rule of rulesFor(purposes)) looked.push(await lookAt(connection, namespace, rule))
  const absent = looked.find(({ kind, isThere }) => kind === 'Application' && !isThere)
  if (absent !== undefined) throw notInstalled(absent.kind)
  const there = looked.filter(({ isThere }) => isThere)
  const needed = there.filter((each) => isNeeded(each, granted, there))
  const missing = needed.flatMap((each) => missingOf(each, granted)).filter(({ verbs }) => verbs.length > 0)
  if (missing.length > 0) throw notAllowed(namespace, missing)
  return summary(there, granted)
}

/** Nobody says which workloads are used: those of which nothing may be read are left alone, unless that is all of them. */
function isNeeded(
  { kind, missing, verbs }: Looked,
  { workloads }: GrantedNamespace,
  there: readonly Looked[],
): boolean {
  if (kind === 'Application' || missing.length < verbs.length) return true
  const all = there.filter((each) => each.kind !== 'Application')
  return workloads && all.every((each) => each.missing.length === each.verbs.length)
}

/** Looking at Git sooner is all that the right to patch gives where syncs are not to be started. */
function missingOf({ kind, missing }: Looked, { applications }: GrantedNamespace): Rule {
  return { kind, verbs: missing.filter((verb) => verb !== 'patch' || applications?.sync === true) }
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

const notInstalled = (kind: ReadKind): UserError =>
  new UserError(
    'system_unavailable',
    `the cluster does not know ${resourceName(kind)}`,
    'Compare the cluster of this grant in LOCKKEEPER_POLICY with the one that Argo CD runs in.',
  )

function notAllowed(namespace: string, missing: readonly Rule[]): UserError {
  const verbs = missing.map(({ kind, verbs }) => `${verbs.join(', ')} ${resourceName(kind)}`)
  return new UserError(
    'system_unavailable',
    `may not ${verbs.join('; ')}`,
    `Add to a Role of that account in the namespace ${namespace} (docs/guides/rbac.md):\n${rulesYaml(missing)}`,
  )
}

function summary(there: readonly Looked[], { applications }: GrantedNamespace): string {
  const readable = there.filter(({ missing }) => !missing.includes('get'))
  const others = there.filter(({ missing }) => missing.includes('get'))
  const starts = there.some(({ kind, missing }) => kind === 'Application' && !missing.includes('patch'))
  return [
    `reads ${readable.map(({ kind }) => RESOURCE_TYPES[kind].plural).join(', ')}`,
    ...(applications === undefined ? [] : [starts ? 'may refresh and sync' : 'may not ask Argo CD to refresh']),
    ...(others.length > 0 ? [`not ${others.map(({ kind }) => RESOURCE_TYPES[kind].plural).join(', ')}`] : []),
  ].join('; ')
}
