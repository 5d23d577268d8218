/** Every method of the GitHub port, through Probot's own authentication, against the GitHub stand-in: what it reads is what is there, and GitHub's description allows every request. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from '../../sandbox/github/trial-world.ts'
import type { CommitSha } from '../../src/domain/ids.ts'
import type { GitHub, GitHubWrite } from '../../src/services/ports.ts'
import { CONFIG, MODELS, repo } from './github/nock-github.ts'
import { commitId, connectTo, output, question } from './github-connection.ts'

let world: TrialWorld
let github: GitHub

beforeEach(async () => {
  world = await startTrialWorld()
  github = await connectTo(world)
})
afterEach(async () => {
  await world.github.delivered()
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

const tip = (repository: string, branch = 'main') => commitId(world.github.branches(repository)[branch] ?? '')
const calls = () =>
  world.github.requests.filter(({ path }) => !path.includes('access_tokens') && !path.endsWith('/installation'))

function openPull(): number {
  const files = { 'train.yaml': 'one: 9\n', '.github/lockkeeper.yml': 'version: 1\n' }
  world.github.commit('acme/models', 'topic', { message: 'Tune it', files, by: 'bob' })
  return world.github.openPullRequest('acme/models', { title: 'Tune', body: 'Why not', head: 'topic', by: 'bob' })
}

/** Opens the promotion pull request as the bot does: ref, commit and pull request in one document. */
async function openPromotion(): Promise<{ readonly number: number; readonly headSha: CommitSha; readonly id: string }> {
  const { config } = await github.readPromotionWorld(question())
  const branch = question().headBranch
  const results = await github.write(CONFIG, [
    { kind: 'set-refs', repositoryId: config.repositoryId, refs: [{ branch, sha: config.headSha, from: 'absent' }] },
    {
      kind: 'commit',
      repository: CONFIG,
      branch,
      expectedHead: config.headSha,
      headline: 'churn to prod',
      body: 'Lockkeeper-Model: churn',
      files: [{ path: 'prod/app.yaml', text: 'tag: "2"\n' }],
    },
    {
      kind: 'create-pull-request',
      repositoryId: config.repositoryId,
      base: config.defaultBranch,
      head: branch,
      title: 'Deploy churn',
      body: 'the comparison',
    },
  ])
  const [, commit, pull] = results
  if (commit?.ok !== true || pull?.ok !== true) throw new Error(JSON.stringify(results))
  return { number: pull.number ?? 0, id: pull.id ?? '', headSha: commitId(commit.sha ?? '') }
}

describe('reading a pull request', () => {
  it('gives what people and CI did, in one call', async () => {
    const number = openPull()
    const { headSha } = world.github.pullRequest('acme/models', number)
    world.github.reportCheck('acme/models', headSha, { name: 'train', status: 'completed', conclusion: 'success' })
    world.github.reportStatus('acme/models', headSha, { context: 'ci/jenkins', state: 'pending' })
    const view = await github.readPullRequest(MODELS, number)
    expect(calls()).toHaveLength(1)
    expect(view).toMatchObject({
      title: 'Tune',
      author: 'bob',
      state: 'open',
      isFork: false,
      headRef: 'topic',
      headSha,
    })
    expect(view?.changedPaths.toSorted()).toEqual(['.github/lockkeeper.yml', 'train.yaml'])
    expect(view?.headConfigFile?.text).toBe('version: 1\n')
    expect(view?.configFile).toBeUndefined()
    expect(view?.checks.map(({ name, kind, state }) => `${kind} ${name} ${state}`).toSorted()).toEqual([
      'check_run train success',
      'status ci/jenkins pending',
    ])
    expect(await github.readPullRequest(MODELS, 999)).toBeUndefined()
  })

  it.each(['merge', 'squash', 'rebase'] as const)(
    'that landed by %s is found from the commit that landed',
    async (method) => {
      const number = openPull()
      const { headSha } = world.github.pullRequest('acme/models', number)
      const landed = world.github.merge('acme/models', number, { by: 'ada', method })
      const read = await github.readLanded(MODELS, commitId(landed), 1)
      expect(read).toMatchObject({ defaultBranch: 'main', onDefaultBranch: true })
      expect(read.configFile?.text).toBe('version: 1\n')
      expect(read.commits).toMatchObject([{ sha: landed, authoredByApp: false, pullRequest: { number, headSha } }])
      expect((await github.readPullRequest(MODELS, number))?.state).toBe('merged')
    },
  )

  it('a direct push has its own paths, and has left the tip when others came after', async () => {
    const pushed = world.github.commit('acme/models', 'main', { message: 'Fix', files: { 'a.py': '1' }, by: 'ada' })
    world.github.commit('acme/models', 'main', { message: 'More', files: { 'b.py': '2' }, by: 'ada' })
    const read = await github.readLanded(MODELS, commitId(pushed), 5)
    expect(read.onDefaultBranch).toBe(true)
    expect(read.commits[0]).toMatchObject({ sha: pushed, pullRequest: undefined, changedPaths: ['a.py'] })
    expect(read.commits).toHaveLength(2)
    const aside = world.github.commit('acme/models', 'aside', { message: 'x', files: { c: '3' }, by: 'bob' })
    expect((await github.readLanded(MODELS, commitId(aside), 1)).onDefaultBranch).toBe(false)
  })
})

