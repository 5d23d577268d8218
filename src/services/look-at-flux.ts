/** Flux through the Kubernetes API: `sync: { flux }`. The rules are src/domain/flux-readiness.ts and flux-helm-readiness.ts. One of the engines of look-at-sync.ts. */

import { withoutCredentials } from '../domain/argocd-source.ts'
import { assessChart, assessHelmRelease } from '../domain/flux-helm-readiness.ts'
import { commitIn, type FluxRef, type ObservedFluxSource, type ObservedKustomization } from '../domain/flux-objects.ts'
import { assessKustomization, type HoldsOurs, isAddressOf } from '../domain/flux-readiness.ts'
import { editedFiles } from '../domain/promotion-admission.ts'
import { type Readiness, waiting } from '../domain/sync-readiness.ts'
import type { SyncSettings } from '../domain/sync-settings.ts'
import { renderTemplate } from '../domain/template.ts'
import { withoutEnd } from '../domain/without-end.ts'
import type { Deps } from './deps.ts'
import type { LookAtEngine, Synced } from './look-at-sync.ts'
import { overwrittenAt, revisionsOfOurs } from './our-revisions.ts'
import type { ClusterObjects, ClusterRead, ObjectAt } from './ports.ts'
import { releaseOf } from './promotion-context.ts'

type FluxSettings = NonNullable<SyncSettings['flux']>
type FluxKind = 'Kustomization' | 'HelmRelease' | 'GitRepository' | 'OCIRepository' | 'HelmChart'
type Look = { readonly synced: Synced; readonly settings: FluxSettings; readonly deps: Deps }

/** What ends a look early: an answer of it, instead of a further fact. */
class Ended extends Error {
  readonly readiness: Readiness
  constructor(readiness: Readiness) {
    super(readiness.kind)
    this.readiness = readiness
  }
}

export const lookAtFlux: LookAtEngine<'flux'> = async (synced, settings, deps) => {
  const { promotion } = synced
  const name = renderTemplate(settings.name, { 'model.name': promotion.model, environment: promotion.environment })
  if (!name.ok) {
    const detail = `\`${settings.name.source}\` cannot use {{ ${name.missing} }}`
    return { kind: 'failed', because: 'sync-failed', detail }
  }
  const look = { synced, settings, deps }
  try {
    const at = granted({ namespace: settings.namespace, name: name.text }, look)
    return await (settings.kind === 'Kustomization' ? lookAtKustomization(at, look) : lookAtHelmRelease(at, look))
  } catch (error) {
    if (error instanceof Ended) return error.readiness
    throw error
  }
}

type At = Pick<ObjectAt, 'namespace' | 'name'>

/** The operator lets this repository have that Kustomization or HelmRelease looked at, and told to reconcile where the settings say so. */
function granted(at: At, { synced, settings: { cluster, reconcile }, deps }: Look): At {
  const need = { kind: 'flux', cluster, namespace: at.namespace, object: at.name } as const
  const permit = deps.mayUse(synced.promotion.repository, reconcile === 'request' ? { ...need, reconcile: true } : need)
  if (!permit.allowed) throw new Ended({ kind: 'blocked', detail: permit.message })
  return at
}

async function lookAtKustomization(at: At, look: Look): Promise<Readiness> {
  const { synced, deps } = look
  const kustomization = await found('Kustomization', at, look)
  const source = await sourceOf(kustomization.source, look)
  const { appliedRevision, appliedOriginRevision, attemptedRevision } = kustomization
  const applied = commitsIn([appliedRevision, appliedOriginRevision])
  const overwritten = await overwrittenAt(applied, synced, deps)
  if (overwritten !== undefined) return overwritten
  const holdsOurs = await oursAmong(
    [...applied, ...commitsIn([attemptedRevision, source?.revision, source?.originRevision])],
    look,
  )
  const readiness = assessKustomization(kustomization, source, holdsOurs)
  if (readiness.kind !== 'waiting') return readiness
  const stranger =
    readiness.because === 'not-seen' && source !== undefined ? strangerOf(kustomization, source, look) : undefined
  if (stranger !== undefined) return stranger
  if (readiness.because === 'not-seen' && source !== undefined)
    return (await requestedSource(kustomization.source, source, { at, look })) ?? readiness
  if (readiness.because === 'not-synced') return (await requested('Kustomization', kustomization, look)) ?? readiness
  return readiness
}

