/** Names of container images, and which of them the operator's policy means. Registries are spoken to in src/clients/registry.ts. */
import { globMatches } from './glob.ts'
import { type Digest, parseDigest } from './ids.ts'
import { splitImage } from './manifest/image-reference.ts'

/** `host` is lower case with its port, `docker.io` for Docker Hub under each of its names; `name` is the repository below it. */
export type ImageName = { readonly host: string; readonly name: string }

const DOCKER_HUB = 'docker.io'
const HUB_NAMES: ReadonlySet<string> = new Set([DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io'])

/** One part of a repository's name, by the distribution specification's grammar. */
const PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/

/** `ghcr.io/acme/churn` names its registry; `acme/churn` and `nginx` are on Docker Hub, as everywhere else. undefined when the text is no image name. */
export function parseImageName(text: string): ImageName | undefined {
  const slash = text.indexOf('/')
  const first = slash < 0 ? '' : text.slice(0, slash)
  const isHost = namesHost(first)
  const host = isHost ? first.toLowerCase() : DOCKER_HUB
  const rest = isHost ? text.slice(slash + 1) : text
  if (!/^[a-z0-9._-]+(?::\d+)?$/.test(host) || !rest.split('/').every((part) => PART.test(part))) return undefined
  if (!HUB_NAMES.has(host)) return { host, name: rest }
  return { host: DOCKER_HUB, name: rest.includes('/') ? rest : `library/${rest}` }
}

/** An image with what says which: a tag, a digest, or both, of which the digest counts. */
export type PinnedImage = {
  /** Without tag and digest, as written. */
  readonly repository: string
  readonly tag: string | undefined
  readonly digest: Digest | undefined
}

const TAG = /^\w[\w.-]{0,127}$/

/** `ghcr.io/acme/churn:v12@sha256:…`. undefined for a name alone, and for what is no image. */
export function parsePinnedImage(text: string): PinnedImage | undefined {
  const { name: repository, tag, digest: written } = splitImage(text)
  const digest = written === undefined ? undefined : parseDigest(written)
  if (parseImageName(repository) === undefined || (tag === undefined && digest === undefined)) return undefined
  if ((tag !== undefined && !TAG.test(tag)) || (written !== undefined && digest === undefined)) return undefined
  return { repository, tag, digest }
}

/**
 * `ghcr.io/acme/*`: a registry and a pattern over its repositories, in the spelling that imageMatches compares. `*` may stand for the first part
 * of a host that has two more (`*.azurecr.io`); a wider one would reach hosts that nobody thought of.
 */
export function parseImagePattern(
  text: string,
):
  | { readonly ok: true; readonly pattern: string }
  | { readonly ok: false; readonly reason: string; readonly hint: string } {
  const slash = text.indexOf('/')
  const host = (slash < 0 ? text : text.slice(0, slash)).toLowerCase()
  const path = slash < 0 ? '' : text.slice(slash + 1)
  if (!namesHost(host)) return refusal('does not begin with the host of a registry')
  if (!/^(?:\*\.[a-z0-9_-]+\.)?[a-z0-9._-]+(?::\d+)?$/.test(host))
    return refusal('has a host in which `*` is not the first of at least three parts')
  if (path === '') return refusal('names no images')
  if (!/^[a-z0-9._*/-]+$/.test(path)) return refusal('has a path that no image can have')
  return { ok: true, pattern: `${HUB_NAMES.has(host) ? DOCKER_HUB : host}/${path}` }
}

/** Does the policy's pattern mean this image? `*` of a host is exactly one part, that of a path as in every pattern. */
export function imageMatches(pattern: string, image: ImageName): boolean {
  const slash = pattern.indexOf('/')
  const wanted = pattern.slice(0, slash).split('.')
  const labels = image.host.split('.')
  const isHost =
    labels.length === wanted.length && wanted.every((label, index) => label === '*' || label === labels[index])
  return isHost && globMatches(pattern.slice(slash + 1), image.name)
}

const refusal = (reason: string) => ({
  ok: false as const,
  reason,
  hint: 'write host and path, for example `ghcr.io/acme/*`, or `ghcr.io/**` for all images there',
})

const namesHost = (text: string): boolean => /[.:]/.test(text) || text === 'localhost'

const PUBLIC_REGISTRIES: readonly RegExp[] = [
  /^public\.ecr\.aws$/,
  /^(?:docker|ghcr|quay|gcr)\.io$/,
  /^[a-z0-9-]+\.azurecr\.io$/,
  /^[a-z0-9-]+\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com$/,
  /^[a-z0-9-]+\.pkg\.dev$/,
]

/** Registries that everybody can reach: asking one of them without credentials tells a repository nothing that it could not ask itself. */
export const isPublicRegistry = ({ host }: ImageName): boolean =>
  PUBLIC_REGISTRIES.some((pattern) => pattern.test(host))
