/** What the bot learns of a push, and how many calls that takes. */
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { interceptCalls } from '../intercepted-calls.ts'
import { answerGraphql, connect, HOST, MODELS, sha } from './nock-github.ts'

interceptCalls()

describe('what landed on the default branch', () => {
  const node = (oid: string, more: Readonly<Record<string, unknown>> = {}) => ({
    oid,
    author: { user: { login: 'alice' }, name: 'Alice' },
    parents: { nodes: [] },
    associatedPullRequests: { nodes: [] },
    ...more,
  })
  const brought = (number: number, more: Readonly<Record<string, unknown>> = {}) => ({
    id: `PR_${number}`,
    number,
    merged: true,
    author: { __typename: 'User', login: 'alice' },
    baseRefName: 'main',
    baseRepository: { nameWithOwner: 'Acme/Models' },
    headRefName: 'better',
    headRefOid: sha('e'),
    mergeCommit: { oid: sha('b') },
    potentialMergeCommit: null,
    files: { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [{ path: 'churn/train.py' }] },
    ...more,
  })
  const landed = (nodes: readonly unknown[], tip = sha('b')) => ({
    data: {
      repository: {
        nameWithOwner: 'acme/models',
        defaultBranchRef: { name: 'main', target: { oid: tip, file: null } },
        object: { history: { totalCount: 40, nodes } },
      },
    },
  })

  it('leads from a merge commit along first parents to its pull request; only older ones cost a second call', async () => {
    const merge = node(sha('b'), {
      parents: { nodes: [{ oid: sha('a') }] },
      associatedPullRequests: { nodes: [brought(3, { mergeCommit: { oid: sha('9') } }), brought(7)] },
    })
    const base = node(sha('a'), { associatedPullRequests: { nodes: [brought(2, { mergeCommit: { oid: sha('a') } })] } })
    answerGraphql(landed([merge, node(sha('e')), base]))
    answerGraphql({ data: { repository: { c0: { history: { totalCount: 38 } } } } })
    const { commits, onDefaultBranch } = await connect().github.readLanded(MODELS, sha('b'), 5)
    expect(onDefaultBranch).toBe(true)
    expect(commits.map((each) => [each.sha, each.pullRequest?.number, each.depth])).toEqual([
      [sha('b'), 7, 40],
      [sha('a'), 2, 38],
    ])
    expect(commits[0]?.pullRequest).toMatchObject({ headSha: sha('e'), changedPaths: ['churn/train.py'] })
  })

  it('without a pull request has the paths of the commit, renamed files under both names', async () => {
    const unrelated = [
      brought(1, { merged: false }),
      brought(2, { baseRefName: 'develop' }),
      brought(3, { baseRepository: { nameWithOwner: 'fork/models' } }),
    ]
    answerGraphql(landed([node(sha('b'), { associatedPullRequests: { nodes: unrelated } })]))
    nock(HOST)
      .get(`/repos/acme/models/commits/${sha('b')}`)
      .query({ per_page: 100, page: 1 })
      .reply(200, { files: [{ filename: 'new.py', previous_filename: 'old.py' }] })
    const { commits } = await connect().github.readLanded(MODELS, sha('b'), 1)
    expect(commits).toEqual([
      {
        sha: sha('b'),
        parent: undefined,
        pullRequest: undefined,
        changedPaths: ['new.py', 'old.py'],
        depth: 40,
        authoredByApp: false,
      },
    ])
  })

  it('pushed as several commits has the paths of all of them, in one call more', async () => {
    const parents = (oid: string) => ({ parents: { nodes: [{ oid }] } })
    answerGraphql(landed([node(sha('b'), parents(sha('a'))), node(sha('a'), parents(sha('9'))), node(sha('9'))]))
    nock(HOST)
      .get(`/repos/acme/models/compare/${sha('9')}...${sha('b')}`)
      .query(true)
      .reply(200, { files: [{ filename: 'churn/train.py' }, { filename: 'README.md' }] })
    const { commits } = await connect().github.readLanded(MODELS, sha('b'), 50, sha('9'))
    expect(commits.map((each) => each.sha)).toEqual([sha('b'), sha('a')])
    expect(commits[0]).toMatchObject({ parent: sha('a'), changedPaths: ['churn/train.py', 'README.md'], depth: 40 })
  })

  it('through the App itself is marked, squashed by a human or not', async () => {
    const bot = { __typename: 'Bot', login: 'lockkeeper' }
    const merged = node(sha('b'), { associatedPullRequests: { nodes: [brought(7, { author: bot })] } })
    answerGraphql(landed([merged]))
    const { commits } = await connect().github.readLanded(MODELS, sha('b'), 1)
    expect(commits[0]?.authoredByApp).toBe(true)
  })

  it('is asked once more where the branch has moved on', async () => {
    answerGraphql(landed([node(sha('b'), { associatedPullRequests: { nodes: [brought(7)] } })], sha('f')))
    nock(HOST)
      .get(`/repos/acme/models/compare/${sha('b')}...${sha('f')}`)
      .query(true)
      .reply(200, { status: 'diverged' })
    expect((await connect().github.readLanded(MODELS, sha('b'), 1)).onDefaultBranch).toBe(false)
  })
})
