/** What a promotion's edits wrote that the pods of one workload show: addresses of models, images, variables. Compared with its pods by pod-template.ts. */
import { splitImage } from './manifest/image-reference.ts'
import { KSERVE_KINDS, type KserveEdit, type ManifestEdit, WORKLOAD_KINDS } from './manifest/index.ts'
import type { WrittenImage, WrittenValues } from './pod-template.ts'
import type { Change } from './promotion.ts'
import type { WorkloadKind } from './settings.ts'

/** The workload that is asked about. */
export type Addressee = {
  readonly kind: WorkloadKind
  readonly name: string
  /** Of an InferenceService or LLMInferenceService; undefined: the predictor, or the model itself. */
  readonly component?: KserveEdit['component']
  /** The one container that `verify:` names. */
  readonly container?: string | undefined
  /** The runtimes that an InferenceService says it uses: their images are its pods'. */
  readonly runtimes?: readonly string[]
}

/** `modelUri`: the release's. Values that a chart or an overlay gets can be meant for any workload of it. */
export function writtenByEdits(
  to: Addressee,
  edits: readonly ManifestEdit[],
  modelUri: string | undefined,
): WrittenValues {
  const own = edits.flatMap((edit) => addressed(to, edit, edits) ?? [])
  const values = own.length > 0 ? own : edits.flatMap((edit) => unaddressed(edit, modelUri))
  return narrowed(to, {
    uris: [...new Set(values.flatMap(({ uris = [] }) => uris))],
    paths: values.flatMap(({ paths = [] }) => paths),
    images: values.flatMap(({ images = [] }) => images),
    env: values.flatMap(({ env = [] }) => env),
    isAddressed: own.length > 0,
  })
}

/** The same of a way back to what stood there before Lockkeeper came: only the changed scalars are known. */
export function writtenByChanges(to: Addressee, changes: readonly Change[]): WrittenValues {
  const own = changes.filter(({ document }) => document === `${to.kind} ${to.name}`)
  const relevant = own.length > 0 ? own : changes
  const ends = (name: string) => relevant.filter(({ path }) => lastKey(path) === name)
  const part = ({ after }: Change): WrittenImage =>
    after.startsWith('sha256:') ? { ...NO_IMAGE, digest: after } : { ...NO_IMAGE, tag: after }
  return narrowed(to, {
    uris: [...ends('storageUri'), ...ends('uri')].map(({ after }) => after),
    paths: relevant.filter(({ path }) => path.endsWith('.storage.path')).map(({ after }) => after),
    images: [
      ...ends('image').map(({ after }) => reference(after)),
      ...ends('digest').map(part),
      ...(ends('digest').length > 0 ? [] : [...ends('newTag'), ...ends('tag')].map(part)),
    ],
    env: [],
    isAddressed: own.length > 0,
  })
}

const NO_IMAGE: WrittenImage = { name: undefined, tag: undefined, digest: undefined, container: undefined }

const reference = (text: string, container?: string): WrittenImage => ({ ...splitImage(text), container })

const narrowed = ({ container }: Addressee, written: WrittenValues): WrittenValues =>
  container === undefined
    ? written
    : { ...written, images: written.images.map((image) => ({ ...image, container: image.container ?? container })) }

type Some = Partial<Pick<WrittenValues, 'uris' | 'paths' | 'images' | 'env'>>

/** undefined: the edit is about another object, or about none. */
function addressed(to: Addressee, edit: ManifestEdit, edits: readonly ManifestEdit[]): Some | undefined {
  if (edit.kind === 'deployment') {
    const isKind = edit.resource === undefined || edit.resource === to.kind
    return isKind && isNamed(to, edit.name, edits) ? { images: [reference(edit.image, edit.container)] } : undefined
  }
  if (edit.kind === 'yaml') return addressedYaml(to, edit)
  return edit.kind === 'kserve' ? addressedKserve(to, edit, edits) : undefined
}

