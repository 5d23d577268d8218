/** Comments, reactions and check runs that the bot writes through GraphQL keep GitHub's rules. */
import { beforeEach, describe, expect, it } from 'vitest'
import { gitNodeId } from '../../state.ts'
import { APP, createMutator } from '../example-mutation.ts'
import { createExampleWorld, type ExampleWorld } from '../example-world.ts'

let world: ExampleWorld
beforeEach(() => {
  world = createExampleWorld()
})

const { mutate, done } = createMutator(() => world)

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
