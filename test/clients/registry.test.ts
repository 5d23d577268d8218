/** A tag becomes the digest that it points to, whatever the registry makes of it. */
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClock } from '../../sandbox/clock.ts'
import { type RegistrySandbox, startRegistry } from '../../sandbox/systems/registry.ts'
import { createRegistries } from '../../src/clients/registry.ts'
import { locateImage, parseDockerConfig, type RegistryCredentials } from '../../src/clients/registry-image.ts'
import { isOwnRealm } from '../../src/clients/registry-realm.ts'

describe('an image name', () => {
  it.each([
    ['ghcr.io/acme/churn', 'ghcr.io', 'acme/churn', 'https://ghcr.io'],
    ['registry.example.com:8443/a/b/c', 'registry.example.com:8443', 'a/b/c', 'https://registry.example.com:8443'],
    ['localhost:5000/churn', 'localhost:5000', 'churn', 'http://localhost:5000'],
    ['localhost/churn', 'localhost', 'churn', 'http://localhost'],
    ['acme/churn', 'docker.io', 'acme/churn', 'https://registry-1.docker.io'],
    ['nginx', 'docker.io', 'library/nginx', 'https://registry-1.docker.io'],
    ['docker.io/nginx', 'docker.io', 'library/nginx', 'https://registry-1.docker.io'],
    ['registry-1.docker.io/acme/churn', 'docker.io', 'acme/churn', 'https://registry-1.docker.io'],
  ])('%s is at %s', (image, host, name, origin) => {
    expect(locateImage(image)).toEqual({ host, name, origin })
  })

  it.each(['', 'ghcr.io/', 'ghcr.io/Acme', 'ghcr.io/a/../b', 'ghcr.io/a b', 'evil@ghcr.io/a', 'ghcr.io/a?x'])(
    '%j is none',
    (image) => {
      expect(locateImage(image)).toBeUndefined()
    },
  )
})

describe("Docker's configuration", () => {
  it('gives credentials by host, in both of its spellings', () => {
    const auth = Buffer.from('bob:pa:ss').toString('base64')
    const text = JSON.stringify({
      auths: {
        'https://index.docker.io/v1/': { auth },
        'ghcr.io': { username: 'robot', password: 'token' },
        'helper.example.com': {},
      },
    })
    expect([...parseDockerConfig(text)]).toEqual([
      ['docker.io', { username: 'bob', password: 'pa:ss' }],
      ['ghcr.io', { username: 'robot', password: 'token' }],
    ])
    expect(parseDockerConfig('{}').size).toBe(0)
  })
})

