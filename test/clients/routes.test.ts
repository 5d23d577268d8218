/** Where a request goes that the policy routes elsewhere. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesOrigin, routeRequest } from '../../src/clients/routes.ts'

describe('a route', () => {
  it.each([
    ['https://*.example.com', 'https://churn.example.com/v2/health', true],
    ['https://*.example.com', 'https://CHURN.Example.com/', true],
    ['https://*.example.com', 'https://example.com/', false],
    ['https://*.example.com', 'https://a.b.example.com/', false],
    ['https://*.example.com', 'http://churn.example.com/', false],
    ['https://*.example.com', 'https://churn.example.com:8443/', false],
    ['https://*.example.com', 'https://churn.example.com.evil.org/', false],
    ['https://*.example.com', 'https://evil.org/churn.example.com', false],
    ['https://*.example.com', 'https://churn.example.com@evil.org/', false],
    ['https://ghcr.io', 'https://ghcr.io/v2/', true],
    ['https://ghcr.io:443', 'https://ghcr.io/v2/', true],
    ['http://registry:5000/', 'http://registry:5000/v2/', true],
    ['ghcr.io', 'https://ghcr.io/', false],
  ])('from %s takes %s: %s', (pattern, url, expected) => {
    expect(matchesOrigin(pattern, new URL(url))).toBe(expected)
  })

  it('keeps path, query and the name that was asked for; the first that matches wins', () => {
    const routes = [
      { from: 'https://*.example.com', to: 'http://127.0.0.1:4010' },
      { from: 'https://churn.example.com', to: 'http://127.0.0.1:4011' },
    ]
    const { url, host, isRouted } = routeRequest(routes, new URL('https://churn.example.com/v2/ready?x=%20y'))
    expect(url.href).toBe('http://127.0.0.1:4010/v2/ready?x=%20y')
    expect({ host, isRouted }).toEqual({ host: 'churn.example.com', isRouted: true })
  })

  it('drops the port of the address that is not asked, and goes below the path of its target', () => {
    const routes = [{ from: 'https://a.example.com:8443', to: 'http://inside/gateway/' }]
    const routed = routeRequest(routes, new URL('https://a.example.com:8443/ready'))
    expect(routed.url.href).toBe('http://inside/gateway/ready')
    expect(routed.host).toBe('a.example.com:8443')
  })

  it('leaves everything else as it is', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), (text) => {
        const url = new URL(text)
        const routed = routeRequest([{ from: 'https://*.only-this.invalid', to: 'http://127.0.0.1:1' }], url)
        expect(routed).toEqual({ url, host: url.host, isRouted: false })
      }),
    )
  })
})
