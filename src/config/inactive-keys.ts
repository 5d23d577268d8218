/** Keys that load but that nothing acts on yet. The one list: `validate`, the check run and docs/config.md all read it. */
import type { Finding } from './yaml-document.ts'
import type { KeyPath, YamlNode } from './yaml-node.ts'

export type InactiveKey = {
  /** Segments joined by dots; `*` is any one name or index. */
  readonly key: string
  /** Inactive only with these values; undefined: whatever the value. */
  readonly values?: readonly string[]
  /** What happens instead. */
  readonly meanwhile: string
}

export const INACTIVE_KEYS: readonly InactiveKey[] = [
  { key: 'extends', meanwhile: 'this file is read on its own' },
  { key: 'retrain', meanwhile: 'start the training workflow by hand' },
  { key: 'environments.*.notify', meanwhile: 'progress is told in the pull request' },
]

/** The keys of this document that are inactive, each at its place. */
export function inactiveFindings(root: YamlNode): readonly Finding[] {
  return INACTIVE_KEYS.flatMap((inactive) =>
    matches(root, inactive.key.split('.'), []).flatMap(({ path, offset, text }) => {
      if (inactive.values !== undefined && !inactive.values.includes(text)) return []
      const what = inactive.values === undefined ? 'this key' : `\`${text}\``
      return [{ path, offset, reason: `${what} is understood, but not acted on yet`, hint: inactive.meanwhile }]
    }),
  )
}

type Match = { readonly path: KeyPath; readonly offset: number; readonly text: string }

function matches(node: YamlNode, pattern: readonly string[], path: KeyPath): Match[] {
  const [part, ...rest] = pattern
  if (part === undefined || node.kind !== 'mapping') return []
  return node.entries
    .filter((entry) => part === '*' || entry.name === part)
    .flatMap((entry) => {
      const here = [...path, entry.name]
      if (rest.length > 0) return matches(entry.value, rest, here)
      return [{ path: here, offset: entry.key.start, text: entry.value.kind === 'scalar' ? entry.value.text : '' }]
    })
}
