/** `helm:` edits: an image in a chart's values, in whichever way the file writes images. What the ways are is in `partsOf`. */
import { type Cursor, follow, peek, refuseAbsent, refuseAt, rootsOf, step } from './cursor.ts'
import { refuseMarked } from './flux.ts'
import { type ImageReference, splitImage, splitRegistry } from './image-reference.ts'
import type { Refused } from './manifest-edit.ts'
import type { HelmEdit, HelmImage } from './object-edits.ts'
import { type Manifest, refuse } from './parse.ts'
import { formatPath } from './path.ts'
import { type Found, isFound, type Target } from './target.ts'
import { scalarText } from './tree.ts'

/** Keys of a mapping that may hold the image's name; `repository` goes before the others. */
const NAMES = ['repository', 'name', 'image'] as const
const PARTS = ['registry', 'repository', 'tag', 'digest', 'sha']

/** The scalars of every image. */
export function helmTargets(manifest: Manifest, edit: HelmEdit): Found {
  const [root, second] = rootsOf(manifest)
  if (root === undefined) {
    return refuse(manifest, 0, {
      code: 'target_missing',
      reason: 'the file is empty',
      hint: 'Point `file` at the values.',
    })
  }
  if (second !== undefined || peek(root, ['apiVersion']) !== undefined) {
    return refuseAt(second ?? root, {
      code: second === undefined ? 'target_missing' : 'target_ambiguous',
      reason:
        second === undefined ? 'this is a Kubernetes object, not the values of a chart' : 'values are one document',
      hint: 'Point `file` at the values file, or edit the object with `deployment`, `kserve` or `yaml`.',
    })
  }
  const targets: Target[] = []
  for (const image of edit.images) {
    const found = targetsOfImage(root, image)
    if (!isFound(found)) return found
    targets.push(...found)
  }
  return targets
}

function targetsOfImage(root: Cursor, wanted: HelmImage): Found {
  const place = follow(root, wanted.segments)
  if (place.kind === 'refused') return place
  if (place.kind === 'absent') return refuseAbsent(place)
  if (place.node.kind !== 'mapping') {
    const target: Target = { kind: 'target', field: wanted.path, place, document: undefined, value: wanted.image }
    return onlyPart(root, place, wanted) ?? [target]
  }
  const parts = overruled(root, place) ?? refuseMarked(place) ?? partsOf(place, splitImage(wanted.image))
  if ('refusal' in parts) return parts
  const targets: Target[] = []
  for (const [key, value] of parts) {
    const at = step(place, key)
    if (at.kind !== 'cursor') return at.kind === 'absent' ? refuseAbsent(at) : at
    targets.push({ kind: 'target', field: `${wanted.path}.${key}`, place: at, document: undefined, value })
  }
  return targets
}