describe('reading files and history', () => {
  it('gives files at a branch and at a commit', async () => {
    const before = tip('acme/config')
    world.github.commit('acme/config', 'main', { message: 'x', files: { 'prod/app.yaml': 'tag: "2"\n' }, by: 'bob' })
    const paths = ['prod/app.yaml', 'prod', 'absent']
    expect((await github.readFiles(CONFIG, before, paths)).get('prod/app.yaml')?.text).toBe('tag: "1"\n')
    const now = await github.readFiles(CONFIG, 'main', paths)
    expect([...now]).toEqual([['prod/app.yaml', expect.objectContaining({ text: 'tag: "2"\n', mode: '100644' })]])
  })

  it('knows ancestors and where a branch was', async () => {
    const first = tip('acme/models')
    world.clock.advance(1000)
    const created = world.clock.now()
    world.clock.advance(60_000)
    const second = commitId(world.github.commit('acme/models', 'main', { message: 'x', files: { a: '1' }, by: 'bob' }))
    expect(await github.contains(MODELS, first, second)).toBe(true)
    expect(await github.contains(MODELS, second, first)).toBe(false)
    expect(await github.headAt(MODELS, 'main', world.clock.now())).toBeUndefined()
    world.clock.advance(1000)
    expect(await github.headAt(MODELS, 'main', world.clock.now())).toBe(second)
    expect(await github.headAt(MODELS, 'main', created)).toBe(first)
    expect(await github.headAt(MODELS, 'nowhere', created)).toBeUndefined()
  })
})

describe('what people may do', () => {
  it('is read for repositories and teams in one call', async () => {
    world.github.createTeam('acme', 'deployers', { members: ['bob'] })
    const standings = await github.readStandings({
      logins: ['ada', 'bob', 'eve'],
      repositories: [MODELS, CONFIG],
      teams: [
        { organization: 'acme', slug: 'deployers' },
        { organization: 'acme', slug: 'nobody' },
      ],
    })
    expect(calls()).toHaveLength(1)
    expect(
      [...standings].map(([login, { permissions, teams }]) => [login, [...permissions.values()], [...teams]]),
    ).toEqual([
      ['ada', ['admin', 'admin'], []],
      ['bob', ['write', 'write'], ['acme/deployers']],
      ['eve', ['none', 'none'], []],
    ])
  })
})

