/** How the bot merges: at the head that was judged, directly or by a merge queue. */
import { describe, expect, it } from 'vitest'
import type { GitHubWrite } from '../../../src/services/ports.ts'
import { interceptCalls } from '../intercepted-calls.ts'
import { answerGraphql, CONFIG, connect, sha } from './nock-github.ts'

interceptCalls()

describe('writes', () => {
  it('give the merge commit of a merge, and the files in it', async () => {
    const merge: GitHubWrite = {
      kind: 'merge-pull-request',
      pullRequestId: 'PR_9',
      expectedHead: sha('b'),
      method: 'squash',
      headline: 'h',
      body: 'b',
      files: ['a.yaml', 'gone.yaml'],
    }
    const mergeCommit = { oid: sha('c'), f0: { oid: sha('d') }, f1: null }
    const pullRequest = { id: 'PR_9', number: 9, url: 'u', mergeCommit }
    const asked = answerGraphql({ data: { w0: { pullRequest } } })
    expect(await connect().github.write(CONFIG, [merge])).toMatchObject([
      { ok: true, sha: sha('c'), blobs: new Map([['a.yaml', sha('d')]]) },
    ])
    expect(asked[0]?.variables['i0']).toMatchObject({ expectedHeadOid: sha('b'), mergeMethod: 'SQUASH' })
    expect(asked[0]?.variables).toMatchObject({ path0: 'a.yaml', path1: 'gone.yaml' })
  })

  it('enter a merge queue at the head that was judged, or say why not', async () => {
    const enter: GitHubWrite = {
      kind: 'enqueue-pull-request',
      pullRequestId: 'PR_9',
      expectedHead: sha('b'),
      jump: true,
    }
    const refused = { type: 'FORBIDDEN', path: ['w1'], message: 'You are not authorized to jump the queue' }
    const asked = answerGraphql({ data: { w0: { mergeQueueEntry: { id: 'MQE_1' } }, w1: null }, errors: [refused] })
    expect(await connect().github.write(CONFIG, [{ ...enter, jump: false }, enter])).toMatchObject([
      { ok: true, id: 'MQE_1' },
      { ok: false, type: 'FORBIDDEN', message: 'You are not authorized to jump the queue' },
    ])
    expect(asked[0]?.variables).toMatchObject({
      i0: { pullRequestId: 'PR_9', expectedHeadOid: sha('b') },
      i1: { pullRequestId: 'PR_9', expectedHeadOid: sha('b'), jump: true },
    })
  })
})
