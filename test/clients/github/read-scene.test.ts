/** `GitHub.readThread` and `GitHub.readAccount`: where a comment could stand, and who could write it. */
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { interceptCalls } from '../intercepted-calls.ts'
import { CONFIG, connect, HOST } from './nock-github.ts'

interceptCalls()

const THREAD = '/repos/acme/config/issues/7'

describe('where a comment could stand', () => {
  it('is a pull request', async () => {
    nock(HOST)
      .get(THREAD)
      .reply(200, { node_id: 'PR_7', labels: [{ name: 'model' }], pull_request: { url: 'https://…' } })
    const expected = { nodeId: 'PR_7', isPullRequest: true, labels: ['model'] }
    expect(await connect().github.readThread(CONFIG, 7)).toEqual(expected)
  })

  it('is an issue', async () => {
    nock(HOST).get(THREAD).reply(200, { node_id: 'I_7', labels: [] })
    expect(await connect().github.readThread(CONFIG, 7)).toEqual({ nodeId: 'I_7', isPullRequest: false, labels: [] })
  })

  it.each([404, 410])('is nowhere, where GitHub answers %i and shows the repository', async (status) => {
    nock(HOST).get(THREAD).reply(status, { message: 'Not Found' }).get('/repos/acme/config').reply(200, { id: 1 })
    expect(await connect().github.readThread(CONFIG, 7)).toBeUndefined()
  })

  it('cannot be told of a repository that the App does not see', async () => {
    nock(HOST).get(THREAD).reply(404, {}).get('/repos/acme/config').reply(404, {})
    await expect(connect().github.readThread(CONFIG, 7)).rejects.toThrow('Lockkeeper cannot see acme/config.')
  })
})

describe('who could write it', () => {
  it('is an account, as its owner writes the name', async () => {
    nock(HOST).get('/users/ALICE').reply(200, { login: 'alice', type: 'User' })
    expect(await connect().github.readAccount(CONFIG, 'ALICE')).toEqual({ login: 'alice', type: 'User' })
  })

  it('is nobody', async () => {
    nock(HOST).get('/users/nobody').reply(404, { message: 'Not Found' })
    expect(await connect().github.readAccount(CONFIG, 'nobody')).toBeUndefined()
  })
})