describe('a tag', () => {
  let registry: RegistrySandbox
  beforeEach(async () => {
    registry = await startRegistry({ clock: createClock() })
  })
  afterEach(() => registry.close())

  const image = { repository: 'ghcr.io/acme/churn', reference: 'v12', anonymously: false }
  const registries = (credentials?: ReadonlyMap<string, RegistryCredentials>) =>
    createRegistries({
      routes: [{ from: 'https://ghcr.io', to: registry.url }],
      userAgent: 'lockkeeper/test',
      ...(credentials === undefined ? {} : { credentials }),
    })

  it('of several platforms is the digest of them all, with a token for nobody in particular', async () => {
    const digest = registry.push('acme/churn', 'v12')
    expect(await registries().resolve(image)).toEqual({ kind: 'found', digest })
    expect(registry.requests.map(({ method, path, host }) => `${method} ${host}${path}`)).toEqual([
      'HEAD ghcr.io/v2/acme/churn/manifests/v12',
      'GET ghcr.io/token',
      'HEAD ghcr.io/v2/acme/churn/manifests/v12',
    ])
  })

  it('has the hash of its manifest where the registry does not say the digest', async () => {
    const digest = registry.push('acme/churn', 'v12', { platforms: ['amd64'] })
    registry.hideDigestHeader(true)
    expect(await registries().resolve(image)).toEqual({ kind: 'found', digest })
  })

  it('that does not exist is absent', async () => {
    registry.push('acme/churn', 'v11')
    expect(await registries().resolve(image)).toEqual({ kind: 'absent' })
  })

  it('of a private image needs credentials, and the refusal says so without them', async () => {
    const digest = registry.push('acme/churn', 'v12')
    registry.restrict('acme/churn', { user: 'robot', password: 'token' })
    const refused = { kind: 'refused', reason: expect.stringContaining('ghcr.io does not show acme/churn') }
    expect(await registries().resolve(image)).toEqual(refused)
    const wrong = new Map([['ghcr.io', { username: 'robot', password: 'nonsense' }]])
    const answer = await registries(wrong).resolve(image)
    expect(answer).toEqual(refused)
    expect(JSON.stringify(answer)).not.toContain('nonsense')
    const right = new Map([['ghcr.io', { username: 'robot', password: 'token' }]])
    expect(await registries(right).resolve(image)).toEqual({ kind: 'found', digest })
  })

  it('is asked for without credentials where the policy gives none, and the refusal names the policy', async () => {
    registry.push('acme/churn', 'v12')
    registry.restrict('acme/churn', { user: 'robot', password: 'token' })
    const right = new Map([['ghcr.io', { username: 'robot', password: 'token' }]])
    expect(await registries(right).resolve({ ...image, anonymously: true })).toEqual({
      kind: 'refused',
      reason: expect.stringContaining("name it under `registries:` in the operator's policy"),
    })
  })

  it('is unknown, not absent, while the registry is down', async () => {
    await registry.down('unavailable')
    await expect(registries().resolve(image)).rejects.toMatchObject({ name: 'SystemUnavailable' })
    await registry.down('refused')
    await expect(registries().resolve(image)).rejects.toThrow('registry ghcr.io: connection refused')
  })

  it('that is no tag, or of what is no image, is refused unasked', async () => {
    expect(await registries().resolve({ ...image, reference: '../x' })).toMatchObject({
      kind: 'refused',
    })
    expect(await registries().resolve({ ...image, repository: 'ghcr.io/A' })).toMatchObject({ kind: 'refused' })
    expect(registry.requests).toEqual([])
  })
})

