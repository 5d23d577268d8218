/** Weights & Biases, answering in the shapes that its Python API 0.31.0 asks for and reads. */
import nock from 'nock'
import { beforeEach, describe, expect, it } from 'vitest'
import { createWandb } from '../../src/clients/wandb.ts'
import { type CommitSha, parseCommitSha } from '../../src/domain/ids.ts'
import type { Wandb } from '../../src/services/ports.ts'
import { interceptCalls } from './intercepted-calls.ts'

const HOST = 'https://api.wandb.ai'
const PROJECT = { entity: 'acme', project: 'churn model' }
const KEY = 'a-key-of-forty-characters-or-so'

const sha = (digit: string): CommitSha => {
  const id = parseCommitSha(digit.repeat(40))
  if (id === undefined) throw new Error(digit)
  return id
}
const HEAD = sha('3')
const MERGE = sha('4')

const waits: number[] = []
const patience = {
  timeoutMs: 300,
  deadlineMs: 5000,
  wait: async (milliseconds: number) => void waits.push(milliseconds),
}
const wandb = (settings: Partial<Parameters<typeof createWandb>[0]> = {}): Wandb =>
  createWandb({ baseUrl: HOST, apiKey: KEY, patience, ...settings })

const node = (more: Readonly<Record<string, unknown>> = {}) => ({
  name: '1a2b3c4d',
  state: 'finished',
  commit: HEAD,
  createdAt: '2026-11-24T09:00:00',
  group: '',
  sweepName: null,
  config: JSON.stringify({ lr: { value: 0.1, desc: null }, model: { value: { depth: 6 } }, _wandb: { value: {} } }),
  summaryMetrics: JSON.stringify({
    auc: 0.91,
    _runtime: 12,
    val: { auc: 0.9 },
    image: { _type: 'image-file', size: 3 },
  }),
  ...more,
})
const page = (nodes: readonly object[], after?: string) => ({
  data: {
    project: {
      runs: {
        edges: nodes.map((each) => ({ node: each })),
        pageInfo: { endCursor: after ?? null, hasNextPage: after !== undefined },
      },
    },
  },
})

type Asked = { readonly query: string; readonly variables: Readonly<Record<string, unknown>> }

/** Answers in turn; gives what was asked. */
function answers(...replies: readonly (readonly [number, unknown, Readonly<Record<string, string>>?])[]): Asked[] {
  const asked: Asked[] = []
  for (const [status, body, headers] of replies) {
    nock(HOST, { reqheaders: { authorization: `Basic ${Buffer.from(`api:${KEY}`).toString('base64')}` } })
      .post('/graphql', (request: Asked) => asked.push(request) > 0)
      .reply(status, body as nock.Body, headers)
  }
  return asked
}

interceptCalls()
beforeEach(() => {
  waits.length = 0
})

describe('the runs of commits', () => {
  it('are asked for in one request, newest first', async () => {
    const asked = answers([200, page([node()])])
    await wandb().runsOfCommits(PROJECT, [HEAD, MERGE])
    expect(asked.map(({ variables }) => variables)).toEqual([
      {
        ...PROJECT,
        filters: JSON.stringify({ commit: { $in: [HEAD, MERGE] } }),
        order: '-created_at',
        first: 50,
      },
    ])
  })

  it('have their summary as metrics, their configuration as parameters, and a page', async () => {
    answers([200, page([node({ group: 'seeds', sweepName: 'x1' })])])
    expect(await wandb().runsOfCommits(PROJECT, [HEAD])).toEqual({
      isCut: false,
      runs: [
        {
          id: '1a2b3c4d',
          commit: HEAD,
          status: 'FINISHED',
          startedAt: new Date('2026-11-24T09:00:00Z'),
          group: 'seeds',
          sweep: 'x1',
          metrics: new Map([
            ['auc', 0.91],
            ['val.auc', 0.9],
          ]),
          params: new Map([
            ['lr', '0.1'],
            ['model.depth', '6'],
          ]),
          url: 'https://forge.coreweave.com/wandb/acme/churn%20model/runs/1a2b3c4d',
        },
      ],
    })
  })

  it.each([
    ['finished', 'FINISHED'],
    ['running', 'RUNNING'],
    ['pending', 'SCHEDULED'],
    ['preempting', 'RUNNING'],
    ['preempted', 'SCHEDULED'],
    ['crashed', 'FAILED'],
    ['failed', 'FAILED'],
    ['killed', 'KILLED'],
    ['a word of next year', 'FAILED'],
  ])('%s is %s', async (state, status) => {
    answers([200, page([node({ state })])])
    expect((await wandb().runsOfCommits(PROJECT, [HEAD]))?.runs).toMatchObject([{ status }])
  })

  it.each([
    [
      'a bare NaN, as Python writes it',
      '{"auc": NaN, "n": 1}',
      [
        ['auc', Number.NaN],
        ['n', 1],
      ],
    ],
    [
      'infinities as words',
      '{"loss": "Infinity", "gain": "-Infinity"}',
      [
        ['loss', Infinity],
        ['gain', -Infinity],
      ],
    ],
    ['an object instead of text', { auc: 0.5 }, [['auc', 0.5]]],
    ['nothing', null, []],
    ['something broken', '{"auc": ', []],
    ['a list', '[1]', []],
  ])('a summary with %s', async (_name, summaryMetrics, metrics) => {
    answers([200, page([node({ summaryMetrics })])])
    const found = await wandb().runsOfCommits(PROJECT, [HEAD])
    expect([...(found?.runs[0]?.metrics ?? [])]).toEqual(metrics)
  })

  it('are read over two pages and no more', async () => {
    const asked = answers([200, page([node({ name: 'a' })], 'c1')], [200, page([node({ name: 'b' })], 'c2')])
    expect(await wandb().runsOfCommits(PROJECT, [HEAD])).toMatchObject({
      isCut: true,
      runs: [{ id: 'a' }, { id: 'b' }],
    })
    expect(asked.map(({ variables }) => variables['after'])).toEqual([undefined, 'c1'])
  })

  it('of other commits do not count, should the server not know the filter', async () => {
    answers([200, page([node({ commit: sha('9') }), node({ commit: null }), node({ commit: HEAD.toUpperCase() })])])
    expect((await wandb().runsOfCommits(PROJECT, [HEAD]))?.runs).toHaveLength(1)
  })

  it('of a project that is not there, or not seen, are undefined', async () => {
    answers([200, { data: { project: null } }])
    expect(await wandb().runsOfCommits(PROJECT, [HEAD])).toBeUndefined()
  })

  it.each([
    ['https://api.wandb.ai', 'https://forge.coreweave.com/wandb'],
    ['https://api.forge.coreweave.com', 'https://forge.coreweave.com/wandb'],
    ['https://api.acme.example', 'https://app.acme.example'],
    ['https://wandb.acme.example/path', 'https://wandb.acme.example/path'],
  ])('asked at %s have their page at %s', async (baseUrl, pages) => {
    nock(new URL(baseUrl).origin)
      .post(/\/graphql$/)
      .reply(200, page([node()]))
    const found = await wandb({ baseUrl }).runsOfCommits({ entity: 'a', project: 'b' }, [HEAD])
    expect(found?.runs[0]?.url).toBe(`${pages}/a/b/runs/1a2b3c4d`)
  })
})

