/** The password of a private Amazon ECR registry: asked for with the AWS credentials of this server, good for twelve hours. Part of registry-tokens.ts. */
import { type AwsSigner, createAwsSigner } from './aws-signature.ts'
import { jsonOf, type RegistrySend } from './registry-http.ts'
import type { RegistryCredentials } from './registry-image.ts'

export type EcrSignIn =
  | { readonly kind: 'credentials'; readonly credentials: RegistryCredentials; readonly until: number }
  /** Why there is none, for people. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Where the tokens of this host's region come from; undefined: the host is no private registry of AWS. */
export function ecrOf(host: string): { readonly region: string; readonly api: URL } | undefined {
  const [, fips = '', region, domain] =
    /^\d{12}\.dkr[.-]ecr(-fips)?\.([a-z0-9-]{1,30})\.(amazonaws\.com(?:\.cn)?|on\.aws)$/.exec(host) ?? []
  if (region === undefined) return undefined
  const suffix = domain === 'amazonaws.com.cn' ? domain : 'amazonaws.com'
  return { region, api: new URL(`https://${fips === '' ? 'api.ecr' : 'ecr-fips'}.${region}.${suffix}/`) }
}

/** Asks GetAuthorizationToken of the region. One token opens every registry that the role may see. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html */
export function createEcrSignIn(send: RegistrySend): (host: string) => Promise<EcrSignIn | undefined> {
  const signers = new Map<string, AwsSigner>()
  return async (host) => {
    const ecr = ecrOf(host)
    if (ecr === undefined) return undefined
    const sign = signers.get(ecr.region) ?? createAwsSigner({ region: ecr.region, service: 'ecr' })
    signers.set(ecr.region, sign)
    const body = '{}'
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
    }
    const signed = await sign({ method: 'POST', url: ecr.api.href, headers, body })
    if (signed === undefined)
      return { kind: 'refused', reason: 'no AWS credentials are found to ask for its password with' }
    const answer = await send({ method: 'POST', url: ecr.api, headers: signed, body })
    const json = jsonOf(answer)
    const [data] = Array.isArray(json?.['authorizationData']) ? json['authorizationData'] : []
    return readToken(data) ?? { kind: 'refused', reason: `AWS gives no password: ${whyNot(json, answer.status)}` }
  }
}

function readToken(data: unknown): EcrSignIn | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { authorizationToken: token, expiresAt } = data as { authorizationToken?: unknown; expiresAt?: unknown }
  const [username, ...rest] = typeof token === 'string' ? Buffer.from(token, 'base64').toString('utf8').split(':') : []
  if (username === undefined || rest.length === 0) return undefined
  const until = typeof expiresAt === 'number' ? expiresAt * 1000 : 0
  return { kind: 'credentials', credentials: { username, password: rest.join(':') }, until }
}

/** `AccessDeniedException: User … is not authorized to perform ecr:GetAuthorizationToken`. */
function whyNot(json: Readonly<Record<string, unknown>> | undefined, status: number): string {
  const type = json?.['__type']
  const message = json?.['message'] ?? json?.['Message']
  const words = [type, message].filter((part) => typeof part === 'string').join(': ')
  return words === '' ? `it answers ${status}` : words.replace(/\s+/g, ' ').slice(0, 300)
}
