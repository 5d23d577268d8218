/** What Lockkeeper needs to be allowed in clusters, for each grant of the operator's policy: the one list for `lockkeeper doctor` (examine-rights.ts) and for the roles of docs/guides/rbac.md. */
import { RESOURCE_TYPES, type ReadKind } from './resources.ts'

export type Verb = 'get' | 'list' | 'watch' | 'patch'

/** Read for the answer itself, listed and watched so that changes are heard at once instead of at the next look. */
const READING = ['get', 'list', 'watch'] as const satisfies readonly Verb[]

/** One thing that a grant makes possible, and the kinds of object behind it. */
export type Purpose = {
  /** What it is for, by the keys of a repository's configuration. */
  readonly key: string
  readonly kinds: readonly ReadKind[]
  readonly verbs: readonly Verb[]
}

/** `argocd:` of the policy. */
export const APPLICATIONS: Purpose = { key: 'sync: argocd', kinds: ['Application'], verbs: READING }

/** With `sync: true` in the grant and `sync: request` in a repository. It also lets Argo CD look at Git right after a merge, instead of within minutes. */
export const STARTING_SYNCS: Purpose = {
  key: 'sync: argocd, to refresh it and to start syncs',
  kinds: ['Application'],
  verbs: ['patch'],
}

/** `flux:` of the policy: the objects that it names, and what they are made of. */
export const FLUX: Purpose = {
  key: 'sync: flux',
  kinds: ['Kustomization', 'HelmRelease', 'HelmChart', 'GitRepository', 'OCIRepository'],
  verbs: READING,
}

/** With `reconcile: true` in the grant and `reconcile: request` in a repository. */
export const RECONCILING: Purpose = {
  key: 'sync: flux, with reconcile: request',
  kinds: ['Kustomization', 'HelmRelease', 'GitRepository'],
  verbs: ['patch'],
}

/** `fleet:` of the policy. Bundles are found by the labels that Fleet gives them. */
export const FLEET: readonly Purpose[] = [
  { key: 'sync: fleet', kinds: ['GitRepo'], verbs: READING },
  { key: 'sync: fleet', kinds: ['Bundle'], verbs: ['list'] },
]

/** `kubernetes:` of the policy: what `verify:` can look at. Deployments and Revisions prove what an InferenceService only says. */
export const WORKLOADS: readonly Purpose[] = [
  { key: 'verify: kserve', kinds: ['InferenceService', 'Deployment', 'Revision'], verbs: READING },
  { key: 'verify: deployment', kinds: ['Deployment'], verbs: READING },
  { key: 'verify: statefulset', kinds: ['StatefulSet'], verbs: READING },
  { key: 'verify: rollout', kinds: ['Rollout', 'Deployment'], verbs: READING },
  { key: 'verify: llm_inference_service', kinds: ['LLMInferenceService', 'Deployment'], verbs: READING },
]

/** `plural.group`, as RBAC and kubectl name it. */
export const resourceName = (kind: ReadKind): string => `${RESOURCE_TYPES[kind].plural}.${RESOURCE_TYPES[kind].group}`

/** What is allowed of one kind. */
export type Rule = { readonly kind: ReadKind; readonly verbs: readonly Verb[] }

/** Every kind of the purposes once, with all of their verbs. */
export function rulesFor(purposes: readonly Purpose[]): readonly Rule[] {
  const verbs = new Map<ReadKind, Set<Verb>>()
  for (const purpose of purposes) {
    for (const kind of purpose.kinds) verbs.set(kind, new Set([...(verbs.get(kind) ?? []), ...purpose.verbs]))
  }
  return [...verbs].map(([kind, wanted]) => ({ kind, verbs: [...wanted] }))
}

/** The rules as items of `rules:` of a Role or ClusterRole; resources of one group with the same verbs share one. */
export function rulesYaml(rules: readonly Rule[]): string {
  const items = new Map<string, { readonly group: string; readonly verbs: string; readonly plurals: string[] }>()
  for (const { kind, verbs } of rules) {
    const { group, plural } = RESOURCE_TYPES[kind]
    const key = `${group} ${verbs.join(' ')}`
    const item = items.get(key) ?? { group, verbs: verbs.join(', '), plurals: [] }
    items.set(key, { ...item, plurals: [...item.plurals, plural] })
  }
  return [...items.values()]
    .map(({ group, verbs, plurals }) =>
      [`  - apiGroups: [${group}]`, `    resources: [${plurals.join(', ')}]`, `    verbs: [${verbs}]`].join('\n'),
    )
    .join('\n')
}

/** A Role with these rules, and its binding to the service account that the manifests of docs/guides/install.md make. */
export function roleYaml(namespace: string, rules: readonly Rule[]): string {
  const metadata = `metadata: { name: lockkeeper, namespace: ${namespace} }`
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
${metadata}
rules:
${rulesYaml(rules)}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
${metadata}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: lockkeeper }
subjects:
  - { kind: ServiceAccount, name: lockkeeper, namespace: lockkeeper }
`
}
