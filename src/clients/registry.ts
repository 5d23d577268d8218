/** The `Registries` port: what a tag points to, by the OCI distribution protocol (https://github.com/opencontainers/distribution-spec). */
import { createHash } from 'node:crypto'
import { type Digest, parseDigest } from '../domain/ids.ts'
import { fieldsOf } from '../domain/json-fields.ts'
import type { Registries } from '../services/ports.ts'
import { ecrOf } from './registry-ecr.ts'
import {
  createRegistrySend,
  jsonOf,
  type RegistryAnswer,
  type RegistryHttpSettings,
  type RegistrySend,
} from './registry-http.ts'
import { locateImage, type RegistryCredentials } from './registry-image.ts'
import { isOwnRealm } from './registry-realm.ts'
import { createRegistryTokens, type RegistryQuestion, type RegistryTokens } from './registry-tokens.ts'
import { routeRequest } from './routes.ts'

/** `credentials` by registry host (`docker.io` for Docker Hub). Registries without are asked anonymously, those of AWS with its own credentials. */
export type RegistrySettings = RegistryHttpSettings & {
  readonly credentials?: ReadonlyMap<string, RegistryCredentials>
  /** Milliseconds; for tests. */
  readonly now?: () => number
}

type Resolution = Awaited<ReturnType<Registries['resolve']>>

/** Index types come first: without them a registry may answer with one platform's digest. */
const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

/** Throws SystemUnavailable for 429, 5xx and network trouble. A refusal by the registry is a value, with what to do. */
export function createRegistries(settings: RegistrySettings): Registries {
  const send = createRegistrySend(settings)
  const tokens = createRegistryTokens(send, settings.now ?? Date.now)
  return {
    resolve: async ({ repository, reference, anonymously }) => {
      const image = locateImage(repository)
      if (image === undefined) return { kind: 'refused', reason: `${repository} is not an image name` }
      const wanted = parseDigest(reference)
      if (wanted === undefined && !TAG.test(reference))
        return { kind: 'refused', reason: `${reference} is neither a tag nor a digest` }
      const url = new URL(`${image.origin}/v2/${image.name}/manifests/${reference}`)
      const known = settings.credentials?.get(image.host)
      const found = await resolveManifest(
        { send, tokens },
        {
          image,
          url,
          credentials: anonymously ? undefined : known,
          anonymously,
          advice:
            anonymously && (known !== undefined || ecrOf(image.host) !== undefined)
              ? "name it under `registries:` in the operator's policy, so that the server's credentials are used"
              : 'give the server credentials that may pull it',
          mayAskRealm: (realm) => isOwnRealm(url, realm) || routeRequest(settings.routes, realm).isRouted,
        },
      )
      if (found.kind !== 'found' || wanted === undefined || found.digest === wanted) return found
      return { kind: 'refused', reason: `registry ${image.host} answers ${wanted} with ${found.digest}` }
    },
  }
}

type Asked = RegistryQuestion & {
  /** What to do about a refusal. */
  readonly advice: string
}

async function resolveManifest(
  { send, tokens }: { readonly send: RegistrySend; readonly tokens: RegistryTokens },
  question: Asked,
): Promise<Resolution> {
  const { url } = question
  const ask = (method: 'GET' | 'HEAD', authorization: string | undefined): Promise<RegistryAnswer> =>
    send({
      method,
      url,
      headers: { accept: MANIFEST_TYPES, ...(authorization === undefined ? {} : { authorization }) },
    })
  let authorization = tokens.known(question)
  let head = await ask('HEAD', authorization)
  if (head.status === 401) {
    const answer = await tokens.obtain(question, head)
    if (answer.kind === 'none') return refused(question, 'it wants credentials')
    if (answer.kind === 'refused')
      return answer.denied ? hidden(question, answer.reason) : refused(question, answer.reason)
    authorization = answer.header
    head = await ask('HEAD', authorization)
  }
  const digest = head.status === 200 ? digestHeader(head) : undefined
  if (digest !== undefined) return { kind: 'found', digest }
  if (head.status === 404) return { kind: 'absent' }
  if (head.status === 401 || head.status === 403) return hidden(question, `it answers ${head.status}`)
  // Some registries do not know HEAD or leave the digest out: the digest is the hash of the manifest's bytes.
  const whole = await ask('GET', authorization)
  if (whole.status === 200) return { kind: 'found', digest: digestHeader(whole) ?? hashOf(whole.body) }
  if (whole.status === 404 || errorCodes(whole).includes('MANIFEST_UNKNOWN')) return { kind: 'absent' }
  return refused(question, `it answers ${whole.status}`)
}

const refused = ({ image, advice }: Asked, why: string): Resolution => ({
  kind: 'refused',
  reason: `registry ${image.host} does not show ${image.name}: ${why}; ${advice}`,
})

/** GHCR refuses the token, Docker Hub the manifest, of what is private and of what does not exist alike: it is not known which. */
const hidden = ({ image, advice }: Asked, why: string): Resolution => ({
  kind: 'refused',
  reason: `registry ${image.host} does not show ${image.name}: ${why}, since it is private or does not exist; push it, or ${advice}`,
})

function digestHeader(answer: RegistryAnswer): Digest | undefined {
  const header = answer.headers['docker-content-digest']
  return typeof header === 'string' ? parseDigest(header) : undefined
}

function hashOf(body: Buffer): Digest {
  const digest = parseDigest(`sha256:${createHash('sha256').update(body).digest('hex')}`)
  if (digest === undefined) throw new Error('a SHA-256 hash is always a digest')
  return digest
}

function errorCodes(answer: RegistryAnswer): readonly unknown[] {
  const errors = jsonOf(answer)?.['errors']
  return Array.isArray(errors) ? errors.map((error) => fieldsOf(error)?.['code']) : []
}
