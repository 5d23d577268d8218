/** What an entry of `accepts:` lets be written: its `images`, `uris` and `values` over what written-artefacts.ts found. Asked by acceptance.ts. */
import { globMatches } from './glob.ts'
import { parseImageName } from './image-name.ts'
import type { Acceptance } from './settings.ts'
import { renderTemplate, type Template, type TemplateValues } from './template.ts'
import type { WrittenArtefacts, WrittenText } from './written-artefacts.ts'

export type Limits = Pick<Acceptance, 'images' | 'uris' | 'values'>

/** What of it the entry does not allow. `values` render its templates. */
export function beyondLimits(limits: Limits, written: WrittenArtefacts, values: TemplateValues): WrittenArtefacts {
  return {
    images: written.images.filter((image) => !mayWriteImage(limits, image)),
    uris: written.uris.filter((uri) => !mayWriteUri(limits, uri, values)),
    texts: written.texts.filter((text) => !mayWriteText(limits, text, values)),
  }
}

/** The entry with what it lacks, the narrowest way; what no entry can allow is not added. */
export function widened(limits: Limits, beyond: WrittenArtefacts, written: WrittenArtefacts): Limits {
  const images = [
    ...beyond.images,
    ...beyond.uris.flatMap(imageIn),
    ...beyond.texts.flatMap(({ text, tagOf }) => tagOf ?? [...withHost(text), ...imageIn(text)].filter(isImage)),
  ]
  const uris = [...beyond.uris, ...beyond.texts.map(({ text }) => text).filter(isArtefactUri)]
  const others = beyond.texts.filter(
    ({ text, tagOf }) => tagOf === undefined && !isArtefactUri(text) && withHost(text).length === 0,
  )
  // A list where there was none limits what was free before: that goes in, too.
  const free = limits.images === undefined ? [...written.images, ...written.uris.flatMap(imageIn)] : []
  return {
    images: images.length === 0 ? limits.images : added(limits.images, [...free, ...images].map(imageRepository)),
    uris: limits.uris === undefined || uris.length === 0 ? limits.uris : added(limits.uris, uris.map(literalPattern)),
    values:
      others.length === 0
        ? limits.values
        : added(
            limits.values,
            others.map(({ text }) => literal(text.replaceAll('{{', '*'))),
          ),
  }
}

/** Scheme and segments, none of which a server could read as "one up", as another host or as another spelling of them. */
export function isPlainUri(uri: string): boolean {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+-]*):\/\/(.+)$/.exec(uri) ?? []
  if (rest === '' || uri.length > 2048 || /[?#]/.test(uri) || !isTame(uri)) return false
  const segments = rest.endsWith('/') ? rest.slice(0, -1).split('/') : rest.split('/')
  if (segments[0]?.includes('@') && !/^(?:abfss?|wasbs?)$/.test(scheme)) return false
  return !/\s/.test(uri) && segments.every((segment) => segment !== '')
}

const isArtefactUri = (text: string): boolean => isPlainUri(text) && imageIn(text).every(isImage)

/** `ghcr.io/acme/churn:1.2@sha256:…` → `ghcr.io/acme/churn`; a port is no tag. */
export function imageRepository(image: string): string {
  const [name = ''] = image.split('@')
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}

function mayWriteImage({ images }: Limits, image: string): boolean {
  if (images === undefined) return true
  return isImage(image) && images.some((glob) => globMatches(glob, imageRepository(image)))
}

function isImage(text: string): boolean {
  const repository = imageRepository(text)
  const rest = text.slice(repository.length)
  return parseImageName(repository) !== undefined && /^(?::\w[\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]+)?$/.test(rest)
}

function mayWriteUri(limits: Limits, uri: string, values: TemplateValues): boolean {
  if (!imageIn(uri).every((image) => mayWriteImage(limits, image))) return false
  return limits.uris === undefined || matchesAny(limits.uris, uri, values)
}

function mayWriteText(limits: Limits, { text, tagOf, onlyImage }: WrittenText, values: TemplateValues): boolean {
  const { images, uris } = limits
  if (images === undefined && (uris === undefined || onlyImage === true)) return true
  if (tagOf !== undefined && images !== undefined) return mayWriteImage(limits, tagOf)
  if (isPlainUri(text) && mayWriteUri(limits, text, values)) return true
  // Without a host it could be a path or the name of a model just as well.
  const isClear = withHost(text).length > 0 || uris === undefined
  if (images !== undefined && isClear && mayWriteImage(limits, text)) return true
  return isAmong(limits.values ?? [], text, values)
}

function isAmong(patterns: readonly Template[], text: string, values: TemplateValues): boolean {
  return patterns.some((pattern) => {
    const rendered = renderTemplate(pattern, values)
    return rendered.ok && (rendered.text === text || (isTame(text) && globMatches(rendered.text, text)))
  })
}

/** Does one of the patterns match? Only the model and the environment vary in them, and neither can hold a slash or a wildcard. */
export function matchesAny(patterns: readonly Template[], text: string, values: TemplateValues): boolean {
  return patterns.some((pattern) => {
    const rendered = renderTemplate(pattern, values)
    return rendered.ok && globMatches(rendered.text, text)
  })
}

/** KServe runs what `oci://` names as a container, so that it is an image, too. */
export function imageIn(uri: string): readonly string[] {
  const image = /^(?:oci|docker)[a-z0-9+-]*:\/\/(.+)$/.exec(uri)?.[1]
  return image === undefined ? [] : [image]
}

/** The text, where it can only be an image: it begins with the host of a registry. */
function withHost(text: string): readonly string[] {
  return /^(?:localhost|[^/:][^/:.]*\.[^/:]+)(?::\d+)?\//.test(text) && isImage(text) ? [text] : []
}

/** No way up, no line break, no invisible character, no character that becomes another one where texts are compared by their looks. */
function isTame(text: string): boolean {
  if (/[\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|%(?:2[ef5]|5c|00)/iu.test(text) || text.normalize('NFKC') !== text)
    return false
  return text.split('/').every((segment) => segment !== '.' && segment !== '..')
}

function added<Item extends string | Template>(
  list: readonly Item[] | undefined,
  more: readonly Item[],
): readonly Item[] {
  return [...new Map([...(list ?? []), ...more].map((item) => [JSON.stringify(item), item])).values()]
}

const literal = (text: string): Template => ({ source: text, parts: [{ kind: 'text', text }] })

/** A pattern of what is meant by the text, where patterns can say it. */
export const literalPattern = (text: string): Template => literal(text.replace(/[?[\]{}!\\*]+/g, '*'))
