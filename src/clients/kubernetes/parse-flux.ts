/** From raw objects of Flux to the port's types: fields as Flux 2.3 and later write them. The rules are in src/domain/flux-*.ts. */
import type {
  FluxRef,
  ObservedFluxSource,
  ObservedHelmChart,
  ObservedHelmRelease,
  ObservedKustomization,
} from '../../domain/flux-objects.ts'
import { type Answer, answerOf } from '../answer.ts'
import { conditionOf } from './parse-condition.ts'

/** Throws SystemUnavailable when the object has no name or namespace, as all here do. */
export function parseKustomization(raw: unknown): ObservedKustomization {
  const object = answerOf('Flux', raw, 'Kustomization')
  const common = reconciledOf(object)
  const status = object.maybe('status')
  return {
    ...common,
    source: refOf(object.maybe('spec')?.maybe('sourceRef'), common.namespace),
    appliedRevision: status?.maybeText('lastAppliedRevision'),
    appliedOriginRevision: status?.maybeText('lastAppliedOriginRevision'),
    attemptedRevision: status?.maybeText('lastAttemptedRevision'),
  }
}

/** A GitRepository or an OCIRepository. */
export function parseFluxSource(raw: unknown): ObservedFluxSource {
  const object = answerOf('Flux', raw, 'source')
  const artifact = object.maybe('status')?.maybe('artifact')
  return {
    ...reconciledOf(object),
    url: object.maybe('spec')?.maybeText('url') ?? '',
    revision: artifact?.maybeText('revision'),
    originRevision: artifact?.maybe('metadata')?.maybeText('org.opencontainers.image.revision'),
  }
}

export function parseHelmChart(raw: unknown): ObservedHelmChart {
  const object = answerOf('Flux', raw, 'HelmChart')
  const status = object.maybe('status')
  return {
    ...reconciledOf(object),
    version: status?.maybe('artifact')?.maybeText('revision'),
    sourceRevision: status?.maybeText('observedSourceArtifactRevision'),
  }
}

export function parseHelmRelease(raw: unknown): ObservedHelmRelease {
  const object = answerOf('Flux', raw, 'HelmRelease')
  const common = reconciledOf(object)
  const spec = object.maybe('spec')
  const status = object.maybe('status')
  const [latest] = status?.list('history') ?? []
  return {
    ...common,
    appliedBy: appliedBy(object.child('metadata').maybe('labels')),
    chart: chartOf(spec?.maybe('chart')?.maybe('spec'), common.namespace),
    helmChart: placeOf(status?.maybeText('helmChart')),
    hasForeignValues: (spec?.list('valuesFrom') ?? []).length > 0,
    attemptedGeneration: status?.maybeInteger('lastAttemptedGeneration'),
    attemptedRevision: status?.maybeText('lastAttemptedRevision'),
    attemptedConfigDigest: status?.maybeText('lastAttemptedConfigDigest'),
    latest: latest && {
      status: latest.maybeText('status') ?? '',
      chartVersion: latest.maybeText('chartVersion') ?? '',
      configDigest: latest.maybeText('configDigest') ?? '',
      version: latest.maybeInteger('version') ?? 0,
    },
  }
}

function reconciledOf(object: Answer) {
  const metadata = object.child('metadata')
  const spec = object.maybe('spec')
  const status = object.maybe('status')
  return {
    namespace: metadata.text('namespace'),
    name: metadata.text('name'),
    generation: metadata.maybeInteger('generation') ?? 0,
    observedGeneration: status?.maybeInteger('observedGeneration'),
    suspended: spec?.raw['suspend'] === true,
    conditions: (status?.list('conditions') ?? []).map(conditionOf),
    handledRequest: status?.maybeText('lastHandledReconcileAt'),
    request: metadata.maybe('annotations')?.maybeText('reconcile.fluxcd.io/requestedAt'),
  }
}

/** A reference without a namespace means the object's own. */
const refOf = (ref: Answer | undefined, own: string): FluxRef => ({
  kind: ref?.maybeText('kind') ?? '',
  namespace: ref?.maybeText('namespace') ?? own,
  name: ref?.maybeText('name') ?? '',
})

function chartOf(spec: Answer | undefined, own: string): ObservedHelmRelease['chart'] {
  if (spec === undefined) return undefined
  return {
    path: spec.maybeText('chart') ?? '',
    valuesFiles: spec.texts('valuesFiles'),
    source: refOf(spec.maybe('sourceRef'), own),
    everyRevision: spec.maybeText('reconcileStrategy') === 'Revision',
  }
}

/** kustomize-controller labels everything that it applies. */
function appliedBy(labels: Answer | undefined): ObservedHelmRelease['appliedBy'] {
  const name = labels?.maybeText('kustomize.toolkit.fluxcd.io/name')
  const namespace = labels?.maybeText('kustomize.toolkit.fluxcd.io/namespace')
  return name === undefined || namespace === undefined ? undefined : { namespace, name }
}

/** `namespace/name`. */
function placeOf(text: string | undefined): ObservedHelmRelease['helmChart'] {
  const [namespace, name] = (text ?? '').split('/')
  return namespace === undefined || name === undefined ? undefined : { namespace, name }
}
