/** What the flags of `lockkeeper edit` ask of a file: each names a place and, behind `=`, what it becomes. For edit.ts, which explains them. */
import {
  type DocumentName,
  KSERVE_KINDS,
  type ManifestEdit,
  parsePath,
  WORKLOAD_KINDS,
  type YamlValue,
} from '../domain/manifest/index.ts'

/** The flags that change something, and the form that each one's argument has. */
export const CHANGES = {
  set: 'PATH=VALUE',
  kserve: '[KIND/]NAME[.PART][.FIELD]=VALUE',
  deployment: '[KIND/]NAME[/CONTAINER]=IMAGE',
  'kustomize-image': 'NAME=TAG, NAME=DIGEST or NAME=TAG@DIGEST',
  helm: 'PATH=IMAGE',
  'argocd-parameter': 'APP/NAME=VALUE',
  'argocd-value': 'APP/PATH=VALUE',
  'argocd-image': 'APP/NAME=IMAGE',
} as const

type Flag = keyof typeof CHANGES
type Given = { readonly [flag in Flag | 'document']?: unknown }
type Read = (text: string) => ManifestEdit | string | undefined

/** The edits in the order of their flags, or in a sentence what is wrong with one. */
export function editsAsked(given: Given): readonly ManifestEdit[] | string {
  const document = documentAsked(given)
  if (typeof document === 'string') return document
  const readers: { readonly [flag in Flag]: Read } = {
    set: (text) => fromPath(text, (values) => ({ kind: 'yaml', document, values })),
    kserve,
    deployment,
    'kustomize-image': kustomizeImage,
    helm: (text) => fromPath(text, ([image]) => image && { kind: 'helm', images: [{ ...image, image: image.value }] }),
    'argocd-parameter': (text) =>
      ofApplication(text, (name, rest) => {
        const [parameter, value] = parts(rest)
        return parameter && { kind: 'argocd_parameters', name, parameters: [{ name: parameter, value }] }
      }),
    'argocd-value': (text) =>
      ofApplication(text, (name, rest) => fromPath(rest, (values) => ({ kind: 'argocd_parameters', name, values }))),
    'argocd-image': (text) =>
      ofApplication(text, (name, rest) => {
        const [image, becomes] = parts(rest)
        return image && becomes && { kind: 'argocd_parameters', name, images: [{ name: image, image: becomes }] }
      }),
  }
  const edits: ManifestEdit[] = []
  for (const flag of Object.keys(CHANGES) as Flag[]) {
    for (const text of textsOf(given[flag])) {
      const edit = readers[flag](text)
      if (typeof edit === 'object') edits.push(edit)
      else return `--${flag} ${text}: ${edit || `${CHANGES[flag]} is needed`}`
    }
  }
  return edits
}

function documentAsked(given: Given): DocumentName | string | undefined {
  const [text] = textsOf(given.document)
  if (text === undefined) return undefined
  if (textsOf(given.set).length === 0) return '--document says where --set looks, and needs one'
  const [, kind, name] = /^([^/]+)(?:\/(.+))?$/.exec(text) ?? []
  return kind === undefined ? `--document ${text}: KIND or KIND/NAME is needed` : { kind, name }
}

const FIELDS = {
  storage_uri: 'storageUri',
  storage_path: 'storagePath',
  runtime: 'runtime',
  runtime_version: 'runtimeVersion',
  model_format_version: 'modelFormatVersion',
  image: 'image',
} as const

const PARTS = ['predictor', 'transformer', 'explainer', 'prefill', 'worker'] as const

/** `churn`, `churn.image`, `churn.transformer.env.URI`, `ServingRuntime/churn.image`. A name may hold dots itself, so that fields are known by theirs. */
const KSERVE = new RegExp(
  `^(?:(?<kind>\\w+)/)?(?<name>[a-z0-9](?:[a-z0-9.-]*?[a-z0-9])?)(?:\\.(?<part>${PARTS.join('|')}))?` +
    `(?:\\.(?<field>${Object.keys(FIELDS).join('|')})|\\.(?<list>env|adapters)\\.(?<item>\\w[\\w.-]*))?$`,
)

function kserve(text: string): ManifestEdit | string | undefined {
  const [place, value] = parts(text)
  const { kind, name, part, field, list, item = '' } = KSERVE.exec(place)?.groups ?? {}
  if (name === undefined) {
    return value === '' || !place.includes('_')
      ? undefined
      : `its fields are ${[...Object.keys(FIELDS), 'env.NAME', 'adapters.NAME'].join(', ')}`
  }
  const resource = KSERVE_KINDS.find((each) => each === kind)
  if (kind !== undefined && resource === undefined) return `its kinds are ${KSERVE_KINDS.join(', ')}`
  const at = { kind: 'kserve', name, resource, component: PARTS.find((each) => each === part) } as const
  if (value === '') return undefined
  if (list === 'env') return { ...at, env: [{ name: item, value }] }
  if (list === 'adapters') return { ...at, adapters: [{ name: item, uri: value }] }
  const [, key = 'storageUri'] = Object.entries(FIELDS).find(([each]) => each === field) ?? []
  return { ...at, [key]: value }
}

function deployment(text: string): ManifestEdit | undefined {
  const [place, image] = parts(text)
  const [first = '', ...others] = place.split('/')
  const resource = WORKLOAD_KINDS.find((kind) => kind === first)
  const [name, container, more] = resource === undefined ? [first, ...others] : others
  if (name === undefined || name === '' || container === '' || more !== undefined || image === '') return undefined
  return { kind: 'deployment', name, resource, container, image }
}

function kustomizeImage(text: string): ManifestEdit | undefined {
  const [name, value] = parts(text)
  const [, newTag, digest, alone] = /^(?!sha256:)([^@]+)(?:@(sha256:[^@]+))?$|^(sha256:[^@]+)$/.exec(value) ?? []
  if (name === '' || (newTag ?? alone) === undefined) return undefined
  return { kind: 'kustomize_image', name, newTag, digest: digest ?? alone }
}

function ofApplication(text: string, read: (application: string, rest: string) => ReturnType<Read>): ReturnType<Read> {
  const slash = text.indexOf('/')
  const equals = text.indexOf('=')
  return slash < 1 || (equals >= 0 && equals < slash) ? undefined : read(text.slice(0, slash), text.slice(slash + 1))
}

/** An edit of what a key path leads to; of a path that makes no sense, where it stops to. */
function fromPath(text: string, edit: (values: readonly YamlValue[]) => ReturnType<Read>): ReturnType<Read> {
  const split = equalsOutsideBrackets(text)
  if (split < 0) return undefined
  const path = text.slice(0, split)
  const parsed = parsePath(path)
  if (!parsed.ok) return `${parsed.problem.reason} (at character ${parsed.problem.offset + 1})`
  return edit([{ path, segments: parsed.segments, value: text.slice(split + 1) }])
}

/** The `=` between path and value: not the one of `[name=server]`, nor one in a quoted key. */
function equalsOutsideBrackets(text: string): number {
  const path = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\[[^\]]*\]|[^="'[])*/.exec(text)
  const end = path?.[0].length ?? 0
  return text[end] === '=' ? end : -1
}

/** What stands before and behind the first `=`; both empty without one. */
function parts(text: string): readonly [string, string] {
  const split = text.indexOf('=')
  return split < 0 ? ['', ''] : [text.slice(0, split), text.slice(split + 1)]
}

const textsOf = (value: unknown): readonly string[] =>
  [value].flat().filter((text): text is string => typeof text === 'string')
