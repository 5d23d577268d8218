/** Who is meant by deployers, approvers and `force.by`. */
import { describe, expect, it } from 'vitest'
import { parseRepoName } from '../../src/domain/ids.ts'
import type { Principal } from '../../src/domain/settings.ts'
import {
  describePrincipals,
  isCustomRole,
  isOneOf,
  ofRepository,
  type PersonStanding,
  teamKey,
} from '../../src/domain/standing.ts'
import { known } from './reference-settings.ts'

const model = known(parseRepoName('acme/models'))
const config = known(parseRepoName('acme/ml-config'))
const repositories = { model, config }
type Permission = 'none' | 'read' | 'triage' | 'write' | 'maintain' | 'admin'

const person = (login: string, permissions: readonly [Permission, Permission], teams: readonly string[] = []) =>
  ({
    login,
    permissions: new Map([
      [model, permissions[0]],
      [config, permissions[1]],
    ]),
    teams: new Set(teams),
  }) satisfies PersonStanding
const alice: Principal = { kind: 'user', login: 'alice' }
const leads: Principal = { kind: 'team', organization: undefined, slug: 'ml-leads' }
const renovate: Principal = { kind: 'user', login: 'renovate[bot]' }
const others: Principal = { kind: 'team', organization: 'other', slug: 'ml-leads' }

describe('without a list: write on both repositories', () => {
  it.each([
    ['write', 'write', true],
    ['maintain', 'admin', true],
    ['write', 'read', false],
    ['read', 'write', false],
    ['triage', 'write', false],
    ['none', 'admin', false],
  ] as const)('%s on the model, %s on the config repository: %s', (one, other, expected) => {
    expect(isOneOf(person('x', [one, other]), undefined, repositories)).toBe(expected)
  })

  it('a repository that nothing is known of counts as none', () => {
    expect(
      isOneOf({ login: 'x', permissions: new Map([[model, 'admin']]), teams: new Set() }, undefined, repositories),
    ).toBe(false)
  })
})

describe('with a list', () => {
  it.each([
    ['the user, in any case', person('Alice', ['read', 'read']), [alice], true],
    ['another user with every right', person('bob', ['admin', 'admin']), [alice], false],
    ['a member of the team', person('carol', ['read', 'read'], ['acme/ml-leads']), [alice, leads], true],
    [
      'a member of a team of that name elsewhere',
      person('eve', ['write', 'write'], ['other/ml-leads']),
      [leads],
      false,
    ],
    ['a member of the organisation that is named', person('eve', ['read', 'read'], ['other/ml-leads']), [others], true],
    ['nobody at all', person('alice', ['admin', 'admin']), [], false],
    ['somebody of whom nothing is known', undefined, [alice], false],
    ['a named person who was given access to neither repository', person('alice', ['none', 'none']), [alice], false],
    ['a named person with access to the config repository alone', person('alice', ['none', 'read']), [alice], true],
    ['a named bot, which nobody gives access by name', person('renovate[bot]', ['none', 'none']), [renovate], true],
    ['a bot of nearly that name', person('renovate', ['write', 'write']), [renovate], false],
  ] as const)('%s', (_, who, principals, expected) => {
    expect(isOneOf(who, principals, repositories)).toBe(expected)
  })
})

describe('a role', () => {
  const role = (name: string): Principal => ({ kind: 'role', role: name })
  const manager = (...repos: readonly (typeof model)[]): PersonStanding => ({
    ...person('rita', ['read', 'read']),
    roles: new Map(repos.map((repo) => [repo, new Set(['release-manager'])])),
  })

  it.each([
    ['as much in both', person('x', ['maintain', 'maintain']), role('maintain'), true],
    ['more in both', person('x', ['admin', 'admin']), role('maintain'), true],
    ['less in one', person('x', ['admin', 'write']), role('maintain'), false],
    [
      'that of the model repository alone',
      person('x', ['maintain', 'none']),
      ofRepository(role('maintain'), 'model'),
      true,
    ],
    [
      'that of the config repository alone',
      person('x', ['none', 'maintain']),
      ofRepository(role('maintain'), 'config'),
      true,
    ],
    ['the other repository’s', person('x', ['none', 'maintain']), ofRepository(role('maintain'), 'model'), false],
    ['no permission, which nobody lacks', person('x', ['admin', 'admin']), role('none'), false],
    ['a custom role in both', manager(model, config), role('release-manager'), true],
    ['a custom role in one', manager(model), role('release-manager'), false],
    ['a custom role in the one that is meant', manager(config), ofRepository(role('release-manager'), 'config'), true],
    ['every permission, but not the custom role', person('x', ['admin', 'admin']), role('release-manager'), false],
  ] as const)('%s', (_, who, principal, expected) => {
    expect(isOneOf(who, [principal], repositories)).toBe(expected)
  })

  it('that GitHub has by itself needs no asking for names', () => {
    expect([role('maintain'), role('release-manager'), alice].map(isCustomRole)).toEqual([false, true, false])
  })
})

it('a team without an organisation is one of the model repository’s owner', () => {
  expect([leads, others].map((team) => teamKey(team, model))).toEqual(['acme/ml-leads', 'other/ml-leads'])
})

it('refusals name them without mentioning them', () => {
  expect(describePrincipals([leads, alice])).toBe('team ml-leads, alice')
  expect(describePrincipals([])).toBe('nobody')
  expect(
    describePrincipals([
      { kind: 'role', role: 'maintain', on: 'model' },
      { kind: 'role', role: 'release-manager' },
    ]),
  ).toBe(
    'people with maintain access to the model repository, people with the role release-manager in both repositories',
  )
  expect(describePrincipals(undefined)).toBe('people with write access to both repositories')
})
