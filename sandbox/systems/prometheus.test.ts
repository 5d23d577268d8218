/** Prometheus: the answers to queries, as its HTTP API gives them. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createClock } from '../clock.ts'
import { type PrometheusSandbox, type QueryResult, startPrometheus } from './prometheus.ts'

let prometheus: PrometheusSandbox
beforeEach(async () => {
  prometheus = await startPrometheus({ clock: createClock(new Date('2026-03-03T09:00:00Z')) })
})
afterEach(() => prometheus.close())

const ask = async (method = 'GET') => {
  const body = new URLSearchParams({ query: 'up{job="churn"}' })
  const url = `${prometheus.url}/api/v1/query`
  const response = method === 'GET' ? await fetch(`${url}?${body}`) : await fetch(url, { method, body })
  return {
    status: response.status,
    body: (await response.json()) as { data?: { result: unknown[]; resultType: string } },
  }
}

const CASES: readonly (readonly [QueryResult, number, string])[] = [
  [0.12, 200, '"0.12"'],
  ['NaN', 200, '"NaN"'],
  [Number.POSITIVE_INFINITY, 200, '"+Inf"'],
  ['none', 200, '"result":[]'],
  [
    {
      samples: [
        { metric: { pod: 'a' }, value: 1 },
        { metric: { pod: 'b' }, value: 2 },
      ],
    },
    200,
    '"pod":"b"',
  ],
  [{ scalar: 3 }, 200, '"resultType":"scalar"'],
  [{ error: 'many-to-many matching not allowed' }, 422, '"errorType":"execution"'],
  [{ error: 'parse error', errorType: 'bad_data' }, 400, '"status":"error"'],
]

for (const [result, status, text] of CASES) {
  it(`answers ${JSON.stringify(result)} with ${status} and ${text}, by GET and by POST`, async () => {
    prometheus.answer(() => result)
    for (const method of ['GET', 'POST']) {
      const answer = await ask(method)
      expect(answer.status).toBe(status)
      expect(JSON.stringify(answer.body)).toContain(text)
    }
    expect(prometheus.queries).toEqual(['up{job="churn"}', 'up{job="churn"}'])
  })
}

it('gives values as text with the time of the story, and refuses an empty query', async () => {
  prometheus.answer((query, now) => (query.startsWith('up') ? now.getUTCHours() : 'none'))
  const { body } = await ask()
  expect(body.data?.result).toEqual([
    { metric: {}, value: [expect.closeTo(Date.parse('2026-03-03T09:00:00Z') / 1000, 0), '9'] },
  ])
  expect((await fetch(`${prometheus.url}/api/v1/query`)).status).toBe(400)
})

it('answers as of the time that is asked for, in both its spellings', async () => {
  prometheus.answer((_, at) => at.getUTCHours())
  const at = async (time: string) => (await fetch(`${prometheus.url}/api/v1/query?query=up&time=${time}`)).text()
  expect(await at('2026-03-03T04:00:00.000Z')).toContain('[1772510400,"4"]')
  expect(await at('1772510400.5')).toContain('[1772510400.5,"4"]')
  expect(await at('yesterday')).toContain('"errorType":"bad_data"')
})
