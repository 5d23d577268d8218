/** Lists the objects of a kind in a namespace, page by page, as names and versions. The first half of every watch; the second: watch-objects.ts. */
import { answerOf } from '../answer.ts'
import type { ClusterConnection } from './connection.ts'
import { NOT_CONFIGURED } from './connection.ts'
import { RESOURCE_TYPES, type ReadKind, resourcePath } from './resources.ts'

/** All objects of one kind in one namespace. */
export type Place = { readonly kind: ReadKind; readonly namespace: string }

/** Resource versions by name, and where a watch goes on from. */
export type Listed = { readonly versions: ReadonlyMap<string, string>; readonly version: string }

/** The API server says no: more than a moment passes until it says something else. */
export class Refused extends Error {}

/** Names and versions are enough, and Applications can be large; API servers that cannot leave the rest away give whole objects. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json'

const PAGE = 500

/** Throws Refused, and what `ask` throws. A page that has expired meanwhile (410) makes it begin again, once. */
export async function listNames(connection: ClusterConnection, place: Place): Promise<Listed> {
  return (await listOnce(connection, place)) ?? (await listOnce(connection, place)) ?? expired(place)
}

async function listOnce(connection: ClusterConnection, place: Place): Promise<Listed | undefined> {
  const versions = new Map<string, string>()
  let next = ''
  for (;;) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(next !== '' && { continue: next }) })
    const path = `${resourcePath(place.kind, place.namespace)}?${query}`
    const answer = await connection.ask(path, { accept: METADATA_ONLY })
    if (answer === undefined) throw new Refused(NOT_CONFIGURED)
    if (answer.status === 410) return undefined
    if (answer.status !== 200) throw new Refused(refusalOf('list', place, answer))
    const page = answerOf('Kubernetes', answer.body, 'list')
    for (const item of page.list('items')) {
      const metadata = item.child('metadata')
      versions.set(metadata.text('name'), metadata.maybeText('resourceVersion') ?? '')
    }
    const metadata = page.child('metadata')
    next = metadata.maybeText('continue') ?? ''
    if (next === '') return { versions, version: metadata.text('resourceVersion') }
  }
}

function expired({ kind, namespace }: Place): never {
  throw new Error(`the list of ${nameOf(kind)} in namespace ${namespace} expires before it is read`)
}

/** What is missing, in the words of RBAC. */
export function refusalOf(
  verb: 'list' | 'watch',
  { kind, namespace }: Place,
  { status }: { readonly status: number },
): string {
  if (status === 403) return `Lockkeeper's account may not ${verb} ${nameOf(kind)} in namespace ${namespace}`
  if (status === 401) return "the cluster does not accept Lockkeeper's credentials"
  if (status === 404) return `the cluster does not know ${nameOf(kind)}`
  return `the API server answered ${status} when asked to ${verb} ${nameOf(kind)} in namespace ${namespace}`
}

const nameOf = (kind: ReadKind): string => `${RESOURCE_TYPES[kind].plural}.${RESOURCE_TYPES[kind].group}`
