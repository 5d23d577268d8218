/** What GitHub says has not changed is not sent again, and counts for nothing. */
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { interceptCalls } from '../intercepted-calls.ts'
import { connect, HOST, MODELS, repo } from './nock-github.ts'

interceptCalls()

const run = (status: string) => ({ id: 5, html_url: 'https://github.com/acme/models/actions/runs/5', status })
const json = (etag: string) => ({ etag, 'content-type': 'application/json; charset=utf-8' })
const path = '/repos/acme/models/actions/runs/5'

describe('a workflow run that is looked at again', () => {
  it('is asked for with what is known of it, and as it was where that still stands', async () => {
    const { github } = connect()
    const look = async () => (await github.readWorkflowRun(MODELS, '5'))?.status
    nock(HOST).get(path).reply(200, run('queued'), json('"a"'))
    expect(await look()).toBe('queued')
    nock(HOST).get(path).matchHeader('if-none-match', '"a"').reply(304)
    expect(await look()).toBe('queued')
    nock(HOST).get(path).matchHeader('if-none-match', '"a"').reply(200, run('completed'), json('"b"'))
    expect(await look()).toBe('completed')
    nock(HOST).get(path).matchHeader('if-none-match', '"b"').reply(304)
    expect(await look()).toBe('completed')
  })

  it('is gone where GitHub says so, whatever is known', async () => {
    const { github } = connect()
    nock(HOST).get(path).reply(200, run('queued'), json('"a"'))
    await github.readWorkflowRun(MODELS, '5')
    nock(HOST).get(path).reply(404, { message: 'Not Found' })
    expect(await github.readWorkflowRun(MODELS, '5')).toBeUndefined()
  })

  it('is asked for as a whole by whoever else may not see it, or without an ETag', async () => {
    const { github } = connect()
    const other = repo('other/models')
    nock(HOST).get(path).twice().reply(200, run('queued'))
    await github.readWorkflowRun(MODELS, '5')
    await github.readWorkflowRun(MODELS, '5')
    nock(HOST, { badheaders: ['if-none-match'] })
      .get('/repos/other/models/actions/runs/5')
      .reply(200, run('in_progress'), json('"a"'))
    expect((await github.readWorkflowRun(other, '5'))?.status).toBe('in_progress')
  })
})
