/** The patterns of the configuration: `*` within one segment, `**` over segments. No regular expression, so no pattern can be slow. */

/**
 * Why a pattern cannot be used, or undefined when it can. Segments are separated by `/`; `**` stands alone in its segment.
 * Other wildcards (`?`, `[a-z]`, `{a,b}`, `!`) are refused, because a pattern that silently means less than it seems to is worse than none.
 */
export function globProblem(pattern: string): { readonly offset: number; readonly reason: string } | undefined {
  if (pattern === '') return { offset: 0, reason: 'an empty pattern matches nothing' }
  const stranger = pattern.search(/[?[\]{}!\\]/)
  if (stranger >= 0) return { offset: stranger, reason: `\`${pattern[stranger]}\` has no meaning in patterns` }
  let offset = 0
  for (const segment of pattern.split('/')) {
    if (segment.includes('**') && segment !== '**') {
      return { offset: offset + segment.indexOf('**'), reason: '`**` must stand alone between slashes' }
    }
    offset += segment.length + 1
  }
  return undefined
}

/**
 * Does the whole of `text` match? `*` is any run of characters without `/` (at least one when it is the whole segment),
 * `**` is any number of segments (at least one at the end of the pattern). Case matters.
 */
export function globMatches(pattern: string, text: string): boolean {
  const patterns = pattern.split('/')
  const segments = text.split('/')
  if (patterns.at(-1) === '**') patterns.splice(-1, 1, '**', '*')
  return wildcardMatches(patterns, segments, { many: '**', one: segmentMatches })
}

function segmentMatches(pattern: string, segment: string): boolean {
  if (pattern === '*') return segment !== ''
  return wildcardMatches([...pattern], [...segment], { many: '*', one: (wanted, found) => wanted === found })
}

/** Two pointers and the place of the last wildcard: quadratic at worst, never exponential. */
export function wildcardMatches(
  pattern: readonly string[],
  items: readonly string[],
  rules: { readonly many: string; readonly one: (wanted: string, found: string) => boolean },
): boolean {
  let at = 0
  let star = -1
  let resume = 0
  let index = 0
  while (index < items.length) {
    const wanted = pattern[at]
    const found = items[index] ?? ''
    if (wanted === rules.many) {
      star = at++
      resume = index
    } else if (wanted !== undefined && rules.one(wanted, found)) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++resume
    } else return false
  }
  while (pattern[at] === rules.many) at++
  return at === pattern.length
}
