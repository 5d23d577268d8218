/** The App of the stories has what app.yml asks for. */
import { createSign } from 'node:crypto'
import { expect, it } from 'vitest'
import { readAppManifest } from './app-manifest.ts'
import { APP_ID, startWorld, type World } from './index.ts'

/** What an App sees of its own installation. */
async function installationOf({ github, variables }: World): Promise<Readonly<Record<string, unknown>> | undefined> {
  const now = Math.floor(Date.now() / 1000)
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ iat: now - 60, exp: now + 540, iss: APP_ID })}`
  const signature = createSign('RSA-SHA256')
    .update(claims)
    .sign(variables['PRIVATE_KEY'] ?? '', 'base64url')
  const headers = { authorization: `Bearer ${claims}.${signature}` }
  const response = await fetch(`${github.url}/api/v3/app/installations`, { headers })
  return ((await response.json()) as Record<string, unknown>[])[0]
}

it('an installation may do and hears exactly what app.yml asks for', async () => {
  const world = await startWorld()
  try {
    const { permissions, events } = readAppManifest()
    expect(Object.keys(permissions).length).toBeGreaterThan(4)
    expect(events.length).toBeGreaterThan(4)
    const installation = await installationOf(world)
    expect(installation?.['permissions']).toEqual(permissions)
    expect(installation?.['events']).toEqual(events)
    expect(world.violations()).toEqual([])
  } finally {
    await world.close()
  }
})