/** An overlay may give the object a prefix: the only edit of its kind is then the one. */
function isNamed(to: Addressee, name: string, edits: readonly ManifestEdit[]): boolean {
  if (name === to.name) return true
  const names = edits.flatMap((edit) => (edit.kind === 'kserve' || edit.kind === 'deployment' ? [edit.name] : []))
  return !names.includes(to.name) && new Set(names).size === 1 && to.name.includes(name)
}

function addressedKserve(to: Addressee, edit: KserveEdit, edits: readonly ManifestEdit[]): Some | undefined {
  const { resource = 'InferenceService', component = 'predictor', image, container } = edit
  const images = image === undefined ? [] : [reference(image, container)]
  if (resource === 'ServingRuntime' || resource === 'ClusterServingRuntime')
    return to.runtimes?.includes(edit.name) === true && component === 'predictor' ? { images } : undefined
  if (resource !== to.kind || !isNamed(to, edit.name, edits) || component !== (to.component ?? 'predictor'))
    return undefined
  const { storageUri, storagePath, env = [], adapters = [] } = edit
  return {
    uris: [storageUri ?? [], adapters.map(({ uri }) => uri)].flat(),
    paths: storagePath === undefined ? [] : [storagePath],
    images,
    env,
  }
}

function addressedYaml(to: Addressee, edit: Extract<ManifestEdit, { readonly kind: 'yaml' }>): Some | undefined {
  const { document, values } = edit
  if (document?.kind !== to.kind || (document.name !== undefined && document.name !== to.name)) return undefined
  const last = (segments: readonly string[]) => segments.at(-1) ?? ''
  return {
    uris: values.flatMap(({ value }) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? [value] : [])),
    images: values.flatMap(({ segments, value }) => (last(segments) === 'image' ? [reference(value)] : [])),
  }
}

function unaddressed(edit: ManifestEdit, modelUri: string | undefined): Some[] {
  const uris = (values: readonly { readonly value: string }[] = []) =>
    modelUri !== undefined && values.some(({ value }) => value === modelUri) ? [modelUri] : []
  switch (edit.kind) {
    case 'kustomize_image': {
      const { name, newName, newTag: tag, digest } = edit
      return [{ images: [{ ...NO_IMAGE, name: newName ?? name, tag, digest }] }]
    }
    case 'helm':
      return [{ images: edit.images.map(({ image }) => reference(image)) }]
    case 'argocd_parameters':
      return [
        {
          uris: [...uris(edit.parameters), ...uris(edit.values)],
          images: (edit.images ?? []).map(({ image }) => reference(image)),
        },
      ]
    case 'yaml':
      return isRendered(edit.document?.kind) ? [{ uris: uris(edit.values), images: imagesIn(edit.values) }] : []
    default:
      return []
  }
}

/** Values of what makes workloads (a chart, a HelmRelease, an Application), not of an object that is no workload or another one. */
const isRendered = (kind: string | undefined): boolean =>
  kind === undefined || ![...WORKLOAD_KINDS, ...KSERVE_KINDS, 'ConfigMap', 'Secret'].some((other) => other === kind)

/** Of a chart's values: `image`, or `tag` and `digest` beside one another. */
function imagesIn(values: readonly { readonly segments: readonly string[]; readonly value: string }[]): WrittenImage[] {
  return values.flatMap(({ segments, value }) => {
    const key = segments.at(-1)
    if (key === 'image') return [reference(value)]
    if (key === 'digest' && value.startsWith('sha256:')) return [{ ...NO_IMAGE, digest: value }]
    return key === 'tag' && !values.some(({ segments: other }) => other.at(-1) === 'digest')
      ? [{ ...NO_IMAGE, tag: value }]
      : []
  })
}

/** `uri` of `spec.uri`, and of `spec.values["uri"]` as it is written there. */
function lastKey(path: string): string | undefined {
  return /(?:^|[.\]])"?(\w+)"?$/.exec(path)?.[1]
}
