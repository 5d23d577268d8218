/** Every GraphQL document that the bot can send is valid by GitHub's published schema, with the variables that it is sent with. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSchema, getVariableValues, Kind, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { commentsRequest } from '../../../src/clients/github/documents/comments.ts'
import { composeMutation, composeQuery } from '../../../src/clients/github/documents/compose.ts'
import { filesRequest } from '../../../src/clients/github/documents/files.ts'
import { landedRequest } from '../../../src/clients/github/documents/landed.ts'
import { shortDescription, writePart } from '../../../src/clients/github/documents/mutations.ts'
import { configPart, modelPart, pullRequestByBranchRequest } from '../../../src/clients/github/documents/promotion.ts'
import {
  checksRequest,
  moreFilesRequest,
  pullRequestRequest,
} from '../../../src/clients/github/documents/pull-request.ts'
import { collaboratorPart, teamPart } from '../../../src/clients/github/documents/standings.ts'
import type { GraphqlRequest } from '../../../src/clients/github/graphql.ts'
import type { CheckRunOutput, GitHubWrite, PromotionQuestion } from '../../../src/services/ports.ts'
import { CONFIG, MODELS, sha } from './nock-github.ts'

const sdl = new URL('./schema.graphql', import.meta.resolve('@octokit/graphql-schema'))
const schema = buildSchema(readFileSync(fileURLToPath(sdl), 'utf8'), { assumeValid: true, assumeValidSDL: true })

function problems(request: GraphqlRequest): string[] {
  const document = parse(request.document)
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  const declared = operations.flatMap((operation) => operation.variableDefinitions ?? [])
  const { errors } = getVariableValues(schema, declared, { ...request.variables })
  const names = new Set(declared.map((each) => each.variable.name.value))
  return [
    ...validate(schema, document).map((error) => error.message),
    ...(errors ?? []).map((error) => error.message),
    ...Object.keys(request.variables).flatMap((name) => (names.has(name) ? [] : [`$${name} is not declared`])),
  ]
}

const question = (more: Partial<PromotionQuestion>): PromotionQuestion => ({
  modelRepository: MODELS,
  configRepository: CONFIG,
  branch: undefined,
  headBranch: 'lockkeeper/acme/models/churn/prod',
  pullRequestNumber: undefined,
  files: ['prod/inference.yaml', 'prod/values.yaml'],
  standing: undefined,
  ...more,
})

const whole = (more: Partial<PromotionQuestion>) =>
  composeQuery('ReadPromotionWorld', [
    configPart(question(more)),
    modelPart(MODELS),
    collaboratorPart(0, MODELS, { logins: ['alice', 'bob'] }),
    collaboratorPart(1, CONFIG, { logins: ['alice', 'bob'] }),
    teamPart(0, { organization: 'acme', slug: 'ml' }, ['alice', 'bob']),
  ])

const output: CheckRunOutput = {
  status: 'completed',
  conclusion: 'action_required',
  title: 'churn',
  summary: 'one gate fails',
  annotations: [{ path: 'a.yml', startLine: 1, endLine: 2, level: 'warning', title: 't', message: 'm' }],
  actions: [{ identifier: 'again', label: 'Re-evaluate', description: 'Compute again' }],
  detailsUrl: 'https://bot.example.com',
}

const writes: readonly GitHubWrite[] = [
  { kind: 'add-comment', subjectId: 'PR_1', body: 'hello' },
  { kind: 'update-comment', commentId: 'IC_1', body: 'hello' },
  { kind: 'add-reaction', subjectId: 'IC_1', content: 'EYES' },
  { kind: 'create-check-run', repositoryId: 'R_1', name: 'lockkeeper', headSha: sha('a'), externalId: 'x', output },
  {
    kind: 'update-check-run',
    repositoryId: 'R_1',
    checkRunId: 'CR_1',
    output: { ...output, status: 'in_progress', conclusion: undefined, detailsUrl: undefined },
  },
  {
    kind: 'set-refs',
    repositoryId: 'R_1',
    refs: [
      { branch: 'a', sha: sha('a') },
      { branch: 'b', sha: undefined, from: sha('b') },
      { branch: 'c', sha: sha('a'), from: 'absent' },
    ],
  },
  {
    kind: 'commit',
    repository: CONFIG,
    branch: 'lockkeeper/x',
    expectedHead: sha('a'),
    headline: 'deploy',
    body: 'Lockkeeper-Model: churn',
    files: [{ path: 'prod/values.yaml', text: 'größe: 1\n' }],
  },
  { kind: 'create-pull-request', repositoryId: 'R_1', base: 'main', head: 'lockkeeper/x', title: 't', body: 'b' },
  { kind: 'update-pull-request', pullRequestId: 'PR_1', title: 't', body: 'b' },
  { kind: 'close-pull-request', pullRequestId: 'PR_1' },
  {
    kind: 'merge-pull-request',
    pullRequestId: 'PR_1',
    expectedHead: sha('a'),
    method: 'squash',
    headline: 'h',
    body: 'b',
    files: ['a.yaml', 'b c.yaml'],
  },
  {
    kind: 'deployment-status',
    deploymentId: 'DE_1',
    state: 'in_progress',
    description: 'syncing',
    environmentUrl: 'https://churn.example.com',
    logUrl: undefined,
  },
]

describe('a document that the bot sends is valid at GitHub', () => {
  it.each([
    ['a pull request', pullRequestRequest(MODELS, 7)],
    ['more files', moreFilesRequest(MODELS, 7, 'cursor')],
    ['checks', checksRequest(MODELS, sha('a'), 'cursor')],
    ['landed commits', landedRequest(MODELS, sha('a'), 10)],
    [
      'files at a commit',
      filesRequest(MODELS, [
        { ref: sha('a'), path: 'a.yml' },
        { ref: sha('b'), path: 'a.yml' },
        { ref: sha('a'), path: 'b.yml' },
      ]),
    ],
    ['a promotion by branch', whole({})],
    ['a promotion by number', whole({ pullRequestNumber: 4 })],
    ['a promotion to another branch', whole({ branch: 'production' })],
    ['a promotion without files', whole({ files: [] })],
    ['a search by head branch', pullRequestByBranchRequest(CONFIG, 'lockkeeper/x')],
    ['the first comments', commentsRequest(MODELS, 7, undefined)],
    ['further comments', commentsRequest(MODELS, 7, 'cursor')],
    ['all writes at once', composeMutation('Write', writes.map(writePart))],
  ])('%s', (_, request) => {
    expect(problems(request)).toEqual([])
  })

  it.each(writes.map((each) => [each.kind, each] as const))('the write %s by itself', (_, each) => {
    expect(problems(composeMutation('Write', [writePart(each, 0)]))).toEqual([])
  })
})

describe('what is read of a file', () => {
  const expressionOf = (ref: string) => filesRequest(MODELS, [{ ref, path: 'a' }]).variables['c0']

  it('comes from the branch, even where a tag has its name, and from a commit by its id', () => {
    expect(expressionOf('main')).toBe('refs/heads/main')
    expect(expressionOf(sha('a'))).toBe(sha('a'))
    expect(expressionOf('HEAD')).toBe('HEAD')
  })
})

describe('a long deployment description', () => {
  it('is shortened to the 140 characters that GitHub takes', () => {
    expect(shortDescription('x'.repeat(140))).toHaveLength(140)
    const cut = shortDescription('🚀'.repeat(200))
    expect([...cut]).toHaveLength(140)
    expect(cut.endsWith('🚀…')).toBe(true)
  })
})
