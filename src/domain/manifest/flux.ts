/** Markers of Flux's image automation (`# {"$imagepolicy": "ns:policy:tag"}`): what stands in front of one belongs to Flux. Asked by change.ts and the image formats. */
import { type Cursor, refuseAt } from './cursor.ts'
import type { Refused } from './manifest-edit.ts'
import { formatPath } from './path.ts'
import { endOfLine } from './position.ts'
import { isBlock, isQuoted, type ScalarNode } from './tree.ts'

/** Whether the scalar's line ends in a marker. */
export function markerBehind(text: string, node: ScalarNode): boolean {
  if (isBlock(node.event) || node.event.valueEnd < 0) return false
  const end = node.event.valueEnd + (isQuoted(node.event) ? 1 : 0)
  return text.slice(end, endOfLine(text, end)).includes('"$imagepolicy"')
}

/** Refuses a mapping of which Flux sets another field: half an image from Flux and half from a promotion is neither's. */
export function refuseMarked(at: Cursor): Refused | undefined {
  const { node, manifest } = at
  if (node.kind !== 'mapping') return undefined
  const marked = node.entries.find(({ value }) => value.kind === 'scalar' && markerBehind(manifest.text, value))
  if (marked === undefined) return undefined
  return refuseAt(
    { ...at, node: marked.value, key: marked.key },
    {
      code: 'flux_marker',
      reason: `\`${formatPath(at.path)}\` has a field that is marked for Flux's image automation, which would overwrite it`,
      hint: 'Remove the `$imagepolicy` marker, or leave the image to Flux.',
    },
  )
}
