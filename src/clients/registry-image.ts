/** Where an image's registry is, and with which credentials it is asked. registry.ts speaks to it. */
import { asRecord } from './answer.ts'

/** The registry's address and the repository's name below `/v2/`. */
export type ImageLocation = { readonly host: string; readonly name: string; readonly origin: string }

/** User and password (or token) of a registry. */
export type RegistryCredentials = { readonly username: string; readonly password: string }

const DOCKER_HUB = 'docker.io'

/** One part of a repository's name, by the distribution specification's grammar. */
const PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/

/**
 * `ghcr.io/acme/churn` names its registry; `acme/churn` and `nginx` are on Docker Hub, as everywhere else. Registries on this machine
 * (`localhost:5000`) speak plain HTTP, all others HTTPS. undefined when the text is no image name.
 */
export function locateImage(repository: string): ImageLocation | undefined {
  const slash = repository.indexOf('/')
  const first = slash < 0 ? '' : repository.slice(0, slash)
  const isHost = /[.:]/.test(first) || first === 'localhost'
  const named = isHost ? first.toLowerCase() : DOCKER_HUB
  const rest = isHost ? repository.slice(slash + 1) : repository
  if (!/^[a-z0-9._-]+(?::\d+)?$/.test(named) || !rest.split('/').every((part) => PART.test(part))) return undefined
  if (named !== DOCKER_HUB && named !== 'index.docker.io') {
    const scheme = /^(localhost|127\.0\.0\.1)(:|$)/.test(named) ? 'http' : 'https'
    return { host: named, name: rest, origin: `${scheme}://${named}` }
  }
  const name = rest.includes('/') ? rest : `library/${rest}`
  return { host: DOCKER_HUB, name, origin: 'https://registry-1.docker.io' }
}

/** Credentials by registry host from a Docker `config.json`. Entries that need a credential helper are left out. Throws when the text is not JSON. */
export function parseDockerConfig(text: string): ReadonlyMap<string, RegistryCredentials> {
  const auths = asRecord(asRecord(JSON.parse(text))?.['auths']) ?? {}
  const found = new Map<string, RegistryCredentials>()
  for (const [address, entry] of Object.entries(auths)) {
    const credentials = readEntry(asRecord(entry) ?? {})
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
  const host = address
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .toLowerCase()
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? DOCKER_HUB : host
}
