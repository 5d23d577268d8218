/** Changes as a unified diff, for the media type `application/vnd.github.diff`. */
import type { FileChange } from '../git-diff.ts'

/** The answer with the diff as text. */
export function renderDiff(changes: readonly FileChange[]): {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
} {
  const body = changes.map(renderFile).join('')
  return { status: 200, body, headers: { 'content-type': 'application/vnd.github.diff; charset=utf-8' } }
}

function renderFile({ path, previousPath, status, before, after, patch }: FileChange): string {
  const old = previousPath ?? path
  const mode =
    status === 'added'
      ? [`new file mode ${after?.mode}`]
      : status === 'removed'
        ? [`deleted file mode ${before?.mode}`]
        : []
  const rename = status === 'renamed' ? ['similarity index 100%', `rename from ${old}`, `rename to ${path}`] : []
  const index = `index ${before?.oid.slice(0, 7) ?? '0000000'}..${after?.oid.slice(0, 7) ?? '0000000'}`
  const sides = [
    `--- ${before === null ? '/dev/null' : `a/${old}`}`,
    `+++ ${after === null ? '/dev/null' : `b/${path}`}`,
  ]
  const content =
    patch === null
      ? status === 'renamed'
        ? []
        : [index, 'Binary files differ']
      : patch === ''
        ? []
        : [index, ...sides, patch]
  return [`diff --git a/${old} b/${path}`, ...mode, ...rename, ...content, ''].join('\n')
}