/** Files of another repository never hold our commit. Of an OCI artifact nobody knows; mirrors have the same commits, and are asked for those first. */
function strangerOf(
  { namespace, name, source: { kind } }: ObservedKustomization,
  source: ObservedFluxSource,
  { synced }: Look,
): Readiness | undefined {
  const { repository } = synced.environment
  if (kind !== 'GitRepository' || isAddressOf(source.url, repository)) return undefined
  const detail = `Kustomization ${namespace}/${name} takes its files from ${withoutCredentials(source.url)}, not from ${repository}`
  return { kind: 'blocked', detail }
}

async function lookAtHelmRelease(at: At, look: Look): Promise<Readiness> {
  const release = await found('HelmRelease', at, look)
  const { synced, settings, deps } = look
  const ofChart = await commitOfChart(release, look)
  const { appliedBy } = release
  if (ofChart === undefined && appliedBy === undefined) {
    const detail = `neither a Kustomization nor a chart of ${synced.environment.repository} brings our commit to HelmRelease ${at.namespace}/${at.name}`
    return { kind: 'blocked', detail }
  }
  // A label, which whoever may write the HelmRelease chooses: what it names is looked at as if the settings named it.
  const applied =
    ofChart === undefined && appliedBy !== undefined
      ? await lookAtKustomization(granted(appliedBy, look), look)
      : undefined
  if (applied !== undefined && applied.kind !== 'ready') return applied
  // Read again: it may have been applied between the two.
  const current = applied === undefined ? release : await found('HelmRelease', at, look)
  if (applied !== undefined && current.hasForeignValues && !isTakenUp(current, synced)) {
    if (settings.reconcile !== 'request')
      return {
        kind: 'blocked',
        detail: `the values of HelmRelease ${at.namespace}/${at.name} stand in other objects, whose changes it does not show: set \`reconcile: request\``,
      }
    return (
      (await requested('HelmRelease', current, look)) ??
      waiting('not-synced', 'Flux has not taken up the request to reconcile')
    )
  }
  const revision = applied?.revision ?? ofChart ?? ''
  const overwritten = await overwrittenAt([revision], synced, deps)
  return overwritten ?? assessHelmRelease(current, revision)
}

/** The commit that the chart was built of, where our edits are in the chart; undefined where they are not. */
async function commitOfChart(release: ClusterObjects['HelmRelease'], look: Look): Promise<string | undefined> {
  const { chart, helmChart } = release
  const { synced, deps } = look
  if (chart?.source.kind !== 'GitRepository') return undefined
  const source = await sourceOf(chart.source, look)
  if (source === undefined || !isAddressOf(source.url, synced.environment.repository)) return undefined
  const files = editedFiles(synced.promotion, synced.environment, await releaseOf(synced.promotion, deps))
  if (!files.some((file) => isInChart(file, chart))) return undefined
  const built = helmChart && (await maybe('HelmChart', helmChart, look))
  const commits = commitsIn([built?.sourceRevision, source.revision])
  const holdsOurs = await oursAmong(commits, look)
  const missing = assessChart(release, built, holdsOurs)
  if (missing === undefined) return commitIn(built?.sourceRevision)
  const isBehind =
    missing.kind === 'waiting' && missing.because === 'not-seen' && !commitsIn([source.revision]).some(holdsOurs)
  const asked = isBehind ? await requestedSource(chart.source, source, { at: release, look }) : undefined
  throw new Ended(asked ?? missing)
}