/** A text beside which a tag or digest of its own stands is not the whole image; nor is what is called so. */
function onlyPart(root: Cursor, place: Cursor, { segments }: HelmImage): Refused | undefined {
  const last = segments.at(-1) ?? ''
  const holder = follow(root, segments.slice(0, -1))
  const { tag, digest } = splitImage(scalarText(place.manifest.text, place.node) ?? '')
  const beside = ['tag', 'digest', `${last}Tag`, `${last}Digest`].find(
    (key) => holder.kind === 'cursor' && step(holder, key).kind !== 'absent',
  )
  if (!PARTS.includes(last) && (beside === undefined || tag !== undefined || digest !== undefined)) return undefined
  return refuseAt(place, {
    code: 'target_ambiguous',
    reason: `\`${formatPath(place.path)}\` is only a part of an image${beside === undefined || beside === last ? '' : `, since \`${beside}\` stands beside it`}`,
    hint: 'Name the mapping that holds all parts, or write each part with `yaml:`.',
  })
}

function overruled(root: Cursor, place: Cursor): Refused | undefined {
  const registry = peek(root, ['global', 'imageRegistry']) ?? ''
  if (registry === '') return undefined
  return refuseAt(place, {
    code: 'would_not_apply',
    reason: '`global.imageRegistry` is set, which charts take in place of the registry of every image',
    hint: 'Write each part of the image with `yaml:`.',
  })
}

type Parts = readonly (readonly [string, string])[]

/**
 * Which keys get what: `registry` and `repository` apart or together; tag and digest in keys of their own, in one (`1.2@sha256:…`),
 * behind the repository, or the digest alone in `tag`. A digest is never dropped, and never goes where the file shows no place for it.
 */
function partsOf(place: Cursor, image: ImageReference): Parts | Refused {
  const names = NAMES.filter((key) => peek(place, [key]) !== undefined)
  const name = names.includes('repository') ? 'repository' : names[0]
  const digests = ['digest', 'sha'].filter((key) => peek(place, [key]) !== undefined)
  if (name === undefined || (name !== 'repository' && names.length > 1) || digests.length > 1) {
    return unclear(place, name === undefined ? 'has no `repository`' : 'has several keys that may hold the same part')
  }
  const hasTag = peek(place, ['tag']) !== undefined
  const [digest] = digests
  const current = splitImage(peek(place, [name]) ?? '')
  if (!hasTag && digest === undefined && (current.tag ?? current.digest) !== undefined)
    return nameParts(place, name, whole(image))
  if (current.tag !== undefined || current.digest !== undefined)
    return unclear(place, `has a tag in \`${name}\` and one beside it`)
  const versions = digest === undefined ? versionInTag(place, image) : versionWithDigest(place, digest, image)
  if ('refusal' in versions) return versions
  return [...nameParts(place, name, image.name), ...versions]
}

function nameParts(place: Cursor, key: string, name: string): Parts {
  if ((peek(place, ['registry']) ?? '') === '') return [[key, name]]
  const { registry, repository } = splitRegistry(name)
  return [
    ['registry', registry],
    [key, repository],
  ]
}

function versionInTag(place: Cursor, { tag, digest }: ImageReference): Parts | Refused {
  const old = peek(place, ['tag'])
  if (old === undefined) return unclear(place, 'has neither `tag` nor `digest`')
  if (old.startsWith('sha256:')) return digest === undefined ? unpinned(place) : [['tag', digest]]
  if (old.includes('@')) {
    if (digest === undefined) return unpinned(place)
    return tag === undefined ? unclear(place, 'needs a tag before the digest') : [['tag', `${tag}@${digest}`]]
  }
  if (digest !== undefined) return unclear(place, 'has no place for a digest')
  return tag === undefined ? unclear(place, 'needs a tag, which the new image has not') : [['tag', tag]]
}

function versionWithDigest(place: Cursor, key: string, { tag, digest }: ImageReference): Parts | Refused {
  const hasTag = peek(place, ['tag']) !== undefined
  const old = peek(place, [key]) ?? ''
  if (peek(place, ['tag'])?.includes('@')) return unclear(place, `has a digest in \`tag\` and in \`${key}\``)
  if (digest === undefined && old !== '') return unpinned(place)
  if (digest === undefined && (tag === undefined || !hasTag)) return unclear(place, 'needs a digest')
  const isBare = key === 'sha' ? !old.includes(':') : /^[0-9a-f]{64}$/.test(old)
  return [
    ...(tag === undefined || !hasTag ? [] : [['tag', tag] as const]),
    ...(digest === undefined ? [] : [[key, isBare ? digest.replace(/^sha256:/, '') : digest] as const]),
  ]
}

function whole({ name, tag, digest }: ImageReference): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

function unpinned(place: Cursor): Refused {
  return refuseAt(place, {
    code: 'would_not_apply',
    reason: `\`${formatPath(place.path)}\` is pinned to a digest, and the new image has none`,
    hint: 'Give the image with its digest: `{{ image.repository }}:{{ image.tag }}@{{ image.digest }}`.',
  })
}

function unclear(place: Cursor, why: string): Refused {
  return refuseAt(place, {
    code: 'target_ambiguous',
    reason: `\`${formatPath(place.path)}\` ${why}, so it does not show how this chart writes the image`,
    hint: 'Write it once by hand the way the chart wants it (`tag: "1.2@sha256:…"` or `digest: ""`), or write each part with `yaml:`.',
  })
}
