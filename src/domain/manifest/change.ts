/** One target to one splice, or the reason why this scalar must not be written. */
import { type Cursor, refuseAbsent, refuseAlias, refuseAt } from './cursor.ts'
import { markerBehind } from './flux.ts'
import { insertion } from './insert.ts'
import { insertItem } from './insert-item.ts'
import type { Refused } from './manifest-edit.ts'
import { formatPath } from './path.ts'
import { removal } from './remove.ts'
import { fillEmpty, isAlready, isStringTag, replacement, type Splice, tagOf } from './scalars.ts'
import type { Target } from './target.ts'
import { isMergeSource, type ManifestNode, type ScalarNode, scalarText } from './tree.ts'

type ScalarCursor = Cursor & { readonly node: ScalarNode }

/** How to make the target say its value; `already` where it does. */
export function changeFor(target: Target): Splice | 'already' | Refused {
  const { place, value } = target
  if (place.kind === 'new_item') {
    const texts = Object.values(place.fields)
    return texts.map((text) => unwritable(place.in, text)).find(Boolean) ?? repeated(place.in) ?? insertItem(place)
  }
  if (place.kind === 'removal') {
    const { at } = place
    const untaken = repeated(at) ?? (at.node.kind === 'scalar' ? untouchable({ ...at, node: at.node }) : undefined)
    return untaken ?? removal(at) ?? refuseRemoval(at)
  }
  if (place.kind === 'absent') {
    const { manifest, node } = place.in
    const splice = insertion(manifest.text, node, place.name, value)
    return unwritable(place.in, value) ?? repeated(place.in) ?? splice ?? refuseAbsent(place)
  }
  const { manifest, node } = place
  if (node.kind === 'alias') return refuseAlias(place)
  if (node.kind !== 'scalar') {
    return refuseAt(place, {
      code: 'not_a_scalar',
      reason: `${shown(place)} is a ${node.kind === 'mapping' ? 'mapping' : 'list'}, not a single value`,
      hint: 'Name one of the values in it.',
    })
  }
  const at: ScalarCursor = { ...place, node }
  if (typeof value === 'number' ? isInteger(at, value) : isAlready(manifest.text, node, value)) return 'already'
  return unwritable(at, value) ?? untouchable(at) ?? repeated(place) ?? spliceFor(at, value)
}

const refuseRemoval = (at: Cursor): Refused =>
  refuseAt(at, {
    code: 'would_change_more',
    reason: `${shown(at)} cannot be taken out without touching what is around it`,
    hint: 'Write it on a line of its own, without a comment behind it, beside other keys.',
  })

function spliceFor(at: ScalarCursor, value: string | number): Splice | Refused {
  const { manifest, node, key } = at
  if (typeof value === 'number') return integerSplice(at, value)
  if (node.event.valueStart < 0) {
    const splice = key === undefined ? undefined : fillEmpty(manifest.text, key, node, value)
    if (splice !== undefined) return splice
    return refuseAt(at, {
      code: 'not_a_scalar',
      reason: `${shown(at)} has no value, and no place for one behind a colon`,
      hint: 'Give it a value once by hand, "" for example.',
    })
  }
  const splice = replacement(manifest.text, node, value)
  if (typeof splice !== 'string') return splice
  return refuseAt(at, {
    code: 'block_scalar',
    reason: `${shown(at)} is a block of text (\`|\` or \`>\`) that ${splice}`,
    hint: 'Write the value on the line of its key.',
  })
}

/** A number that everybody reads as one: plain, in place of a number. */
function integerSplice(at: ScalarCursor, value: number): Splice | Refused {
  const { node, value: old } = at
  if (typeof old === 'number') return { start: node.event.valueStart, end: node.event.valueEnd, text: String(value) }
  return refuseAt(at, {
    code: 'unsupported_value',
    reason: `${shown(at)} is not a number, and Kubernetes takes only one there`,
    hint: 'Write a number without quotes once by hand.',
  })
}

function isInteger({ node, value: old }: ScalarCursor, value: number): boolean {
  return old === value && node.event.tagStart < 0
}

/** New values that have no text form, or that something may take for more than text. */
function unwritable(at: Cursor, value: string | number): Refused | undefined {
  const text = String(value)
  if (text.isWellFormed() && !text.includes('{{')) return undefined
  return refuseAt(at, {
    code: 'unsupported_value',
    reason: text.isWellFormed()
      ? `the new value for ${shown(at)} has \`{{\` in it, which templates take for a placeholder`
      : `the new value for ${shown(at)} is not valid Unicode`,
    hint: 'Correct the value that the release gives.',
  })
}

/** Values that somebody or something else owns. */
function untouchable(at: ScalarCursor): Refused | undefined {
  const { node } = at
  const { text } = at.manifest
  const tag = tagOf(text, node)
  if (scalarText(text, node)?.includes('{{')) {
    return refuseAt(at, {
      code: 'template',
      reason: `${shown(at)} is a template placeholder, which something else fills in`,
      hint: 'Name the file that its value comes from instead.',
    })
  }
  if (tag !== undefined && !isStringTag(tag)) {
    return refuseAt(at, {
      code: 'tagged',
      reason: `${shown(at)} carries the tag ${tag}, which makes it something other than a string`,
      hint: 'Remove the tag.',
    })
  }
  if (markerBehind(text, node)) {
    return refuseAt(at, {
      code: 'flux_marker',
      reason: `${shown(at)} is marked for Flux's image automation, which would overwrite it`,
      hint: 'Remove the `$imagepolicy` marker, or leave the value to Flux.',
    })
  }
  return undefined
}

/** An anchor on the scalar, or on anything around it, that an alias uses: the edit would change that place too. */
function repeated(at: Cursor): Refused | undefined {
  let node: ManifestNode | undefined = at.node
  while (node !== undefined) {
    const alias = node.users[0]
    if (alias !== undefined) {
      const isMerge = isMergeSource(at.manifest.text, alias)
      return refuseAt(at, {
        code: isMerge ? 'merge_key' : 'alias',
        reason: `${shown(at)} is ${isMerge ? 'merged into' : 'repeated in'} another place through *${alias.name}, which would change too`,
        hint: 'Write the values out where the alias is.',
      })
    }
    node = node.parent
  }
  return undefined
}

function shown(at: Cursor): string {
  return `\`${formatPath(at.path)}\``
}
