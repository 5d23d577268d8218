/** An image registry as `lockkeeper doctor` looks at it: signed in to, as `docker login` does it, without asking for any image. */
import { UserError } from '../domain/failure.ts'
import type { RegistrySettings } from './registry.ts'
import { createRegistrySend } from './registry-http.ts'
import type { RegistryCredentials } from './registry-image.ts'
import { locateImage } from './registry-image.ts'
import { isOwnRealm } from './registry-realm.ts'
import { createRegistryTokens } from './registry-tokens.ts'
import { routeRequest } from './routes.ts'

/** `host` as the policy and Docker's configuration write it. One line about it; throws UserError where it lets nobody in, SystemUnavailable as every call does. */
export async function examineRegistry(host: string, settings: RegistrySettings): Promise<string> {
  const image = locateImage(`${host}/any`)
  if (image === undefined) throw refused(host, 'this is not the host of a registry')
  const send = createRegistrySend(settings)
  const url = new URL(`${image.origin}/v2/`)
  const credentials = settings.credentials?.get(image.host)
  const first = await send({ method: 'GET', url, headers: {} })
  if (first.status === 200) return 'answers, and wants no credentials'
  if (first.status !== 401) throw refused(host, `it answers ${first.status}, which no registry does`)
  const answer = await createRegistryTokens(send, Date.now).obtain(
    {
      image: { ...image, name: '' },
      url,
      credentials,
      anonymously: false,
      mayAskRealm: (realm) => isOwnRealm(url, realm) || routeRequest(settings.routes, realm).isRouted,
    },
    first,
  )
  if (answer.kind === 'refused') throw refused(host, answer.reason)
  if (answer.kind === 'none') throw refused(host, 'it wants credentials')
  const second = await send({ method: 'GET', url, headers: { authorization: answer.header } })
  if (second.status === 200) return who(credentials, answer.header)
  throw refused(host, `it answers ${second.status} to ${credentials?.username ?? 'nobody in particular'}`)
}

function who(credentials: RegistryCredentials | undefined, header: string): string {
  if (credentials !== undefined) return `takes the credentials of ${credentials.username}`
  return header.startsWith('Basic ') ? 'takes the role of this server' : 'answers, without credentials'
}

const refused = (host: string, why: string): UserError =>
  new UserError(
    'system_unavailable',
    why,
    `Compare \`registries:\` in LOCKKEEPER_POLICY with the entry of ${host} in LOCKKEEPER_REGISTRY_CONFIG; for AWS give this server's role ecr:GetAuthorizationToken.`,
  )
