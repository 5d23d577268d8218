/** docs/guides/rbac.md, written from the list that `lockkeeper doctor` asks by, so that page, doctor and clients cannot disagree. Part of generate.ts. */
import {
  APPLICATIONS,
  FLEET,
  FLUX,
  type Purpose,
  RECONCILING,
  resourceName,
  roleYaml,
  rulesFor,
  STARTING_SYNCS,
  WORKLOADS,
} from '../src/clients/kubernetes/rights.ts'

const INTRODUCTION = `# Rights in clusters

<!-- Written by \`npm run docs\` from src/clients/kubernetes/rights.ts; change it there. -->

Lockkeeper reads single objects by their names, and watches the namespaces of those it is looking at. It creates and deletes nothing in a cluster, reads no Secrets, Pods or logs,
and needs no ClusterRole. Without any access to a cluster, \`sync: { reported: … }\` and HTTP checks still prove a rollout.

- \`get\` gives the answer. \`list\` and \`watch\` let a change be heard at once; without them Lockkeeper looks every 30 seconds, and says once in its log which verb is missing.
- \`patch\` lets Argo CD be told of a merge at once; and, where a grant of the policy says so, start syncs (\`sync: true\`) and ask Flux to reconcile (\`reconcile: true\`).
- \`lockkeeper doctor\` asks each API server for every right that the policy needs, and prints the missing ones as rules to paste. It asks by the reviews that every account may make of itself.

## What each key needs

| In a repository | Resource | Verbs |
| --- | --- | --- |
`

const CLUSTERS = `## Several clusters

Each cluster besides the server's own is a context of a kubeconfig, named in [the policy](../config.md#the-operators-policy); grants name it, and so do the repositories:

\`\`\`yaml
clusters:
  prod-eu: { context: prod-eu, kubeconfig: /etc/lockkeeper/prod-eu.kubeconfig }
allow:
  - repositories: ["acme/models"]
    argocd: [{ cluster: prod-eu, applications: ["churn-*"] }]
    kubernetes: [{ cluster: prod-eu, namespaces: [prod] }]
\`\`\`

Make the roles below in each, for the account that its kubeconfig signs in with. Tokens in files (\`tokenFile\`) and exec plug-ins are read again when the API server no longer takes
what they gave; \`lockkeeper doctor\` says until when a token lasts, where it tells.

## Roles

For the service account \`lockkeeper\` in the namespace \`lockkeeper\`. Leave out what you do not use; another account, or another namespace, is another name in the last line.
`

const SECTIONS: readonly {
  readonly title: string
  readonly text: string
  readonly namespace: string
  readonly purposes: readonly Purpose[]
}[] = [
  {
    title: 'Argo CD',
    text: "In the namespace of the Applications. Without `patch`, Argo CD sees a merge at its next look at Git, and Lockkeeper starts no syncs. Patching an Application is as much as editing it: RBAC knows no smaller right. Argo CD's own API does (`argocd_servers:` in the policy, with a token that may `get` and `sync`), and then needs no role here.",
    namespace: 'argocd',
    purposes: [APPLICATIONS, STARTING_SYNCS],
  },
  {
    title: 'Flux',
    text: 'In the namespace of the Kustomizations and HelmReleases, and in that of their sources where it is another one. `patch` is for `reconcile: request` only.',
    namespace: 'flux-system',
    purposes: [FLUX, RECONCILING],
  },
  {
    title: 'Rancher Fleet',
    text: "In the namespace of the workspace, in the cluster of Fleet's controller.",
    namespace: 'fleet-default',
    purposes: FLEET,
  },
  {
    title: 'Workloads',
    text: 'In each namespace that models run in. Only the kinds that `verify:` names are looked at.',
    namespace: 'prod',
    purposes: WORKLOADS,
  },
]

/** The whole page. */
export function renderRbacPage(): string {
  const rows = SECTIONS.flatMap(({ purposes }) =>
    purposes.map(
      ({ key, kinds, verbs }) =>
        `| \`${key.replace(/,.*/s, '')}\`${key.includes(',') ? key.slice(key.indexOf(',')) : ''} | ${kinds.map((kind) => `\`${resourceName(kind)}\``).join(', ')} | ${verbs.join(', ')} |`,
    ),
  )
  const roles = SECTIONS.map(
    ({ title, text, namespace, purposes }) =>
      `\n### ${title}\n\n${text}\n\n\`\`\`yaml\n${roleYaml(namespace, rulesFor(purposes))}\`\`\`\n`,
  )
  return `${INTRODUCTION}${rows.join('\n')}\n\n${CLUSTERS}${roles.join('')}`
}
