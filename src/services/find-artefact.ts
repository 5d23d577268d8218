/** Where the model of a release lies, and whether it is there. Addresses: domain/artefact-uri.ts. Part of find-artefacts.ts. */
import { isPullable, mapUri, schemeOf } from '../domain/artefact-uri.ts'
import { parsePinnedImage } from '../domain/image-name.ts'
import type { Deps } from './deps.ts'
import { resolveImage } from './find-image.ts'
import type { MlflowVersion } from './ports.ts'
import { rendered, type Sought, type Wanted } from './wanted-artefacts.ts'

type ArtefactDeps = Pick<Deps, 'mayUse' | 'mlflow' | 'buckets' | 'registries' | 'probe'>

/** `unseen`: why nobody looked whether it is there. */
export type FoundArtefact = { readonly uri: string; readonly unseen?: string }

export type ArtefactQuestion = {
  readonly version: MlflowVersion | undefined
  /** Whether something that is written or checked needs an address that the serving side can pull. */
  readonly isNeeded: boolean
}

/** The configured address, else the registry's own, mapped; undefined where there is none. */
export async function findArtefact(
  wanted: Wanted,
  question: ArtefactQuestion,
  deps: ArtefactDeps,
): Promise<Sought<FoundArtefact | undefined>> {
  const template = wanted.model.release.model?.uri
  const address = template === undefined ? await ownAddress(wanted, question, deps) : rendered(template, wanted)
  if ('missing' in address) return address
  return address.found === undefined ? { found: undefined } : look(address.found, wanted, deps)
}

/** As MLflow says it, and as `uri_map` translates it. */
async function ownAddress(
  { model }: Wanted,
  { version, isNeeded }: ArtefactQuestion,
  { mlflow }: ArtefactDeps,
): Promise<Sought<string | undefined>> {
  const { registry, uriMap = [] } = model.release.model ?? {}
  if (version?.source === undefined || registry === undefined) return { found: undefined }
  const isDirect = isPullable(version.source)
  const own = isDirect ? version.source : ((await mlflow.locate(registry.server, version)) ?? version.source)
  const mapped = mapUri(own, uriMap)
  if (mapped.ok && isPullable(mapped.uri)) return { found: mapped.uri }
  if (!isNeeded) return { found: undefined }
  const why = mapped.ok ? '' : `, which is not mapped: ${mapped.reason}`
  const what = `an artefact URI that KServe can pull: the registry says \`${own}\`${why}`
  return { missing: { what, remedy: 'Set `release.model.uri_map` or `release.model.uri`.' } }
}

/** What can be looked into is looked into; the rest is taken at its word, and said to be. */
async function look(uri: string, wanted: Wanted, deps: ArtefactDeps): Promise<Sought<FoundArtefact>> {
  const scheme = schemeOf(uri)
  if (scheme === 's3') return lookInBucket(uri, wanted, deps)
  if (scheme === 'oci' || scheme?.startsWith('oci+') === true) return lookInRegistry(uri, wanted, deps)
  if (scheme === 'https' || scheme === 'http') return lookAtHost(uri, wanted, deps)
  return { found: { uri, unseen: `Lockkeeper cannot look into \`${scheme}:\`` } }
}

async function lookInBucket(
  uri: string,
  { record }: Wanted,
  { mayUse, buckets }: ArtefactDeps,
): Promise<Sought<FoundArtefact>> {
  const permit = mayUse(record.repository, { kind: 'bucket', uri })
  if (!permit.allowed) return { missing: { what: permit.message, remedy: 'The operator can add the entry.' } }
  const answer = await buckets.exists(uri)
  if (answer.kind === 'found') return { found: { uri } }
  return answer.kind === 'refused'
    ? { missing: { what: `a look at \`${uri}\`: ${answer.reason}`, remedy: '' } }
    : { missing: { what: `the artefact \`${uri}\``, remedy: 'Upload it to exactly there.' } }
}

/** A model in an image (KServe's modelcar): pinned, so that every replica pulls the same. */
async function lookInRegistry(uri: string, { record }: Wanted, deps: ArtefactDeps): Promise<Sought<FoundArtefact>> {
  const [prefix = ''] = /^[a-z+]+:\/\//i.exec(uri) ?? []
  const name = uri.slice(prefix.length)
  const image = parsePinnedImage(name) ?? parsePinnedImage(`${name}:latest`)
  if (image === undefined)
    return { missing: { what: `an image behind \`${uri}\``, remedy: 'Write `oci://host/name:tag`.' } }
  const digest = await resolveImage(image, record, deps)
  if ('missing' in digest) return digest
  const [written] = name.split('@')
  return { found: { uri: `${prefix}${written}@${digest.found}` } }
}

/** The serving side may have credentials that this server has not: only a plain "not there" is one. */
async function lookAtHost(
  uri: string,
  { record }: Wanted,
  { mayUse, probe }: ArtefactDeps,
): Promise<Sought<FoundArtefact>> {
  const permit = mayUse(record.repository, { kind: 'http', url: uri })
  if (!permit.allowed) return { found: { uri, unseen: 'the policy lets nobody ask that host' } }
  const answer = await probe.ask({ url: uri, method: 'HEAD' })
  if (answer.kind === 'failed')
    return { missing: { what: `a look at \`${uri}\`: ${answer.reason}`, remedy: 'Mend the host.' } }
  if (answer.status === 404 || answer.status === 410)
    return { missing: { what: `the artefact \`${uri}\``, remedy: 'Upload it to exactly there.' } }
  const isThere = answer.status >= 200 && answer.status < 300
  return { found: isThere ? { uri } : { uri, unseen: `the host answers ${answer.status} to this server` } }
}
