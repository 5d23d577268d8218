/** Several mutations of one document, and mutations that an App may not make, end as on GitHub. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Permissions } from '../model.ts'
import { APP, base64, createMutator } from './example-mutation.ts'
import { createExampleWorld, type ExampleWorld } from './example-world.ts'

let world: ExampleWorld
beforeEach(() => {
  world = createExampleWorld()
})

const { mutate, refId } = createMutator(() => world)

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
