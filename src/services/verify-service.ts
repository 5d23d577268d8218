/** Looks at the InferenceService of `verify: kserve` and at the pods behind it. The rule is src/domain/kserve-readiness.ts; asked by verify-rollout.ts and follow-sync.ts. */
import { assessInferenceService, predictorDeployments } from '../domain/kserve-readiness.ts'
import type { KserveEdit } from '../domain/manifest/index.ts'
import type { Evidence, Promotion } from '../domain/promotion.ts'
import { renderEdits } from '../domain/promotion-plan.ts'
import { type Release, releaseValues } from '../domain/release.ts'
import { type EnvironmentSettings, workloadChecks } from '../domain/settings.ts'
import { renderTemplate, type Template, type TemplateValues } from '../domain/template.ts'
import type { Deps } from './deps.ts'
import type { Deployment, InferenceService, ObjectAt } from './ports.ts'

/** A promotion whose commit is in the config repository. */
export type Merged = {
  readonly promotion: Promotion
  /** undefined for a rollback to "as found". */
  readonly release: Release | undefined
  readonly environment: EnvironmentSettings
  /** ISO instant. */
  readonly mergedAt: string
}

export type ServiceLook = {
  readonly evidence: Evidence
  /** A failure that no waiting mends. */
  readonly fatal: string | undefined
}

/** undefined where the environment asks for no InferenceService. */
export async function lookAtService(merged: Merged, deps: Deps): Promise<ServiceLook | undefined> {
  const check = workloadChecks(merged.environment.verify).find(({ kind }) => kind === 'InferenceService')
  if (check === undefined) return undefined
  const name = checkText(merged, check.name)
  const label = `InferenceService ${check.namespace}/${name}`
  const at = deps.clock.now().toISOString()
  const { verdict, detail } = await judge(merged, { namespace: check.namespace, name }, deps)
  return {
    evidence: { check: label, verdict: verdict === 'fatal' ? 'fails' : verdict, seen: detail, wanted: 'Ready', at },
    fatal: verdict === 'fatal' ? `${label}: ${detail}` : undefined,
  }
}

/** A template's text; the checks may use everything that edits may. */
export function checkText({ promotion, release }: Pick<Merged, 'promotion' | 'release'>, template: Template): string {
  const rendered = renderTemplate(template, valuesOf(promotion, release))
  return rendered.ok ? rendered.text : template.source
}

const valuesOf = ({ model, environment }: Promotion, release: Release | undefined): TemplateValues =>
  release === undefined ? { 'model.name': model, environment } : releaseValues(release, environment)

type Judged = { readonly verdict: Evidence['verdict'] | 'fatal'; readonly detail: string }

async function judge(merged: Merged, at: ObjectAt, deps: Deps): Promise<Judged> {
  const permit = deps.mayUse(merged.promotion.repository, { kind: 'kubernetes', namespace: at.namespace })
  if (!permit.allowed) return { verdict: 'fails', detail: permit.message }
  const read = await deps.cluster.read('InferenceService', at)
  if (read.kind === 'absent') return { verdict: 'fails', detail: 'it does not exist' }
  if (read.kind === 'refused') return { verdict: 'no_data', detail: read.reason }
  const pods = await readPredictor(read.object, at, deps)
  if (pods.kind === 'refused') return { verdict: 'no_data', detail: pods.reason }
  const readiness = assessInferenceService(read.object, {
    uri: writtenUri(merged, read.object),
    since: new Date(merged.mergedAt),
    deployment: pods.deployment,
  })
  const verdict = ({ ready: 'holds', waiting: 'fails', failed: 'fatal' } as const)[readiness.kind]
  return { verdict, detail: readiness.detail }
}

type Predictor =
  | { readonly kind: 'known'; readonly deployment: Deployment | undefined }
  | { readonly kind: 'refused'; readonly reason: string }

/** One read more, two for the names that older versions of KServe give; none where pods prove nothing. */
async function readPredictor(service: InferenceService, at: ObjectAt, deps: Deps): Promise<Predictor> {
  for (const name of predictorDeployments(service)) {
    const read = await deps.cluster.read('Deployment', { ...at, name })
    if (read.kind === 'refused') return read
    if (read.kind === 'found') return { kind: 'known', deployment: read.object }
  }
  return { kind: 'known', deployment: undefined }
}

/** The model's URI that the environment's edits write, also when it was there before; absent when they write none, or none that KServe shows. */
function writtenUri({ promotion, release, environment }: Merged, service: InferenceService): string | undefined {
  if (release === undefined) return promotion.changes.find(({ path }) => path.endsWith('.storageUri'))?.after
  const rendered = renderEdits(environment, promotion.model, valuesOf(promotion, release))
  const edits = rendered.kind === 'rendered' ? rendered.files.flatMap((file) => file.edits) : []
  const services = edits.filter((edit) => edit.kind === 'kserve').filter(writesPredictorUri)
  const own = services.find(({ name }) => name === service.name) ?? services[0]
  // Written to `storageUris` or `STORAGE_URI`, it is no field of which KServe shows one value.
  if (own !== undefined) return service.storageUri === undefined ? undefined : own.storageUri
  // A container of its own gets its model in ways that KServe does not show.
  const isTemplated = edits.some(
    (edit) => edit.kind === 'yaml' && edit.values.some(({ value }) => value === release.modelUri),
  )
  return isTemplated && service.storageUri !== undefined ? release.modelUri : undefined
}

/** Of an edit's fields only this one is what the InferenceService shows as its model. */
function writesPredictorUri(edit: KserveEdit): boolean {
  const { resource = 'InferenceService', component = 'predictor', storageUri, mountPath, canary } = edit
  const isPredictor = resource === 'InferenceService' && component === 'predictor' && canary === undefined
  return isPredictor && storageUri !== undefined && mountPath === undefined
}
