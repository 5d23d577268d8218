/** What a promotion decision reads, and who may do what. */
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import type { PromotionQuestion } from '../../../src/services/ports.ts'
import { interceptCalls } from '../intercepted-calls.ts'
import { answerGraphql, CONFIG, connect, file, HOST, MODELS, repo, sha } from './nock-github.ts'

interceptCalls()

const question = (more: Partial<PromotionQuestion> = {}): PromotionQuestion => ({
  modelRepository: MODELS,
  configRepository: CONFIG,
  branch: undefined,
  headBranch: 'lockkeeper/acme/models/churn/prod',
  pullRequestNumber: undefined,
  files: ['prod/values.yaml', 'prod/absent.yaml'],
  standing: undefined,
  ...more,
})

const review = (login: string, state: string, minute: number) => ({
  author: { __typename: 'User', login },
  state,
  commit: { oid: sha('b') },
  submittedAt: `2026-11-17T09:${String(minute).padStart(2, '0')}:00Z`,
})

const promotion = (more: Readonly<Record<string, unknown>> = {}) => ({
  id: 'PR_9',
  number: 9,
  url: 'https://github.com/acme/config/pull/9',
  state: 'OPEN',
  isCrossRepository: false,
  headRefOid: sha('b'),
  baseRefName: 'main',
  mergeCommit: null,
  mergedAt: null,
  mergedBy: null,
  mergeable: 'MERGEABLE',
  mergeStateStatus: 'BLOCKED',
  body: 'Promotes churn',
  labels: { nodes: [{ name: 'lockkeeper' }] },
  newest: {
    totalCount: 1,
    nodes: [
      {
        commit: {
          oid: sha('b'),
          parents: { nodes: [{ oid: sha('a') }] },
          author: { name: 'lockkeeper[bot]' },
          committer: { name: 'GitHub' },
        },
      },
    ],
  },
  reviews: { nodes: [] },
  commits: { nodes: [{ commit: { oid: sha('b'), statusCheckRollup: null } }] },
  ...more,
})

const config = (more: Readonly<Record<string, unknown>> = {}) => ({
  id: 'R_config',
  nameWithOwner: 'acme/config',
  visibility: 'PRIVATE',
  mergeCommitAllowed: false,
  squashMergeAllowed: true,
  rebaseMergeAllowed: true,
  deleteBranchOnMerge: false,
  defaultBranchRef: {
    name: 'main',
    target: { oid: sha('a'), configFile: file('accepts: []\n'), f0: file('replicas: 1\n'), f1: null },
  },
  branch: null,
  pullRequests: { nodes: [] },
  ...more,
})

const model = {
  id: 'R_model',
  nameWithOwner: 'acme/models',
  url: 'https://github.com/acme/models',
  visibility: 'PRIVATE',
  defaultBranchRef: { target: { configFile: file('models: {}\n') } },
}

