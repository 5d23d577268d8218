/** What an operator reads when GitHub, the App or its key is not as the settings say. */
import { createServer } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { identifyApp } from '../../../src/clients/github/identify-app.ts'
import { createOctokitClass } from '../../../src/clients/github/octokit.ts'
import { UserError } from '../../../src/domain/failure.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const open: { close(): void }[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

/** A server that answers everything with that. */
async function answering(status: number, body: string, type = 'application/json; charset=utf-8'): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': type, connection: 'close' }).end(body)
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return `127.0.0.1:${address.port}`
}

const identify = (host: string) => {
  const apiUrl = `http://${host}/api/v3`
  const Octokit = createOctokitClass({ userAgent: 'lockkeeper/test', timeoutMs: 500 })
  return identifyApp(new Octokit({ auth: { token: 'x' }, log: quiet, baseUrl: apiUrl }), { appId: 4242, apiUrl, host })
}

async function said(host: string): Promise<string> {
  const error: unknown = await identify(host).then(
    (slug) => new Error(`started as ${slug}`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof UserError)) throw error
  return `${error.message}\n${error.hint}`.replaceAll(host, 'HOST')
}

it('the slug is what GitHub says', async () => {
  expect(await identify(await answering(200, '{"slug":"acme-lockkeeper"}'))).toBe('acme-lockkeeper')
})

/** Where nobody listens any more. */
async function gone(): Promise<string> {
  const host = await answering(200, '')
  for (const server of open.splice(0)) server.close()
  return host
}

const html = '<!doctype html><title>Sign in</title>'
const jwt = '{"message":"A JSON web token could not be decoded"}'
it.each([
  [
    'nothing answers',
    gone,
    `GitHub at http://HOST/api/v3 cannot be used: connection refused at GET /app.
Check this machine's network and proxy. GHE_HOST is HOST; is that right?`,
  ],
  [
    'the key is not of this App',
    () => answering(401, jwt),
    `GitHub at http://HOST/api/v3 does not accept the key of App 4242.
Compare APP_ID and the private key (PRIVATE_KEY, PRIVATE_KEY_PATH) with the App's settings page, and check this machine's clock.`,
  ],
  [
    'there is no such App',
    () => answering(404, '{"message":"Not Found"}'),
    `GitHub at http://HOST/api/v3 has no App 4242.
Compare APP_ID with the App's settings page. GHE_HOST is HOST; is that right?`,
  ],
  [
    'a login page answers',
    () => answering(200, html, 'text/html'),
    `What answers at http://HOST/api/v3 is not GitHub's API.
GHE_HOST is HOST; is that right? A proxy or a login page may stand in between.`,
  ],
  [
    'another program answers',
    () => answering(200, '{"status":"ok"}'),
    `What answers at http://HOST/api/v3 is not GitHub's API.
GHE_HOST is HOST; is that right? A proxy or a login page may stand in between.`,
  ],
  [
    'GitHub is broken',
    () => answering(503, '{}'),
    `GitHub at http://HOST/api/v3 cannot be used: 503 at GET /app.
Check this machine's network and proxy. GHE_HOST is HOST; is that right?`,
  ],
])('when %s, both what is wrong and what to look at are said', async (_, start, text) => {
  expect(await said(await start())).toBe(text)
})
