/** What the bot learns from GitHub's answers, and how many calls that takes. */
import nock from 'nock'
import { describe, expect, it } from 'vitest'
import { interceptCalls } from '../intercepted-calls.ts'
import { answerGraphql, CONFIG, connect, file, HOST, MODELS, oidOf, repo, sha } from './nock-github.ts'

interceptCalls()

const page = (cursor?: string) => ({ hasNextPage: cursor !== undefined, endCursor: cursor ?? null })

const checkRun = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  __typename: 'CheckRun',
  name,
  status: 'COMPLETED',
  conclusion: 'SUCCESS',
  startedAt: '2026-11-17T09:00:00Z',
  detailsUrl: null,
  url: 'https://github.com/x',
  checkSuite: { app: { databaseId: 15368 } },
  ...more,
})

const pullRequest = (more: Readonly<Record<string, unknown>> = {}) => ({
  id: 'PR_1',
  number: 7,
  title: 'Better churn',
  url: 'https://github.com/acme/models/pull/7',
  state: 'OPEN',
  isDraft: false,
  isCrossRepository: false,
  author: { __typename: 'User', login: 'alice' },
  baseRefName: 'main',
  baseRefOid: sha('a'),
  headRefName: 'better',
  headRefOid: sha('b'),
  mergeCommit: null,
  potentialMergeCommit: { oid: sha('c') },
  files: { pageInfo: page(), nodes: [{ path: 'churn/train.py' }] },
  commits: { nodes: [{ commit: { oid: sha('b'), statusCheckRollup: null, file: null } }] },
  ...more,
})

const world = (pull: unknown, config: unknown = null) => ({
  data: {
    repository: {
      id: 'R_1',
      nameWithOwner: 'acme/models',
      defaultBranchRef: { name: 'main', target: { file: config } },
      pullRequest: pull,
    },
  },
})

const rollup = (nodes: readonly unknown[], cursor?: string) => ({
  statusCheckRollup: { contexts: { pageInfo: page(cursor), nodes } },
})

