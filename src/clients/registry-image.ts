/** Where an image's registry is, and with which credentials it is asked. registry.ts speaks to it. */
import { type ImageName, parseImageName } from '../domain/image-name.ts'
import { fieldsOf } from '../domain/json-fields.ts'

/** The registry's address and the repository's name below `/v2/`. */
export type ImageLocation = ImageName & { readonly origin: string }

/** User and password (or token) of a registry. */
export type RegistryCredentials = { readonly username: string; readonly password: string }

const DOCKER_HUB = 'docker.io'

/** Registries on this machine (`localhost:5000`) speak plain HTTP, all others HTTPS. undefined when the text is no image name. */
export function locateImage(repository: string): ImageLocation | undefined {
  const image = parseImageName(repository)
  if (image === undefined) return undefined
  if (image.host === DOCKER_HUB) return { ...image, origin: 'https://registry-1.docker.io' }
  const scheme = /^(localhost|127\.0\.0\.1)(:|$)/.test(image.host) ? 'http' : 'https'
  return { ...image, origin: `${scheme}://${image.host}` }
}

/** Credentials by registry host from a Docker `config.json`. Entries that need a credential helper are left out. Throws when the text is not JSON. */
export function parseDockerConfig(text: string): ReadonlyMap<string, RegistryCredentials> {
  const auths = fieldsOf(fieldsOf(JSON.parse(text))?.['auths']) ?? {}
  const found = new Map<string, RegistryCredentials>()
  for (const [address, entry] of Object.entries(auths)) {
    const credentials = readEntry(fieldsOf(entry) ?? {})
    if (credentials !== undefined) found.set(hostOf(address), credentials)
  }
  return found
}

function readEntry(entry: Readonly<Record<string, unknown>>): RegistryCredentials | undefined {
  const { auth, username, password } = entry as { auth?: unknown; username?: unknown; password?: unknown }
  if (typeof username === 'string' && typeof password === 'string') return { username, password }
  if (typeof auth !== 'string') return undefined
  const decoded = Buffer.from(auth, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon < 1 ? undefined : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}

/** Docker writes its own registry as `https://index.docker.io/v1/`, others as a host. */
function hostOf(address: string): string {
  const host = (address.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '').toLowerCase()
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? DOCKER_HUB : host
}