describe('a promotion', () => {
  it('is read with one call and opened with one', async () => {
    const made = await openPromotion()
    expect(calls()).toHaveLength(2)
    expect(world.github.pullRequest('acme/config', made.number)).toMatchObject({
      title: 'Deploy churn',
      headSha: made.headSha,
    })
    expect(world.github.file('acme/config', question().headBranch, 'prod/app.yaml')).toBe('tag: "2"\n')
    const after = await github.readPromotionWorld(question({ pullRequestNumber: made.number }))
    expect(after.config.pullRequest).toMatchObject({ number: made.number, state: 'open', body: 'the comparison' })
    expect(after.config.branch?.sha).toBe(made.headSha)
    expect(after.config.files.get('prod/app.yaml')?.text).toBe('tag: "1"\n')
    expect((await github.findPullRequest(CONFIG, question().headBranch))?.number).toBe(made.number)
  })

  it('opened again says for each write why not, and changes nothing', async () => {
    await openPromotion()
    await expect(openPromotion()).rejects.toThrow(/already exists/)
    expect(world.github.pullRequests('acme/config')).toHaveLength(1)
  })

  it('is approved and merged only as the head that was meant', async () => {
    const made = await openPromotion()
    world.github.review('acme/config', made.number, { by: 'bob', state: 'APPROVED' })
    const standing = { logins: ['bob'], repositories: [CONFIG], teams: [] }
    const read = await github.readPromotionWorld(question({ pullRequestNumber: made.number, standing }))
    expect(read.config.pullRequest?.reviews).toMatchObject([{ author: 'bob', state: 'approved', commit: made.headSha }])
    expect(read.standings.get('bob')?.permissions.get(CONFIG)).toBe('write')
    const merge = (expectedHead: CommitSha): GitHubWrite => ({
      kind: 'merge-pull-request',
      pullRequestId: made.id,
      expectedHead,
      method: 'squash',
      headline: 'churn to prod (#1)',
      body: 'Lockkeeper-Model: churn',
      files: ['.github/lockkeeper.yml'],
    })
    expect(await github.write(CONFIG, [merge(read.config.headSha)])).toMatchObject([{ ok: false }])
    const [merged] = await github.write(CONFIG, [merge(made.headSha)])
    expect(merged).toMatchObject({ ok: true, sha: tip('acme/config') })
    const after = await github.readPromotionWorld(question({ pullRequestNumber: made.number }))
    expect(after.config.pullRequest).toMatchObject({ state: 'merged', mergedBy: 'lockkeeper[bot]' })
    const landed = await github.readLanded(CONFIG, tip('acme/config'), 1)
    expect(landed.commits).toMatchObject([{ authoredByApp: true }])
  })

  it('has its branch moved with a commit on a temporary one, and stays open', async () => {
    const made = await openPromotion()
    const { config } = await github.readPromotionWorld(question())
    const temporary = 'lockkeeper/next'
    const [, commit] = await github.write(CONFIG, [
      {
        kind: 'set-refs',
        repositoryId: config.repositoryId,
        refs: [{ branch: temporary, sha: config.headSha, from: 'absent' }],
      },
      {
        kind: 'commit',
        repository: CONFIG,
        branch: temporary,
        expectedHead: config.headSha,
        headline: 'churn to prod',
        body: '',
        files: [{ path: 'prod/app.yaml', text: 'tag: "3"\n' }],
      },
    ])
    const next = commitId((commit?.ok === true ? commit.sha : undefined) ?? '')
    const refs = [
      { branch: question().headBranch, sha: next },
      { branch: temporary, sha: undefined },
    ]
    const moved = await github.write(CONFIG, [
      { kind: 'set-refs', repositoryId: config.repositoryId, refs },
      { kind: 'update-pull-request', pullRequestId: made.id, title: 'Deploy churn again', body: 'new' },
    ])
    expect(moved).toMatchObject([{ ok: true }, { ok: true, number: made.number }])
    const pull = world.github.pullRequest('acme/config', made.number)
    expect(pull).toMatchObject({ state: 'open', headSha: next, title: 'Deploy churn again' })
    expect(Object.keys(world.github.branches('acme/config'))).not.toContain(temporary)
  })
})

