/** Parsers of single settings for env.ts: a value, or the reason why it is none, written to follow the variable's name. */
import { withoutEnd } from '../domain/without-end.ts'

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  /** Completes the sentence that begins with the variable's name; says what to do. */
  | { readonly ok: false; readonly reason: string }

/** `0` to `65535`. */
export function checkPort(text: string): Parsed<number> {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return { ok: true, value: port }
  return { ok: false, reason: `is "${text}". Use a number from 0 to 65535.` }
}

/** `host` or `host:port`. */
export function parseGitHubHost(text: string): Parsed<string> {
  const isHost = /^(?:[a-z\d.-]+|\[[\da-f:]+\])(?::\d{1,5})?$/i.test(text)
  if (isHost && URL.canParse(`https://${text}`)) return { ok: true, value: text.toLowerCase() }
  return { ok: false, reason: 'must be a host like github.example.com. Remove "https://", user names and any path.' }
}

/** An absolute http or https address without user and password; the slash at its end is removed. */
export function parseHttpUrl(text: string): Parsed<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return { ok: false, reason: 'must be an http or https address like https://mlflow.example.com.' }
  }
  if (url.username !== '' || url.password !== '') {
    return { ok: false, reason: 'must not hold a user name or password. Use the settings for them.' }
  }
  return { ok: true, value: withoutEnd(url.href, '/') }
}

/** The reasons never quote the value: it holds a password. */
export function parseDatabaseUrl(text: string): Parsed<URL> {
  if (!/^postgres(?:ql)?:\/\//.test(text)) {
    return {
      ok: false,
      reason: 'must begin with postgresql:// (only PostgreSQL is supported). Unset it to use the embedded database.',
    }
  }
  if (!URL.canParse(text)) {
    return {
      ok: false,
      reason: 'cannot be parsed. Percent-encode special characters in the password (# as %23, / as %2F, @ as %40).',
    }
  }
  const url = new URL(text)
  if (url.hash !== '') return { ok: false, reason: 'has a # in it, which ends an address. Percent-encode it as %23.' }
  if (url.pathname.length < 2)
    return { ok: false, reason: 'names no database. Add it at the end: postgresql://host:5432/lockkeeper.' }
  return { ok: true, value: url }
}

/** Whether `host` (with or without port) is this machine by name or number. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name)
}