describe('the world of a promotion', () => {
  it('is one call where both repositories have one owner', async () => {
    const asked = answerGraphql({ data: { config: config(), model } })
    const read = await connect().github.readPromotionWorld(question())
    expect(asked).toHaveLength(1)
    expect(read.config).toMatchObject({
      defaultBranch: 'main',
      headSha: sha('a'),
      rules: { branch: 'main', methods: ['squash', 'rebase'] },
    })
    expect(read.config.configFile?.text).toBe('accepts: []\n')
    expect([...read.config.files]).toEqual([
      ['prod/values.yaml', expect.objectContaining({ text: 'replicas: 1\n', mode: '100644' })],
    ])
    expect(read.modelConfigFile?.text).toBe('models: {}\n')
    expect(read.modelUrl).toBe('https://github.com/acme/models')
    expect(read.config.pullRequest).toBeUndefined()
  })

  it.each([
    ['PRIVATE', 'PRIVATE', 'neither'],
    ['PUBLIC', 'PRIVATE', 'config'],
    ['INTERNAL', 'PRIVATE', 'config'],
    ['PRIVATE', 'PUBLIC', 'model'],
    ['INTERNAL', 'PUBLIC', 'model'],
    ['PUBLIC', 'PUBLIC', 'neither'],
    ['PRIVATE', 'SECRET', 'neither'],
  ])('of a %s config and a %s model repository is open to more people in: %s', async (ours, theirs, wider) => {
    answerGraphql({ data: { config: config({ visibility: ours }), model: { ...model, visibility: theirs } } })
    expect((await connect().github.readPromotionWorld(question())).wider).toBe(wider)
  })

  it('is one call per owner otherwise, each by its own installation', async () => {
    const asked = answerGraphql({ data: { config: config({ nameWithOwner: 'Other/config' }) } }, { data: { model } })
    const elsewhere = question({ configRepository: repo('other/config') })
    await connect().github.readPromotionWorld(elsewhere)
    expect(asked.map(({ auth }) => auth)).toEqual(['token installation-8', 'token installation-7'])
    expect(asked[0]?.query).not.toContain('model:')
  })

  it('reads files from the configured branch and rules from the default branch', async () => {
    const base = { name: 'production', target: { oid: sha('c'), f0: file('replicas: 9\n'), f1: null } }
    answerGraphql({ data: { config: config({ base }), model } })
    const read = await connect().github.readPromotionWorld(question({ branch: 'production' }))
    expect(read.config.headSha).toBe(sha('c'))
    expect(read.config.files.get('prod/values.yaml')?.text).toBe('replicas: 9\n')
    expect(read.config.configFile?.text).toBe('accepts: []\n')
  })

  it('takes the newest pull request of its branch, and none of a fork that has the same branch name', async () => {
    const nodes = [promotion({ number: 12, isCrossRepository: true }), promotion(), promotion({ number: 3 })]
    answerGraphql({ data: { config: config({ pullRequests: { nodes } }), model } })
    const read = await connect().github.readPromotionWorld(question())
    expect(read.config.pullRequest).toMatchObject({ number: 9, state: 'open', mergeStateStatus: 'BLOCKED' })
    expect(read.config.pullRequest).toMatchObject({ labels: ['lockkeeper'], commitCount: 1 })
    expect(read.config.pullRequest?.commits).toEqual([
      { sha: sha('b'), parents: [sha('a')], author: 'lockkeeper[bot]', committer: 'GitHub' },
    ])
  })

  it('finds its own pull request behind any number of forks with that branch name', async () => {
    const forks = (cursor: string) => ({
      pageInfo: { hasNextPage: true, endCursor: cursor },
      nodes: Array.from({ length: 20 }, (_, index) => promotion({ number: 100 - index, isCrossRepository: true })),
    })
    const last = { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [promotion()] }
    const asked = answerGraphql(
      { data: { config: config({ pullRequests: forks('c1') }), model } },
      { data: { repository: { pullRequests: forks('c2') } } },
      { data: { repository: { pullRequests: last } } },
    )
    const read = await connect().github.readPromotionWorld(question())
    expect(read.config.pullRequest).toMatchObject({ number: 9 })
    expect(asked.map(({ variables }) => variables['cursor'])).toEqual([undefined, 'c1', 'c2'])
    expect(asked[1]?.variables).toMatchObject({ head: question().headBranch, owner: 'acme', name: 'config' })
  })

  it('asks for a known pull request by its number, merged or not', async () => {
    const merged = promotion({
      state: 'MERGED',
      mergeCommit: { oid: sha('d') },
      mergedAt: '2026-11-24T09:00:00Z',
      mergedBy: { __typename: 'Bot', login: 'lockkeeper' },
      mergeable: 'UNKNOWN',
    })
    const asked = answerGraphql({ data: { config: config({ pullRequest: merged }), model } })
    const read = await connect().github.readPromotionWorld(question({ pullRequestNumber: 9 }))
    expect(asked[0]?.variables).toMatchObject({ number: 9 })
    expect(read.config.pullRequest).toMatchObject({
      state: 'merged',
      mergeCommit: sha('d'),
      mergedAt: new Date('2026-11-24T09:00:00Z'),
      mergedBy: 'lockkeeper[bot]',
      mergeable: 'unknown',
    })
  })

  it('counts the newest review of each person', async () => {
    const nodes = [
      review('bob', 'APPROVED', 1),
      review('carol', 'CHANGES_REQUESTED', 2),
      review('bob', 'DISMISSED', 5),
      review('carol', 'APPROVED', 4),
    ]
    answerGraphql({ data: { config: config({ pullRequests: { nodes: [promotion({ reviews: { nodes } })] } }), model } })
    const read = await connect().github.readPromotionWorld(question())
    expect(read.config.pullRequest?.reviews.map(({ author, state }) => `${author} ${state}`)).toEqual([
      'bob dismissed',
      'carol approved',
    ])
  })

  it('of a repository that the App cannot see tells which one', async () => {
    const errors = [{ type: 'NOT_FOUND', path: ['config'], message: 'Could not resolve to a Repository' }]
    answerGraphql({ data: { config: null, model }, errors })
    await expect(connect().github.readPromotionWorld(question())).rejects.toMatchObject({
      code: 'accepts_missing',
      message: 'Lockkeeper cannot see acme/config.',
    })
  })
})

