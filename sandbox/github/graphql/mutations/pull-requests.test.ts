/** Pull requests and deployments that the bot changes through GraphQL keep GitHub's rules. */
import { beforeEach, describe, expect, it } from 'vitest'
import { APP, createMutator } from '../example-mutation.ts'
import { createExampleWorld, type ExampleWorld } from '../example-world.ts'

let world: ExampleWorld
beforeEach(() => {
  world = createExampleWorld()
})

const { mutate, done, refId } = createMutator(() => world)

describe('pull requests', () => {
  it('are opened, edited, closed and reopened', async () => {
    world.repository.refs.set('refs/heads/other', world.second)
    const repositoryId = world.repository.nodeId
    const input = { repositoryId, baseRefName: 'main', headRefName: 'other', title: 'T', body: 'B' }
    expect(
      done(
        await mutate('createPullRequest', input, 'pullRequest { number url state author { login } }'),
        'createPullRequest',
      ),
    ).toEqual({
      pullRequest: {
        number: 2,
        url: 'http://github.test/acme/models/pull/2',
        state: 'OPEN',
        author: { login: 'lockkeeper' },
      },
    })
    expect((await mutate('createPullRequest', input)).errors).toMatchObject([
      { type: 'UNPROCESSABLE', message: 'A pull request already exists for acme:other.' },
    ])
    const headless = await mutate('createPullRequest', { ...input, headRefName: 'none' })
    expect(headless.errors).toMatchObject([
      { type: 'UNPROCESSABLE', message: expect.stringContaining('Head ref must be a branch') },
    ])
    const pullRequestId = world.repository.threads.get(2)?.nodeId
    expect(
      done(
        await mutate(
          'updatePullRequest',
          { pullRequestId, title: 'U', body: 'C' },
          'pullRequest { title body lastEditedAt }',
        ),
        'updatePullRequest',
      ),
    ).toEqual({
      pullRequest: { title: 'U', body: 'C', lastEditedAt: expect.stringMatching(/Z$/) },
    })
    expect(
      done(await mutate('closePullRequest', { pullRequestId }, 'pullRequest { state closed }'), 'closePullRequest'),
    ).toEqual({ pullRequest: { state: 'CLOSED', closed: true } })
    expect(
      done(await mutate('reopenPullRequest', { pullRequestId }, 'pullRequest { state closedAt }'), 'reopenPullRequest'),
    ).toEqual({ pullRequest: { state: 'OPEN', closedAt: null } })
  })

  it('are merged at the expected head', async () => {
    const pullRequestId = world.pullRequest.nodeId
    expect((await mutate('mergePullRequest', { pullRequestId, expectedHeadOid: world.first })).errors).toMatchObject([
      { type: 'UNPROCESSABLE', message: 'Head branch was modified. Review and try the merge again.' },
    ])
    const merged = done(
      await mutate(
        'mergePullRequest',
        {
          pullRequestId,
          expectedHeadOid: world.second,
          mergeMethod: 'SQUASH',
          commitHeadline: 'H',
          commitBody: 'K: v',
        },
        'pullRequest { state merged mergedBy { login } mergeCommit { oid message } }',
      ),
      'mergePullRequest',
    )
    expect(merged).toEqual({
      pullRequest: {
        state: 'MERGED',
        merged: true,
        mergedBy: { login: 'lockkeeper' },
        mergeCommit: { oid: world.repository.refs.get('refs/heads/main'), message: 'H\n\nK: v' },
      },
    })
  })

  it.each([
    ['a method that is not allowed', 'REBASE', () => {}, 'Rebase merges are not allowed on this repository.'],
    ['a draft', 'MERGE', () => Object.assign(world.pullRequest, { draft: true }), 'Pull Request is still a draft'],
    [
      'a missing approval',
      'MERGE',
      () => world.repository.protection.set('main', { approvals: 1, checks: [], dismissStale: false }),
      'At least 1 approving review is required by reviewers with write access.',
    ],
    [
      'a missing check',
      'MERGE',
      () => world.repository.protection.set('main', { approvals: 0, checks: ['ci'], dismissStale: false }),
      'Required status check "ci" is expected.',
    ],
    [
      'a conflict',
      'MERGE',
      () => world.repository.refs.set('refs/heads/main', world.commit({ 'conf/prod.yml': 'x\n' }, 'x', [world.first])),
      'Pull Request is not mergeable',
    ],
  ])('are not merged with %s', async (_, mergeMethod, prepare, message) => {
    prepare()
    expect(await mutate('mergePullRequest', { pullRequestId: world.pullRequest.nodeId, mergeMethod })).toMatchObject({
      data: { mergePullRequest: null },
      errors: [{ type: 'UNPROCESSABLE', path: ['mergePullRequest'], message }],
    })
    expect(world.pullRequest.merged).toBe(false)
  })

  it('get labels by id, and no merging by themselves', async () => {
    const label = await world.ask('{ repository(owner: "acme", name: "models") { label(name: "x") { id } } }', {
      as: APP,
    })
    expect(label).toEqual({ data: { repository: { label: null } } })
    expect(
      (await mutate('addLabelsToLabelable', { labelableId: world.pullRequest.nodeId, labelIds: ['LA_x'] })).errors,
    ).toMatchObject([{ type: 'NOT_FOUND' }])
    expect(
      (await mutate('enablePullRequestAutoMerge', { pullRequestId: world.pullRequest.nodeId })).errors,
    ).toMatchObject([{ type: 'UNPROCESSABLE', message: 'Auto merge is not allowed for this repository' }])
  })
})

describe('deployments', () => {
  const input = () => ({
    repositoryId: world.repository.nodeId,
    refId: refId('refs/heads/main'),
    environment: 'prod',
    payload: '{"model":"churn"}',
    requiredContexts: [],
    autoMerge: false,
    description: 'd',
  })
  const read =
    '{ repository(owner: "acme", name: "models") { deployments(environments: ["prod"], first: 2, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { id environment commitOid state payload latestStatus { state environmentUrl description } } } } }'

  it('are created and get statuses', async () => {
    const created = await mutate('createDeployment', input(), 'autoMerged deployment { id databaseId state }')
    const { id } = (created.data as { createDeployment: { deployment: { id: string } } }).createDeployment.deployment
    expect(done(created, 'createDeployment')).toMatchObject({ autoMerged: false, deployment: { state: 'PENDING' } })
    done(
      await mutate('createDeploymentStatus', {
        deploymentId: id,
        state: 'SUCCESS',
        environmentUrl: 'http://e',
        description: 'up',
      }),
      'createDeploymentStatus',
    )
    expect(await world.ask(read, { as: APP })).toEqual({
      data: {
        repository: {
          deployments: {
            nodes: [
              {
                id,
                environment: 'prod',
                commitOid: world.first,
                state: 'ACTIVE',
                payload: '{"model":"churn"}',
                latestStatus: { state: 'SUCCESS', environmentUrl: 'http://e', description: 'up' },
              },
            ],
          },
        },
      },
    })
  })

  it('merge the default branch into the ref first unless told not to', async () => {
    world.repository.refs.set(
      'refs/heads/main',
      world.commit({ 'README.md': 'models\n', 'conf/prod.yml': 'image: a\n', z: 'z' }, 'z', [world.first]),
    )
    const { autoMerge: _, ...rest } = input()
    const merged = await mutate(
      'createDeployment',
      { ...rest, refId: refId('refs/heads/feature/x') },
      'autoMerged deployment { id }',
    )
    expect(done(merged, 'createDeployment')).toEqual({ autoMerged: true, deployment: null })
    expect(world.repository.deployments.size).toBe(0)
  })
})
