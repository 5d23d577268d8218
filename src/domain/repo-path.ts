/** Paths inside a repository that a promotion may write. The one place that says what such a path may look like. */

/** Why a path must never be written, or undefined. Templates may still hold `{{ … }}`; the rules apply to what is written. */
export function repoPathProblem(path: string): string | undefined {
  if (path === '') return 'the path is empty'
  if (path.length > 1024) return 'the path is longer than 1024 characters'
  if (path.includes('\\')) return 'a path has no backslash'
  if (hasControlCharacter(path)) return 'a path has no control characters'
  if (path.startsWith('/') || path.startsWith('~') || /^[a-z]:/i.test(path)) {
    return 'the path must be relative to the root of the repository'
  }
  if (/%(?:2e|2f|5c|00)/i.test(path)) return 'a path has no percent-encoded dots or slashes'
  const segments = path.split('/')
  if (segments.includes('..') || segments.includes('.')) return 'a path has no `.` or `..` segments'
  if (segments.includes('')) return 'a path has no empty segments'
  if (segments[0]?.toLowerCase() === '.github') return '`.github/` is never written'
  // Also as file systems that know no case, or short names, have it: somebody's checkout would take it for its own.
  if (segments.some((segment) => /^(?:\.git|git~1)$/i.test(segment))) return '`.git/` is never written'
  return undefined
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}
