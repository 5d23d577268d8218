/** Key paths as people write them: `image.tag`, `podAnnotations."lockkeeper.dev/release"`, `containers[name=server].image`, `args[0]`. */

export type PathProblem = {
  /** UTF-16 offset in the path. */
  readonly offset: number
  readonly reason: string
}

export type PathResult =
  | { readonly ok: true; readonly segments: readonly string[] }
  | { readonly ok: false; readonly problem: PathProblem }

const KEY = /[^."'[\]\s]+/y
const QUOTED = /"((?:[^"\\]|\\["\\])*)"|'((?:[^']|'')*)'/y
const ITEM = /\[(?:(\d+)|([^=\]"'\s]+)=([^\]]+))\]/y

/** The keys of a path. A list item stays `0` or `[key=value]`. */
export function parsePath(path: string): PathResult {
  const segments: string[] = []
  let offset = 0
  while (offset < path.length || segments.length === 0) {
    const item = segments.length > 0 ? matchAt(ITEM, path, offset) : undefined
    const dotted = item === undefined && segments.length > 0
    if (dotted && path[offset] !== '.') return problem(offset, 'a `.` or `[` is expected here')
    const start = dotted ? offset + 1 : offset
    const found = item ?? matchAt(QUOTED, path, start) ?? matchAt(KEY, path, start)
    if (found === undefined) return problem(start, 'a key is missing here; quote keys that hold dots or spaces')
    segments.push(segmentOf(found))
    offset = start + found[0].length
  }
  return { ok: true, segments }
}

/** A path that `parsePath` reads back as the same segments. */
export function formatPath(segments: readonly string[]): string {
  return segments.reduce((path, segment, index) => {
    if (index > 0 && /^\[[^=\]"'\s]+=[^\]]+\]$/.test(segment)) return path + segment
    if (index > 0 && /^\d+$/.test(segment)) return `${path}[${segment}]`
    const key = /^[^."'[\]\s]+$/.test(segment) ? segment : `"${segment.replace(/["\\]/g, '\\$&')}"`
    return index === 0 ? key : `${path}.${key}`
  }, '')
}

function segmentOf(found: RegExpExecArray): string {
  if (found[0].startsWith('[')) return found[1] ?? found[0]
  if (found[0].startsWith('"')) return (found[1] ?? '').replace(/\\(["\\])/g, '$1')
  if (found[0].startsWith("'")) return (found[2] ?? '').replaceAll("''", "'")
  return found[0]
}

function matchAt(pattern: RegExp, text: string, offset: number): RegExpExecArray | undefined {
  pattern.lastIndex = offset
  return pattern.exec(text) ?? undefined
}

function problem(offset: number, reason: string): PathResult {
  return { ok: false, problem: { offset, reason } }
}
