/** The server cannot be talked into asking itself or its cloud. */
import { type AddressInfo, createServer, isIP } from 'node:net'
import fc from 'fast-check'
import { request } from 'undici'
import { describe, expect, it } from 'vitest'
import { networkReason } from '../../src/clients/network-failure.ts'
import {
  createGuardedDispatcher,
  isSafeAddress,
  type Resolve,
  refuseUnsafeHost,
  UnsafeAddress,
} from '../../src/clients/safe-address.ts'

describe('a URL', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://017700000001/',
    'http://0x7f.0.0.1/',
    'http://0x7f000001/',
    'http://0/',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://169.254.43518/',
    'http://１２７.０.０.１/',
    'http://127。0。0。1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
    'http://127.0.0.1./',
    'http://a@127.0.0.1/',
    'http://public.example@169.254.169.254/',
    'http:\\\\127.0.0.1/',
  ])('of this machine or the link is refused however it is written: %s', (url) => {
    expect(() => refuseUnsafeHost(new URL(url))).toThrow(UnsafeAddress)
  })
})

describe('a name', () => {
  const ask = async (resolve: Resolve, url = 'http://rebound.example:9/') => {
    const dispatcher = createGuardedDispatcher({ resolve })
    const failure = await request(url, { dispatcher }).catch((error: unknown) => error)
    await dispatcher.destroy()
    return networkReason(failure)
  }
  const at = (...addresses: readonly string[]) => addresses.map((address) => ({ address, family: isIP(address) }))

  it.each([
    ['this machine', ['127.0.0.1']],
    ['the metadata service', ['169.254.169.254']],
    ['a public address and this machine', ['140.82.121.4', '127.0.0.1']],
    ['this machine in IPv6 clothing', ['::ffff:127.0.0.1']],
  ])('that resolves to %s is not connected to', async (_, addresses) => {
    expect(await ask(async () => at(...addresses))).toContain('metadata address')
  })

  it('is resolved once for each connection, whose address is the one that was looked at', async () => {
    const asked: string[] = []
    const connected: string[] = []
    const server = createServer((socket) => {
      connected.push(socket.remoteAddress ?? '')
      socket.destroy()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    // The second answer, for whoever asks again, would lead here.
    const rebinding: Resolve = async (host) => {
      asked.push(host)
      return at(asked.length === 1 ? '192.0.2.1' : '127.0.0.1')
    }
    const reason = await Promise.race([
      ask(rebinding, `http://rebound.example:${port}/`),
      new Promise((resolve) => setTimeout(() => resolve('still connecting'), 1000)),
    ])
    server.close()
    expect(reason).not.toContain('metadata address')
    expect({ asked, connected }).toEqual({ asked: ['rebound.example'], connected: [] })
  })
})

describe('an address', () => {
  it.each([
    ['of this machine', '127.0.0.1', false],
    ['of this machine, another', '127.8.8.8', false],
    ['of this machine in IPv6', '::1', false],
    ['of any interface', '0.0.0.0', false],
    ['of any interface in IPv6', '::', false],
    ['of a cloud metadata service', '169.254.169.254', false],
    ['of AWS metadata over IPv6', 'fd00:ec2::254', false],
    ['of Alibaba metadata', '100.100.100.200', false],
    ['of the link', 'fe80::1', false],
    ['of the link with its interface', 'fe80::1%eth0', false],
    ['to many', '224.0.0.1', false],
    ['to all', '255.255.255.255', false],
    ['of this machine in IPv6 clothing', '::ffff:127.0.0.1', false],
    ['of this machine in hexadecimal IPv6 clothing', '::ffff:7f00:1', false],
    ['of this machine written out', '0:0:0:0:0:ffff:7f00:0001', false],
    ['of metadata behind a translator', '64:ff9b::a9fe:a9fe', false],
    ['of metadata behind a translator of its own', '64:ff9b:1::a9fe:a9fe', false],
    ['of metadata in IPv6 as nobody writes it any more', '::a9fe:a9fe', false],
    ['of metadata by 6to4', '2002:a9fe:a9fe::', false],
    ['of the credentials that AWS gives to pods', 'fd00:ec2::23', false],
    ['of Google Cloud metadata over IPv6', 'fd20:ce::254', false],
    ['in a private network', '10.1.2.3', true],
    ['in another private network', '192.168.1.1', true],
    ['in a private IPv6 network', 'fd12:3456::1', true],
    ['of the public', '140.82.121.4', true],
    ['of the public in IPv6 clothing', '::ffff:140.82.121.4', true],
    ['that is a name', 'localhost', false],
    ['that is nothing', '', false],
  ])('%s (%s): %s', (_, address, expected) => {
    expect(isSafeAddress(address)).toBe(expected)
  })

  it('of this machine or the link is unsafe in every spelling', () => {
    const unsafe = fc.tuple(fc.constantFrom([127], [169, 254]), fc.array(fc.nat(255), { minLength: 3, maxLength: 3 }))
    fc.assert(
      fc.property(unsafe, ([network, rest]) => {
        const bytes = [...network, ...rest].slice(0, 4)
        const [a = 0, b = 0, c = 0, d = 0] = bytes
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
        expect(
          [bytes.join('.'), `::ffff:${bytes.join('.')}`, `::ffff:${hex}`, `64:ff9b::${hex}`].map(isSafeAddress),
        ).toEqual([false, false, false, false])
      }),
    )
  })
})
