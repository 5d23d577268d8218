/** Signing in to registries: Basic, or a token per repository from the token service that the registry names; each kept until it expires. Part of registry.ts. */
import { createEcrSignIn } from './registry-ecr.ts'
import { jsonOf, type RegistryAnswer, type RegistrySend } from './registry-http.ts'
import type { ImageLocation, RegistryCredentials } from './registry-image.ts'

export type RegistryQuestion = {
  readonly image: ImageLocation
  readonly url: URL
  /** Those of this server for the registry, if it has some that may be used. */
  readonly credentials: RegistryCredentials | undefined
  /** Ask as nobody: not even with the role that AWS gave this server. */
  readonly anonymously: boolean
  /** Whether a token may be asked for there: any host named by the registry would be asked otherwise. */
  readonly mayAskRealm: (realm: URL) => boolean
}

export type Authorisation =
  | { readonly kind: 'header'; readonly header: string }
  /** Nothing to show. */
  | { readonly kind: 'none' }
  /** Why none is had, for people. `denied`: the registry said so itself, which many also do for what does not exist. */
  | { readonly kind: 'refused'; readonly reason: string; readonly denied: boolean }

export type RegistryTokens = {
  /** What opened this repository before and is still good. */
  known(question: RegistryQuestion): string | undefined
  /** A new one, as the registry's answer 401 asks for it; several who ask at once share it. */
  obtain(question: RegistryQuestion, challenged: RegistryAnswer): Promise<Authorisation>
}

/** The specification's own number for tokens that do not say how long they are good. */
const TOKEN_SECONDS = 60
/** A token that ends while it travels is worth nothing. */
const MARGIN_MS = 5000
const MOST_TOKENS = 1000

type Kept = { readonly header: string; readonly until: number }

/** `now` in milliseconds. */
export function createRegistryTokens(send: RegistrySend, now: () => number): RegistryTokens {
  const kept = new Map<string, Kept>()
  const flows = new Map<string, Promise<Authorisation>>()
  const signInToEcr = createEcrSignIn(send)
  const keep = (key: string, header: string, until: number): Authorisation => {
    if (kept.size >= MOST_TOKENS) kept.clear()
    kept.set(key, { header, until: until - MARGIN_MS })
    return { kind: 'header', header }
  }
  const obtain = async (question: RegistryQuestion, challenged: RegistryAnswer): Promise<Authorisation> => {
    const challenge = parseChallenge(challenged)
    if (challenge?.scheme === 'basic')
      return basic(question, signInToEcr, (header, until) => keep(keyOf(question), header, until))
    if (challenge?.scheme !== 'bearer') return { kind: 'none' }
    return token(send, question, challenge.parameters, (header, seconds) =>
      keep(keyOf(question), header, now() + seconds * 1000),
    )
  }
  return {
    known: (question) => {
      const found = kept.get(keyOf(question))
      return found !== undefined && found.until > now() ? found.header : undefined
    },
    obtain: (question, challenged) => {
      const key = keyOf(question)
      kept.delete(key)
      const flow = flows.get(key) ?? obtain(question, challenged).finally(() => flows.delete(key))
      flows.set(key, flow)
      return flow
    },
  }
}

/** A token opens one repository for one user; nobody's token is never taken for somebody's. */
const keyOf = ({ image, credentials, anonymously }: RegistryQuestion): string =>
  JSON.stringify([image.origin, image.name, anonymously, credentials?.username ?? ''])

const basicHeader = ({ username, password }: RegistryCredentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

async function basic(
  { image, credentials, anonymously }: RegistryQuestion,
  signInToEcr: ReturnType<typeof createEcrSignIn>,
  keep: (header: string, until: number) => Authorisation,
): Promise<Authorisation> {
  if (credentials !== undefined) return keep(basicHeader(credentials), Number.POSITIVE_INFINITY)
  const ecr = anonymously ? undefined : await signInToEcr(image.host)
  if (ecr?.kind === 'credentials') return keep(basicHeader(ecr.credentials), ecr.until)
  return ecr === undefined ? { kind: 'none' } : { kind: 'refused', reason: ecr.reason, denied: false }
}

async function token(
  send: RegistrySend,
  question: RegistryQuestion,
  parameters: ReadonlyMap<string, string>,
  keep: (header: string, seconds: number) => Authorisation,
): Promise<Authorisation> {
  const { credentials, image } = question
  const realm = parameters.get('realm')
  if (realm === undefined || !URL.canParse(realm)) return { kind: 'none' }
  const url = new URL(realm)
  // A registry over HTTPS must not send our password out in the clear.
  if (url.protocol !== 'https:' && question.url.protocol === 'https:') return { kind: 'none' }
  if (!question.mayAskRealm(url)) {
    const reason = `it wants a token from ${url.host}, which is neither its own nor in the policy's routes`
    return { kind: 'refused', reason, denied: false }
  }
  const service = parameters.get('service')
  if (service !== undefined) url.searchParams.set('service', service)
  // Without a name nobody wants to pull: only whether the credentials are good.
  if (image.name !== '') url.searchParams.set('scope', `repository:${image.name}:pull`)
  const headers: Record<string, string> = credentials === undefined ? {} : { authorization: basicHeader(credentials) }
  const answer = await send({ method: 'GET', url, headers })
  const body = answer.status === 200 ? jsonOf(answer) : undefined
  const given = body?.['token'] ?? body?.['access_token']
  if (typeof given === 'string') {
    const seconds = body?.['expires_in']
    return keep(`Bearer ${given}`, typeof seconds === 'number' && seconds > 0 ? seconds : TOKEN_SECONDS)
  }
  const isDenied = [401, 403, 404].includes(answer.status)
  return isDenied ? { kind: 'refused', reason: `it gives no token (${answer.status})`, denied: true } : { kind: 'none' }
}

/** `Bearer realm="…",service="…"`: the scheme in lower case and its parameters. */
function parseChallenge({ headers }: RegistryAnswer):
  | {
      readonly scheme: string
      readonly parameters: ReadonlyMap<string, string>
    }
  | undefined {
  const given = headers['www-authenticate']
  const header = Array.isArray(given) ? given.join(', ') : (given ?? '')
  const scheme = /^\s*(bearer|basic)\b/i.exec(header)?.[1]?.toLowerCase()
  if (scheme === undefined) return undefined
  const parameters = new Map<string, string>()
  for (const [, key, value] of header.matchAll(/(?<![A-Za-z_])([A-Za-z_]+)="([^"]*)"/g)) {
    if (key !== undefined && value !== undefined) parameters.set(key.toLowerCase(), value)
  }
  return { scheme, parameters }
}
