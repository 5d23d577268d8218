/** Which addresses the server must not be talked into asking: itself, its link, its cloud's metadata service. http-probe.ts and registry.ts connect through it. */
import { lookup as lookUp } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { Agent, type Dispatcher } from 'undici'

/** Gives every address of a host; replaced in tests. */
export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>

/** A host that may not be asked, or only by a route. The message is meant for people. */
export class UnsafeAddress extends Error {
  constructor(host: string, address: string) {
    super(
      `${host} is ${address === host ? 'a' : `at ${address}, a`} loopback, link-local or metadata address: name it in the policy's routes`,
    )
    this.name = 'UnsafeAddress'
  }
}

const unsafe = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['224.0.0.0', 3],
] as const)
  unsafe.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  unsafe.addSubnet(network, prefix, 'ipv6')
// What carries an IPv4 address in ways that nobody needs any more: unspecified and loopback with it, translated, Teredo, 6to4.
for (const [network, prefix] of [
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b:1::', 48],
  ['2001::', 32],
  ['2002::', 16],
] as const)
  unsafe.addSubnet(network, prefix, 'ipv6')
// Metadata services outside of the link-local range: Alibaba Cloud, Azure's host address, AWS and Google Cloud over IPv6.
unsafe.addAddress('100.100.100.200', 'ipv4')
unsafe.addAddress('168.63.129.16', 'ipv4')
unsafe.addSubnet('fd00:ec2::', 32, 'ipv6')
unsafe.addAddress('fd20:ce::254', 'ipv6')

/** Whether the server may connect to this IP address. Private networks are allowed: that is where services live. Anything but an IP address is not. */
export function isSafeAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').split('%', 1)[0] ?? ''
  const family = isIP(bare)
  if (family === 0) return false
  const embedded = family === 6 ? embeddedIpv4(bare) : undefined
  if (embedded !== undefined) return isSafeAddress(embedded)
  return !unsafe.check(bare, family === 6 ? 'ipv6' : 'ipv4')
}

/** IPv4 inside IPv6: mapped (`::ffff:`) and translated (`64:ff9b::`), however it is spelt. */
function embeddedIpv4(address: string): string | undefined {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const groups = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical)
  const [, high, low] = groups ?? []
  if (high === undefined || low === undefined) return undefined
  const numbers = [high, low].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
  return numbers.join('.')
}

/** Throws UnsafeAddress when the URL's host is an IP address that must not be asked. Names are checked when they are resolved. */
export function refuseUnsafeHost(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !isSafeAddress(host)) throw new UnsafeAddress(host, host)
}

/**
 * A dispatcher that connects only to safe addresses. The address that was checked is the one connected to: a name that resolves differently the
 * next moment (DNS rebinding) gains nothing.
 */
export function createGuardedDispatcher(options: { readonly resolve?: Resolve } = {}): Dispatcher {
  const resolve = options.resolve ?? ((host) => lookUp(host, { all: true }))
  return new Agent({ connect: { lookup: guardedLookup(resolve) }, pipelining: 0 })
}

function guardedLookup(resolve: Resolve): LookupFunction {
  return (host, options, callback) => {
    const answer = async () => {
      const addresses = await resolve(host)
      const bad = addresses.find(({ address }) => !isSafeAddress(address))
      if (bad !== undefined) throw new UnsafeAddress(host, bad.address)
      return addresses
    }
    answer().then(
      (addresses) => {
        const first = addresses[0]
        if (first === undefined) callback(Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' }), '')
        else if (options.all === true) callback(null, [...addresses])
        else callback(null, first.address, first.family)
      },
      (error: Error) => callback(error, ''),
    )
  }
}
