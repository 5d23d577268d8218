/** Whose comments are heard: people's, and those of bots that the repository names; two bots never talk to each other in circles. */
import { expect, it } from 'vitest'
import type { Ears } from '../../src/handlers/ears.ts'
import { issueCommentCreated } from '../../src/handlers/issue-comment.created.ts'
import { silentLog } from '../support/log.ts'

type Account = { readonly login: string; readonly type: string }

type Said = {
  readonly by: Account
  /** Who sent the event, if not the author. */
  readonly sender?: Account
  /** The App through which it was written. */
  readonly via?: { readonly slug?: string }
  readonly body?: string
}

/** The authors of the commands that are heard, and the bots that were looked up. */
async function hears({ by, sender = by, via, body = '/deploy prod' }: Said, named: readonly string[] = []) {
  const heard: string[] = []
  const asked: string[] = []
  const ears: Ears = {
    appLogin: 'lockkeeper[bot]',
    appId: 7,
    clock: { now: () => new Date('2026-11-24T09:00:00Z') },
    log: silentLog,
    clicked: async () => undefined,
    hint: async () => {},
    isNamedBot: async (_, login) => {
      asked.push(login)
      return named.includes(login)
    },
    hearCommand: async ({ author }) => {
      heard.push(author)
      return true
    },
    configPushed: async () => {},
    heardHead: async () => {},
    heardMerge: async () => {},
    pullRequestsAt: async () => [],
    followedByReports: async () => [],
    waitingFor: async () => [],
  }
  const payload = {
    repository: { full_name: 'acme/models' },
    sender,
    issue: { number: 3, node_id: 'PR', pull_request: {}, labels: [] },
    comment: {
      id: 17,
      node_id: 'IC',
      user: by,
      created_at: '2026-11-24T09:00:00Z',
      body,
      performed_via_github_app: via ?? null,
    },
  }
  await issueCommentCreated({ payload } as never, ears)
  return { heard, asked }
}

const alice: Account = { login: 'alice', type: 'User' }
const renovate: Account = { login: 'renovate[bot]', type: 'Bot' }

it.each([
  ['a person', { by: alice }, [], ['alice']],
  ['a person whose login ends like a bot’s', { by: { login: 'release-bot', type: 'User' } }, [], ['release-bot']],
  ['a bot that nobody names', { by: renovate }, [], []],
  ['a bot that is named', { by: renovate }, ['renovate[bot]'], ['renovate[bot]']],
  ['a bot, where a person of nearly its name is named', { by: renovate }, ['renovate'], []],
  ['ourselves, even where we are named', { by: { login: 'lockkeeper[bot]', type: 'Bot' } }, ['lockkeeper[bot]'], []],
  ['an App in a person’s name', { by: alice, via: { slug: 'assistant' } }, [], []],
  [
    'an App in a person’s name, where it is named: the person',
    { by: alice, via: { slug: 'assistant' } },
    ['assistant[bot]'],
    ['alice'],
  ],
  ['an App in a person’s name, where the person is named', { by: alice, via: { slug: 'assistant' } }, ['alice'], []],
  ['ourselves in a person’s name', { by: alice, via: { slug: 'lockkeeper' } }, ['lockkeeper[bot]'], []],
  ['an App of which nothing is known', { by: alice, via: {} }, ['alice'], []],
  ['an organisation', { by: { login: 'acme', type: 'Organization' } }, ['acme'], []],
  ['an imported account', { by: { login: 'alice', type: 'Mannequin' } }, ['alice'], []],
  ['somebody else’s event', { by: alice, sender: { login: 'mallory', type: 'User' } }, [], []],
  ['a bot that sends a person’s comment', { by: alice, sender: renovate }, ['renovate[bot]'], []],
  ['a person who sends a bot’s comment', { by: renovate, sender: alice }, ['renovate[bot]'], []],
] as const)('%s', async (_, said: Said, named, expected) => {
  expect((await hears(said, named)).heard).toEqual(expected)
})

it('a bot that gives no command costs nothing', async () => {
  expect(await hears({ by: renovate, body: 'I have updated the lock file.' })).toEqual({ heard: [], asked: [] })
})
