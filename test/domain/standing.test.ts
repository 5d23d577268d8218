/** Who is meant by deployers, approvers and `force.by`. */
import { describe, expect, it } from 'vitest'
import { parseRepoName } from '../../src/domain/ids.ts'
import type { Principal } from '../../src/domain/settings.ts'
import { describePrincipals, isOneOf, type PersonStanding, teamKey } from '../../src/domain/standing.ts'
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
  ] as const)('%s', (_, who, principals, expected) => {
    expect(isOneOf(who, principals, repositories)).toBe(expected)
  })
})

it('a team without an organisation is one of the model repository’s owner', () => {
  expect([leads, others].map((team) => teamKey(team, model))).toEqual(['acme/ml-leads', 'other/ml-leads'])
})

it('refusals name them without mentioning them', () => {
  expect(describePrincipals([leads, alice])).toBe('team ml-leads, alice')
  expect(describePrincipals([])).toBe('nobody')
  expect(describePrincipals(undefined)).toBe('people with write access to both repositories')
})
