/** Key paths of `yaml:` edits: `image.tag`, `podAnnotations."lockkeeper.dev/release"`. Followed through a manifest by src/domain/manifest/. */
import * as z from 'zod'
import { parsePath } from '../domain/manifest/index.ts'

/** The segments of a key path, or where it stops making sense: the same paths as `lockkeeper edit --set` takes. */
export function parseKeyPath(
  text: string,
):
  | { readonly ok: true; readonly segments: readonly string[] }
  | { readonly ok: false; readonly offset: number; readonly reason: string } {
  const parsed = parsePath(text)
  return parsed.ok ? parsed : { ok: false, ...parsed.problem }
}

export const yamlKeyPath = z
  .string()
  .meta({
    title: 'key path',
    description:
      'Keys joined by dots; a key that holds a dot in double quotes; a list item by index or by a key of it.',
    examples: ['image.tag', 'podAnnotations."lockkeeper.dev/release"', 'env[name=MODEL_URI].value', 'args[0]'],
  })
  .superRefine((text, context) => {
    const result = parseKeyPath(text)
    if (result.ok) return
    const hint =
      'join keys by dots, and put keys that hold dots in double quotes: `podAnnotations."lockkeeper.dev/release"`'
    context.addIssue({ code: 'custom', message: result.reason, params: { hint, offset: result.offset } })
  })
