/** `https://*.example.com`: which hosts the server may be sent to. Scheme, host and port only, since a path says nothing about reach. */

/** A parsed pattern. `labels` are compared one by one; `*` is exactly one label. `port` is never the scheme's own. */
export type UrlPattern = {
  readonly source: string
  readonly protocol: 'http:' | 'https:'
  readonly labels: readonly string[]
  readonly port: string
}

/** Parses `scheme://host[:port]`. */
export function parseUrlPattern(
  text: string,
):
  | { readonly ok: true; readonly pattern: UrlPattern }
  | { readonly ok: false; readonly reason: string; readonly hint: string } {
  const url = URL.parse(text)
  const hint = 'write scheme and host, for example `https://*.example.com`'
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { ok: false, reason: 'not an http:// or https:// address', hint }
  }
  if (url.username || url.password) return { ok: false, reason: 'a pattern holds no user or password', hint }
  if (url.search || url.hash || url.pathname !== '/')
    return { ok: false, reason: 'a pattern has no path', hint: `write \`${url.origin}\`` }
  const labels = labelsOf(url.hostname)
  if (labels.some((label) => label.includes('*') && label !== '*')) {
    return { ok: false, reason: '`*` must be a whole part between dots', hint: 'for example `https://*.example.com`' }
  }
  if (
    labels.includes('*') &&
    (labels.length < 2 || labels.at(-1) === '*' || labels.every((label) => /^(?:\*|\d+)$/.test(label)))
  ) {
    return { ok: false, reason: 'a pattern must name the end of the host', hint: 'for example `https://*.example.com`' }
  }
  return { ok: true, pattern: { source: text, protocol: url.protocol, labels, port: url.port } }
}

/** Does the address lie within the pattern? Never for addresses with a user or password, which are there to be misread. */
export function urlMatches(pattern: UrlPattern, address: string): boolean {
  const url = URL.parse(address)
  if (url === null || url.username || url.password) return false
  if (url.protocol !== pattern.protocol || url.port !== pattern.port) return false
  const labels = labelsOf(url.hostname)
  if (labels.length !== pattern.labels.length || labels.includes('')) return false
  return pattern.labels.every((label, index) => label === '*' || label === labels[index])
}

/** An IPv6 address is one label. */
const labelsOf = (host: string): readonly string[] => (host.startsWith('[') ? [host] : host.split('.'))
