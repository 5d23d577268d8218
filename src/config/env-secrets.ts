/** Checks of the two secrets that everything rests on. What they answer never contains the secret. */
import { createPrivateKey } from 'node:crypto'
import type { Parsed } from './env-values.ts'

const SHORTEST_SECRET = 32
const FEWEST_CHARACTERS = 8
const ADVICE = 'Make one with `openssl rand -hex 32`.'
/** GitHub Apps sign with RSA; GitHub makes keys of 2048 bits. */
const SMALLEST_KEY = 2048

/** Why a webhook secret can be guessed; undefined when nothing speaks against it. Anyone who knows it can command the bot. */
export function checkWebhookSecret(secret: string): string | undefined {
  if (secret === 'development') return `is "development", a default that everybody knows. ${ADVICE}`
  if (secret.length < SHORTEST_SECRET)
    return `has ${secret.length} characters; at least ${SHORTEST_SECRET} are needed. ${ADVICE}`
  if (/^(.)\1*$/s.test(secret)) return `is one character repeated. ${ADVICE}`
  if (isRepetition(secret)) return `is a short text repeated. ${ADVICE}`
  if (new Set(secret).size < FEWEST_CHARACTERS)
    return `uses only ${new Set(secret).size} different characters. ${ADVICE}`
  if (isSequence(secret)) return `follows the alphabet or the keyboard's numbers. ${ADVICE}`
  if (/change.?me|placeholder|example|your.?(?:webhook|secret)/i.test(secret)) return `is a placeholder. ${ADVICE}`
  return undefined
}

/**
 * The App's key as PKCS#8 PEM, which every library takes. Accepts PKCS#1 (what GitHub gives) and PKCS#8, as PEM, as PEM with
 * literal `\n` (one-line env files) and as base64 of the PEM.
 */
export function parsePrivateKey(text: string): Parsed<string> {
  const pem = toPem(text)
  if (pem === undefined)
    return {
      ok: false,
      reason: 'is not a PEM key. It begins with "-----BEGIN RSA PRIVATE KEY-----"; give the whole file.',
    }
  if (/BEGIN (?:RSA )?PUBLIC KEY|BEGIN CERTIFICATE|BEGIN OPENSSH/.test(pem)) {
    return {
      ok: false,
      reason: "is another kind of key or a certificate. Use the private key that the App's settings page generates.",
    }
  }
  if (/ENCRYPTED/.test(pem))
    return { ok: false, reason: 'is encrypted with a passphrase. Decrypt it first: openssl rsa -in key.pem.' }
  let key: ReturnType<typeof createPrivateKey>
  try {
    key = createPrivateKey(pem)
  } catch {
    return {
      ok: false,
      reason: 'is damaged: it has PEM marks, but cannot be decoded. Copy the whole file again, line ends included.',
    }
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || bits < SMALLEST_KEY) {
    return {
      ok: false,
      reason: "is not an RSA key of 2048 bits or more. Use the private key that the App's settings page generates.",
    }
  }
  return { ok: true, value: key.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** Fits into one header of a request: what does not would be quoted by the error of the HTTP library. */
export const isPlain = (secret: string): boolean => !/\p{Cc}/u.test(secret)

/** Why a secret is not plain; follows the variable's name. */
export const NOT_PLAIN = 'has line breaks or other control characters in it. Give the secret alone, on one line.'

function toPem(text: string): string | undefined {
  const unquoted = text.trim().replace(/^(["'])(.*)\1$/s, '$2')
  const lines = unquoted.replaceAll('\\r', '').replaceAll('\\n', '\n')
  if (lines.includes('-----BEGIN')) return lines
  if (!/^[A-Za-z\d+/=_\s-]+$/.test(unquoted)) return undefined
  const decoded = Buffer.from(unquoted, 'base64').toString('utf8')
  return decoded.includes('-----BEGIN') ? decoded : undefined
}

/** Whether it is a text of at most 16 characters over and over, also when the last one is cut off. */
function isRepetition(secret: string): boolean {
  for (let length = 1; length <= SHORTEST_SECRET / 2; length += 1) {
    if (secret.slice(length) === secret.slice(0, -length)) return true
  }
  return false
}

/** Most neighbours differ by exactly one place, up or down, or by nothing. */
function isSequence(secret: string): boolean {
  const codes = [...secret].map((character) => character.codePointAt(0) ?? 0)
  const steps = codes.slice(1).map((code, index) => Math.abs(code - (codes[index] ?? 0)))
  return steps.filter((step) => step <= 1).length > steps.length * 0.6
}
