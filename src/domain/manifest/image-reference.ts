/** An image as one text, taken apart: what the formats that write images (helm.ts, argocd-parameters.ts) put into several places. */

export type ImageReference = {
  /** With its registry, without tag and digest. */
  readonly name: string
  readonly tag: string | undefined
  /** With its algorithm: `sha256:…`. */
  readonly digest: string | undefined
}

/** `ghcr.io/acme/churn:1.2@sha256:…`; a port is no tag. */
export function splitImage(text: string): ImageReference {
  const at = text.indexOf('@')
  const rest = at < 0 ? text : text.slice(0, at)
  const colon = rest.lastIndexOf(':')
  const hasTag = colon > rest.lastIndexOf('/')
  return {
    name: hasTag ? rest.slice(0, colon) : rest,
    tag: hasTag ? rest.slice(colon + 1) : undefined,
    digest: at < 0 ? undefined : text.slice(at + 1),
  }
}

/** The registry apart from the repository; Docker Hub where none is named, as everywhere else. */
export function splitRegistry(name: string): { readonly registry: string; readonly repository: string } {
  const slash = name.indexOf('/')
  const host = name.slice(0, Math.max(0, slash))
  if (!/[.:]/.test(host) && host !== 'localhost') return { registry: 'docker.io', repository: name }
  return { registry: host, repository: name.slice(slash + 1) }
}
