/** What GitHub is believed to say of people: teams within teams, custom repository roles, lost access, suspended accounts. Over the GitHub stand-in. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from '../../sandbox/github/trial-world.ts'
import type { GitHub, Standing, StandingQuestion } from '../../src/services/ports.ts'
import { CONFIG, MODELS } from './github/nock-github.ts'
import { connectTo } from './github-connection.ts'

let world: TrialWorld
let github: GitHub

beforeEach(async () => {
  world = await startTrialWorld()
  github = await connectTo(world)
})
afterEach(async () => {
  await world.github.delivered()
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

const calls = () =>
  world.github.requests.filter(({ path }) => !path.includes('access_tokens') && !path.endsWith('/installation'))

const team = (slug: string) => ({ organization: 'acme', slug })

async function ask(login: string, more: Partial<StandingQuestion> = {}): Promise<Standing> {
  const standings = await github.readStandings({ logins: [login], repositories: [MODELS, CONFIG], teams: [], ...more })
  const found = standings.get(login)
  if (found === undefined) throw new Error(`nothing is known of ${login}`)
  return found
}

describe('teams', () => {
  beforeEach(() => {
    world.github.createUser('mia')
    world.github.createUser('kim')
    world.github.createUser('tom')
    world.github.createTeam('acme', 'ml', { members: ['mia'], repositories: { 'acme/config': 'maintain' } })
    world.github.createTeam('acme', 'ml-emea', { members: ['kim'], parent: 'ml' })
    world.github.createTeam('acme', 'ml-emea-night', { members: ['tom'], parent: 'ml-emea' })
  })
  const teams = [team('ml'), team('ml-emea'), team('ml-emea-night')]

  it.each([
    ['mia', ['acme/ml']],
    ['kim', ['acme/ml', 'acme/ml-emea']],
    ['tom', ['acme/ml', 'acme/ml-emea', 'acme/ml-emea-night']],
    ['bob', []],
  ])('%s is in those teams and in the teams above them, never below', async (login, expected) => {
    expect([...(await ask(login, { teams })).teams]).toEqual(expected)
    expect(calls()).toHaveLength(1)
  })

  it('hand down to their child teams what they have in a repository', async () => {
    for (const login of ['mia', 'kim', 'tom']) expect((await ask(login)).permissions.get(CONFIG)).toBe('maintain')
  })

  it.each(['mia', 'kim'])('count %s no longer who was taken out', async (login) => {
    for (const slug of ['ml', 'ml-emea']) world.github.removeTeamMember('acme', slug, login)
    const { teams: held, permissions } = await ask(login, { teams })
    expect([...held]).toEqual([])
    expect(permissions.get(CONFIG)).toBe('read')
  })

  it('are asked for one member by REST where too many logins resemble', async () => {
    for (let index = 0; index < 101; index += 1) {
      world.github.createUser(`aa-kim-${index}`)
      world.github.addTeamMember('acme', 'ml-emea', `aa-kim-${index}`)
    }
    world.github.createUser('night-kim')
    expect([...(await ask('kim', { teams: [team('ml')] })).teams]).toEqual(['acme/ml'])
    expect([...(await ask('night-kim', { teams: [team('ml')] })).teams]).toEqual([])
  })
})

describe('roles in a repository', () => {
  const RELEASER = { name: 'Release Manager', base: 'write' } as const

  it('are those of every source, in one call, and the permission is what the custom one extends', async () => {
    world.github.createTeam('acme', 'keepers', { members: ['bob'] })
    world.github.setTeamRole(team('keepers'), 'acme/config', RELEASER)
    world.github.setCollaborator('acme/config', 'bob', 'read')
    const { permissions, roles } = await ask('bob', { roles: true })
    expect(permissions.get(CONFIG)).toBe('write')
    expect([...(roles.get(CONFIG) ?? [])].toSorted()).toEqual(['read', 'release manager', 'write'])
    expect([...(roles.get(MODELS) ?? [])]).toContain('write')
    expect(calls()).toHaveLength(1)
  })

  it('are the permission alone where nobody asked for more', async () => {
    world.github.setCollaborator('acme/config', 'bob', RELEASER)
    expect([...((await ask('bob')).roles.get(CONFIG) ?? [])]).toEqual(['write'])
  })

  const graphqlRefuses = () =>
    world.github.fail(
      { graphql: 'ReadStandings' },
      {
        status: 200,
        body: {
          data: { standing0: { p0: null } },
          errors: [{ type: 'FORBIDDEN', path: ['standing0', 'p0'], message: 'Must have push access' }],
        },
      },
    )

  it('are read from REST where GraphQL refuses to tell', async () => {
    world.github.setCollaborator('acme/config', 'bob', RELEASER)
    graphqlRefuses()
    const { permissions, roles } = await ask('bob', { repositories: [CONFIG], roles: true })
    expect(permissions.get(CONFIG)).toBe('write')
    expect([...(roles.get(CONFIG) ?? [])].toSorted()).toEqual(['release manager', 'write'])
  })

  it('are none for a stranger whom REST lets read what is public', async () => {
    graphqlRefuses()
    expect((await ask('eve', { repositories: [CONFIG] })).permissions.get(CONFIG)).toBe('none')
    world.github.setCollaborator('acme/config', 'eve', 'read')
    graphqlRefuses()
    expect((await ask('eve', { repositories: [CONFIG] })).permissions.get(CONFIG)).toBe('read')
  })

  it('are none for a stranger', async () => {
    const { permissions, roles } = await ask('eve', { roles: true })
    expect([...permissions.values(), ...[...roles.values()].flatMap((names) => [...names])]).toEqual(['none', 'none'])
  })
})

describe('people who lost their access', () => {
  const nothing = { permissions: new Map([MODELS, CONFIG].map((name) => [name, 'none'])), teams: new Set() }
  beforeEach(() => world.github.createTeam('acme', 'ml', { members: ['bob'] }))
  const asked = { teams: [team('ml')], roles: true }

  it('have none as soon as they left the organisation', async () => {
    expect((await ask('bob', asked)).permissions.get(CONFIG)).toBe('write')
    world.github.removeOrganizationMember('acme', 'bob')
    expect(await ask('bob', asked)).toMatchObject(nothing)
  })

  it('have what is left when they are no collaborators any more', async () => {
    world.github.setCollaborator('acme/config', 'bob', null)
    expect((await ask('bob', asked)).permissions.get(CONFIG)).toBe('read')
  })

  it('have none while they are suspended', async () => {
    world.github.suspendUser('bob')
    expect(await ask('bob', asked)).toMatchObject(nothing)
    expect(() => world.github.commit('acme/config', 'x', { message: 'x', files: {}, by: 'bob' })).toThrow('suspended')
    world.github.unsuspendUser('bob')
    expect((await ask('bob', asked)).permissions.get(CONFIG)).toBe('write')
  })

  it('have none on an Enterprise Server, which lists whom it suspended: one call for each who may anything', async () => {
    github = await connectTo(world, async () => undefined, { listsSuspended: true })
    world.github.suspendUser('bob', { listed: true })
    expect(await ask('bob', asked)).toMatchObject({ ...nothing, roles: new Map() })
    expect(calls().map(({ path }) => path)).toEqual(['/graphql', '/users/bob'])
    await ask('eve', asked)
    expect(calls()).toHaveLength(3)
    world.github.unsuspendUser('bob')
    expect((await ask('bob', asked)).permissions.get(CONFIG)).toBe('write')
  })
})
