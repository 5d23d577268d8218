/** What `lockkeeper doctor` says about the App, from GitHub's two answers. */
import { describe, expect, it } from 'vitest'
import { examineApp } from '../../../src/clients/github/examine-app.ts'
import type { GitHubOctokit } from '../../../src/clients/github/octokit.ts'
import { APP_NEEDS, whatBreaks } from '../../../src/domain/app-needs.ts'

const settings = {
  appId: 7,
  apiUrl: 'https://api.github.com',
  webUrl: 'https://github.com',
  host: 'github.com',
}
const { permissions, events } = APP_NEEDS
const installed = (login: string, changes: Record<string, unknown> = {}) => ({
  account: { login },
  permissions,
  suspended_at: null,
  html_url: `https://github.com/organizations/${login}/settings/installations/1`,
  ...changes,
})

/** Looks at an App that GitHub describes so. */
function examine(installations: readonly unknown[], app: Record<string, unknown> = {}): Promise<string> {
  const answers: Readonly<Record<string, unknown>> = {
    'GET /app': { slug: 'mine', permissions, events, ...app },
    'GET /app/installations': installations,
  }
  const request = async (route: string) => ({ data: answers[route] })
  return examineApp({ request } as unknown as GitHubOctokit, settings)
}

it('everything that is wrong is said at once, with what does not work without it', async () => {
  const installations = [
    installed('acme', { permissions: { ...permissions, statuses: undefined } }),
    installed('beta', { suspended_at: '2026-01-01T00:00:00Z' }),
  ]
  const problem = examine(installations, {
    permissions: { ...permissions, members: undefined },
    events: events.slice(1),
  })
  await expect(problem).rejects.toMatchObject({
    message:
      'The App mine does not ask for: permission members: read, event check_run; acme has not accepted: statuses: read; beta has suspended the App',
    hint: [
      "Add them at https://github.com/settings/apps/mine/permissions (an organisation's App: in its settings), as in app.yml.",
      'without members: read: `team:` in lists of people means nobody',
      'without check_run: the end of training, and clicks on buttons, are not heard',
      'An owner of acme accepts new permissions at https://github.com/organizations/acme/settings/installations/1.',
      'without statuses: read: CI and rollouts that are told of by commit statuses are not seen',
      'Unsuspend it at https://github.com/organizations/beta/settings/installations/1.',
    ].join('\n'),
  })
})

it('what each permission and event is for is known', () => {
  const names = [...Object.keys(permissions), ...events]
  expect(names.filter((name) => whatBreaks(name) === whatBreaks('something else'))).toEqual([])
})

describe('an App', () => {
  it('that is installed and has what it needs, or more', async () => {
    expect(await examine([installed('acme'), installed('beta')])).toBe('App 7 at github.com, installed for acme, beta')
    const more = { permissions: { ...permissions, actions: 'write', issues: 'admin' }, events: [...events, 'release'] }
    expect(await examine([installed('acme', more)], more)).toContain('installed for acme')
  })

  it('with many owners names some of them', async () => {
    const owners = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((login) => installed(login))
    expect(await examine(owners)).toBe('App 7 at github.com, installed for a, b, c, d, e and 2 more')
  })

  it.each([
    ['nowhere installed', [], {}, 'installed nowhere', 'https://github.com/apps/mine'],
    [
      'suspended',
      [installed('acme'), installed('beta', { suspended_at: '2026-01-01T00:00:00Z' })],
      {},
      'beta has suspended the App',
      'https://github.com/organizations/beta/settings/installations/1',
    ],
    [
      'whose new permission an owner has not accepted',
      [installed('acme', { permissions: { ...permissions, checks: 'read', members: undefined } })],
      {},
      'acme has not accepted: checks: write, members: read',
      'https://github.com/organizations/acme/settings/installations/1',
    ],
    [
      'that asks for too little',
      [installed('acme')],
      { permissions: { ...permissions, deployments: 'read' }, events: events.slice(1) },
      `does not ask for: permission deployments: write, event ${events[0]}`,
      'https://github.com/settings/apps/mine/permissions',
    ],
    ['that is another program', [], { slug: undefined }, "is not GitHub's API", 'proxy'],
  ])('%s', async (_, installations, app, said, remedy) => {
    await expect(examine(installations, app)).rejects.toMatchObject({
      message: expect.stringContaining(said),
      hint: expect.stringContaining(remedy),
    })
  })
})
