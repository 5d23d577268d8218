/** What the bot changes through GraphQL happens in the stand-in's state, under GitHub's rules. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Permissions } from '../model.ts'
import { fullName, gitNodeId } from '../state.ts'
import { type Answer, createExampleWorld, type ExampleWorld } from './example-world.ts'

const APP: Permissions = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  checks: 'write',
  deployments: 'write',
  statuses: 'read',
}

let world: ExampleWorld
beforeEach(() => {
  world = createExampleWorld()
})

/** Runs `mutation($input: <Name>Input!) { <name>(input: $input) { fields } }` as the App. */
async function mutate(
  name: string,
  input: Record<string, unknown>,
  fields = 'clientMutationId',
  as: Permissions = APP,
): Promise<Answer> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
  return world.ask(`mutation($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, { variables: { input }, as })
}

const done = (answer: Answer, name: string): unknown => {
  expect(answer.errors).toBeUndefined()
  expect(world.violations).toEqual([])
  return (answer.data as Record<string, unknown>)[name]
}
const refId = (name: string) => gitNodeId('Ref', world.repository, name)
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('comments and reactions', () => {
  it('are added, edited, hidden and deleted, as the App, whose login has no [bot] here', async () => {
    const subjectId = world.pullRequest.nodeId
    const added = await mutate(
      'addComment',
      { subjectId, body: 'one', clientMutationId: 'x' },
      'clientMutationId commentEdge { node { id databaseId body viewerDidAuthor author { __typename login } } } subject { id }',
    )
    const { id } = (added.data as { addComment: { commentEdge: { node: { id: string } } } }).addComment.commentEdge.node
    expect(done(added, 'addComment')).toMatchObject({
      clientMutationId: 'x',
      commentEdge: { node: { body: 'one', viewerDidAuthor: true, author: { __typename: 'Bot', login: 'lockkeeper' } } },
      subject: { id: subjectId },
    })
    expect(
      done(
        await mutate('updateIssueComment', { id, body: 'two' }, 'issueComment { body lastEditedAt }'),
        'updateIssueComment',
      ),
    ).toMatchObject({ issueComment: { body: 'two' } })
    expect(
      done(
        await mutate(
          'minimizeComment',
          { subjectId: id, classifier: 'OUTDATED' },
          'minimizedComment { isMinimized minimizedReason }',
        ),
        'minimizeComment',
      ),
    ).toEqual({ minimizedComment: { isMinimized: true, minimizedReason: 'outdated' } })
    done(await mutate('deleteIssueComment', { id }), 'deleteIssueComment')
    expect(world.pullRequest.comments).toEqual([])
  })

  it('react once per kind and take it back', async () => {
    const subjectId = world.pullRequest.nodeId
    const input = { subjectId, content: 'EYES' }
    for (let times = 0; times < 2; times += 1)
      done(await mutate('addReaction', input, 'reaction { content user { login } }'), 'addReaction')
    expect(world.pullRequest.reactions.map(({ content }) => content)).toEqual(['eyes'])
    done(await mutate('removeReaction', input), 'removeReaction')
    expect(world.pullRequest.reactions).toEqual([])
    expect((await mutate('removeReaction', input)).errors).toMatchObject([{ type: 'NOT_FOUND' }])
  })
})

describe('check runs', () => {
  const output = {
    title: 't',
    summary: 's',
    annotations: [{ path: 'a', location: { startLine: 1, endLine: 2 }, annotationLevel: 'FAILURE', message: 'm' }],
  }

  it('are created and completed, and roll up', async () => {
    const repositoryId = world.repository.nodeId
    const created = await mutate(
      'createCheckRun',
      { repositoryId, headSha: world.second, name: 'Lockkeeper', status: 'IN_PROGRESS', externalId: 'e' },
      'checkRun { id status }',
    )
    const { id } = (created.data as { createCheckRun: { checkRun: { id: string } } }).createCheckRun.checkRun
    const rollup = `{ node(id: "${gitNodeId('Commit', world.repository, world.second)}") { ... on Commit { statusCheckRollup { state contexts(first: 9) { totalCount nodes { __typename ... on CheckRun { name status conclusion externalId checkSuite { app { slug } } isRequired(pullRequestNumber: 1) } } } } } } }`
    expect(await world.ask(rollup, { as: APP })).toMatchObject({
      data: { node: { statusCheckRollup: { state: 'PENDING', contexts: { totalCount: 1 } } } },
    })
    done(
      await mutate('updateCheckRun', {
        repositoryId,
        checkRunId: id,
        status: 'COMPLETED',
        conclusion: 'FAILURE',
        output,
      }),
      'updateCheckRun',
    )
    expect(await world.ask(rollup, { as: APP })).toEqual({
      data: {
        node: {
          statusCheckRollup: {
            state: 'FAILURE',
            contexts: {
              totalCount: 1,
              nodes: [
                {
                  __typename: 'CheckRun',
                  name: 'Lockkeeper',
                  status: 'COMPLETED',
                  conclusion: 'FAILURE',
                  externalId: 'e',
                  checkSuite: { app: { slug: 'lockkeeper' } },
                  isRequired: false,
                },
              ],
            },
          },
        },
      },
    })
    expect([...world.repository.checkRuns.values()][0]?.annotations).toMatchObject([
      { path: 'a', startLine: 1, endLine: 2, level: 'failure' },
    ])
  })

  it('cannot be completed without a conclusion', async () => {
    const { errors } = await mutate('createCheckRun', {
      repositoryId: world.repository.nodeId,
      headSha: world.second,
      name: 'x',
      status: 'COMPLETED',
    })
    expect(errors).toMatchObject([
      { type: 'UNPROCESSABLE', message: 'conclusion is required when status is completed' },
    ])
  })

  it('with an option that is not modelled are a violation', async () => {
    const images = [{ alt: 'a', imageUrl: 'http://x' }]
    await mutate('createCheckRun', {
      repositoryId: world.repository.nodeId,
      headSha: world.second,
      name: 'x',
      output: { title: 't', summary: 's', images },
    })
    expect(world.violations.join()).toContain('input.output.images')
  })
})

describe('refs and commits', () => {
  const head = () => world.repository.refs.get('refs/heads/main')
  const commit = (input: Record<string, unknown> = {}) => ({
    branch: { repositoryNameWithOwner: fullName(world.repository), branchName: 'main' },
    expectedHeadOid: world.first,
    message: { headline: 'Deploy', body: 'because' },
    fileChanges: {
      additions: [{ path: 'conf/prod.yml', contents: base64('image: c\n') }],
      deletions: [{ path: 'weights.bin' }],
    },
    ...input,
  })

  it('commits on a branch, signed, with the branch tip as parent', async () => {
    const fields =
      'commit { oid message parents(first: 1) { nodes { oid } } signature { isValid } file(path: "conf/prod.yml") { mode object { ... on Blob { text } } } gone: file(path: "weights.bin") { mode } } ref { name }'
    const answer = done(await mutate('createCommitOnBranch', commit(), fields), 'createCommitOnBranch')
    expect(answer).toEqual({
      commit: {
        oid: head(),
        message: 'Deploy\n\nbecause',
        parents: { nodes: [{ oid: world.first }] },
        signature: { isValid: true },
        file: { mode: 0o100644, object: { text: 'image: c\n' } },
        gone: null,
      },
      ref: { name: 'main' },
    })
  })

  it('commits on a branch that is named by its id', async () => {
    done(
      await mutate('createCommitOnBranch', commit({ branch: { id: refId('refs/heads/main') } })),
      'createCommitOnBranch',
    )
    expect(head()).not.toBe(world.first)
  })

  it.each([
    [
      'the branch has moved',
      { expectedHeadOid: 'a'.repeat(40) },
      'STALE_DATA',
      `Expected branch to point to "${'a'.repeat(40)}" but it did not. Pull and try again.`,
    ],
    ['a deleted file is not there', { fileChanges: { deletions: [{ path: 'nope' }] } }, 'UNPROCESSABLE', /nope/],
    [
      'the repository is not there',
      { branch: { repositoryNameWithOwner: 'acme/x', branchName: 'main' } },
      'NOT_FOUND',
      /acme\/x/,
    ],
  ] as const)('refuses a commit when %s, and changes nothing', async (_, change, type, message) => {
    const { data, errors } = await mutate('createCommitOnBranch', commit(change))
    expect(data).toEqual({ createCommitOnBranch: null })
    expect(errors).toMatchObject([{ type, path: ['createCommitOnBranch'], message: expect.stringMatching(message) }])
    expect(head()).toBe(world.first)
  })

  it('creates, moves and deletes refs', async () => {
    const name = 'refs/heads/new'
    const created = { repositoryId: world.repository.nodeId, name, oid: world.first }
    expect(done(await mutate('createRef', created, 'ref { id name prefix }'), 'createRef')).toEqual({
      ref: { id: refId(name), name: 'new', prefix: 'refs/heads/' },
    })
    expect((await mutate('createRef', created)).errors).toMatchObject([
      { type: 'UNPROCESSABLE', message: `A ref named "${name}" already exists in the repository.` },
    ])
    done(await mutate('updateRef', { refId: refId(name), oid: world.second }), 'updateRef')
    expect((await mutate('updateRef', { refId: refId(name), oid: world.first })).errors).toMatchObject([
      { type: 'UNPROCESSABLE', message: 'Update is not a fast forward' },
    ])
    done(await mutate('updateRef', { refId: refId(name), oid: world.first, force: true }), 'updateRef')
    done(await mutate('deleteRef', { refId: refId(name) }), 'deleteRef')
    expect((await mutate('deleteRef', { refId: refId(name) })).errors).toMatchObject([{ type: 'NOT_FOUND' }])
  })

  it('moves several refs at once or none', async () => {
    const repositoryId = world.repository.nodeId
    const zero = '0'.repeat(40)
    const good = { name: 'refs/heads/a', beforeOid: zero, afterOid: world.second }
    const bad = { name: 'refs/heads/main', beforeOid: world.second, afterOid: world.second }
    expect((await mutate('updateRefs', { repositoryId, refUpdates: [good, bad] })).errors).toMatchObject([
      { type: 'UNPROCESSABLE' },
    ])
    expect(world.repository.refs.has('refs/heads/a')).toBe(false)
    done(
      await mutate('updateRefs', { repositoryId, refUpdates: [good, { ...bad, beforeOid: world.first }] }),
      'updateRefs',
    )
    expect([head(), world.repository.refs.get('refs/heads/a')]).toEqual([world.second, world.second])
    done(
      await mutate('updateRefs', {
        repositoryId,
        refUpdates: [{ name: 'refs/heads/a', beforeOid: world.second, afterOid: zero }],
      }),
      'updateRefs',
    )
    expect(world.repository.refs.has('refs/heads/a')).toBe(false)
  })
})

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

describe('one document with several mutations', () => {
  const document = `mutation($r: CreateRefInput!, $c: CreateCommitOnBranchInput!, $p: CreatePullRequestInput!) {
    a: createRef(input: $r) { ref { id } } b: createCommitOnBranch(input: $c) { commit { oid } } p: createPullRequest(input: $p) { pullRequest { number } } }`
  const variables = (expectedHeadOid: string) => ({
    r: { repositoryId: world.repository.nodeId, name: 'refs/heads/promote', oid: world.first },
    c: {
      branch: { repositoryNameWithOwner: 'acme/models', branchName: 'promote' },
      expectedHeadOid,
      message: { headline: 'x' },
      fileChanges: { additions: [{ path: 'a', contents: base64('a') }] },
    },
    p: { repositoryId: world.repository.nodeId, baseRefName: 'main', headRefName: 'promote', title: 'x' },
  })

  it('runs them in order, each seeing what came before', async () => {
    const answer = await world.ask(document, { variables: variables(world.first), as: APP })
    expect(answer).toMatchObject({
      data: { a: { ref: { id: refId('refs/heads/promote') } }, p: { pullRequest: { number: 2 } } },
    })
    expect(answer.errors).toBeUndefined()
  })

  it('keeps what succeeded when a later one fails', async () => {
    const answer = await world.ask(document, { variables: variables(world.second), as: APP })
    expect(answer.data).toMatchObject({ a: { ref: {} }, b: null, p: null })
    expect(answer.errors).toMatchObject([
      { type: 'STALE_DATA', path: ['b'] },
      { type: 'UNPROCESSABLE', path: ['p'] },
    ])
    expect(world.repository.refs.get('refs/heads/promote')).toBe(world.first)
  })
})

describe('an App that may not', () => {
  it.each([
    ['addComment', () => ({ subjectId: world.pullRequest.nodeId, body: 'x' })],
    ['addReaction', () => ({ subjectId: world.pullRequest.nodeId, content: 'EYES' })],
    ['createCheckRun', () => ({ repositoryId: world.repository.nodeId, headSha: world.second, name: 'x' })],
    ['createRef', () => ({ repositoryId: world.repository.nodeId, name: 'refs/heads/main', oid: world.first })],
    ['deleteRef', () => ({ refId: refId('refs/heads/feature/x') })],
    ['mergePullRequest', () => ({ pullRequestId: world.pullRequest.nodeId })],
    ['enablePullRequestAutoMerge', () => ({ pullRequestId: world.pullRequest.nodeId })],
    ['createDeployment', () => ({ repositoryId: world.repository.nodeId, refId: refId('refs/heads/main') })],
  ])('is told so: %s', async (name, input) => {
    const readOnly: Permissions = {
      metadata: 'read',
      contents: 'read',
      pull_requests: 'read',
      checks: 'read',
      deployments: 'read',
    }
    expect(await mutate(name, input(), 'clientMutationId', readOnly)).toMatchObject({
      data: { [name]: null },
      errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }],
    })
    expect(world.violations).toEqual([])
  })
})
