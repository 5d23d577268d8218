/** What of the operator's policy an HTTP check needs, before anything is asked. */
import { expect, it } from 'vitest'
import type { HttpCheck } from '../../src/domain/check-settings.ts'
import type { Need } from '../../src/domain/server-policy.ts'
import { parseTemplate } from '../../src/domain/template.ts'
import { lookAtEndpoints } from '../../src/services/check-http.ts'
import type { Deps } from '../../src/services/deps.ts'
import type { Looking } from '../../src/services/run-checks.ts'

const ADDRESS = 'https://churn.example.com/v2/models/churn/infer'

async function needed(check: Partial<HttpCheck>): Promise<readonly Need[]> {
  const url = parseTemplate(ADDRESS)
  if (!url.ok) throw new Error('no template')
  const needs: Need[] = []
  const deps = {
    mayUse: (_: unknown, need: Need) => {
      needs.push(need)
      return { allowed: false, message: 'no entry', missingLine: '' }
    },
    probe: { ask: () => Promise.reject(new Error('it was asked all the same')) },
  } as unknown as Deps
  const looking = {
    promotion: { repository: 'acme/models', model: 'churn', environment: 'prod' },
    release: undefined,
    environment: { verify: { http: [{ url: url.template, expect: 200, of: 1, successes: 1, ...check }] } },
    memory: {},
    now: new Date(),
  } as unknown as Looking
  const { evidence } = await lookAtEndpoints(looking, deps)
  expect(evidence).toMatchObject([{ verdict: 'no_data', seen: 'no entry' }])
  return needs
}

it('reads need that a host may be asked, and nothing more', async () => {
  expect(await needed({ method: 'GET' })).toEqual([{ kind: 'http', url: ADDRESS }])
  expect(await needed({ method: 'HEAD' })).toEqual([{ kind: 'http', url: ADDRESS }])
})

it('what is sent somewhere needs that it may be', async () => {
  expect(await needed({ method: 'POST' })).toEqual([{ kind: 'http', url: ADDRESS, post: true }])
})
