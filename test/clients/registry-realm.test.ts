/** Which token services are a registry's own: only those get its password, and only those are asked at all. */
import { expect, it } from 'vitest'
import { isOwnRealm } from '../../src/clients/registry-realm.ts'

it.each([
  ['its own host', 'https://ghcr.io', 'https://ghcr.io/token', true],
  ['a sibling', 'https://registry-1.docker.io', 'https://auth.docker.io/token', true],
  ['the host above it', 'https://registry.gitlab.com', 'https://gitlab.com/jwt/auth', true],
  ['a stranger', 'https://ghcr.io', 'https://evil.example/token', false],
  ['another port', 'https://ghcr.io', 'https://ghcr.io:8443/token', false],
  ['with a user of its own', 'https://ghcr.io', 'https://a:b@ghcr.io/token', false],
  ['another customer of Azure', 'https://acme.azurecr.io', 'https://evil.azurecr.io/token', false],
  ['another customer of JFrog', 'https://acme.jfrog.io', 'https://evil.jfrog.io/token', false],
  ['another service of the cluster', 'https://hub.a.svc.cluster.local', 'https://db.b.svc.cluster.local/', false],
  ['a stranger below the same country', 'https://hub.acme.co.uk', 'https://evil.co.uk/token', false],
  ['another address', 'https://10.0.0.7', 'https://10.0.0.8/token', false],
])('%s', (_, registry, realm, isOwn) => {
  expect(isOwnRealm(new URL(registry), new URL(realm))).toBe(isOwn)
})
