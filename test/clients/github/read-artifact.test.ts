/** What GitHub's stand-in cannot send, because GitHub's description does not know it: redirects of other makers. The rest: ../github-artifacts.test.ts. */
import nock from 'nock'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeZip } from '../../../sandbox/github/zip.ts'
import { connect, HOST, MODELS, sha } from './nock-github.ts'

const STORAGE = 'https://results.blob.example'
const question = { commits: [sha('3')], name: 'metrics', file: undefined, workflow: undefined }

const offerRun = (event: string) => {
  nock(HOST)
    .get('/repos/acme/models/actions/runs')
    .query(true)
    .reply(200, {
      workflow_runs: [
        {
          id: 1,
          workflow_id: 2,
          event,
          path: '.github/workflows/train.yml@refs/heads/main',
          html_url: 'https://github.com/acme/models/actions/runs/1',
          status: 'completed',
          created_at: '2026-11-24T09:00:00Z',
        },
      ],
    })
  nock(HOST)
    .get('/repos/acme/models/actions/runs/1/artifacts')
    .query(true)
    .reply(200, {
      artifacts: [{ id: 9, name: 'metrics', size_in_bytes: 9, expired: false, created_at: '2026-11-24T09:05:00Z' }],
    })
}

beforeEach(() => {
  nock.disableNetConnect()
})
afterEach(() => {
  nock.cleanAll()
  nock.enableNetConnect()
})

const redirect = (location: string, body = '', type = 'text/html;charset=utf-8') =>
  nock(HOST).get('/repos/acme/models/actions/artifacts/9/zip').reply(302, body, { location, 'content-type': type })

it('a redirect may come with a page, and with a workflow that another branch requires', async () => {
  offerRun('pull_request')
  redirect(`${STORAGE}/a?sig=secret`, '<html>You are being redirected.</html>')
  nock(STORAGE, { badheaders: ['authorization', 'cookie'] })
    .get('/a?sig=secret')
    .reply(200, writeZip([{ path: 'metrics.json', text: '{}' }]), { 'content-type': 'application/zip' })
  const reading = await connect().github.readArtifact(MODELS, { ...question, workflow: 'train.yml' })
  expect(reading).toMatchObject({ kind: 'found', text: '{}' })
})

it.each(['http://results.blob.example/a', 'file:///etc/passwd', '/relative', ''])(
  'a redirect to "%s" is not followed',
  async (to) => {
    offerRun('pull_request')
    redirect(to)
    await expect(connect().github.readArtifact(MODELS, question)).rejects.toThrow('no usable address')
  },
)

it('an artifact that was deleted between two calls has expired', async () => {
  offerRun('pull_request')
  nock(HOST).get('/repos/acme/models/actions/artifacts/9/zip').reply(404, { message: 'Not Found' })
  expect(await connect().github.readArtifact(MODELS, question)).toMatchObject({ kind: 'expired' })
})

it.each(['pull_request_target', 'workflow_run', 'issue_comment', 'issues'])(
  'what a run for %s uploaded belongs to whoever caused it, not to the commit of the default branch',
  async (event) => {
    offerRun(event)
    expect(await connect().github.readArtifact(MODELS, question)).toEqual({ kind: 'absent', runs: 0 })
  },
)
