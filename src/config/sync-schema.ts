/** The schema of `sync:` of an environment: one key per GitOps engine. Part of environment-schema.ts; rules over more than one key: sync-rules.ts. */
import * as z from 'zod'
import type { SyncSettings } from '../domain/sync-settings.ts'
import { objectName } from './edit-schema.ts'
import { clusterName, namespace, quoted, serverName, template, textOf, timeLimit } from './key-types.ts'

const cluster = clusterName.optional().describe('The cluster. Default: the one that the server itself is set up for.')

const argocd = z
  .strictObject({
    application: objectName.describe('The Application.'),
    namespace: namespace.prefault('argocd').describe('The namespace of the Application.'),
    cluster,
    server: serverName
      .optional()
      .describe(
        "The Argo CD whose API is asked, by its name in the operator's policy. Default: the Application is read in the cluster.",
      ),
    sync: z
      .enum(['auto', 'request', 'manual'])
      .prefault('auto')
      .describe('`request`: where auto-sync is off, Lockkeeper starts the sync. `manual`: a person does, in Argo CD.'),
  })
  .describe('Argo CD.')

const flux = z
  .strictObject({
    kustomization: objectName.optional().describe('The Kustomization that applies the files.'),
    helm_release: objectName
      .optional()
      .describe('Or the HelmRelease whose chart lies in the config repository, or whose values do.'),
    namespace: namespace.prefault('flux-system').describe('Its namespace.'),
    cluster,
    reconcile: z
      .enum(['auto', 'request'])
      .prefault('auto')
      .describe('`request`: Flux is asked to reconcile at the merge, instead of at its next interval.'),
  })
  .describe('Flux.')

const fleet = z
  .strictObject({
    git_repo: objectName.describe('The GitRepo.'),
    namespace: namespace.prefault('fleet-default').describe('Its namespace, which is that of a Fleet workspace.'),
    cluster: cluster.describe(
      "The cluster of Fleet's controller. Default: the one that the server itself is set up for.",
    ),
  })
  .describe('Rancher Fleet.')

const login = textOf(
  {
    title: 'login',
    description: 'A GitHub login; of an App its slug with `[bot]`.',
    examples: ['argocd[bot]'],
  },
  (text) =>
    /^[a-z0-9][a-z0-9_-]{0,99}(?:\[bot\])?$/i.test(text)
      ? { ok: true, value: text }
      : { ok: false, reason: `${quoted(text)} is no login`, hint: 'write a login, or `slug[bot]` for a GitHub App' },
)

const reported = z
  .strictObject({
    commit_status: template({ examples: ['argocd/{{ model.name }}-prod'] })
      .optional()
      .describe('The context of the commit status. Or:'),
    deployment: template({ examples: ['prod/{{ model.name }}'] })
      .optional()
      .describe("The environment of the GitHub Deployment, as the config repository's deployments name it."),
    by: login.describe(
      'The only one whose reports count: whoever may write to the config repository can report anything under any name.',
    ),
  })
  .describe(
    "Statuses on the config repository's commits, as Argo CD Notifications posts them. Needs no access to a cluster.",
  )

/** The keys of `sync:` of which there is exactly one. */
export const ENGINE_KEYS = ['argocd', 'flux', 'fleet', 'reported'] as const

export const sync = z
  .strictObject({
    argocd: argocd.optional(),
    flux: flux.optional(),
    fleet: fleet.optional(),
    reported: reported.optional(),
    within: timeLimit
      .prefault('30m')
      .describe('From merge to synced. A sync window or auto-sync that is off is blocked, not failed.'),
  })
  .meta({ description: 'What brings the merged commit into the cluster. Exactly one engine.' })

/** The settings of a document that the rules have passed. */
export function toSync({ argocd, flux, fleet, reported, within }: z.output<typeof sync>): SyncSettings {
  return {
    ...(argocd && { argocd }),
    ...(flux && { flux: toFlux(flux) }),
    ...(fleet && { fleet: { gitRepo: fleet.git_repo, namespace: fleet.namespace, cluster: fleet.cluster } }),
    ...(reported && { reported: toReported(reported) }),
    within,
  }
}

function toFlux({ kustomization, helm_release, ...rest }: z.output<typeof flux>): SyncSettings['flux'] {
  if (kustomization !== undefined) return { ...rest, kind: 'Kustomization', name: kustomization }
  return helm_release && { ...rest, kind: 'HelmRelease', name: helm_release }
}

function toReported({ commit_status, deployment, by }: z.output<typeof reported>): SyncSettings['reported'] {
  if (commit_status !== undefined) return { kind: 'commit_status', name: commit_status, by }
  return deployment && { kind: 'deployment', name: deployment, by }
}
