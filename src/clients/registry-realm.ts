/** Whether a token service belongs to the registry that names it. Used by registry.ts before it asks there, with or without a password. */

/** Hosts below these belong to different customers of one cloud, or are all services of a cluster: not siblings. */
const SHARED_DOMAINS: ReadonlySet<string> = new Set([
  'amazonaws.com',
  'azurecr.io',
  'cloudfront.net',
  'cluster.local',
  'github.io',
  'jfrog.io',
  'ocir.io',
  'pkg.dev',
  'run.app',
  'windows.net',
])

/**
 * The registry's own host, on its own port or the scheme's (GitLab has its registry on one port and its tokens on another), or another host of its
 * domain (`auth.docker.io` of `registry-1.docker.io`). Addresses and hosts of one label have no domain.
 */
export function isOwnRealm(registry: URL, realm: URL): boolean {
  if (realm.username !== '' || realm.password !== '') return false
  if (realm.port !== '' && realm.port !== registry.port) return false
  if (realm.hostname === registry.hostname) return true
  const domain = domainOf(registry.hostname)
  return domain !== undefined && domain === domainOf(realm.hostname)
}

/** The part that somebody registered: two labels, three below `co.uk` and its like. */
function domainOf(host: string): string | undefined {
  const labels = host.split('.')
  if (labels.length < 2 || host.startsWith('[') || /^\d+$/.test(labels.at(-1) ?? '') || labels.includes(''))
    return undefined
  const [second = '', top = ''] = labels.slice(-2)
  // Short names below a country are mostly registries of their own (co.uk, com.au, ne.jp): taking one of them for a domain would join strangers.
  const depth = top.length === 2 && second.length <= 3 ? 3 : 2
  if (labels.length < depth) return undefined
  const domain = labels.slice(-depth).join('.')
  return SHARED_DOMAINS.has(domain) ? undefined : domain
}
