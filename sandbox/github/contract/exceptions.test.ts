/** Each exception lets through the one answer that GitHub's description calls wrong, and nothing beside it. */
import { createRequire } from 'node:module'
import { beforeAll, describe, expect, it } from 'vitest'
import { startTrialWorld } from '../trial-world.ts'
import { ANSWER_EXCEPTIONS } from './exceptions.ts'
import { createContract } from './index.ts'

type Example = { readonly name: string; readonly examples: readonly { readonly issue?: object }[] }
const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly Example[]
const { response, webhook } = createContract()
const repo = '/repos/acme/models'
const user = {
  login: 'acme',
  id: 1,
  node_id: 'O_1',
  avatar_url: 'https://example.com/a',
  gravatar_id: '',
  ...Object.fromEntries(
    [
      ...['url', 'html_url', 'followers_url', 'following_url', 'gists_url', 'starred_url', 'subscriptions_url'],
      ...['organizations_url', 'repos_url', 'events_url', 'received_events_url'],
    ].map((key) => [key, 'https://example.com/acme']),
  ),
  type: 'Organization',
  site_admin: false,
}
const installation = {
  id: 1,
  account: user,
  repository_selection: 'selected',
  access_tokens_url: 'https://example.com/t',
  repositories_url: 'https://example.com/r',
  html_url: 'https://example.com/i',
  app_id: 1,
  app_slug: 'lockkeeper',
  target_id: 1,
  target_type: 'Organization',
  permissions: { metadata: 'read' },
  events: [],
  created_at: '2026-11-24T09:00:00Z',
  updated_at: '2026-11-24T09:00:00Z',
  single_file_name: null,
  suspended_by: null,
  suspended_at: null,
}
const integration = {
  id: 1,
  node_id: 'A_1',
  owner: user,
  name: 'Lockkeeper',
  description: null,
  external_url: 'https://example.com/e',
  html_url: 'https://example.com/h',
  created_at: '2026-11-24T09:00:00Z',
  updated_at: '2026-11-24T09:00:00Z',
  permissions: {},
}
const LABEL = { id: 1, node_id: 'LA_1', url: 'https://example.com/l', name: 'model', color: 'ededed', default: false }

const installations = (entry: object, count = 1) =>
  response({ method: 'GET', path: '/app/installations', status: 200, body: Array.from({ length: count }, () => entry) })
const without = (key: keyof typeof user) => Object.fromEntries(Object.entries(user).filter(([name]) => name !== key))
const conflict = (method: string, body: unknown, status = 409) =>
  response({ method, path: `${repo}/contents/a.yml`, status, body })

it('every exception says why, and has its tests below', () => {
  expect(ANSWER_EXCEPTIONS.filter(({ reason }) => reason.length < 40)).toEqual([])
  expect(ANSWER_EXCEPTIONS).toHaveLength(5)
})

describe('an installation in the list of installations', () => {
  it('may belong to an account that is no enterprise, with a name or without', () => {
    expect(installations(installation)).toEqual([])
    expect(installations({ ...installation, account: { ...user, name: null } })).toEqual([])
  })

  it('must have all of its account otherwise', () => {
    expect(installations({ ...installation, account: without('login') })).toEqual([
      "/0/account must have required property 'login'",
    ])
    expect(installations({ ...installation, account: { ...user, id: 'one' } })).toContain(
      '/0/account/id must be integer',
    )
    expect(installations({ ...installation, account: 'acme' })).toContain('/0/account must be object')
    expect(installations({ ...installation, app_id: 'one' })).toEqual(['/0/app_id must be integer'])
  })

  it('is not hidden behind what many others are forgiven', () => {
    const bad = { ...installation, account: without('login') }
    expect(installations(bad, 40)).toHaveLength(12)
    expect(installations(bad, 40)[0]).toBe("/0/account must have required property 'login'")
  })

  it('is forgiven nothing where only one is asked for', () => {
    const path = '/app/installations/1'
    expect(response({ method: 'GET', path, status: 200, body: installation })).toEqual([])
    const broken = { ...installation, account: without('login') }
    expect(response({ method: 'GET', path, status: 200, body: broken })).toContain(
      '/account must match a schema in anyOf',
    )
  })
})

