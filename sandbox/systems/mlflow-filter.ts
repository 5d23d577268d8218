/** The part of MLflow's search filter grammar that Lockkeeper uses: comparisons of tags and attributes joined by AND. Anything else is refused, as MLflow refuses what it does not know. */

/** One comparison. `values` has one element unless `operator` is `IN`. */
export type Clause = {
  readonly scope: 'tag' | 'attribute'
  readonly key: string
  readonly operator: '=' | '!=' | 'IN'
  readonly values: readonly string[]
}

/** The clauses, or MLflow's message about what it cannot read. */
export type ParsedFilter = { readonly clauses: readonly Clause[] } | { readonly refusal: string }

const QUOTED = "'[^']*'"
const CLAUSE = new RegExp(
  String.raw`^\s*(?:(tags?|attributes?|attr|run)\.)?(\`[^\`]+\`|"[^"]+"|[\w.]+)\s*(?:(=|!=)\s*(${QUOTED})|(IN)\s*(\(\s*${QUOTED}(?:\s*,\s*${QUOTED})*\s*\)))\s*(?:AND\s+(?=\S)|$)`,
  'i',
)

/** Parses a filter. `attributes` are the bare names that the search knows. An empty filter has no clauses. */
export function parseFilter(text: string, attributes: readonly string[]): ParsedFilter {
  const clauses: Clause[] = []
  let rest = text
  while (rest.trim() !== '') {
    const match = CLAUSE.exec(rest)
    if (match === null) return { refusal: `Invalid clause(s) in filter string: '${rest.trim()}'` }
    const [all, scope, quotedKey = '', comparison, value, , list] = match
    const key = quotedKey.replace(/^[`"]|[`"]$/g, '')
    const isTag = scope?.toLowerCase().startsWith('tag') === true
    if (!isTag && !attributes.includes(key)) {
      const known = attributes.map((name) => `'${name}'`).join(', ')
      return { refusal: `Invalid attribute key '${key}' specified. Valid keys are '{${known}}'` }
    }
    const values = [...(value ?? list ?? '').matchAll(/'([^']*)'/g)].map(([, inner]) => inner ?? '')
    const operator = comparison === undefined ? 'IN' : comparison === '!=' ? '!=' : '='
    clauses.push({ scope: isTag ? 'tag' : 'attribute', key, operator, values })
    rest = rest.slice(all.length)
  }
  return { clauses }
}

/** Whether a thing satisfies all clauses. A missing tag or attribute satisfies none, not even `!=`, as in MLflow's SQL store. */
export function matches(clauses: readonly Clause[], read: (clause: Clause) => string | undefined): boolean {
  return clauses.every((clause) => {
    const value = read(clause)
    if (value === undefined) return false
    return clause.operator === '!=' ? value !== clause.values[0] : clause.values.includes(value)
  })
}
