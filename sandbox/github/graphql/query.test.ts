/** What the bot reads through GraphQL comes from the stand-in's state, as the token may see it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { rateWindow } from '../rate-limit.ts'
import { bornNow, identify, register } from '../state.ts'
import { createExampleWorld, type ExampleWorld } from './example-world.ts'

const APP = {
  metadata: 'read',
  contents: 'read',
  pull_requests: 'read',
  members: 'read',
  checks: 'read',
  statuses: 'read',
  deployments: 'read',
} as const

let world: ExampleWorld
beforeEach(() => {
  world = createExampleWorld()
})

const inRepository = (fields: string) => `{ repository(owner: "acme", name: "models") { ${fields} } }`
/** The repository of an answer without errors. */
async function read(fields: string): Promise<Record<string, unknown>> {
  const { data, errors } = await world.ask(inRepository(fields), { as: APP })
  expect(errors).toBeUndefined()
  expect(world.violations).toEqual([])
  return (data as { repository: Record<string, unknown> }).repository
}

describe('a repository', () => {
  it('shows its settings and its default branch', async () => {
    expect(
      await read(
        'nameWithOwner isPrivate visibility viewerPermission rebaseMergeAllowed defaultBranchRef { name prefix target { oid } }',
      ),
    ).toEqual({
      nameWithOwner: 'acme/models',
      isPrivate: true,
      visibility: 'PRIVATE',
      viewerPermission: 'READ',
      rebaseMergeAllowed: false,
      defaultBranchRef: { name: 'main', prefix: 'refs/heads/', target: { oid: world.first } },
    })
  })

  it.each([
    ['HEAD:conf/prod.yml', { text: 'image: a\n' }],
    ['feature/x:conf/prod.yml', { text: 'image: b\n' }],
    ['refs/heads/feature/x:conf/prod.yml', { text: 'image: b\n' }],
    ['HEAD:missing.yml', null],
    ['nowhere:conf/prod.yml', null],
    ['HEAD:README.md/x', null],
  ])('resolves the expression %s', async (expression, expected) => {
    expect(await read(`object(expression: "${expression}") { ... on Blob { text } }`)).toEqual({ object: expected })
  })

  it('resolves a commit by its id, a branch, and a tree with full paths', async () => {
    const { a, b, c } =
      await read(`a: object(oid: "${world.second}") { __typename } b: object(expression: "feature/x") { oid }
      c: object(expression: "${world.second}:conf") { ... on Tree { entries { name mode type path object { __typename } } } }`)
    expect([a, b]).toEqual([{ __typename: 'Commit' }, { oid: world.second }])
    expect(c).toEqual({
      entries: [
        { name: 'prod.yml', mode: 0o100644, type: 'blob', path: 'conf/prod.yml', object: { __typename: 'Blob' } },
      ],
    })
  })

  it('gives no text of a binary file', async () => {
    expect(
      await read('object(expression: "HEAD:weights.bin") { ... on Blob { text isBinary byteSize isTruncated } }'),
    ).toEqual({
      object: { text: null, isBinary: true, byteSize: 2, isTruncated: false },
    })
  })

  it('finds a branch by its full and its short name', async () => {
    expect(
      await read(
        'a: ref(qualifiedName: "refs/heads/feature/x") { name } b: ref(qualifiedName: "main") { name } c: ref(qualifiedName: "nope") { name }',
      ),
    ).toEqual({
      a: { name: 'feature/x' },
      b: { name: 'main' },
      c: null,
    })
  })

  it('finds people by a fuzzy query and exactly by login', async () => {
    world.repository.collaborators.set('bob', 'write')
    expect(
      await read(
        'fuzzy: collaborators(query: "b", first: 9) { edges { permission node { login } } } exact: collaborators(login: "ann", first: 1) { edges { permission node { login } } }',
      ),
    ).toEqual({
      fuzzy: { edges: [{ permission: 'WRITE', node: { login: 'bob' } }] },
      exact: { edges: [{ permission: 'ADMIN', node: { login: 'ann' } }] },
    })
  })

  it('finds pull requests by branch and state', async () => {
    expect(
      await read(
        'a: pullRequests(headRefName: "feature/x", states: OPEN, first: 1) { nodes { number } } b: pullRequests(states: [MERGED, CLOSED], first: 1) { totalCount }',
      ),
    ).toEqual({
      a: { nodes: [{ number: 1 }] },
      b: { totalCount: 0 },
    })
  })

  it('hides from lists what is younger than the lag, but not from direct reads', async () => {
    world.state.lag = { requests: 1 }
    expect(await read('pullRequests(first: 1) { totalCount } pullRequest(number: 1) { number }')).toEqual({
      pullRequests: { totalCount: 0 },
      pullRequest: { number: 1 },
    })
    world.state.requestCount += 2
    expect(await read('pullRequests(first: 1) { totalCount }')).toEqual({ pullRequests: { totalCount: 1 } })
  })
})