describe.each(['pulls', 'commits/main/pulls'])('a label of a pull request in %s', (list) => {
  let pullRequest: Readonly<Record<string, unknown>>
  beforeAll(async () => {
    const { github, rest, close } = await startTrialWorld()
    github.commit('acme/models', 'topic', { message: 'A', files: { a: 'b' }, by: 'bob', from: 'main' })
    github.openPullRequest('acme/models', { title: 'A', head: 'topic', base: 'main', by: 'bob' })
    pullRequest = (await rest(`GET ${repo}/pulls`)).list[0] ?? {}
    await close()
  })

  const labelled = (label: object) =>
    response({ method: 'GET', path: `${repo}/${list}`, status: 200, body: [{ ...pullRequest, labels: [label] }] })

  it('may be without a description', () => {
    expect(labelled({ ...LABEL, description: null })).toEqual([])
    expect(labelled({ ...LABEL, description: 'A model' })).toEqual([])
  })

  it('must have the rest of its shape', () => {
    expect(labelled(LABEL)).toEqual(["/0/labels/0 must have required property 'description'"])
    expect(labelled({ ...LABEL, description: null, name: null })).toEqual(['/0/labels/0/name must be string'])
  })
})

describe('a conflict when a file is written', () => {
  it('may be a plain error', () => {
    expect(conflict('PUT', { message: 'a.yml does not match', documentation_url: 'x', status: '409' })).toEqual([])
    expect(conflict('DELETE', { message: 'a.yml does not match', documentation_url: 'x', status: '409' })).toEqual([])
  })

  it('must be one of the two documented errors', () => {
    expect(conflict('PUT', { message: 7 })).toContain('/message must be string')
    expect(conflict('PUT', 'conflict')).toContain('/ must be object')
    expect(conflict('DELETE', { message: 7 })).toContain('/message must be string')
  })

  it('is told apart from the answer of a success', () => {
    expect(conflict('PUT', { message: 'done' }, 200).join()).toMatch(/required property/)
  })
})

describe("an App's events in a webhook about a comment", () => {
  const example = (() => {
    const known = examples.find(({ name }) => name === 'issue_comment')?.examples ?? []
    const payload = known.find((each) => webhook('issue_comment', each).length === 0)
    if (payload?.issue === undefined) throw new Error('no example to change')
    return payload
  })()
  const said = (events: readonly string[]): readonly string[] => {
    const issue = { ...example.issue, performed_via_github_app: { ...integration, events } }
    return webhook('issue_comment', { ...example, issue })
  }

  it('may hold that of merge queues, and no invented one', () => {
    expect(said(['merge_group', 'push'])).toEqual([])
    expect(said(['tea_time']).join()).toMatch(/not "tea_time"$/)
  })
})

describe('an account of an Enterprise Server', () => {
  const answer = async (change: (account: Readonly<Record<string, unknown>>) => object) => {
    const { rest, close } = await startTrialWorld()
    const { body } = await rest('GET /users/bob')
    await close()
    return response({ method: 'GET', path: '/users/bob', status: 200, body: change(body) })
  }

  it('may say that it is suspended', async () => {
    expect(await answer((account) => ({ ...account, suspended_at: '2026-03-03T09:00:00Z' }))).toEqual([])
  })

  it('must have the rest of its shape', async () => {
    const without = ({ login: _, ...account }: Readonly<Record<string, unknown>>) => account
    expect((await answer(without)).join()).toContain("must have required property 'login'")
    expect((await answer((account) => ({ ...account, tea: 1 }))).join()).toContain('additional properties tea')
  })
})

describe('a repository under its old name', () => {
  const body = { message: 'Moved Permanently', url: 'x', documentation_url: 'x' }
  it('may lead on, and to nothing else that is not documented', () => {
    expect(response({ method: 'GET', path: `${repo}/branches`, status: 301, body })).toEqual([])
    expect(response({ method: 'GET', path: `${repo}/branches`, status: 302, body }).join()).toContain('not documented')
  })
})
