/** Key paths of `yaml:` edits: `image.tag`, `podAnnotations."lockkeeper.dev/release"`. Followed through a manifest by src/domain/manifest/. */
import * as z from 'zod'

/** The segments of a key path, or where it stops making sense. Bare segments have no dots, quotes or spaces; quoted ones may hold anything. */
export function parseKeyPath(
  text: string,
):
  | { readonly ok: true; readonly segments: readonly string[] }
  | { readonly ok: false; readonly offset: number; readonly reason: string } {
  const segments: string[] = []
  let at = 0
  for (;;) {
    const match = /^(?:"((?:[^"\\]|\\["\\])+)"|([^\s."']+))/.exec(text.slice(at))
    if (match === null)
      return {
        ok: false,
        offset: at,
        reason: at === text.length ? 'the key path ends with a dot' : 'not a segment of a key path',
      }
    segments.push(match[1]?.replace(/\\(["\\])/g, '$1') ?? match[2] ?? '')
    at += match[0].length
    if (at === text.length) return { ok: true, segments }
    if (text[at] !== '.') return { ok: false, offset: at, reason: 'a dot is missing between two segments' }
    at++
  }
}

export const yamlKeyPath = z
  .string()
  .meta({
    title: 'key path',
    description: 'Keys joined by dots; a key that holds a dot in double quotes.',
    examples: ['image.tag', 'podAnnotations."lockkeeper.dev/release"'],
  })
  .superRefine((text, context) => {
    const result = parseKeyPath(text)
    if (result.ok) return
    const hint =
      'join keys by dots, and put keys that hold dots in double quotes: `podAnnotations."lockkeeper.dev/release"`'
    context.addIssue({ code: 'custom', message: result.reason, params: { hint, offset: result.offset } })
  })