describe('a commit', () => {
  it('shows message, author, parents, tree, one file and the history of a path', async () => {
    const fields = `messageHeadline messageBody committedDate author { name user { login } } parents(first: 2) { nodes { oid } }
      file(path: "conf/prod.yml") { mode object { ... on Blob { text } } } gone: file(path: "weights.bin") { mode } signature { isValid }
      all: history(first: 9) { totalCount } one: history(first: 9, path: "README.md") { nodes { messageHeadline } }`
    expect(await read(`object(oid: "${world.second}") { ... on Commit { ${fields} } }`)).toEqual({
      object: {
        messageHeadline: 'second',
        messageBody: 'why',
        committedDate: '2026-01-05T10:00:01Z',
        author: { name: 'Ann Example', user: { login: 'ann' } },
        parents: { nodes: [{ oid: world.first }] },
        file: { mode: 0o100644, object: { text: 'image: b\n' } },
        gone: null,
        signature: null,
        all: { totalCount: 2 },
        one: { nodes: [{ messageHeadline: 'first' }] },
      },
    })
  })
})

describe('a pull request', () => {
  it('shows its two sides, its files and its commits', async () => {
    const fields = `state isCrossRepository baseRefName baseRefOid headRefName headRefOid mergeable mergeStateStatus reviewDecision author { __typename login }
      files(first: 9) { totalCount nodes { path changeType additions deletions } } commits(last: 1) { nodes { commit { oid statusCheckRollup { state } } } }`
    expect(await read(`pullRequest(number: 1) { ${fields} }`)).toEqual({
      pullRequest: {
        state: 'OPEN',
        isCrossRepository: false,
        baseRefName: 'main',
        baseRefOid: world.first,
        headRefName: 'feature/x',
        headRefOid: world.second,
        mergeable: 'MERGEABLE',
        mergeStateStatus: 'CLEAN',
        reviewDecision: null,
        author: { __typename: 'User', login: 'ann' },
        files: {
          totalCount: 3,
          nodes: [
            { path: 'conf/prod.yml', changeType: 'MODIFIED', additions: 1, deletions: 1 },
            { path: 'new.md', changeType: 'ADDED', additions: 1, deletions: 0 },
            { path: 'weights.bin', changeType: 'DELETED', additions: 0, deletions: 0 },
          ],
        },
        commits: { nodes: [{ commit: { oid: world.second, statusCheckRollup: null } }] },
      },
    })
  })

  it('conflicts when both sides changed the same line', async () => {
    const third = world.commit({ 'conf/prod.yml': 'image: c\n' }, 'third', [world.first])
    world.repository.refs.set('refs/heads/main', third)
    expect(await read('pullRequest(number: 1) { mergeable mergeStateStatus potentialMergeCommit { oid } }')).toEqual({
      pullRequest: { mergeable: 'CONFLICTING', mergeStateStatus: 'DIRTY', potentialMergeCommit: null },
    })
  })

  it('does not know its mergeability at the first question when there is a lag', async () => {
    world.state.lag = { requests: 1 }
    expect(await read('pullRequest(number: 1) { mergeable }')).toEqual({ pullRequest: { mergeable: 'UNKNOWN' } })
    expect(await read('pullRequest(number: 1) { mergeable }')).toEqual({ pullRequest: { mergeable: 'MERGEABLE' } })
  })

  it('shows reviews, the newest of each person, and who may push', async () => {
    const review = {
      pullRequest: world.pullRequest,
      body: '',
      commitSha: world.second,
      submittedAt: '2026-01-05T10:00:00Z',
      author: world.users.bob,
      born: bornNow(world.state),
    }
    for (const state of ['CHANGES_REQUESTED', 'APPROVED', 'COMMENTED'] as const)
      world.pullRequest.reviews.push(
        register(world.state, { ...identify(world.state, 'PullRequestReview'), ...review, state }),
      )
    expect(
      await read(
        'pullRequest(number: 1) { reviews(first: 9, states: [APPROVED]) { nodes { author { login } authorCanPushToRepository commit { oid } } } latestReviews(first: 9) { nodes { state } } latestOpinionatedReviews(first: 9) { nodes { state } } }',
      ),
    ).toEqual({
      pullRequest: {
        reviews: {
          nodes: [{ author: { login: 'bob' }, authorCanPushToRepository: false, commit: { oid: world.second } }],
        },
        latestReviews: { nodes: [{ state: 'COMMENTED' }] },
        latestOpinionatedReviews: { nodes: [{ state: 'APPROVED' }] },
      },
    })
  })
})

describe('organisations, users and nodes', () => {
  it("shows a team's members by a search", async () => {
    const query =
      '{ organization(login: "acme") { team(slug: "release") { members(first: 5, query: "bo") { nodes { login } } } none: team(slug: "x") { slug } } }'
    expect(await world.ask(query, { as: APP })).toEqual({
      data: { organization: { team: { members: { nodes: [{ login: 'bob' }] } }, none: null } },
    })
  })

  it('gives nodes by id, of every kind', async () => {
    const variables = { ids: [world.repository.nodeId, world.pullRequest.nodeId] }
    expect(
      await world.ask('query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { variables, as: APP }),
    ).toEqual({
      data: {
        nodes: [
          { __typename: 'Repository', id: variables.ids[0] },
          { __typename: 'PullRequest', id: variables.ids[1] },
        ],
      },
    })
  })

  it('answers the rate limit of the installation', async () => {
    rateWindow(world.state.rates, '1', 'graphql').used = 12
    expect(await world.ask('{ rateLimit { cost limit remaining used } }', { as: APP })).toEqual({
      data: { rateLimit: { cost: 1, limit: 5000, remaining: 4988, used: 12 } },
    })
  })
})
