/** The policy's `routes`: where requests of HTTP checks and registries really go (split-horizon DNS, stand-ins). Used by http-probe.ts and registry.ts. */
import { withoutEnd } from '../domain/without-end.ts'

/** `from` is scheme and host (`https://*.example.com`, `*` = one label), `to` the address that is asked instead. */
export type Route = { readonly from: string; readonly to: string }

/** A request after routing. `host` is the Host header that the original address would have had. */
export type RoutedRequest = { readonly url: URL; readonly host: string; readonly isRouted: boolean }

/** The first route that matches wins; without one the request goes where it says. Path and query are kept, below the path of `to` if it has one. */
export function routeRequest(routes: readonly Route[], url: URL): RoutedRequest {
  const route = routes.find(({ from }) => matchesOrigin(from, url))
  if (route === undefined) return { url, host: url.host, isRouted: false }
  const target = new URL(route.to)
  const routed = new URL(url)
  routed.protocol = target.protocol
  routed.host = target.host
  // `host` without a port keeps the old one, which belongs to the address that is not asked.
  routed.port = target.port
  routed.pathname = `${withoutEnd(target.pathname, '/')}${url.pathname}`
  return { url: routed, host: url.host, isRouted: true }
}

/** Same scheme, same port (or the scheme's own), and label by label the same host; `*` is exactly one label. Case does not matter. */
export function matchesOrigin(pattern: string, url: URL): boolean {
  const parts = /^(https?):\/\/([^/:]+)(?::(\d+))?\/?$/i.exec(pattern)
  const [, scheme, host, port] = parts ?? []
  if (scheme === undefined || host === undefined || `${scheme.toLowerCase()}:` !== url.protocol) return false
  const ownPort = url.protocol === 'https:' ? '443' : '80'
  if ((port ?? ownPort) !== (url.port === '' ? ownPort : url.port)) return false
  const labels = url.hostname.toLowerCase().split('.')
  const wanted = host.toLowerCase().split('.')
  return wanted.length === labels.length && wanted.every((label, index) => label === '*' || label === labels[index])
}
