/** One answer of an endpoint, and n of m of them. */
import { describe, expect, it } from 'vitest'
import type { HttpCheck } from '../../src/domain/check-settings.ts'
import { type HttpAnswer, httpEvidence, judgeAnswer } from '../../src/domain/http-answer.ts'
import { parseTemplate } from '../../src/domain/template.ts'

const parsed = parseTemplate('https://churn.example.com/')
if (!parsed.ok) throw new Error('not a template')
const url = parsed.template
const check = (more: Partial<HttpCheck>): HttpCheck => ({ url, expect: 200, successes: 1, of: 1, ...more })
const ready = { path: 'ready', segments: ['ready'], want: { kind: 'equals', value: true } } as const
const sample = {
  request: { kind: 'inline', value: {} },
  response: { kind: 'inline', value: {} },
  tolerance: 0.001,
} as const

describe('an answer', () => {
  it.each([
    ['is right by its status', { status: 200 }, {}, true, 'HTTP 200'],
    ['is wrong by its status', { status: 503 }, {}, false, 'HTTP 503'],
    ['is right by one of several', { status: 204 }, { expect: [200, 204] }, true, 'HTTP 204'],
    ['is right by its class', { status: 299 }, { expect: '2xx' }, true, 'HTTP 299'],
    ['is wrong by its class', { status: 301 }, { expect: ['2xx', 404] }, false, 'HTTP 301'],
    ['may be a redirect that is wanted', { status: 302, location: '/login' }, { expect: 302 }, true, 'HTTP 302'],
    [
      'leads elsewhere',
      { status: 302, location: 'http://169.254.169.254/latest?x=`|@all' },
      {},
      false,
      'HTTP 302 to http://169.254.169.254, which is not followed',
    ],
    ['leads on', { status: 301, location: '/v2' }, {}, false, 'HTTP 301 to another path, which is not followed'],
    ['is fast enough', { milliseconds: 300 }, { maxLatency: 300 }, true, 'HTTP 200 in 300 ms'],
    ['is too slow', { milliseconds: 301 }, { maxLatency: 300 }, false, 'HTTP 200 in 301 ms, too slow'],
    ['holds the text', { body: 'I am ready.' }, { bodyContains: 'ready' }, true, 'HTTP 200'],
    [
      'does not hold the text',
      { body: 'Ready' },
      { bodyContains: 'ready' },
      false,
      'HTTP 200, the body does not contain "ready"',
    ],
    ['holds the value', { body: '{"ready":true}' }, { json: [ready] }, true, 'HTTP 200'],
    [
      'holds another value',
      { body: '{"ready":false}' },
      { json: [ready] },
      false,
      'HTTP 200, ready is false, wanted true',
    ],
    ['is no JSON', { body: '<html>' }, { json: [ready] }, false, 'HTTP 200, the body is no JSON'],
    [
      'cannot be read',
      { bodyProblem: 'the body is larger than 1 MiB' },
      { json: [ready] },
      false,
      'HTTP 200, the body is larger than 1 MiB',
    ],
    ['is the right one of the sample', { body: '{"predictions":[0.5]}' }, { sample }, true, 'HTTP 200'],
    [
      'is the wrong one',
      { body: '{"predictions":[0.6]}' },
      { sample },
      false,
      'HTTP 200, predictions[0] is 0.6, wanted 0.5 ± 0.001',
    ],
    ['fails by its status before its body', { status: 500, body: '' }, { sample }, false, 'HTTP 500'],
  ] as const)('%s', (_, answer, more, ok, seen) => {
    const whole: HttpAnswer = { status: 200, milliseconds: 12, ...answer }
    expect(judgeAnswer(whole, check(more), { predictions: [0.5] })).toEqual({ ok, seen })
  })
})

describe('the evidence', () => {
  const look = (ok: boolean) => ({ ok, seen: ok ? 'HTTP 200' : 'HTTP 503' })
  const told = (looks: string, more: Partial<HttpCheck>) =>
    httpEvidence(
      [...looks].map((each) => look(each === '+')),
      check(more),
      { check: 'ready', at: '' },
    )
  it.each([
    ['+', 1, 1, 'holds', 'HTTP 200', '200'],
    ['-', 1, 1, 'fails', 'HTTP 503', '200'],
    ['+', 5, 6, 'pending', '1 of 1 (last: HTTP 200)', '200, 5 of 6'],
    ['-', 5, 6, 'pending', '0 of 1 (last: HTTP 503)', '200, 5 of 6'],
    ['+++++', 5, 6, 'holds', '5 of 5 (last: HTTP 200)', '200, 5 of 6'],
    ['+++-++', 5, 6, 'holds', '5 of 6 (last: HTTP 200)', '200, 5 of 6'],
    ['+++++-', 5, 6, 'pending', '5 of 6 (last: HTTP 503)', '200, 5 of 6'],
    ['+-+-', 5, 6, 'fails', '2 of 4 (last: HTTP 503)', '200, 5 of 6'],
    ['-+-++', 5, 6, 'fails', '3 of 5 (last wrong: HTTP 503)', '200, 5 of 6'],
  ])('of %s for %d of %d: %s', (looks, successes, of, verdict, seen, wanted) => {
    expect(told(looks, { successes, of })).toEqual({ check: 'ready', at: '', verdict, seen, wanted })
  })

  it('names everything that is wanted', () => {
    const json = [ready, { path: 'p', segments: ['p'], want: { kind: 'within', min: 0, max: 1 } } as const]
    const all = {
      expect: ['2xx', 304],
      maxLatency: 300,
      bodyContains: 'ok',
      json,
      sample,
      successes: 2,
      of: 3,
    } as const
    expect(told('+', all).wanted).toBe(
      '2xx or 304 in ≤ 300 ms, "ok" in the body, ready = true, p ≥ 0, ≤ 1, the answer of the sample ± 0.001, 2 of 3',
    )
  })
})