describe('what the bot says', () => {
  it('is one comment, one check run and a reaction, edited in place and found again', async () => {
    const number = openPull()
    const view = await github.readPullRequest(MODELS, number)
    if (view === undefined) throw new Error('no pull request')
    const { id: subjectId, repositoryId, headSha } = view
    const [comment, run] = await github.write(MODELS, [
      { kind: 'add-comment', subjectId, body: '<!-- lockkeeper --> first' },
      { kind: 'create-check-run', repositoryId, name: 'lockkeeper', headSha, externalId: 'c-1', output },
    ])
    const commentId = (comment?.ok === true ? comment.id : undefined) ?? ''
    const checkRunId = (run?.ok === true ? run.id : undefined) ?? ''
    expect(await github.findComment(MODELS, number, '<!-- lockkeeper -->')).toEqual({
      id: commentId,
      body: '<!-- lockkeeper --> first',
    })
    expect(await github.findComment(MODELS, number, '<!-- other -->')).toBeUndefined()
    expect(await github.findCheckRun(MODELS, headSha, 'lockkeeper')).toEqual({
      id: checkRunId,
      isCompleted: false,
    })
    const results = await github.write(MODELS, [
      { kind: 'update-comment', commentId, body: '<!-- lockkeeper --> second' },
      {
        kind: 'update-check-run',
        repositoryId,
        checkRunId,
        output: { ...output, status: 'completed', conclusion: 'failure' },
      },
      { kind: 'add-reaction', subjectId: commentId, content: 'ROCKET' },
    ])
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true])
    expect(world.github.comments('acme/models', number)).toMatchObject([
      { author: 'lockkeeper[bot]', body: '<!-- lockkeeper --> second', reactions: [{ content: 'rocket' }] },
    ])
    expect(world.github.checkRuns('acme/models', headSha)).toMatchObject([
      { name: 'lockkeeper', conclusion: 'failure' },
    ])
  })

  it('is a deployment with its states, found again by what is in it', async () => {
    const at = { sha: tip('acme/config'), environment: 'prod/churn' }
    expect(await github.findDeployment(CONFIG, { ...at, key: 'p-1' })).toBeUndefined()
    const payload = { promotion: 'p-1' }
    const { id } = await github.createDeployment(CONFIG, { ...at, description: 'churn', production: true, payload })
    expect(await github.findDeployment(CONFIG, { ...at, key: 'p-1' })).toEqual({ id })
    expect(await github.findDeployment(CONFIG, { ...at, key: 'p-2' })).toBeUndefined()
    const [status] = await github.write(CONFIG, [
      {
        kind: 'deployment-status',
        deploymentId: id,
        state: 'success',
        description: 'verified',
        environmentUrl: 'https://churn.example.com',
        logUrl: undefined,
      },
    ])
    expect(status).toMatchObject({ ok: true })
    expect(world.github.deployments('acme/config')).toMatchObject([{ environment: 'prod/churn' }])
  })
})

describe('deliveries that were missed', () => {
  it('are found, and read whole', async () => {
    const since = world.clock.now()
    await world.github.delivered()
    world.answerWith(503)
    const number = openPull()
    await world.github.delivered()
    world.answerWith(202)
    world.github.comment('acme/models', number, 'arrives', { by: 'bob' })
    await world.github.delivered()
    const failed = await github.failedDeliveries(since)
    expect(failed.map(({ event }) => event)).toContain('pull_request')
    expect(failed.map(({ event }) => event)).not.toContain('issue_comment')
    const missed = failed.find(({ event }) => event === 'pull_request')
    const delivery = await github.readDelivery(missed?.id ?? '')
    expect(delivery).toMatchObject({ guid: missed?.guid, event: 'pull_request' })
    expect(JSON.parse(delivery.body)).toMatchObject({ action: 'opened', number })
    world.github.redeliver(missed?.guid ?? '')
    await world.github.delivered()
    expect((await github.failedDeliveries(since)).map(({ guid }) => guid)).not.toContain(missed?.guid)
  })
})

describe('an App that was removed and installed again', () => {
  it('is found under its new installation, and said to be missing where it is not', async () => {
    let known: number | undefined = 999_999
    github = await connectTo(world, async () => known)
    expect((await github.readFiles(MODELS, 'main', ['train.yaml'])).size).toBe(1)
    known = undefined
    await expect(github.readFiles(repo('acme/secret'), 'main', ['a'])).rejects.toMatchObject({
      code: 'accepts_missing',
    })
  })
})