describe('a registry that does not deserve trust', () => {
  beforeEach(() => nock.disableNetConnect())
  afterEach(() => {
    nock.cleanAll()
    nock.enableNetConnect()
  })
  const credentials = new Map([['docker.io', { username: 'robot', password: 'secret' }]])
  const registries = createRegistries({ routes: [], userAgent: 'lockkeeper/test', credentials })
  const challenge = (realm: string) =>
    nock('https://registry-1.docker.io')
      .head('/v2/library/nginx/manifests/1')
      .reply(401, '', { 'www-authenticate': `Bearer realm="${realm}",service="registry.docker.io"` })
  const image = { repository: 'nginx', reference: '1', anonymously: false }

  it('gets no password over an open line, nor the server’s own neighbours', async () => {
    challenge('http://auth.example.com/token')
    expect(await registries.resolve(image)).toMatchObject({ kind: 'refused' })
    challenge('https://169.254.169.254/token')
    expect(await registries.resolve(image)).toMatchObject({ kind: 'refused' })
    await expect(registries.resolve({ ...image, repository: '169.254.169.254/a/b' })).rejects.toThrow(
      'metadata address',
    )
  })

  it('sends nobody to a host that is not its own, not even without a password', async () => {
    challenge('https://admin.internal.example.com/reload?all=1')
    const asked = nock('https://admin.internal.example.com').get(/.*/).reply(200, { token: 't' })
    expect(await registries.resolve({ ...image, anonymously: true })).toEqual({
      kind: 'refused',
      reason: expect.stringContaining('it wants a token from admin.internal.example.com, which is neither its own'),
    })
    expect(asked.isDone()).toBe(false)
  })

  it('is not asked on this machine, unless a route names it', async () => {
    nock.enableNetConnect('127.0.0.1')
    const local = await startRegistry({ clock: createClock() })
    try {
      const digest = local.push('acme/churn', 'v12')
      const { host } = new URL(local.url)
      const there = { repository: `${host}/acme/churn`, reference: 'v12', anonymously: false }
      await expect(registries.resolve(there)).rejects.toThrow("name it in the policy's routes")
      expect(local.requests).toEqual([])
      const routes = [{ from: `http://${host}`, to: local.url }]
      const routed = createRegistries({ routes, userAgent: 'lockkeeper/test' })
      expect(await routed.resolve(there)).toEqual({ kind: 'found', digest })
    } finally {
      await local.close()
    }
  })

  it('and one that does, gives a token that opens it', async () => {
    challenge('https://auth.docker.io/token')
    nock('https://auth.docker.io')
      .get('/token')
      .query({ service: 'registry.docker.io', scope: 'repository:library/nginx:pull' })
      .basicAuth({ user: 'robot', pass: 'secret' })
      .reply(200, { access_token: 't' })
    const digest = `sha256:${'a'.repeat(64)}`
    nock('https://registry-1.docker.io')
      .head('/v2/library/nginx/manifests/1')
      .matchHeader('authorization', 'Bearer t')
      .reply(200, '', { 'docker-content-digest': digest })
    expect(await registries.resolve(image)).toEqual({ kind: 'found', digest })
  })

  it('that limits us says for how long', async () => {
    nock('https://registry-1.docker.io').head('/v2/library/nginx/manifests/1').reply(429, '', { 'retry-after': '30' })
    await expect(registries.resolve(image)).rejects.toMatchObject({ retryAfterSeconds: 30 })
  })

  it.each(['31536000', '1e300', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'that limits us for ever (%s) is asked again after an hour',
    async (wish) => {
      nock('https://registry-1.docker.io').head('/v2/library/nginx/manifests/1').reply(429, '', { 'retry-after': wish })
      await expect(registries.resolve(image)).rejects.toMatchObject({ retryAfterSeconds: 3600 })
    },
  )

  it.each(['Infinity', 'soon', '-5', ''])('that limits us for nonsense (%s) gives no time', async (wish) => {
    nock('https://registry-1.docker.io').head('/v2/library/nginx/manifests/1').reply(429, '', { 'retry-after': wish })
    await expect(registries.resolve(image)).rejects.toMatchObject({ retryAfterSeconds: undefined })
  })
})

describe('a token service', () => {
  it.each([
    ['https://ghcr.io', 'https://ghcr.io/token', true],
    ['https://registry-1.docker.io', 'https://auth.docker.io/token', true],
    ['https://registry.gitlab.com', 'https://gitlab.com/jwt/auth', true],
    ['https://gitlab.example.com:5050', 'https://gitlab.example.com/jwt/auth', true],
    ['https://harbor.example.com:8443', 'https://harbor.example.com:8443/service/token', true],
    ['https://registry.example.co.uk', 'https://auth.example.co.uk/token', true],
    ['https://registry.example.com', 'https://registry.example.com:9090/admin', false],
    ['https://registry.example.com', 'https://example.com.evil.com/token', false],
    ['https://registry.example.co.uk', 'https://evil.co.uk/token', false],
    ['https://registry.example.com', 'https://user:pw@auth.example.com/token', false],
    ['https://a.azurecr.io', 'https://b.azurecr.io/oauth2/token', false],
    ['http://localhost:5000', 'http://localhost:6000/token', false],
    ['https://10.0.0.1', 'https://10.1.0.1/token', false],
    ['https://10.0.0.1', 'https://11.0.0.1/token', false],
    ['https://registry', 'https://vault/token', false],
  ])('of %s at %s: its own is %s', (registry, realm, own) => {
    expect(isOwnRealm(new URL(registry), new URL(realm))).toBe(own)
  })
})
