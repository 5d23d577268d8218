/**
 * Hidden markers by which the bot recognises its own comments after a lost record. comments/ writes them, services/ read them.
 * Anybody can write one: a marker may be believed only when the comment's author is this App, which the caller checks first.
 */

/** What a comment of the bot is for. A new meaning of the fields is a new version. */
export type MarkerKind = 'comparison' | 'reply' | 'thread' | 'promotion' | 'incident' | 'held' | 'lifted' | 'rebuilt'

export type Marker = { readonly kind: MarkerKind; readonly fields: Readonly<Record<string, string>> }

const KINDS: readonly string[] = [
  'comparison',
  'reply',
  'thread',
  'promotion',
  'incident',
  'held',
  'lifted',
  'rebuilt',
] satisfies readonly MarkerKind[]
const MARKER = /<!-- lockkeeper:([a-z]+):v1((?: [a-z_]+=[^\s<>]*)*) -->/

/** `<!-- lockkeeper:reply:v1 comment=17 -->`. Field names are lower case with `_`; values may be any text. */
export function renderMarker(kind: MarkerKind, fields: Readonly<Record<string, string | number>> = {}): string {
  const written = Object.entries(fields).map(([name, value]) => ` ${fieldName(name)}=${encodeValue(String(value))}`)
  return `<!-- lockkeeper:${kind}:v1${written.join('')} -->`
}

/** The first marker of a comment's body; undefined without one, or for a kind or version this program does not know. */
export function parseMarker(body: string): Marker | undefined {
  const found = MARKER.exec(body)
  const kind = found?.[1]
  if (found === null || kind === undefined || !isMarkerKind(kind)) return undefined
  const pairs = (found[2] ?? '').split(' ').filter((pair) => pair !== '')
  const fields: [string, string][] = []
  for (const pair of pairs) {
    const split = pair.indexOf('=')
    const value = decodeValue(pair.slice(split + 1))
    if (value === undefined) return undefined
    fields.push([pair.slice(0, split), value])
  }
  return { kind, fields: Object.fromEntries(fields) }
}

/** The markers of the first lines of a body, which hold nothing else: further down may stand what others wrote. */
export function leadingMarkers(body: string): readonly Marker[] {
  const markers: Marker[] = []
  for (const line of body.split('\n')) {
    const marker = MARKER.exec(line)?.[0] === line ? parseMarker(line) : undefined
    if (marker === undefined) break
    markers.push(marker)
  }
  return markers
}

/** Whether a body carries the marker of this kind with at least these fields. The caller checks the author. */
export function hasMarker(
  body: string,
  kind: MarkerKind,
  fields: Readonly<Record<string, string | number>> = {},
): boolean {
  const marker = parseMarker(body)
  return marker?.kind === kind && Object.entries(fields).every(([name, value]) => marker.fields[name] === String(value))
}

function isMarkerKind(kind: string): kind is MarkerKind {
  return KINDS.includes(kind)
}

function fieldName(name: string): string {
  if (!/^[a-z_]+$/.test(name)) throw new Error(`marker field ${JSON.stringify(name)} is not lower case`)
  return name
}

/** A comment must not end early (`-->`), and `--` is not allowed inside one. */
function encodeValue(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replaceAll('--', '-%2D')
}

function decodeValue(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