describe('a refusal says what to change', () => {
  const refusals: readonly {
    readonly name: string
    readonly answer: readonly [number, unknown, Readonly<Record<string, string>>?]
    readonly message: string
  }[] = [
    { name: 'a wrong key', answer: [401, { errors: [{ message: 'invalid' }] }], message: 'it does not take the key' },
    { name: 'no right', answer: [403, ''], message: 'this key may not do that' },
    {
      name: 'an error of GraphQL',
      answer: [200, { data: null, errors: [{ message: 'no entity acme' }] }],
      message: 'it answers with errors: no entity acme',
    },
    {
      name: 'a query it does not know',
      answer: [400, { errors: [{ message: 'Cannot query field' }] }],
      message: 'it answers with 400: Cannot query field',
    },
    {
      name: 'an error of its gateway',
      answer: [400, { error: 'bad request' }],
      message: 'answers with 400: bad request',
    },
    {
      name: 'the key, which is not repeated',
      answer: [400, { error: `${KEY} ${Buffer.from(`api:${KEY}`).toString('base64')}` }],
      message: 'answers with 400: ••• •••',
    },
    { name: 'a page', answer: [200, '<html>'], message: 'a page that is not JSON' },
    { name: 'a login page', answer: [302, '', { location: 'https://login.example' }], message: 'it answers with 302' },
    { name: 'no such address', answer: [404, 'not found'], message: 'it answers with 404' },
    {
      name: 'words without end',
      answer: [400, { errors: [{ message: 'x'.repeat(9999) }] }],
      message: `400: ${'x'.repeat(300)}`,
    },
  ]
  it.each(refusals)('$name', async ({ answer, message }) => {
    answers(answer)
    const failure: unknown = await wandb()
      .runsOfCommits(PROJECT, [HEAD])
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({
      name: 'UserError',
      code: 'wandb_refused',
      message: expect.stringContaining(message),
    })
    expect(JSON.stringify(failure)).not.toContain(KEY)
    expect(waits).toEqual([])
  })

  it('without a key nothing is asked', async () => {
    await expect(wandb({ apiKey: undefined }).runsOfCommits(PROJECT, [HEAD])).rejects.toThrow('has no key for it')
  })

  it('an answer without end is cut off', async () => {
    answers([200, 'x'.repeat(17 * 1024 * 1024)])
    await expect(wandb().runsOfCommits(PROJECT, [HEAD])).rejects.toThrow('larger than 16 MiB')
  })
})

describe('an outage', () => {
  it('is tried again, and passes', async () => {
    answers([429, '', { 'retry-after': '2' }], [502, ''], [200, page([node()])])
    expect((await wandb().runsOfCommits(PROJECT, [HEAD]))?.runs).toHaveLength(1)
    expect(waits[0]).toBe(2000)
  })

  it('that lasts is said as one', async () => {
    answers([503, ''], [503, ''], [503, ''], [503, ''])
    await expect(wandb().runsOfCommits(PROJECT, [HEAD])).rejects.toThrow('Weights & Biases: it answers 503')
  })

  it('of the network names no address', async () => {
    for (let attempt = 0; attempt < 4; attempt += 1)
      nock(HOST)
        .post('/graphql')
        .replyWithError(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))
    await expect(wandb().runsOfCommits(PROJECT, [HEAD])).rejects.toMatchObject({ name: 'SystemUnavailable' })
  })
})
