/** A query gives one number, no data, or a reason. */
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { createPrometheus } from '../../src/clients/prometheus.ts'
import { interceptCalls } from './intercepted-calls.ts'

const URL_ = 'http://prometheus.monitoring.svc:9090'
const prometheus = createPrometheus({
  servers: new Map([
    ['default', { url: `${URL_}/` }],
    ['guarded', { url: URL_, token: 'secret' }],
  ]),
  timeoutMs: 500,
})

interceptCalls()

const success = (resultType: string, result: unknown) => ({ status: 'success', data: { resultType, result } })
const series = (value: string) => ({ metric: { job: 'churn' }, value: [1700000000.1, value] })

describe('a query', () => {
  it.each([
    ['one series', success('vector', [series('0.97')]), { kind: 'value', value: 0.97 }],
    ['zero, which is a value', success('vector', [series('0')]), { kind: 'value', value: 0 }],
    ['a scalar', success('scalar', [1700000000, '1e3']), { kind: 'value', value: 1000 }],
    ['nothing', success('vector', []), { kind: 'no_data', reason: 'no data' }],
    ['NaN', success('vector', [series('NaN')]), { kind: 'no_data', reason: 'no data (NaN)' }],
    ['infinity', success('vector', [series('+Inf')]), { kind: 'failed', reason: expect.stringContaining('+Inf') }],
    [
      'several series',
      success('vector', [series('1'), series('2')]),
      { kind: 'failed', reason: 'the query gives 2 series; aggregate them to one' },
    ],
    ['a matrix', success('matrix', [{ values: [] }]), { kind: 'failed', reason: expect.stringContaining('matrix') }],
    [
      'a histogram',
      success('vector', [{ metric: {}, histogram: [1, {}] }]),
      { kind: 'failed', reason: expect.stringContaining('histogram') },
    ],
    ['something else', { hello: 1 }, { kind: 'failed', reason: 'Prometheus answered 200' }],
  ])('that gives %s', async (_, body, expected) => {
    nock(URL_)
      .post('/api/v1/query', (sent: Record<string, string>) => sent['query'] === 'up == 1')
      .reply(200, body)
    expect(await prometheus.query('default', 'up == 1')).toEqual(expected)
  })

  it.each([500, 502, 503])('is asked once more where the server stumbles over it (%i)', async (status) => {
    nock(URL_).post('/api/v1/query').reply(status, '<html>Bad Gateway</html>')
    nock(URL_)
      .post('/api/v1/query')
      .reply(200, { status: 'success', data: { resultType: 'scalar', result: [0, '0.5'] } })
    expect(await prometheus.query('default', 'up')).toEqual({ kind: 'value', value: 0.5 })
  })

  it('that cannot be read has the reason of Prometheus', async () => {
    const error = 'invalid parameter "query": 1:3: parse error: unexpected end of input'
    nock(URL_).post('/api/v1/query').reply(400, { status: 'error', errorType: 'bad_data', error })
    expect(await prometheus.query('default', 'up(')).toEqual({ kind: 'failed', reason: error })
    nock(URL_).post('/api/v1/query').times(2).reply(503, 'Service Unavailable')
    expect(await prometheus.query('default', 'up')).toEqual({ kind: 'failed', reason: 'Prometheus answered 503' })
  })

  it('that gives every series there is, is not read to its end', async () => {
    nock(URL_)
      .post('/api/v1/query')
      .reply(
        200,
        success(
          'vector',
          Array.from({ length: 20_000 }, () => series('0.97')),
        ),
      )
    expect(await prometheus.query('default', 'up')).toEqual({
      kind: 'failed',
      reason: 'the answer is too large; aggregate to one',
    })
  })

  it('has no more than the beginning of a long reason', async () => {
    nock(URL_)
      .post('/api/v1/query')
      .reply(400, { status: 'error', error: 'x'.repeat(5000) })
    expect(await prometheus.query('default', 'up(')).toEqual({ kind: 'failed', reason: 'x'.repeat(300) })
  })

  it('is repeated once when the connection broke, and fails with the reason after that', async () => {
    const reset = () => Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    nock(URL_).post('/api/v1/query').replyWithError(reset())
    nock(URL_)
      .post('/api/v1/query')
      .reply(200, success('vector', [series('1')]))
    expect(await prometheus.query('default', 'up')).toEqual({ kind: 'value', value: 1 })
    nock(URL_).post('/api/v1/query').twice().replyWithError(reset())
    expect(await prometheus.query('default', 'up')).toEqual({ kind: 'failed', reason: 'connection reset' })
  })

  it('of a server that the policy does not name is not sent', async () => {
    expect(await prometheus.query('other', 'up')).toEqual({
      kind: 'failed',
      reason: 'no Prometheus server named other in the policy',
    })
  })

  it('carries the token of its server', async () => {
    nock(URL_)
      .post('/api/v1/query')
      .matchHeader('authorization', 'Bearer secret')
      .reply(200, success('vector', [series('1')]))
    expect(await prometheus.query('guarded', 'up')).toEqual({ kind: 'value', value: 1 })
  })
})
