/** What an MLflow server says is taken within bounds: its words, and its wish to be left alone. */
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { createMlflow } from '../../src/clients/mlflow.ts'
import { interceptCalls } from './intercepted-calls.ts'

const HOST = 'http://mlflow.test:5000'
const API = '/proxy/api/2.0/mlflow'
const servers = new Map([['default', `${HOST}/proxy`]])
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

interceptCalls()

describe('an error of MLflow', () => {
  it('is logged with the beginning of what MLflow says of it', async () => {
    const lines: Readonly<Record<string, unknown>>[] = []
    const log = { ...silent, info: (fields: Readonly<Record<string, unknown>>) => lines.push(fields) }
    nock(HOST)
      .get(`${API}/runs/get`)
      .query(true)
      .reply(400, { error_code: 'INVALID_PARAMETER_VALUE', message: `bad ${'x'.repeat(5000)}` })
    await expect(createMlflow({ servers, credentials: new Map(), log }).run('default', 'a')).rejects.toThrow('bad xxx')
    expect(lines).toMatchObject([{ code: 'INVALID_PARAMETER_VALUE', message: `bad ${'x'.repeat(296)}` }])
  })
})

describe('an outage', () => {
  it.each(['31536000', '1e300'])('that would last %s seconds is tried again after an hour', async (wish) => {
    nock(HOST).get(`${API}/runs/get`).query(true).reply(503, '', { 'retry-after': wish })
    await expect(
      createMlflow({ servers, credentials: new Map(), log: silent }).run('default', 'a'),
    ).rejects.toMatchObject({ retryAfterSeconds: 3600 })
  })
})