function isInChart(
  file: string,
  { path, valuesFiles }: { readonly path: string; readonly valuesFiles: readonly string[] },
): boolean {
  const plain = (text: string): string => withoutEnd(text.replace(/^(?:\.?\/)+/, ''), '/')
  const root = plain(path)
  return root === '' || root === '.' || file.startsWith(`${root}/`) || valuesFiles.some((each) => plain(each) === file)
}

/** The request of this promotion: the time of its merge, so that it is the same however often it is made. */
const requestOf = ({ mergedAt }: Synced): string => mergedAt

/** A later request, by whomever, is as good as ours. */
const isTakenUp = ({ handledRequest }: ClusterObjects['HelmRelease'], synced: Synced): boolean =>
  handledRequest === requestOf(synced) || Date.parse(handledRequest ?? '') >= Date.parse(requestOf(synced))

/** Asks Flux to reconcile an object now, where the settings say so and nobody has asked since our merge. An answer where it may not be asked. */
async function requested(
  kind: FluxKind,
  object: { readonly namespace: string; readonly name: string; readonly request: string | undefined },
  { synced, settings: { reconcile, cluster }, deps }: Look,
): Promise<Readiness | undefined> {
  const request = requestOf(synced)
  const isAsked = object.request !== undefined && Date.parse(object.request) >= Date.parse(request)
  if (reconcile !== 'request' || isAsked) return undefined
  const patch = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': request } } }
  const done = await deps.cluster.patch(kind, { cluster, namespace: object.namespace, name: object.name }, patch)
  return done.kind === 'refused' ? { kind: 'blocked', detail: done.reason } : undefined
}

/** Of its own namespace: what an object refers to elsewhere may be another team's, whom this repository tells nothing. Flux polls it all the same. */
async function requestedSource(
  ref: FluxRef,
  source: ObservedFluxSource,
  { at, look }: { readonly at: At; readonly look: Look },
): Promise<Readiness | undefined> {
  return source.namespace === at.namespace ? requested(sourceKind(ref), source, look) : undefined
}

async function sourceOf(ref: FluxRef, look: Look): Promise<ObservedFluxSource | undefined> {
  const at = { namespace: ref.namespace, name: ref.name }
  if (ref.kind === 'GitRepository' || ref.kind === 'OCIRepository') return maybe(ref.kind, at, look)
  throw new Ended({ kind: 'blocked', detail: `a ${ref.kind} as source of Flux names no commit: use a GitRepository` })
}

const sourceKind = ({ kind }: FluxRef): 'GitRepository' | 'OCIRepository' =>
  kind === 'OCIRepository' ? 'OCIRepository' : 'GitRepository'

async function maybe<Kind extends FluxKind>(kind: Kind, at: At, look: Look): Promise<ClusterObjects[Kind] | undefined> {
  const { settings, deps } = look
  const read: ClusterRead<ClusterObjects[Kind]> = await deps.cluster.read(kind, { cluster: settings.cluster, ...at })
  if (read.kind === 'refused') throw new Ended({ kind: 'blocked', detail: read.reason })
  return read.kind === 'found' ? read.object : undefined
}

async function found<Kind extends FluxKind>(kind: Kind, at: At, look: Look): Promise<ClusterObjects[Kind]> {
  const object = await maybe(kind, at, look)
  if (object === undefined) throw new Ended(waiting('not-seen', `there is no ${kind} ${at.namespace}/${at.name}`))
  return object
}

const commitsIn = (revisions: readonly (string | undefined)[]): readonly string[] =>
  revisions.flatMap((revision) => commitIn(revision) ?? [])

async function oursAmong(commits: readonly string[], { synced, deps }: Look): Promise<HoldsOurs> {
  const ours = await revisionsOfOurs(commits, synced, deps)
  return (commit) => ours.has(commit)
}
