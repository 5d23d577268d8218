/** Names in lists of people: what each text means, and what is said of one that means nothing. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { principal } from '../../src/config/principal.ts'
import { parseRepoConfig } from '../../src/config/repo-config.ts'

const hintOf = (text: string): string => {
  const [issue] = principal.safeParse(text).error?.issues ?? []
  const { hint } = issue?.code === 'custom' ? (issue.params ?? {}) : {}
  return `${issue?.message} | ${String(hint)}`
}

it.each([
  ['user:Alice', { kind: 'user', login: 'alice' }],
  ['user:renovate[bot]', { kind: 'user', login: 'renovate[bot]' }],
  ['user:octocat_acme', { kind: 'user', login: 'octocat_acme' }],
  ['team:ml-leads', { kind: 'team', organization: undefined, slug: 'ml-leads' }],
  ['team:Acme/ML-Leads', { kind: 'team', organization: 'acme', slug: 'ml-leads' }],
  ['role:maintain', { kind: 'role', role: 'maintain' }],
  ['role:Release-Manager', { kind: 'role', role: 'release-manager' }],
  ['role:Release manager', { kind: 'role', role: 'release manager' }],
] as const)('%s', (text, expected) => {
  expect(principal.parse(text)).toEqual(expected)
})

it.each([
  ['alice', '`alice` is neither a user nor a team nor a role | write `user:alice` or `team:alice`'],
  ['maintain', '`maintain` is neither a user nor a team nor a role | write `role:maintain`'],
  ['@acme/leads', '`@acme/leads` is neither a user nor a team nor a role | write `team:acme/leads`'],
  ['renovate[bot]', '`renovate[bot]` is neither a user nor a team nor a role | write `user:renovate[bot]`'],
  ['bot:renovate', '`bot:renovate` is neither a user nor a team nor a role | write `user:renovate[bot]`'],
  [
    'user:acme/alice',
    '`user:acme/alice` is neither a user nor a team nor a role | write `user:alice`, `team:ml-leads` or `role:maintain`',
  ],
  [
    'team:renovate[bot]',
    '`team:renovate[bot]` is neither a user nor a team nor a role | write `user:alice`, `team:ml-leads` or `role:maintain`',
  ],
  [
    'role:maintainer',
    "`role:maintainer` is none of GitHub's permissions | write `role:maintain`; they are read, triage, write, maintain, admin",
  ],
  [
    'role:push',
    "`role:push` is none of GitHub's permissions | write `role:write`; they are read, triage, write, maintain, admin",
  ],
  [
    'role:maintian',
    "`role:maintian` is none of GitHub's permissions | write `role:maintain`; they are read, triage, write, maintain, admin",
  ],
  ['role:none', '`role:none` is everybody in the world | write `role:read` for those with access'],
] as const)('%s is refused, with what was meant', (text, expected) => {
  expect(hintOf(text)).toBe(expected)
})

describe('docs/guides/who-may.md', () => {
  const examples = [...readFileSync('docs/guides/who-may.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, yaml = '']) => yaml,
  )

  it.each(examples.map((yaml, index) => [index + 1, yaml] as const))('example %i loads', (_, yaml) => {
    expect(parseRepoConfig(yaml, { file: 'who-may.md' })).toMatchObject({ ok: true, notices: [] })
  })

  it('has both sides', () => {
    expect(examples).toHaveLength(2)
  })
})
