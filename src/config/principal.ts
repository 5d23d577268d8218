/** `user:…`, `team:…` and `role:…` in lists of people: the text and what it means. Who they are is decided in src/domain/standing.ts. */
import { closest } from '../domain/closest.ts'
import type { Principal } from '../domain/settings.ts'
import { PERMISSIONS } from '../domain/standing.ts'
import { quoted, textOf } from './key-types.ts'

/** `user:` and a login, of a bot with its `[bot]`. */
const USER = /^user:([a-z0-9][a-z0-9_-]{0,99}(?:\[bot\])?)$/
const TEAM = /^team:(?:([a-z0-9][a-z0-9-]{0,38})\/)?([a-z0-9][a-z0-9_-]{0,99})$/
/** Custom repository roles may be called almost anything. */
const ROLE = /^role:([a-z0-9](?:[a-z0-9 ._-]{0,98}[a-z0-9])?)$/

/** What people call GitHub's permissions elsewhere: as custom roles they would mean nobody. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ['pull', 'read'],
  ['reader', 'read'],
  ['push', 'write'],
  ['writer', 'write'],
  ['maintainer', 'maintain'],
  ['maintainers', 'maintain'],
  ['owner', 'admin'],
  ['owners', 'admin'],
  ['admins', 'admin'],
  ['administrator', 'admin'],
])

type Parsed =
  | { readonly ok: true; readonly value: Principal }
  | { readonly ok: false; readonly reason: string; readonly hint: string }

/** One entry of `deployers`, `approvers`, `lockers`, `overriders` or `force.by`. */
export const principal = textOf(
  {
    title: 'user, team or role',
    description:
      "`user:login`, `team:slug` (of the model repository's owner), `team:organisation/slug`, or `role:name`: a permission of GitHub's, at least, or a custom repository role, exactly.",
    examples: ['team:ml-leads', 'user:alice', 'role:maintain'],
  },
  parsePrincipal,
)

function parsePrincipal(text: string): Parsed {
  const lower = text.toLowerCase()
  const user = USER.exec(lower)?.[1]
  if (user !== undefined) return { ok: true, value: { kind: 'user', login: user } }
  const [, organization, slug] = TEAM.exec(lower) ?? []
  if (slug !== undefined) return { ok: true, value: { kind: 'team', organization, slug } }
  const role = ROLE.exec(lower)?.[1]
  if (role !== undefined) return parseRole(role, text)
  return { ok: false, reason: `${quoted(text)} is neither a user nor a team nor a role`, hint: `write ${guess(text)}` }
}

function parseRole(role: string, text: string): Parsed {
  const meant = OTHER_WORDS.get(role) ?? closest(role, PERMISSIONS)
  if (meant === undefined || meant === role) {
    if (role !== 'none') return { ok: true, value: { kind: 'role', role } }
    return {
      ok: false,
      reason: '`role:none` is everybody in the world',
      hint: 'write `role:read` for those with access',
    }
  }
  return {
    ok: false,
    reason: `${quoted(text)} is none of GitHub's permissions`,
    hint: `write \`role:${meant}\`; they are ${PERMISSIONS.slice(1).join(', ')}`,
  }
}

function guess(text: string): string {
  const bot = /^(?:user:)?@?([\w-]+\[bot\])$/.exec(text)?.[1] ?? /^(?:bot|app):@?([\w-]+)$/.exec(text)?.[1]
  if (bot !== undefined) return `\`user:${bot.replace('[bot]', '')}[bot]\``
  const [, organization, name] = /^@?(?:([\w-]+)\/)?([\w-]+)$/.exec(text) ?? []
  if (name === undefined) return '`user:alice`, `team:ml-leads` or `role:maintain`'
  if (organization !== undefined) return `\`team:${organization}/${name}\``
  if ((PERMISSIONS as readonly string[]).includes(name.toLowerCase())) return `\`role:${name.toLowerCase()}\``
  return `\`user:${name}\` or \`team:${name}\``
}