describe('what a person may do', () => {
  const people = (...pairs: readonly (readonly [string, string])[]) => ({
    edges: pairs.map(([login, permission]) => ({ permission, node: { login } })),
  })
  const members = (...logins: readonly string[]) => ({
    pageInfo: { hasNextPage: false },
    nodes: logins.map((login) => ({ login })),
  })
  const ask = {
    logins: ['alice'],
    repositories: [MODELS],
    teams: [{ organization: 'acme', slug: 'ml' }],
  }

  it('is compared exactly: alice is not alice-b', async () => {
    answerGraphql({
      data: { standing0: { p0: people(['Alice', 'MAINTAIN']) }, team0: { team: { p0: members('alice-b') } } },
    })
    const standings = await connect().github.readStandings(ask)
    expect(standings.get('alice')?.permissions.get(MODELS)).toBe('maintain')
    expect([...(standings.get('alice')?.teams ?? [])]).toEqual([])
    answerGraphql({
      data: { standing0: { p0: people(['alice-b', 'ADMIN']) }, team0: { team: { p0: members('alice-b', 'ALICE') } } },
    })
    const others = await connect().github.readStandings(ask)
    expect(others.get('alice')?.permissions.get(MODELS)).toBe('none')
    expect([...(others.get('alice')?.teams ?? [])]).toEqual(['acme/ml'])
  })

  it('is asked of REST where GraphQL may not tell', async () => {
    const errors = [{ type: 'FORBIDDEN', path: ['standing0', 'p0'], message: 'Resource not accessible by integration' }]
    answerGraphql({ data: { standing0: { p0: null }, team0: { team: null } }, errors })
    nock(HOST)
      .get('/repos/acme/models/collaborators/alice/permission')
      .reply(200, { permission: 'write', role_name: 'release-captain' })
    const standings = await connect().github.readStandings(ask)
    expect(standings.get('alice')?.permissions.get(MODELS)).toBe('write')
  })

  it('is nothing where nobody may tell, and the log says what is missing', async () => {
    const errors = [
      { type: 'FORBIDDEN', path: ['standing0', 'p0'], message: 'Resource not accessible by integration' },
      { type: 'FORBIDDEN', path: ['team0', 'team'], message: 'Resource not accessible by integration' },
    ]
    answerGraphql({ data: { standing0: { p0: null }, team0: { team: null } }, errors })
    nock(HOST).get('/repos/acme/models/collaborators/alice/permission').reply(403, { message: 'Forbidden' })
    const { github, log } = connect()
    const standings = await github.readStandings(ask)
    expect(standings.get('alice')).toMatchObject({ permissions: new Map([[MODELS, 'none']]), teams: new Set() })
    expect(log.lines.join('\n')).toContain('Members: read')
  })

  it('in a team with many similar names is asked for exactly', async () => {
    const many = { pageInfo: { hasNextPage: true }, nodes: [{ login: 'alice-1' }] }
    answerGraphql({ data: { standing0: { p0: people() }, team0: { team: { p0: many } } } })
    nock(HOST).get('/orgs/acme/teams/ml/memberships/alice').reply(200, { state: 'active' })
    const standings = await connect().github.readStandings(ask)
    expect([...(standings.get('alice')?.teams ?? [])]).toEqual(['acme/ml'])
  })

  it('takes one call per owner, and none for nobody', async () => {
    const asked = answerGraphql(
      { data: { standing0: { p0: people(['alice', 'WRITE']) } } },
      { data: { standing1: { p0: people(['alice', 'READ']) } } },
    )
    const elsewhere = repo('other/config')
    const { github } = connect()
    const standings = await github.readStandings({ ...ask, teams: [], repositories: [MODELS, elsewhere] })
    expect(asked.map(({ auth }) => auth)).toEqual(['token installation-7', 'token installation-8'])
    expect([...(standings.get('alice')?.permissions ?? [])]).toEqual([
      [MODELS, 'write'],
      [elsewhere, 'read'],
    ])
    expect((await github.readStandings({ ...ask, logins: [] })).size).toBe(0)
  })

  it('is nothing where the App is not installed, and its installation is found once', async () => {
    nock(HOST).get('/repos/stranger/config/installation').reply(404, { message: 'Not Found' })
    const { github } = connect()
    const stranger = repo('stranger/config')
    const standings = await github.readStandings({ ...ask, teams: [], repositories: [stranger] })
    expect(standings.get('alice')?.permissions.get(stranger)).toBe('none')

    const fresh = connect({})
    nock(HOST)
      .get('/repos/acme/models/installation')
      .matchHeader('authorization', 'token app-jwt')
      .reply(200, { id: 7 })
    const asked = answerGraphql({ data: { standing0: { p0: people() } } }, { data: { standing0: { p0: people() } } })
    await fresh.github.readStandings({ ...ask, teams: [] })
    await fresh.github.readStandings({ ...ask, teams: [] })
    expect(asked).toHaveLength(2)
  })
})
