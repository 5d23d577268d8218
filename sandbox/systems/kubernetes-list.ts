/** Lists of the Kubernetes stand-in: pages by `limit` and `continue`, and metadata only where that is asked for. Answered by kubernetes.ts. */
import type { SandboxRequest, SandboxResponse } from '../http.ts'
import { failure } from './kubernetes-access.ts'
import type { KubeObject } from './kubernetes-objects.ts'
import type { KubernetesStore } from './kubernetes-store.ts'
import { listSelected, type Selection } from './kubernetes-watch.ts'

/** A page names the version it is from: when that is forgotten, so is what was still to come. */
export function listPage(
  store: KubernetesStore,
  { query, headers }: SandboxRequest,
  selection: Selection,
): SandboxResponse {
  const { group, version, kind } = selection.resource
  const [from = '', after = ''] = Buffer.from(query.get('continue') ?? '', 'base64url')
    .toString()
    .split(' ')
  if (after !== '' && Number(from) < store.oldest()) {
    const message = 'The provided continue parameter is too old to display a consistent list result.'
    return failure({ code: 410, reason: 'Expired', message })
  }
  const rest = listSelected(store, selection).filter(({ metadata }) => keyOf(metadata) > after)
  const limit = Number(query.get('limit') ?? 0) || rest.length
  const items = rest.slice(0, limit)
  const last = items.at(-1)
  const resourceVersion = after === '' ? String(store.version()) : from
  const next =
    last === undefined || rest.length <= limit
      ? ''
      : Buffer.from(`${resourceVersion} ${keyOf(last.metadata)}`).toString('base64url')
  const metadata = { continue: next, resourceVersion }
  const onlyMetadata = headers.accept?.includes('as=PartialObjectMetadataList') === true
  const body = onlyMetadata
    ? {
        apiVersion: 'meta.k8s.io/v1',
        items: items.map(partial),
        kind: 'PartialObjectMetadataList',
        metadata,
      }
    : { apiVersion: `${group}/${version}`, items, kind: `${kind}List`, metadata }
  return { status: 200, body }
}

const keyOf = ({ namespace, name }: KubeObject['metadata']) => `${namespace}/${name}`

/** An object as PartialObjectMetadata. */
export const partial = ({ metadata }: KubeObject) => ({
  apiVersion: 'meta.k8s.io/v1',
  kind: 'PartialObjectMetadata',
  metadata,
})
