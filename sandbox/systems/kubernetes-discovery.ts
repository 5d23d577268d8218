/** The API server's self-description: version, health, groups and resources. Served by kubernetes.ts. */
import type { SandboxRequest, SandboxResponse } from '../http.ts'
import { RESOURCES } from './kubernetes-objects.ts'

const VERSION = {
  major: '1',
  minor: '33',
  emulationMajor: '1',
  emulationMinor: '33',
  gitVersion: 'v1.33.4',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2025-08-13T14:12:00Z',
  goVersion: 'go1.24.5',
  compiler: 'gc',
  platform: 'linux/amd64',
}

const ANY_VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

/** The answer when the path is one of discovery's. `missing`: plurals that are not installed. */
export function discovery({ path, method }: SandboxRequest, missing: ReadonlySet<string>): SandboxResponse | undefined {
  if (method !== 'GET') return undefined
  if (path === '/version') return { status: 200, body: VERSION }
  if (path === '/livez' || path === '/readyz' || path === '/healthz') return { status: 200, body: 'ok' }
  if (path === '/api') return { status: 200, body: { kind: 'APIVersions', versions: ['v1'] } }
  if (path === '/apis') return { status: 200, body: groups() }
  const [, group, version] = /^\/apis\/([^/]+)\/([^/]+)$/.exec(path) ?? []
  return group === undefined || version === undefined ? undefined : resources(group, version, missing)
}

function groups() {
  const listed = RESOURCES.map(({ group, version }) => {
    const served = { groupVersion: `${group}/${version}`, version }
    return { name: group, versions: [served], preferredVersion: served }
  })
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: listed }
}

function resources(group: string, version: string, missing: ReadonlySet<string>): SandboxResponse | undefined {
  const found = RESOURCES.filter(
    (resource) => resource.group === group && resource.version === version && !missing.has(resource.plural),
  )
  if (found.length === 0) return undefined
  const listed = found.map(({ plural, singular, kind }) => ({
    name: plural,
    singularName: singular,
    namespaced: true,
    kind,
    verbs: ANY_VERBS,
  }))
  return {
    status: 200,
    body: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/${version}`, resources: listed },
  }
}
