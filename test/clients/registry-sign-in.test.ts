/** How each registry is signed in to, as it really asks for it, and that a token is had once. What a tag is: registry.test.ts. */
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRegistries } from '../../src/clients/registry.ts'
import { ecrOf } from '../../src/clients/registry-ecr.ts'
import type { RegistryCredentials } from '../../src/clients/registry-image.ts'
import { interceptCalls } from './intercepted-calls.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`
const FOUND = { kind: 'found', digest: DIGEST }
const shown = { 'docker-content-digest': DIGEST }
let now = 0

interceptCalls()
beforeEach(() => {
  now = Date.parse('2026-11-24T09:00:00Z')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const open = (credentials: Readonly<Record<string, RegistryCredentials>> = {}) =>
  createRegistries({
    routes: [],
    userAgent: 'lockkeeper/test',
    now: () => now,
    credentials: new Map(Object.entries(credentials)),
  })

const ask = (registries: ReturnType<typeof open>, image: string, anonymously = false) => {
  const [repository = '', reference = ''] = image.split(/:(?=[^/]*$)/)
  return registries.resolve({ repository, reference, anonymously })
}

/** A registry that wants a token: answers 401 with this challenge until it is shown `Bearer token`. */
function challenges(origin: string, path: string, header: string): void {
  nock(origin, { badheaders: ['authorization'] })
    .head(path)
    .reply(401, '', { 'www-authenticate': header })
}

function shows(origin: string, path: string, authorization = 'Bearer token', times = 1): void {
  nock(origin, { reqheaders: { authorization } }).head(path).times(times).reply(200, '', shown)
}

describe('the token service', () => {
  const robot = { username: 'robot', password: 'secret' }

  it.each([
    [
      'GHCR',
      'ghcr.io/acme/churn:v1',
      'https://ghcr.io',
      '/v2/acme/churn/manifests/v1',
      'https://ghcr.io/token',
      'ghcr.io',
    ],
    [
      'Docker Hub',
      'nginx:1',
      'https://registry-1.docker.io',
      '/v2/library/nginx/manifests/1',
      'https://auth.docker.io/token',
      'registry.docker.io',
    ],
    [
      'Quay',
      'quay.io/acme/churn:v1',
      'https://quay.io',
      '/v2/acme/churn/manifests/v1',
      'https://quay.io/v2/auth',
      'quay.io',
    ],
    [
      'Harbor',
      'harbor.example.com/ml/a/b:v1',
      'https://harbor.example.com',
      '/v2/ml/a/b/manifests/v1',
      'https://harbor.example.com/service/token',
      'harbor-registry',
    ],
    [
      'GitLab',
      'registry.gitlab.com/acme/ml/churn:v1',
      'https://registry.gitlab.com',
      '/v2/acme/ml/churn/manifests/v1',
      'https://gitlab.com/jwt/auth',
      'container_registry',
    ],
    [
      'Artifact Registry',
      'europe-docker.pkg.dev/acme/ml/churn:v1',
      'https://europe-docker.pkg.dev',
      '/v2/acme/ml/churn/manifests/v1',
      'https://europe-docker.pkg.dev/v2/token',
      'europe-docker.pkg.dev',
    ],
    [
      'Azure',
      'acme.azurecr.io/churn:v1',
      'https://acme.azurecr.io',
      '/v2/churn/manifests/v1',
      'https://acme.azurecr.io/oauth2/token',
      'acme.azurecr.io',
    ],
    [
      'ECR Public',
      'public.ecr.aws/acme/churn:v1',
      'https://public.ecr.aws',
      '/v2/acme/churn/manifests/v1',
      'https://public.ecr.aws/token/',
      'public.ecr.aws',
    ],
  ])('of %s gives a token for one repository', async (_, image, origin, path, realm, service) => {
    challenges(origin, path, `Bearer realm="${realm}",service="${service}",scope="aws"`)
    const scope = `repository:${path.slice(4, path.indexOf('/manifests'))}:pull`
    const { origin: where, pathname } = new URL(realm)
    nock(where, { badheaders: ['authorization'] })
      .get(pathname)
      .query({ service, scope })
      .reply(200, { token: 'token' })
    shows(origin, path)
    expect(await ask(open(), image)).toEqual(FOUND)
  })

  it('is asked once while its token is good: by those who ask at once, and later', async () => {
    const registries = open({ 'ghcr.io': robot })
    const path = '/v2/acme/churn/manifests/v1'
    nock('https://ghcr.io', { badheaders: ['authorization'] })
      .head(path)
      .times(2)
      .reply(401, '', { 'www-authenticate': 'Bearer realm="https://ghcr.io/token",service="ghcr.io"' })
    nock('https://ghcr.io')
      .get('/token')
      .query(true)
      .basicAuth({ user: 'robot', pass: 'secret' })
      .delay(20)
      .reply(200, { token: 'token', expires_in: 300 })
    shows('https://ghcr.io', path, 'Bearer token', 3)
    const image = 'ghcr.io/acme/churn:v1'
    expect(await Promise.all([ask(registries, image), ask(registries, image)])).toEqual([FOUND, FOUND])
    now += 290_000
    expect(await ask(registries, image)).toEqual(FOUND)
    now += 6000
    nock('https://ghcr.io')
      .head(path)
      .reply(401, '', { 'www-authenticate': 'Bearer realm="https://ghcr.io/token",service="ghcr.io"' })
    nock('https://ghcr.io').get('/token').query(true).reply(200, { token: 'newer' })
    shows('https://ghcr.io', path, 'Bearer newer')
    expect(await ask(registries, image)).toEqual(FOUND)
  })

  it('is asked again where the registry takes back a token; and never for another repository or person', async () => {
    const registries = open({ 'ghcr.io': robot })
    const header = { 'www-authenticate': 'Bearer realm="https://ghcr.io/token",service="ghcr.io"' }
    const round = (name: string, token: string, before?: string) => {
      const path = `/v2/acme/${name}/manifests/v1`
      nock(
        'https://ghcr.io',
        before === undefined ? { badheaders: ['authorization'] } : { reqheaders: { authorization: before } },
      )
        .head(path)
        .reply(401, '', header)
      nock('https://ghcr.io').get('/token').query(true).reply(200, { token })
      shows('https://ghcr.io', path, `Bearer ${token}`)
    }
    round('churn', 'one')
    await ask(registries, 'ghcr.io/acme/churn:v1')
    round('churn', 'two', 'Bearer one')
    expect(await ask(registries, 'ghcr.io/acme/churn:v1')).toEqual(FOUND)
    round('fraud', 'three')
    expect(await ask(registries, 'ghcr.io/acme/fraud:v1')).toEqual(FOUND)
    round('churn', 'nobody')
    expect(await ask(registries, 'ghcr.io/acme/churn:v1', true)).toEqual(FOUND)
  })

  it('of GHCR gives none for what is private and for what does not exist: both are said', async () => {
    challenges(
      'https://ghcr.io',
      '/v2/acme/churn/manifests/v1',
      'Bearer realm="https://ghcr.io/token",service="ghcr.io"',
    )
    nock('https://ghcr.io')
      .get('/token')
      .query(true)
      .reply(401, { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] })
    expect(await ask(open(), 'ghcr.io/acme/churn:v1')).toEqual({
      kind: 'refused',
      reason:
        'registry ghcr.io does not show acme/churn: it gives no token (401), since it is private or does not exist; push it, or give the server credentials that may pull it',
    })
  })

  it('of Docker Hub gives one that then opens nothing: both are said', async () => {
    const origin = 'https://registry-1.docker.io'
    const header = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"'
    challenges(origin, '/v2/acme/nothing/manifests/v1', header)
    nock('https://auth.docker.io')
      .get('/token')
      .query(true)
      .reply(200, { token: 'token', access_token: 'token', expires_in: 300 })
    nock(origin, { reqheaders: { authorization: 'Bearer token' } })
      .head('/v2/acme/nothing/manifests/v1')
      .reply(401, '', { 'www-authenticate': `${header},error="insufficient_scope"` })
    expect(await ask(open(), 'acme/nothing:v1')).toMatchObject({
      reason: expect.stringContaining('it answers 401, since it is private or does not exist; push it, or'),
    })
  })
})

describe('a plain registry', () => {
  it('takes user and password themselves, and gets them unasked from then on', async () => {
    const registries = open({ 'registry.example.com': { username: 'robot', password: 'secret' } })
    const origin = 'https://registry.example.com'
    challenges(origin, '/v2/churn/manifests/v1', 'Basic realm="Registry"')
    const basic = `Basic ${Buffer.from('robot:secret').toString('base64')}`
    shows(origin, '/v2/churn/manifests/v1', basic, 2)
    expect(await ask(registries, 'registry.example.com/churn:v1')).toEqual(FOUND)
    expect(await ask(registries, 'registry.example.com/churn:v1')).toEqual(FOUND)
  })

  it('without any of this shows what it has', async () => {
    nock('https://registry.example.com').head('/v2/churn/manifests/v1').reply(200, '', shown)
    expect(await ask(open(), 'registry.example.com/churn:v1')).toEqual(FOUND)
  })

  it('shows a digest as itself, where it is there, and no other', async () => {
    const other = `sha256:${'b'.repeat(64)}`
    const path = (digest: string) => `/v2/churn/manifests/${digest}`
    nock('https://registry.example.com')
      .head(path(DIGEST))
      .reply(200, '', shown)
      .head(path(other))
      .reply(200, '', shown)
    const by = (reference: string) =>
      open().resolve({ repository: 'registry.example.com/churn', reference, anonymously: true })
    expect(await by(DIGEST)).toEqual(FOUND)
    expect(await by(other)).toMatchObject({ kind: 'refused', reason: expect.stringContaining(other) })
    expect(await by('sha256:short')).toMatchObject({ kind: 'refused' })
  })
})

describe('a private registry of AWS', () => {
  const host = '123456789012.dkr.ecr.eu-central-1.amazonaws.com'
  const image = `${host}/churn:v1`
  const path = '/v2/churn/manifests/v1'
  const header = `Basic realm="https://${host}/",service="ecr.amazonaws.com"`
  const password = Buffer.from('AWS:a:long:password').toString('base64')
  const token = (seconds: number, authorizationToken = password) =>
    nock('https://api.ecr.eu-central-1.amazonaws.com', {
      reqheaders: {
        'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
        'content-type': 'application/x-amz-json-1.1',
        authorization:
          /^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/eu-central-1\/ecr\/aws4_request, SignedHeaders=[^,]*host[^,]*, Signature=\w{64}$/,
      },
    })
      .post('/', '{}')
      .reply(200, {
        authorizationData: [{ authorizationToken, expiresAt: now / 1000 + seconds, proxyEndpoint: `https://${host}` }],
      })
  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIA')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  })

  it('takes the password that this server’s role is given, until it expires', async () => {
    const registries = open()
    challenges(`https://${host}`, path, header)
    token(43_200)
    shows(`https://${host}`, path, `Basic ${password}`, 2)
    expect(await ask(registries, image)).toEqual(FOUND)
    now += 12 * 3_600_000 - 10_000
    expect(await ask(registries, image)).toEqual(FOUND)
    now += 10_000
    challenges(`https://${host}`, path, header)
    const next = Buffer.from('AWS:next').toString('base64')
    token(43_200, next)
    shows(`https://${host}`, path, `Basic ${next}`)
    expect(await ask(registries, image)).toEqual(FOUND)
  })

  it('is asked as nobody where the policy names no images, and then refuses', async () => {
    challenges(`https://${host}`, path, header)
    expect(await ask(open(), image, true)).toEqual({
      kind: 'refused',
      reason: expect.stringContaining("it wants credentials; name it under `registries:` in the operator's policy"),
    })
  })

  it('refuses a role that may not ask, in the words of AWS', async () => {
    challenges(`https://${host}`, path, header)
    nock('https://api.ecr.eu-central-1.amazonaws.com').post('/').reply(400, {
      __type: 'AccessDeniedException',
      Message: 'User: arn:aws:iam::1:user/x is not authorized to perform: ecr:GetAuthorizationToken',
    })
    expect(await ask(open(), image)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('AWS gives no password: AccessDeniedException: User: arn:aws:iam::1:user/x'),
    })
  })

  it('has its own credentials where Docker’s configuration has some', async () => {
    const registries = open({ [host]: { username: 'AWS', password: 'given' } })
    challenges(`https://${host}`, path, header)
    shows(`https://${host}`, path, `Basic ${Buffer.from('AWS:given').toString('base64')}`)
    expect(await ask(registries, image)).toEqual(FOUND)
  })

  it.each([
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'https://api.ecr.cn-north-1.amazonaws.com.cn/'],
    ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'https://ecr-fips.us-gov-west-1.amazonaws.com/'],
    ['123456789012.dkr-ecr.eu-central-1.on.aws', 'https://api.ecr.eu-central-1.amazonaws.com/'],
    ['123456789012.dkr.ecr.evil.example.com', undefined],
    ['123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.com', undefined],
    ['public.ecr.aws', undefined],
    ['ghcr.io', undefined],
  ])('%s has its passwords at %s', (name, api) => {
    expect(ecrOf(name)?.api.href).toBe(api)
  })
})
