/** How long a bearer token lasts, by its own account. Nothing is verified, and nothing of the token itself is kept. */
import { fieldsOf } from '../../domain/json-fields.ts'

/** `expiresAt` undefined: never, as the tokens of Secrets. */
export type Lifetime = { readonly issuedAt: Date | undefined; readonly expiresAt: Date | undefined }

/** undefined for what is no JSON web token: nobody can tell. */
export function lifetimeOf(authorization: string | undefined): Lifetime | undefined {
  const claims = claimsOf(/^Bearer [\w-]+\.([\w-]+)\.[\w-]*$/.exec(authorization ?? '')?.[1])
  return claims && { issuedAt: dateOf(claims['iat']), expiresAt: dateOf(claims['exp']) }
}

function claimsOf(part: string | undefined): ReturnType<typeof fieldsOf> {
  if (part === undefined) return undefined
  try {
    return fieldsOf(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')))
  } catch {
    return undefined
  }
}

const dateOf = (seconds: unknown): Date | undefined =>
  typeof seconds === 'number' && Math.abs(seconds) < 1e11 ? new Date(seconds * 1000) : undefined
