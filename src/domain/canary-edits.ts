/** What a step of a canary writes: the edits of whoever serves it, and the share of the traffic. Pure; asked by promotion-admission.ts, the steps themselves are canary.ts. */
import { type Canary, type CanaryTraffic, isApart, WHOLE } from './canary.ts'
import type { KserveEdit, ManifestEdit } from './manifest/index.ts'
import type { FileEdits } from './promotion-plan.ts'
import type { EnvironmentSettings } from './settings.ts'
import { renderTemplate, type Template, type TemplateValues } from './template.ts'

/** The share of the traffic that is written, in per cent; 100: the release is the stable one. */
export type TrafficShare = { readonly traffic: CanaryTraffic; readonly share: number }

/** The share that a promotion writes; undefined where the environment moves all of its traffic at once, and always did. */
export function shareWritten(canary: Canary | undefined, environment: EnvironmentSettings): TrafficShare | undefined {
  if (canary !== undefined) return { traffic: canary.traffic, share: canary.share }
  return environment.canary && { traffic: environment.canary.traffic, share: WHOLE }
}

/**
 * The edits that this share is for. Where something of its own serves the canary, that alone gets the release while it has a part of the traffic; with all of
 * it both get it, so that the next canary starts from what is live.
 */
export function editsAtShare(
  files: readonly FileEdits[],
  written: TrafficShare | undefined,
  values: TemplateValues,
): readonly FileEdits[] {
  if (written === undefined || !isApart(written.traffic)) return files
  const { traffic, share } = written
  const isOf = (edit: ManifestEdit, name: Template): edit is KserveEdit =>
    edit.kind === 'kserve' &&
    (edit.resource ?? 'InferenceService') === 'InferenceService' &&
    edit.name === knownText(name, values)
  const chosen = (edit: ManifestEdit): readonly ManifestEdit[] => {
    if (traffic.kind === 'inference_graph') return share === WHOLE || isOf(edit, traffic.canary) ? [edit] : []
    if (!isOf(edit, traffic.name) || traffic.canary === undefined) return share === WHOLE ? [edit] : []
    const own = { ...edit, canary: knownText(traffic.canary, values) }
    return share === WHOLE ? [edit, own] : [own]
  }
  return files.flatMap(({ file, edits }) => {
    const own = edits.flatMap(chosen)
    return own.length === 0 ? [] : [{ file, edits: own }]
  })
}

/** The same files, and in the one that holds it the share of the traffic. */
export function withTraffic(
  files: readonly FileEdits[],
  written: TrafficShare | undefined,
  values: TemplateValues,
): readonly FileEdits[] {
  if (written === undefined) return files
  const text = (template: Template) => knownText(template, values)
  const file = text(written.traffic.file)
  const edit = trafficEdit(written, text)
  if (!files.some((one) => one.file === file)) return [...files, { file, edits: [edit] }]
  return files.map((one) => (one.file === file ? { ...one, edits: [...one.edits, edit] } : one))
}

function trafficEdit({ traffic, share }: TrafficShare, text: (template: Template) => string): ManifestEdit {
  const name = text(traffic.name)
  const apart = share === WHOLE ? 0 : share
  if (traffic.kind === 'inference_graph') {
    const node = text(traffic.node)
    const weights = [
      { node, step: text(traffic.stable), weight: WHOLE - apart },
      { node, step: text(traffic.canary), weight: apart },
    ]
    return { kind: 'kserve', name, resource: 'InferenceGraph', weights }
  }
  if (traffic.canary !== undefined)
    return { kind: 'kserve', name, canary: text(traffic.canary), canaryTrafficPercent: apart }
  return share === WHOLE
    ? { kind: 'kserve', name, without: ['canaryTrafficPercent'] }
    : { kind: 'kserve', name, canaryTrafficPercent: share }
}

/** None of its values can be missing: the templates of `traffic:` know the model and the environment alone. */
function knownText(template: Template, values: TemplateValues): string {
  const rendered = renderTemplate(template, values)
  return rendered.ok ? rendered.text : template.source
}
