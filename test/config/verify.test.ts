/** `verify:` as teams write it: what it becomes, and what is wrong with it. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { environment, problemsOf } from './mistakes.ts'

const problemOf = (verify: string) => problemsOf(environment(`verify: ${verify}`))[0]

function verifyOf(verify: string) {
  const parsed = parseRepoConfig(environment(`verify: ${verify}`), { file: 'lockkeeper.yml' })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return [...parsed.settings.environments.values()][0]?.verify
}

describe('verify:', () => {
  it.each([
    '{ within: 5m, for: 6m }',
    '{ for: 16m }',
    '{ for: 1m, every: 2m }',
    '{ every: 4s }',
    '{ every: 11m }',
    '{ every: often }',
    '{ http: [{ url: "https://x", of: 62 }] }',
    '{ within: 1m, http: [{ url: "https://x", successes: 6, of: 8 }] }',
    '{ http: [{ url: "https://x", expect: 2XX }] }',
    '{ http: [{ url: "https://x", expect: [200, 99] }] }',
    '{ http: [{ url: "https://x", max_latency: 300 }] }',
    '{ http: [{ url: "https://x", max_latency: 2m }] }',
    '{ http: [{ url: "https://x", headers: { Authorization: Bearer x } }] }',
    '{ http: [{ url: "https://x", headers: { X-Api-Key: x } }] }',
    '{ http: [{ url: "https://x", headers: { Host: x } }] }',
    '{ http: [{ url: "https://x", headers: { Kubeflow-UserId: admin@acme.com } }] }',
    '{ http: [{ url: "https://x", headers: { X-HTTP-Method-Override: DELETE } }] }',
    '{ http: [{ url: "https://x", headers: { "a b": x } }] }',
    '{ http: [{ url: "https://x", headers: { accept: "a\\r\\nx: y" } }] }',
    '{ http: [{ url: "https://x", json: { "a..b": 1 } }] }',
    '{ http: [{ url: "https://x", json: { a: {} } }] }',
    '{ http: [{ url: "https://x", json: { a: { min: 2, max: 1 } } }] }',
    '{ http: [{ url: "https://x", method: HEAD, body_contains: ok }] }',
    '{ http: [{ url: "https://x", method: GET, sample: { request: a.json, response: b.json } }] }',
    '{ http: [{ url: "https://x", sample: { request: ../a.json, response: b.json } }] }',
    '{ http: [{ url: "https://x", sample: { request: a.json } }] }',
    '{ prometheus: [{ query: up, max_regression: 5% }] }',
    '{ prometheus: [{ query: up, max: 1, goal: minimize }] }',
    '{ prometheus: [{ query: up, max: 1, no_baseline: fail }] }',
    '{ prometheus: [{ query: up, max: 1, no_data: ignore }] }',
    '{ prometheus: [{ query: up, max: 1, unit: "<b>" }] }',
    '{ reports: { drift: { format: evidently, s3: drift.json } } }',
  ])('%s', (verify) => {
    expect(problemOf(verify)).toMatchSnapshot()
  })

  it('fills in what a check does not say', () => {
    const sample = 'sample: { request: { instances: [[1, 2]] }, response: "models/{{ model.name }}/answer.json" }'
    const verify = verifyOf(
      `{ http: [{ url: "https://x", expect: [2xx, 304], json: { a.0: { min: 0 } }, ${sample} }] }`,
    )
    expect(verify).toMatchObject({
      within: 900_000,
      for: 0,
      every: 15_000,
      http: [
        {
          method: 'POST',
          expect: ['2xx', 304],
          successes: 1,
          of: 1,
          json: [{ path: 'a.0', segments: ['a', '0'], want: { kind: 'within', min: 0, max: undefined } }],
          sample: {
            request: { kind: 'inline', value: { instances: [[1, 2]] } },
            response: { kind: 'file', path: { source: 'models/{{ model.name }}/answer.json' } },
            tolerance: 0.001,
          },
        },
      ],
    })
  })

  it('takes JSON that looks like what a path becomes for the JSON that it is', () => {
    const json = '{ source: a, parts: [] }'
    const verify = verifyOf(`{ http: [{ url: "https://x", sample: { request: ${json}, response: ${json} } }] }`)
    expect(verify?.http[0]?.sample?.request).toEqual({ kind: 'inline', value: { source: 'a', parts: [] } })
  })
})
