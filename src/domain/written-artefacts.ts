/** What a promotion's edits really write, as far as a config repository can limit it: images, artefact URIs and text. Judged by artefact-limits.ts. */
import type { ManifestEdit } from './manifest/index.ts'
import type { FileEdits } from './promotion-plan.ts'
import type { TemplateValues } from './template.ts'

export type WrittenArtefacts = {
  /** Image references, with or without tag and digest. */
  readonly images: readonly string[]
  /** Model URIs; a path in KServe's `storage` is `storage://<path>`. */
  readonly uris: readonly string[]
  readonly texts: readonly WrittenText[]
}

/** A value that could be read as the name of an artefact, since nothing but the file's reader knows its meaning. */
export type WrittenText = {
  readonly text: string
  /** The release's image, where the text is made of its tag: harmless where that image is allowed. */
  readonly tagOf?: string
  /** Chooses an image and never a model, as `runtime` does. */
  readonly onlyImage?: true
}

export const NOTHING_WRITTEN: WrittenArtefacts = { images: [], uris: [], texts: [] }

/** Switches, numbers and quantities, and versions, which no registry and no store is called. */
const HARMLESS = [
  /^(?:true|false|null)$/,
  /^-?\d{1,15}(?:\.\d{1,9})?(?:%|ms|[smhd]|[kKMGTPE]i?)?$/,
  /^v?\d{1,6}(?:\.\d{1,6}){0,2}$/,
]

/** Every image, URI and text that the edits write, whatever templates they came from. Text made of the ids of `release` is left out. */
export function writtenArtefacts(files: readonly FileEdits[], release: TemplateValues): WrittenArtefacts {
  const all = files.flatMap(({ edits }) => edits.map(writtenBy))
  const texts = all.flatMap((written) => written.texts).flatMap((text) => ofTheRelease(text, release))
  return {
    images: [...new Set(all.flatMap(({ images }) => images))],
    uris: [...new Set(all.flatMap(({ uris }) => uris))],
    texts: [...new Map(texts.map((text) => [JSON.stringify(text), text])).values()],
  }
}

function writtenBy(edit: ManifestEdit): WrittenArtefacts {
  switch (edit.kind) {
    case 'kserve': {
      const { storageUri, storagePath, image, adapters = [], env = [] } = edit
      const chosen = [edit.runtime, edit.runtimeVersion, edit.modelFormatVersion].filter((text) => text !== undefined)
      return {
        images: image === undefined ? [] : [image],
        uris: [
          ...(storageUri === undefined ? [] : [storageUri]),
          ...(storagePath === undefined ? [] : [`storage://${storagePath}`]),
          ...adapters.map(({ uri }) => uri),
        ],
        texts: [
          ...env.map(({ value }) => ({ text: value })),
          ...chosen.map((text) => ({ text, onlyImage: true }) as const),
        ],
      }
    }
    case 'deployment':
      return { ...NOTHING_WRITTEN, images: [edit.image] }
    case 'kustomize_image': {
      const tag = edit.newTag === undefined ? '' : `:${edit.newTag}`
      const digest = edit.digest === undefined ? '' : `@${edit.digest}`
      return { ...NOTHING_WRITTEN, images: [`${edit.newName ?? edit.name}${tag}${digest}`] }
    }
    case 'helm':
      return { ...NOTHING_WRITTEN, images: edit.images.map(({ image }) => image) }
    case 'argocd_parameters': {
      const { images = [], parameters = [], values = [] } = edit
      const texts = [...parameters, ...values].map(({ value }) => ({ text: value }))
      return { ...NOTHING_WRITTEN, images: images.map(({ image }) => image), texts }
    }
    case 'yaml':
      return { ...NOTHING_WRITTEN, texts: edit.values.map(({ value }) => ({ text: value })) }
    case 'restore':
      return { ...NOTHING_WRITTEN, texts: [...edit.values.values()].map((text) => ({ text })) }
  }
}

/** The text, unless it is made of nothing but ids that nobody can choose; with the image that its tag belongs to. */
function ofTheRelease(written: WrittenText, release: TemplateValues): readonly WrittenText[] {
  const { text } = written
  const { 'model.version': version, 'image.repository': repository, 'image.tag': tag, 'image.digest': digest } = release
  if (HARMLESS.some((shape) => shape.test(text)) || text === digest) return []
  const ids = [release['commit.sha'], release['pull_request.sha'], release['release.id']]
  const own = [...ids, /^\d+$/.test(version ?? '') ? version : undefined].filter((id) => id !== undefined)
  if (isMadeOf(text, own, digest)) return []
  if (repository === undefined || tag === undefined || mayBeHost(text)) return [written]
  return isMadeOf(text, [...own, tag], digest) ? [{ ...written, tagOf: `${repository}:${tag}` }] : [written]
}

/** `abc`, `v12`, `12-abc`, `abc@sha256:…`: joined by what joins no host, port or path. */
function isMadeOf(text: string, names: readonly string[], digest: string | undefined): boolean {
  if (names.length === 0) return false
  const rest = digest !== undefined && text.endsWith(`@${digest}`) ? text.slice(0, -digest.length - 1) : text
  const spelt = names.flatMap((name) => [name, `v${name}`])
  // Names may begin with one another: every way is followed, each place once.
  const starts = new Set([0])
  for (const start of starts) {
    for (const end of spelt.filter((name) => rest.startsWith(name, start)).map((name) => start + name.length)) {
      if (end === rest.length) return true
      if ('-_+'.includes(rest.charAt(end))) starts.add(end + 1)
    }
  }
  return false
}

/** A tag can be spelled like the host of a registry: `evil.io`, `10.0.0.7`. */
function mayBeHost(text: string): boolean {
  return (
    text === 'localhost' || /^(?:\d+\.){3}\d+$/.test(text) || (/\.[A-Za-z][^.]*$/.test(text) && !text.includes('@'))
  )
}
