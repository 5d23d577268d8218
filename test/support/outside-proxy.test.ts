/** The proxy between the bot and everything outside: what passes, what is named, and what becomes of a call. */
import { expect, onTestFinished, test } from 'vitest'
import { startWorld, type World } from '../../sandbox/world/index.ts'
import { type OutsideProxy, type OutsideProxyOptions, startOutsideProxy } from './outside-proxy.ts'

async function proxied(
  options: OutsideProxyOptions = {},
): Promise<{ world: World; proxy: OutsideProxy; mlflow: string }> {
  const world = await startWorld()
  const proxy = await startOutsideProxy(world, options)
  onTestFinished(async () => {
    await proxy.close()
    await world.close()
  })
  const mlflow = /http:\/\/127\.0\.0\.1:\d+/.exec(proxy.policyText)?.[0] ?? ''
  return { world, proxy, mlflow }
}

const ALIAS = '/api/2.0/mlflow/registered-models/alias'
const moveAlias = (mlflow: string): Promise<Response> =>
  fetch(`${mlflow}${ALIAS}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'churn', alias: 'champion', version: '10' }),
  })

test('no address of the world is left in what the bot is started with, but the clock', async () => {
  const { world, proxy } = await proxied()
  const { LOCKKEEPER_CLOCK_URL: _clock, ...variables } = proxy.variables
  const text = JSON.stringify(variables) + proxy.policyText
  for (const system of [world.github, world.mlflow, world.prometheus, world.registry, world.bucket, world.endpoint])
    expect(text).not.toContain(new URL(system.url).port)
})

test('a call passes, is named without ids, and is told to be an effect or not', async () => {
  const { world, proxy, mlflow } = await proxied()
  expect((await moveAlias(mlflow)).status).toBe(200)
  expect(world.mlflow.alias('champion')).toBe('10')
  await fetch(`${mlflow}/api/2.0/mlflow/runs/search`, { method: 'POST', body: '{}' })
  await fetch(`http://${proxy.variables['GHE_HOST']}/api/v3/repos/acme/models/pulls/1`)
  expect(proxy.calls.map(({ index, name, isEffect }) => ({ index, name, isEffect }))).toEqual([
    { index: 0, name: `mlflow POST ${ALIAS}`, isEffect: true },
    { index: 1, name: 'mlflow POST /api/2.0/mlflow/runs/search', isEffect: false },
    { index: 2, name: 'github pulls/get', isEffect: false },
  ])
})

test.each(['before', 'after'] as const)('a connection that breaks %s the call took effect', async (when) => {
  const { world, proxy, mlflow } = await proxied()
  proxy.direct(() => ({ do: 'break', when }))
  await expect(moveAlias(mlflow)).rejects.toThrow()
  expect(world.mlflow.alias('champion')).toBe(when === 'before' ? '11' : '10')
})

test.each(['before', 'after'] as const)(
  'a bot that dies %s the call took effect hears nothing, and asks nothing more',
  async (when) => {
    let killed = 0
    const bot = new AbortController()
    const { world, proxy, mlflow } = await proxied({
      killBot: async () => {
        killed += 1
        // What it sends in its last moment does not arrive.
        const last = fetch(`${mlflow}/version`, { signal: bot.signal }).catch(() => 'gone')
        await new Promise((resolve) => setTimeout(resolve, 50))
        bot.abort()
        expect(await last).toBe('gone')
      },
    })
    proxy.direct(({ index }) => (index === 0 ? { do: 'kill', when } : undefined))
    const gone = new Promise((resolve) => bot.signal.addEventListener('abort', resolve))
    const asked = moveAlias(mlflow).then(() => 'answered')
    expect(await Promise.race([asked, gone.then(() => 'gone')])).toBe('gone')
    expect(killed).toBe(1)
    expect(world.mlflow.alias('champion')).toBe(when === 'before' ? '11' : '10')
    await expect.poll(async () => (await fetch(`${mlflow}/version`)).status).toBe(200)
    expect(proxy.calls.map(({ name }) => name)).toEqual([`mlflow POST ${ALIAS}`, 'mlflow GET /version'])
  },
)

test('an answer in place of the real one, another one after it, and half of it', async () => {
  const { world, proxy, mlflow } = await proxied()
  proxy.direct(() => ({ do: 'answer', status: 429, headers: { 'retry-after': '7' }, body: { message: 'slower' } }))
  const refused = await moveAlias(mlflow)
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
    429,
    '7',
    { message: 'slower' },
  ])
  expect(world.mlflow.alias('champion')).toBe('11')
  proxy.direct(() => ({ do: 'rewrite', to: (answer) => ({ ...answer, status: 500, body: Buffer.from('<html>') }) }))
  const changed = await moveAlias(mlflow)
  expect([changed.status, await changed.text(), world.mlflow.alias('champion')]).toEqual([500, '<html>', '10'])
  proxy.direct(() => ({ do: 'truncate' }))
  await expect(
    fetch(`${mlflow}/api/2.0/mlflow/registered-models/get?name=churn`).then((got) => got.text()),
  ).rejects.toThrow()
})
