/** Branch names against the patterns of GitHub's deployment branch policies: Ruby's `File.fnmatch` with paths, as GitHub documents it. Used by github-environment.ts. */
import { wildcardMatches } from './glob.ts'

/**
 * Does the pattern match the whole name? `*` and `?` stop at a slash, `**` followed by a slash is any number of segments, `[a-z]` and `[^a-z]` are one
 * character, `\` takes the next one as it is. Braces have no meaning. A set that is never closed matches nothing.
 */
export const matchesBranch = (pattern: string, branch: string): boolean =>
  wildcardMatches(segmentsOf(pattern), branch.split('/'), { many: '**', one: matchesSegment })

/** Only a `**` before a slash crosses segments: one at the end is a `*`. */
function segmentsOf(pattern: string): readonly string[] {
  const segments = pattern.split('/')
  return segments.map((segment, index) => (segment === '**' && index === segments.length - 1 ? '*' : segment))
}

const matchesSegment = (segment: string, name: string): boolean =>
  wildcardMatches(tokensOf(segment), [...name], { many: '*', one: matchesCharacter })

/** `*`, `?`, `[…]`, `\x`, or one character. */
const tokensOf = (segment: string): readonly string[] =>
  segment.match(/\\.|\[[!^]?(?:\\.|[^\\])(?:\\.|[^\]\\])*\]|\[.*|./gsu) ?? []

function matchesCharacter(token: string, character: string): boolean {
  if (token === '?') return true
  if (token.startsWith('[')) return token.endsWith(']') && token.length > 2 && isInSet(token.slice(1, -1), character)
  return bare(token) === character
}

function isInSet(set: string, character: string): boolean {
  const isNegated = /^[!^]/.test(set)
  const ranges = [...(isNegated ? set.slice(1) : set).matchAll(/(\\.|.)(?:-(\\.|.))?/gsu)]
  const isFound = ranges.some(([, from = '', to = from]) => bare(from) <= character && character <= bare(to))
  return isFound !== isNegated
}

/** What a backslash takes as it is. */
const bare = (token: string): string => (token.length > 1 && token.startsWith('\\') ? token.slice(1) : token)
