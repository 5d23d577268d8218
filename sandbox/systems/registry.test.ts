/** The OCI registry: tags, digests, tokens. */
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createClock } from '../clock.ts'
import { type RegistrySandbox, startRegistry } from './registry.ts'

const INDEX = 'application/vnd.oci.image.index.v1+json'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
let registry: RegistrySandbox
beforeEach(async () => {
  registry = await startRegistry({ clock: createClock() })
})
afterEach(() => registry.close())

async function token(scope: string, authorization?: string) {
  const headers = authorization === undefined ? {} : { authorization }
  const answer = await fetch(`${registry.url}/token?service=ghcr.io&scope=${encodeURIComponent(scope)}`, { headers })
  return answer.ok ? ((await answer.json()) as { token: string }).token : answer.status
}

async function manifest(reference: string, accept = `${INDEX}, ${MANIFEST}`, method = 'HEAD') {
  const bearer = await token('repository:acme/churn:pull')
  const headers = { accept, authorization: `Bearer ${bearer}` }
  return fetch(`${registry.url}/v2/acme/churn/manifests/${reference}`, { method, headers })
}

it('asks for a token for exactly this repository, and gives one', async () => {
  registry.push('acme/churn', 'latest')
  const refused = await fetch(`${registry.url}/v2/acme/churn/manifests/latest`, { method: 'HEAD' })
  expect(refused.status).toBe(401)
  expect(refused.headers.get('www-authenticate')).toBe(
    `Bearer realm="${registry.url}/token",service="${registry.host}",scope="repository:acme/churn:pull"`,
  )
  const other = await token('repository:acme/fraud:pull')
  const headers = { authorization: `Bearer ${other}` }
  expect((await fetch(`${registry.url}/v2/acme/churn/manifests/latest`, { headers })).status).toBe(401)
})

it('resolves a tag to the digest of its bytes, and follows a moved tag', async () => {
  const first = registry.push('acme/churn', 'v1')
  const answer = await manifest('v1', undefined, 'GET')
  const text = await answer.text()
  expect(answer.headers.get('docker-content-digest')).toBe(first)
  expect(`sha256:${createHash('sha256').update(text).digest('hex')}`).toBe(first)
  const second = registry.push('acme/churn', 'v1')
  expect(second).not.toBe(first)
  expect((await manifest('v1')).headers.get('docker-content-digest')).toBe(second)
  expect((await manifest(first)).status).toBe(200)
})

it("gives one platform's digest to a client that does not accept an index", async () => {
  const index = registry.push('acme/churn', 'v1')
  const narrow = (await manifest('v1', MANIFEST)).headers.get('docker-content-digest')
  expect(narrow).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect(narrow).not.toBe(index)
  const single = registry.push('acme/churn', 'v2', { platforms: ['amd64'] })
  expect((await manifest('v2', MANIFEST)).headers.get('docker-content-digest')).toBe(single)
})

it('says MANIFEST_UNKNOWN for what it does not have, and can leave the digest header out', async () => {
  const absent = await manifest('nope', undefined, 'GET')
  expect(absent.status).toBe(404)
  expect(await absent.json()).toEqual({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] })
  registry.push('acme/churn', 'v1')
  registry.hideDigestHeader(true)
  expect((await manifest('v1')).headers.get('docker-content-digest')).toBeNull()
})

it('gives a token for a private repository only with its credentials', async () => {
  registry.push('acme/churn', 'v1')
  registry.restrict('acme/churn', { user: 'bot', password: 'secret' })
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  expect(await token('repository:acme/churn:pull')).toBe(401)
  expect(await token('repository:acme/churn:pull', basic('bot:wrong'))).toBe(403)
  expect(await token('repository:acme/churn:pull', basic('bot:secret'))).toMatch(/^[0-9a-f-]+$/)
})
