/** What the pods of a workload run, and whether that is what a promotion wrote. Read by src/clients/kubernetes/parse-pod-template.ts; what was written: written-values.ts. */
import { parseImageName } from './image-name.ts'
import { splitImage } from './manifest/image-reference.ts'

export type PodTemplate = {
  /** The init containers included. */
  readonly containers: readonly { readonly name: string; readonly image: string }[]
  /** Where the pods load models from, as often as the template says it (annotation, arguments of the init container, mounted claims and images). */
  readonly sources: readonly { readonly uri: string; readonly mountPath: string }[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
  /** Words of arguments, commands and variables: a server of one's own is told its model there. */
  readonly words: readonly string[]
}

/** Where KServe puts the model. */
export const MODEL_PATH = '/mnt/models'

/** An image as far as it was written: an entry of a kustomization may be a digest alone. */
export type WrittenImage = {
  readonly name: string | undefined
  readonly tag: string | undefined
  readonly digest: string | undefined
  /** The one container that is meant; undefined: every one that runs `name`. */
  readonly container: string | undefined
}

export type WrittenValues = {
  readonly uris: readonly string[]
  /** Of a `storage` with a path: what the address must end in. */
  readonly paths: readonly string[]
  readonly images: readonly WrittenImage[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
  /** Whether the edits name this workload, so that each value must be there; else only what it uses of them, and one at least. */
  readonly isAddressed: boolean
}

export const NOTHING_WRITTEN: WrittenValues = { uris: [], paths: [], images: [], env: [], isAddressed: true }

/** Whether pods show anything of it. */
export const showsNothing = ({ uris, paths, images, env }: WrittenValues): boolean =>
  uris.length + paths.length + images.length + env.length === 0

/** What the template lacks of what was written, in words; undefined when it carries it. */
export function lackOf(template: PodTemplate, written: WrittenValues): string | undefined {
  if (showsNothing(written)) return undefined
  const lacks = [
    ...written.uris.map((uri) => lackOfUri(template, uri)),
    ...written.paths.map((path) => lackOfPath(template, path)),
    ...written.images.map((image) => lackOfImage(template, image)),
    ...written.env.map((variable) => lackOfVariable(template, variable)),
  ]
  const counted = written.isAddressed ? lacks : lacks.filter((lack) => lack?.isElsewhere !== true)
  const first = (counted.length > 0 ? counted : lacks).find((lack) => lack !== undefined)
  return first?.words
}

/** `isElsewhere`: nothing of the template has to do with the value, so that it may be meant for another workload. */
type Lack = { readonly words: string; readonly isElsewhere: boolean } | undefined

/** How an image is brought in (`oci+native://`) is not what it is. */
const plain = (uri: string): string => uri.replace(/^oci\+[a-z]+:/, 'oci:')

function lackOfUri({ sources, words }: PodTemplate, uri: string): Lack {
  const isOurs = (source: PodTemplate['sources'][number]) => plain(source.uri) === plain(uri)
  const ours = sources.filter(isOurs)
  const places = new Set(ours.map(({ mountPath }) => mountPath))
  const other = sources.find((source) => !isOurs(source) && (ours.length === 0 || places.has(source.mountPath)))
  if (other !== undefined && !words.includes(uri)) return lack(`they carry ${other.uri}, not ${uri}`, false)
  if (ours.length > 0 || words.includes(uri)) return undefined
  return lack(`they carry no model, not ${uri}`, true)
}

function lackOfPath({ sources }: PodTemplate, path: string): Lack {
  const ends = (uri: string) => uri.endsWith(`/${path.replace(/^\/+/, '')}`)
  if (sources.some(({ uri }) => ends(uri))) return undefined
  const [other] = sources
  return other === undefined
    ? lack(`they carry no model, not ${path}`, true)
    : lack(`they carry ${other.uri}, not ${path}`, false)
}

function lackOfImage({ containers }: PodTemplate, image: WrittenImage): Lack {
  const own = containers.filter((each) => image.container === undefined || each.name === image.container)
  const named = own.filter((each) => isSameName(image.name, splitImage(each.image).name))
  const other = named.find((each) => !isVersion(image, each.image))
  const wanted = imageWords(image)
  // A version without a name can be that of any container, so that one is enough.
  if (image.name === undefined && named.length > 0 && named.some((each) => isVersion(image, each.image)))
    return undefined
  if (other !== undefined) return lack(`container ${other.name} runs ${other.image}, not ${wanted}`, false)
  if (named.length > 0) return undefined
  if (image.container !== undefined && own.length === 0) return lack(`they have no container ${image.container}`, true)
  const runs = own.map((each) => each.image).join(', ') || 'nothing'
  return lack(`they run ${runs}, not ${wanted}`, true)
}

function lackOfVariable(
  { env }: PodTemplate,
  { name, value }: { readonly name: string; readonly value: string },
): Lack {
  const set = env.filter((variable) => variable.name === name)
  if (set.some((variable) => variable.value === value)) return undefined
  // What stands there instead is not told: values of variables are secrets more often than they should be.
  return set.length === 0
    ? lack(`they have no variable ${name}, not ${value}`, true)
    : lack(`their ${name} is not ${value}`, false)
}

const lack = (words: string, isElsewhere: boolean): Lack => ({ words, isElsewhere })

/** The digest says which; the tag only where no digest was written. */
function isVersion(image: WrittenImage, text: string): boolean {
  const { tag, digest } = splitImage(text)
  if (image.digest !== undefined) return digest === image.digest
  return image.tag === undefined || tag === image.tag
}

/** `nginx` is `docker.io/library/nginx`. */
function isSameName(wanted: string | undefined, name: string): boolean {
  if (wanted === undefined || wanted === name) return true
  const [one, other] = [parseImageName(wanted), parseImageName(name)]
  return one !== undefined && other !== undefined && one.host === other.host && one.name === other.name
}

function imageWords({ name, tag, digest }: WrittenImage): string {
  return `${name ?? ''}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`.replace(
    /^[:@]/,
    '',
  )
}
