/** MLflow: recorded answers under the commits of a story. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClock } from '../clock.ts'
import { CANDIDATES, PLACEHOLDERS } from '../recordings/candidates.ts'
import type { Exchange, Recording } from '../recordings/exchange.ts'
import { type MlflowSandbox, startMlflow } from './mlflow.ts'

const SHA = 'a'.repeat(40)
const FILES = ['experiments', 'all-runs', 'runs', 'logged-models', 'some-logged-models', 'registry', 'aliases']
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../recordings/mlflow-${name}.json`, import.meta.url), 'utf8')) as Recording

async function replay(url: string, { method, path, query, headers, body }: Exchange['request']) {
  const target = new URL(path, url)
  for (const [key, value] of Object.entries(query ?? {})) target.searchParams.set(key, value)
  const init = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const response = await fetch(target, { method, ...init, headers: { ...init.headers, ...headers } })
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    text: await response.text(),
  }
}

/** Lists that a Python set prints in any order, and a decoder's own words, are not repeated. */
const OWN_WORDS = /(Valid keys are|decoded value=|filter string:).*"/

describe('a stand-in of MLflow that plays a recording', () => {
  let mlflow: MlflowSandbox
  beforeAll(async () => {
    mlflow = await startMlflow({ clock: createClock() })
    for (const name of CANDIDATES) mlflow.attach(name, PLACEHOLDERS[name].commit, { branch: PLACEHOLDERS[name].branch })
  })
  afterAll(() => mlflow.close())

  for (const file of FILES) {
    it(`answers every question in ${file} as the real server did, byte for byte`, async () => {
      for (const [name, { request, response }] of Object.entries(read(file).exchanges)) {
        const answer = await replay(mlflow.url, request)
        expect([name, answer.status, answer.contentType]).toEqual([name, response.status, response.contentType])
        const expected = response.lines.join('\n')
        expect(answer.text.replace(OWN_WORDS, '$1"')).toBe(expected.replace(OWN_WORDS, '$1"'))
      }
    })
  }
})

describe('a stand-in of MLflow with state', () => {
  let mlflow: MlflowSandbox
  beforeAll(async () => {
    mlflow = await startMlflow({ clock: createClock() })
  })
  afterAll(() => mlflow.close())

  const post = (path: string, body: unknown, method = 'POST') =>
    replay(mlflow.url, { method, path: `/api/2.0/mlflow${path}`, body })
  const get = (path: string, query: Record<string, string>) =>
    replay(mlflow.url, { method: 'GET', path: `/api/2.0/mlflow${path}`, query })
  const ofCommit = async (sha: string) => {
    const filter = `tags.\`mlflow.source.git.commit\` = '${sha}'`
    const { text } = await post('/runs/search', { experiment_ids: ['1'], filter })
    return (JSON.parse(text) as { runs?: { info: { run_id: string } }[] }).runs?.map((run) => run.info.run_id) ?? []
  }

  it('finds the runs of a candidate only while it is attached, under its real commit', async () => {
    expect(await ofCommit(SHA)).toEqual([])
    const { runs } = mlflow.attach('better', SHA)
    expect((await ofCommit(SHA)).sort()).toEqual([...runs].sort())
    expect(await ofCommit(PLACEHOLDERS.better.commit)).toEqual([])
    mlflow.detach('better')
    expect(await ofCommit(SHA)).toEqual([])
    expect((await get('/runs/get', { run_id: runs[0] ?? '' })).status).toBe(404)
  })

  it('shows a version only once it is registered', async () => {
    mlflow.attach('better-2', SHA, { registered: false })
    const version = mlflow.record('better-2').version ?? ''
    expect((await get('/model-versions/get', { name: 'churn', version })).status).toBe(404)
    expect(mlflow.register('better-2')).toBe(version)
    expect((await get('/model-versions/get', { name: 'churn', version })).status).toBe(200)
  })

  it('moves an alias for real', async () => {
    const body = { name: 'churn', alias: 'champion', version: '13' }
    expect((await post('/registered-models/alias', body)).text).toBe('{}')
    expect(mlflow.alias('champion')).toBe('13')
    expect((await get('/registered-models/alias', { name: 'churn', alias: 'champion' })).text).toContain(
      '"version": "13"',
    )
    await post('/registered-models/alias', { name: 'churn', alias: 'champion' }, 'DELETE')
    const gone = await get('/registered-models/alias', { name: 'churn', alias: 'champion' })
    expect([gone.status, gone.text]).toEqual([
      400,
      expect.stringContaining('Registered model alias champion not found.'),
    ])
  })

  it('refuses loudly what it does not understand', async () => {
    const before = mlflow.violations.length
    expect((await post('/runs/search', { experiment_ids: ['1'], filter: 'metrics.auc > 0.5' })).status).toBe(400)
    expect((await post('/runs/search', { experiment_ids: ['1'], order_by: ['metrics.auc'] })).status).toBe(400)
    expect((await get('/metrics/get-history', { run_id: 'x' })).status).toBe(404)
    expect(mlflow.violations.length).toBe(before + 3)
  })

  it('refuses connections while it is down, answers 503 behind a proxy, and comes back on the same address', async () => {
    await mlflow.down()
    await expect(fetch(`${mlflow.url}/health`)).rejects.toThrow()
    await mlflow.up()
    await mlflow.down('unavailable')
    expect((await fetch(`${mlflow.url}/health`)).status).toBe(503)
    await mlflow.up()
    expect(await (await fetch(`${mlflow.url}/version`)).text()).toMatch(/^3\./)
    expect(mlflow.requests.at(-1)).toMatchObject({ method: 'GET', path: '/version', status: 200 })
  })
})
