/** Addresses of model artefacts: which the serving side can pull, and what a registry's own address becomes by `release.model.uri_map`. Used by services/find-artefact.ts. */

/** One entry of `uri_map`; both end in `/`. */
export type UriMapping = { readonly from: string; readonly to: string }

export type MappedUri =
  | { readonly ok: true; readonly uri: string }
  /** Why nothing is made of it: what would be read differently by two programs is never written. */
  | { readonly ok: false; readonly reason: string }

/** The address with the longest prefix that matches replaced; unchanged where none does. */
export function mapUri(uri: string, mappings: readonly UriMapping[]): MappedUri {
  const [mapping] = mappings
    .filter(({ from }) => uri.startsWith(from))
    .toSorted((a, b) => b.from.length - a.from.length)
  if (mapping === undefined) return { ok: true, uri }
  const rest = uri.slice(mapping.from.length).replace(/\/$/, '')
  const reason = pathProblem(rest)
  return reason === undefined ? { ok: true, uri: mapping.to + rest } : { ok: false, reason }
}

/** What is wrong with the part that is carried over. */
function pathProblem(path: string): string | undefined {
  if (path === '') return 'it names the whole store'
  if (path.includes('%')) return 'it is percent-encoded, which not every program undoes'
  if (/[?#\\]/.test(path)) return 'it has a `?`, `#` or backslash'
  if (/[\s\p{Cc}]/u.test(path)) return 'it has a blank or a control character'
  const segments = path.split('/')
  if (segments.includes('')) return 'it has two slashes in a row'
  return segments.includes('..') || segments.includes('.') ? 'it has `.` or `..` segments' : undefined
}

/** Schemes that only MLflow's own clients, or programs on one machine or platform, can follow. */
const UNPULLABLE: ReadonlySet<string> = new Set([
  'abfs',
  'abfss',
  'dbfs',
  'file',
  'mlflow-artifacts',
  'models',
  'runs',
  'wasb',
  'wasbs',
])

/** Whether KServe's storage initializer knows what to do with it: a scheme, and none of MLflow's or of a file system. https://kserve.github.io/website/docs/model-serving/storage/overview */
export function isPullable(uri: string): boolean {
  const scheme = schemeOf(uri)
  return scheme !== undefined && !UNPULLABLE.has(scheme)
}

/** Lower case; undefined for a path (`C:\…` is one). */
export const schemeOf = (uri: string): string | undefined => /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase()
