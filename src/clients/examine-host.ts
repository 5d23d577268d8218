/** Whether a host that HTTP checks may ask can be found and may be asked, without asking it: it belongs to somebody else. For `lockkeeper doctor`; the checks themselves: http-probe.ts. */
import { lookup as lookUp } from 'node:dns/promises'
import { isIP } from 'node:net'
import { SystemUnavailable, UserError } from '../domain/failure.ts'
import { networkReason } from './network-failure.ts'
import { type Route, routeRequest } from './routes.ts'
import { isSafeAddress, type Resolve } from './safe-address.ts'

export type HostExamination = {
  readonly routes: readonly Route[]
  /** Replaced in tests. */
  readonly resolve?: Resolve
}

/** One line. `origin` is scheme, host and port, without `*`. Throws UserError where checks would refuse the host, and SystemUnavailable where it has no address. */
export async function examineHost(origin: string, options: HostExamination): Promise<string> {
  const { url, isRouted } = routeRequest(options.routes, new URL(origin))
  const addresses = await addressesOf(url, options.resolve ?? ((host) => lookUp(host, { all: true })))
  if (isRouted) return `goes to ${url.origin} by \`routes:\``
  const unsafe = addresses.filter((address) => !isSafeAddress(address))
  if (unsafe.length === 0) return `is at ${addresses.join(', ')}`
  throw new UserError(
    'system_unavailable',
    `is at ${unsafe.join(', ')}, which is loopback, link-local or metadata: checks refuse to go there`,
    'If that is meant, name the address under `routes:` in LOCKKEEPER_POLICY; else mend the name in DNS.',
  )
}

async function addressesOf({ hostname }: URL, resolve: Resolve): Promise<readonly string[]> {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return [host]
  try {
    return (await resolve(host)).map(({ address }) => address)
  } catch (error) {
    throw new SystemUnavailable(host, networkReason(error))
  }
}
