/** What a token may not see, and what the stand-in does not model, is refused: the one as on GitHub, the other loudly. */
import { beforeEach, describe, expect, it } from 'vitest'
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
const inPullRequest = (fields: string) => inRepository(`pullRequest(number: 1) { ${fields} }`)
describe('what an App may not see', () => {
  it.each([
    [
      'the repository is not installed',
      '{ repository(owner: "acme", name: "secret") { id } }',
      APP,
      'NOT_FOUND',
      "Could not resolve to a Repository with the name 'acme/secret'.",
    ],
    [
      'no permission for contents',
      inRepository('object(expression: "HEAD") { oid }'),
      { metadata: 'read' },
      'FORBIDDEN',
      'Resource not accessible by integration',
    ],
    [
      'no permission for pull requests',
      inPullRequest('id'),
      { metadata: 'read', contents: 'read' },
      'FORBIDDEN',
      'Resource not accessible by integration',
    ],
    [
      'no permission for members',
      '{ organization(login: "acme") { team(slug: "release") { slug } } }',
      { metadata: 'read' },
      'FORBIDDEN',
      'Resource not accessible by integration',
    ],
    [
      'the number is nothing',
      inRepository('pullRequest(number: 9) { id }'),
      APP,
      'NOT_FOUND',
      'Could not resolve to a PullRequest with the number of 9.',
    ],
    [
      'the id is nothing',
      '{ node(id: "R_x") { id } }',
      APP,
      'NOT_FOUND',
      "Could not resolve to a node with the global id of 'R_x'.",
    ],
    [
      'the user is nobody',
      '{ user(login: "zoe") { id } }',
      APP,
      'NOT_FOUND',
      "Could not resolve to a User with the login of 'zoe'.",
    ],
    [
      'no bounds of a page',
      inRepository('pullRequests { totalCount }'),
      APP,
      'MISSING_PAGINATION_BOUNDARIES',
      'You must provide a `first` or `last` value to properly paginate the `pullRequests` connection.',
    ],
  ] as const)('is an error of type %s', async (_, query, as, type, message) => {
    const { errors } = await world.ask(query, { as })
    expect(errors).toMatchObject([{ type, message }])
    expect(world.violations).toEqual([])
  })

  it('leaves what it may see in the answer', async () => {
    const { data, errors } = await world.ask(inRepository('id object(expression: "HEAD") { oid }'), {
      as: { metadata: 'read' },
    })
    expect(data).toEqual({ repository: { id: world.repository.nodeId, object: null } })
    expect(errors).toMatchObject([{ type: 'FORBIDDEN', path: ['repository', 'object'] }])
  })
})

describe('what the stand-in does not model', () => {
  it.each([
    ['a field', inRepository('diskUsage'), 'Repository.diskUsage'],
    [
      'an argument',
      inRepository(
        'defaultBranchRef { target { ... on Commit { history(first: 1, since: "2020-01-01T00:00:00Z") { totalCount } } } }',
      ),
      'since of Commit.history',
    ],
    ['a revision', inRepository('object(expression: "HEAD^2") { oid }'), 'the revision HEAD^2'],
    ['a revision by time', inRepository('object(expression: "main@{1}") { oid }'), 'the revision main@{1}'],
    ['a root field', '{ meta { gitHubServicesSha } }', 'Query.meta'],
  ])('is an error and a violation: %s', async (_, query, what) => {
    const { errors } = await world.ask(query)
    expect(errors?.[0]?.message).toBe(`sandbox: the stand-in does not model ${what}`)
    expect(world.violations).toHaveLength(1)
    expect(world.violations[0]).toContain(what)
  })

  it('is told apart from a document that the schema refuses', async () => {
    expect(await world.ask('{ repository(owner: "a", name: "b") { nick } }')).toEqual({
      errors: [{ locations: [{ line: 1, column: 39 }], message: 'Cannot query field "nick" on type "Repository".' }],
    })
    expect(
      await world.ask('query($n: Int!) { repository(owner: "a", name: "b") { pullRequest(number: $n) { id } } }'),
    ).toMatchObject({
      errors: [{ message: 'Variable "$n" of required type "Int!" was not provided.' }],
    })
    expect(world.violations).toEqual([])
  })
})
