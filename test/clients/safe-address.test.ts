/** The server cannot be talked into asking itself or its cloud. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSafeAddress } from '../../src/clients/safe-address.ts'

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
