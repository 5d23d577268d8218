/** What a promotion's edits really write, as far as the config repository limits it: images and artefact URIs. Asked for `accept` in acceptance.ts. */
import type { ManifestEdit } from './manifest/index.ts'
import type { FileEdits } from './promotion-plan.ts'

export type WrittenArtefacts = { readonly images: readonly string[]; readonly uris: readonly string[] }

/** Values that the release gave, by which a composed value is known to name nothing new. */
export type ReleaseArtefacts = { readonly image: string | undefined; readonly parts: readonly string[] }

const HARMLESS = /^(?:true|false|null|[\d.]+[a-zA-Z%]{0,2})$/

/**
 * Every image and URI that the edits write, whatever templates they came from. A `yaml` value or an environment variable has no known meaning: one
 * that is not made of the release's own values alone counts as an image too, so that a limit on images cannot be
 * walked around by writing the image as text.
 */
export function writtenArtefacts(files: readonly FileEdits[], release: ReleaseArtefacts): WrittenArtefacts {
  const all = files.flatMap(({ edits }) => edits.map((edit) => writtenBy(edit, release)))
  return {
    images: [...new Set(all.flatMap(({ images }) => images))],
    uris: [...new Set(all.flatMap(({ uris }) => uris))],
  }
}

function writtenBy(edit: ManifestEdit, release: ReleaseArtefacts): WrittenArtefacts {
  switch (edit.kind) {
    case 'kserve': {
      const variables = freeText(
        (edit.env ?? []).map(({ value }) => value),
        release,
      )
      // A path in storage is no whole URI, so that no list of URIs can allow it.
      const uris = [edit.storageUri, edit.storagePath, ...(edit.adapters ?? []).map(({ uri }) => uri)]
      return {
        images: [...(edit.image === undefined ? [] : [edit.image]), ...variables.images],
        uris: [...uris.filter((uri) => uri !== undefined), ...variables.uris],
      }
    }
    case 'helm':
      return { images: edit.images.map(({ image }) => image), uris: [] }
    case 'argocd_parameters': {
      const { images = [], parameters = [], values = [] } = edit
      const free = freeText(
        [...parameters, ...values].map(({ value }) => value),
        release,
      )
      return { images: [...images.map(({ image }) => image), ...free.images], uris: free.uris }
    }
    case 'deployment':
      return { images: [edit.image], uris: [] }
    case 'kustomize_image':
      return { images: [edit.newName ?? edit.name], uris: [] }
    case 'yaml':
      return freeText(
        edit.values.map(({ value }) => value),
        release,
      )
    case 'restore':
      return freeText([...edit.values.values()], release)
  }
}

function freeText(values: readonly string[], release: ReleaseArtefacts): WrittenArtefacts {
  return {
    images: values.filter((value) => !value.includes('://') && !isOfTheRelease(value, release)),
    uris: values.filter((value) => value.includes('://')),
  }
}

/** Composed of the release's tag, digest, versions and ids only: no other image can hide in it. */
function isOfTheRelease(value: string, { image, parts }: ReleaseArtefacts): boolean {
  if (value === image) return false
  if (HARMLESS.test(value)) return true
  let rest = value
  for (const part of parts.toSorted((a, b) => b.length - a.length)) if (part !== '') rest = rest.replaceAll(part, '')
  return /^[v@:._-]*$/.test(rest) && !value.includes('/')
}