describe('a pull request', () => {
  it('is read in one call, with the configuration of the default branch', async () => {
    const asked = answerGraphql(world(pullRequest(), file('version: 1\n')))
    const view = await connect().github.readPullRequest(MODELS, 7)
    expect(asked).toHaveLength(1)
    expect(asked[0]?.auth).toBe('token installation-7')
    expect(view).toMatchObject({ number: 7, state: 'open', isFork: false, author: 'alice', checks: [] })
    expect(view).toMatchObject({ testMergeCommit: sha('c'), mergeCommit: undefined, changedPaths: ['churn/train.py'] })
    expect(view?.configFile).toEqual({ oid: oidOf('version: 1\n'), mode: '100644', text: 'version: 1\n' })
    expect(view?.headConfigFile).toBeUndefined()
  })

  it('shows its own configuration only where it changes that file', async () => {
    const nodes = [{ path: '.github/lockkeeper.yml' }]
    const head = { oid: sha('b'), statusCheckRollup: null, file: file('version: 2\n') }
    const changed = { files: { pageInfo: page(), nodes }, commits: { nodes: [{ commit: head }] } }
    answerGraphql(world(pullRequest(changed)))
    expect((await connect().github.readPullRequest(MODELS, 7))?.headConfigFile?.text).toBe('version: 2\n')
    answerGraphql(world(pullRequest({ commits: { nodes: [{ commit: head }] } })))
    expect((await connect().github.readPullRequest(MODELS, 7))?.headConfigFile).toBeUndefined()
  })

  it('with more than 100 files or checks takes one call more for each further page', async () => {
    const files = { pageInfo: page('f1'), nodes: [{ path: 'a' }] }
    const head = { oid: sha('b'), file: null, ...rollup([checkRun('one')], 'c1') }
    const asked = answerGraphql(
      world(pullRequest({ files, commits: { nodes: [{ commit: head }] } })),
      { data: { repository: { pullRequest: { files: { pageInfo: page(), nodes: [{ path: 'b' }] } } } } },
      { data: { repository: { object: rollup([checkRun('two')]) } } },
    )
    const view = await connect().github.readPullRequest(MODELS, 7)
    expect(view?.changedPaths).toEqual(['a', 'b'])
    expect(view?.checks.map(({ name }) => name)).toEqual(['one', 'two'])
    expect(asked.map(({ variables }) => variables['cursor'])).toEqual([undefined, 'f1', 'c1'])
  })

  it.each([
    ['a success', { conclusion: 'SUCCESS' }, 'success'],
    ['a skipped run', { conclusion: 'SKIPPED' }, 'neutral'],
    ['a cancelled run', { conclusion: 'CANCELLED' }, 'failure'],
    ['a run that waits for a person', { conclusion: 'ACTION_REQUIRED' }, 'failure'],
    ['a running one', { status: 'IN_PROGRESS', conclusion: null }, 'pending'],
  ])('counts %s as it is', async (_, more, state) => {
    const head = { oid: sha('b'), file: null, ...rollup([checkRun('train', more)]) }
    answerGraphql(world(pullRequest({ commits: { nodes: [{ commit: head }] } })))
    expect((await connect().github.readPullRequest(MODELS, 7))?.checks[0]?.state).toBe(state)
  })

  it('shows the newest result of a name: the re-run, whatever the order', async () => {
    const old = checkRun('train', { conclusion: 'FAILURE' })
    const again = checkRun('train', { startedAt: '2026-11-17T09:30:00Z' })
    const queued = checkRun('train', { status: 'QUEUED', conclusion: null, startedAt: null })
    const other = checkRun('train', { conclusion: 'FAILURE', checkSuite: { app: { databaseId: 99 } } })
    const context = { context: 'ci', createdAt: '2026-11-17T09:00:00Z', targetUrl: 'https://ci' }
    const status = { __typename: 'StatusContext', state: 'ERROR', ...context }
    const states = async (nodes: readonly unknown[]) => {
      answerGraphql(
        world(pullRequest({ commits: { nodes: [{ commit: { oid: sha('b'), file: null, ...rollup(nodes) } }] } })),
      )
      const view = await connect().github.readPullRequest(MODELS, 7)
      return view?.checks.map(({ name, appId, state }) => `${name} ${appId} ${state}`)
    }
    expect(await states([old, again])).toEqual(['train 15368 success'])
    expect(await states([again, old])).toEqual(['train 15368 success'])
    expect(await states([queued, again, other])).toEqual(['train 15368 pending', 'train 99 failure'])
    expect(await states([status])).toEqual(['ci undefined failure'])
  })

  it('does not take the checks of the commit before for those of a head that was just pushed', async () => {
    const stale = { oid: sha('d'), file: null, ...rollup([checkRun('train')]) }
    answerGraphql(world(pullRequest({ commits: { nodes: [{ commit: stale }] } })))
    expect((await connect().github.readPullRequest(MODELS, 7))?.checks).toEqual([])
  })

  it('by a bot has its author spelt as webhooks spell it, and none when the account is gone', async () => {
    answerGraphql(world(pullRequest({ author: { __typename: 'Bot', login: 'lockkeeper' } })))
    expect((await connect().github.readPullRequest(MODELS, 7))?.author).toBe('lockkeeper[bot]')
    answerGraphql(world(pullRequest({ author: null })))
    expect((await connect().github.readPullRequest(MODELS, 7))?.author).toBeUndefined()
  })

  it('that does not exist is undefined; a repository that the App cannot see is said', async () => {
    const problem = (path: readonly string[]) => ({ type: 'NOT_FOUND', path, message: 'Could not resolve' })
    answerGraphql({ ...world(null), errors: [problem(['repository', 'pullRequest'])] })
    expect(await connect().github.readPullRequest(MODELS, 7)).toBeUndefined()
    answerGraphql({ data: { repository: null }, errors: [problem(['repository'])] })
    await expect(connect().github.readPullRequest(MODELS, 7)).rejects.toThrow('Lockkeeper cannot see acme/models.')
  })
})

