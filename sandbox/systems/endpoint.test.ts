/** The model endpoint: answers as a story wants them. */
import { request } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createClock } from '../clock.ts'
import { type EndpointSandbox, startEndpoint } from './endpoint.ts'

let endpoint: EndpointSandbox
let live: string | undefined
beforeEach(async () => {
  endpoint = await startEndpoint({ clock: createClock() })
  live = 's3://acme-models/churn/11'
  endpoint.host('churn.example.com', () => live)
})
afterEach(() => endpoint.close())

const call = (host: string, path = '/v2/health/ready', body?: string) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const headers = { host }
    const sent = request(
      `${endpoint.url}${path}`,
      { headers, method: body === undefined ? 'GET' : 'POST' },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString()
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })

it('is ready for the hosts it knows, as long as a model is live', async () => {
  expect(await call('churn.example.com')).toEqual({ status: 200, text: '{"ready":true}' })
  expect((await call('fraud.example.com')).status).toBe(404)
  live = undefined
  expect((await call('churn.example.com')).status).toBe(503)
})

it('infers with the live model', async () => {
  const body = JSON.stringify({ inputs: [{ name: 'x', shape: [2, 3], datatype: 'FP64', data: [] }] })
  const answer = await call('churn.example.com', '/v2/models/churn/infer', body)
  expect(JSON.parse(answer.text)).toMatchObject({ model_name: 'churn', outputs: [{ shape: [2] }] })
  expect((await call('churn.example.com', '/v2/models/churn/infer', '{')).status).toBe(400)
})

it('computes what it answers from what it is sent, in both protocols alike', async () => {
  endpoint.model('churn.example.com', ([first = 0], uri) => (uri.endsWith('/12') ? 2 : 1) * first)
  const v2 = JSON.stringify({ inputs: [{ name: 'x', shape: [2, 2], datatype: 'FP64', data: [1, 0, 3, 0] }] })
  const v1 = JSON.stringify({
    instances: [
      [1, 0],
      [3, 0],
    ],
  })
  const infer = async () => [
    JSON.parse((await call('churn.example.com', '/v2/models/churn/infer', v2)).text).outputs[0].data,
    JSON.parse((await call('churn.example.com', '/v1/models/churn:predict', v1)).text).predictions,
  ]
  expect(await infer()).toEqual([
    [1, 3],
    [1, 3],
  ])
  live = 's3://acme-models/churn/12'
  expect(await infer()).toEqual([
    [2, 6],
    [2, 6],
  ])
  expect((await call('churn.example.com', '/v1/models/churn:predict', '{}')).status).toBe(400)
})

it('fails, is slow or cuts the connection by script, also only for one model', async () => {
  endpoint.script('churn.example.com', ({ storageUri }) =>
    storageUri?.endsWith('/12') === true ? { status: 500 } : undefined,
  )
  expect((await call('churn.example.com')).status).toBe(200)
  live = 's3://acme-models/churn/12'
  expect((await call('churn.example.com')).status).toBe(500)
  endpoint.script('churn.example.com', ({ count }) => ({ delayMs: 30, drop: count % 2 === 0 }))
  const started = performance.now()
  const results = [
    await call('churn.example.com').catch(() => 'cut'),
    await call('churn.example.com').catch(() => 'cut'),
  ]
  expect(results).toContain('cut')
  expect(performance.now() - started).toBeGreaterThan(55)
})
