/** Who calls: the App by its JSON web token (RS256), or an installation by its token. Both live on machine time. */
import { createVerify } from 'node:crypto'
import type { Actor } from '../access.ts'
import { GitHubFailure } from '../failure.ts'
import type { GitHubState } from '../state.ts'

export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'app' }
  | { readonly kind: 'actor'; readonly actor: Actor }

const MAX_LIFETIME_SECONDS = 600
/** GitHub forgives a clock that is a little ahead. */
const SKEW_SECONDS = 60

/** Reads `Authorization`. Throws 401 for tokens that are unknown, expired or badly signed. */
export function authenticate(state: GitHubState, header: string | undefined, publicKey: string): Caller {
  if (header === undefined) return { kind: 'anonymous' }
  const credential = /^(?:bearer|token)\s+(\S+)$/i.exec(header)?.[1]
  if (credential === undefined) throw new GitHubFailure(401, 'Bad credentials')
  if (credential.split('.').length === 3) {
    verifyJwt(state, credential, publicKey)
    return { kind: 'app' }
  }
  const token = state.tokens.get(credential)
  if (token === undefined || token.expiresAtMs <= Date.now()) throw new GitHubFailure(401, 'Bad credentials')
  const { app } = token.installation
  return { kind: 'actor', actor: { kind: 'installation', user: app.bot, app, token } }
}

function verifyJwt(state: GitHubState, token: string, publicKey: string): void {
  const [head = '', payload = '', signature = ''] = token.split('.')
  const header = decodePart(head)
  const claims = decodePart(payload)
  const isSigned = createVerify('RSA-SHA256').update(`${head}.${payload}`).verify(publicKey, signature, 'base64url')
  if (header['alg'] !== 'RS256' || !isSigned) throw new GitHubFailure(401, 'A JSON web token could not be decoded')
  const now = Date.now() / 1000
  const { exp, iat, iss } = claims
  if (![String(state.app.id), state.app.clientId].includes(String(iss)))
    throw new GitHubFailure(401, 'Integration not found')
  if (typeof exp !== 'number' || exp <= now)
    throw new GitHubFailure(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    )
  if (exp > now + MAX_LIFETIME_SECONDS)
    throw new GitHubFailure(401, "'Expiration time' claim ('exp') is too far in the future")
  if (typeof iat !== 'number' || iat > now + SKEW_SECONDS)
    throw new GitHubFailure(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    )
}

function decodePart(part: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  } catch {
    throw new GitHubFailure(401, 'A JSON web token could not be decoded')
  }
}