describe('where a branch was at a time', () => {
  const move = (timestamp: string, before: string, after: string) => ({ timestamp, before, after })
  const activity = (moves: readonly unknown[], headers: Record<string, string> = {}) =>
    nock(HOST).get('/repos/acme/models/activity').query(true).reply(200, moves, headers)
  const at = (time: string) => connect().github.headAt(MODELS, 'better', new Date(`2026-11-17T${time}Z`))

  it('is told by the last push before', async () => {
    const moves = [
      move('2026-11-17T10:05:00Z', sha('b'), sha('c')),
      move('2026-11-17T10:00:00Z', sha('a'), sha('b')),
      move('2026-11-17T09:00:00Z', '0'.repeat(40), sha('a')),
    ]
    for (const [time, expected] of [
      ['10:04:59', sha('b')],
      ['10:00:00', undefined],
      ['10:00:01', sha('b')],
      ['09:59:59', sha('a')],
      ['10:06:00', sha('c')],
      ['08:00:00', undefined],
    ] as const) {
      activity(moves)
      expect(await at(time)).toBe(expected)
    }
  })

  it('is what the oldest known push started from, and further pages are read', async () => {
    const link = '<https://api.github.com/repositories/1/activity?after=older>; rel="next"'
    activity([move('2026-11-17T10:05:00Z', sha('b'), sha('c'))], { link })
    nock(HOST)
      .get('/repos/acme/models/activity')
      .query((query) => query['after'] === 'older')
      .reply(200, [move('2026-11-17T10:03:00Z', sha('a'), sha('b'))])
    expect(await at('10:00:00')).toBe(sha('a'))
  })

  it('cannot be told without any activity', async () => {
    activity([])
    expect(await at('10:00:00')).toBeUndefined()
  })
})

describe('whether one commit contains another', () => {
  it.each([
    [200, { status: 'identical' }, true],
    [200, { status: 'ahead' }, true],
    [200, { status: 'behind' }, false],
    [200, { status: 'diverged' }, false],
    [404, { message: 'Not Found' }, undefined],
  ] as const)('%i %j', async (status, body, expected) => {
    nock(HOST)
      .get(`/repos/acme/config/compare/${sha('a')}...${sha('b')}`)
      .query(true)
      .reply(status, body)
    expect(await connect().github.contains(CONFIG, sha('a'), sha('b'))).toBe(expected)
  })

  it('needs no call for one and the same', async () => {
    expect(await connect().github.contains(repo('acme/config'), sha('a'), sha('a'))).toBe(true)
  })
})

describe('where two lines of history part', () => {
  const answers = (status: number, body: object) =>
    nock(HOST)
      .get(`/repos/acme/config/compare/${sha('a')}...${sha('b')}`)
      .query({ per_page: 1, page: 1 })
      .reply(status, { ...body })
  const ask = () => connect().github.mergeBase(CONFIG, sha('a'), sha('b'))

  it('is told in one call', async () => {
    answers(200, { status: 'diverged', merge_base_commit: { sha: sha('c') } })
    expect(await ask()).toBe(sha('c'))
  })

  it('is nowhere in histories that have nothing in common', async () => {
    answers(404, { message: 'No common ancestor' })
    expect(await ask()).toBeUndefined()
  })
})

describe('the checks of a commit', () => {
  it('are read in one call, with who reported them', async () => {
    const status = { __typename: 'StatusContext', context: 'cov', state: 'ERROR', createdAt: '2026-11-17T09:00:00Z' }
    const creator = { __typename: 'Bot', login: 'codecov' }
    const slow = checkRun('scan', { conclusion: 'TIMED_OUT', checkSuite: { app: { databaseId: 9, slug: 'trivy' } } })
    answerGraphql({
      data: { repository: { object: rollup([slow, { ...status, targetUrl: 'https://cov.test/1', creator }]) } },
    })
    expect(await connect().github.readChecks(MODELS, sha('b'))).toEqual([
      {
        name: 'scan',
        kind: 'check_run',
        appId: 9,
        app: 'trivy',
        state: 'failure',
        conclusion: 'timed_out',
        url: 'https://github.com/x',
      },
      {
        name: 'cov',
        kind: 'status',
        appId: undefined,
        app: 'codecov',
        state: 'failure',
        conclusion: 'error',
        url: 'https://cov.test/1',
      },
    ])
  })

  it('of a commit that nobody reported anything on are none', async () => {
    answerGraphql({ data: { repository: { object: { statusCheckRollup: null } } } })
    expect(await connect().github.readChecks(MODELS, sha('b'))).toEqual([])
  })
})
