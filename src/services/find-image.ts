/** The container image of a release: its template's tag resolved to a digest. Part of find-artefacts.ts; find-artefact.ts asks for model images the same way. */
import { UserError } from '../domain/failure.ts'
import type { Digest, RepoName } from '../domain/ids.ts'
import { type PinnedImage, parsePinnedImage } from '../domain/image-name.ts'
import type { ReleaseImage } from '../domain/release.ts'
import type { Deps } from './deps.ts'
import { rendered, type Sought, type Wanted } from './wanted-artefacts.ts'

type ImageDeps = Pick<Deps, 'mayUse' | 'registries'>

/** undefined where the model has no image. Throws UserError for a template that makes no image. */
export async function findImage(wanted: Wanted, deps: ImageDeps): Promise<Sought<ReleaseImage | undefined>> {
  const template = wanted.model.release.image
  if (template === undefined) return { found: undefined }
  const text = rendered(template, wanted)
  if ('missing' in text || text.found === undefined) return text as Sought<undefined>
  const image = parsePinnedImage(text.found)
  if (image === undefined)
    throw new UserError('config_invalid', `\`${text.found}\` is not \`host/name:tag\``, 'Correct `release.image`.')
  const digest = await resolveImage(image, wanted.record, deps)
  if ('missing' in digest) return digest
  return { found: { repository: image.repository, tag: image.tag, digest: digest.found } }
}

/** What the image points to now; of one that names its digest, that digest, where it exists. */
export async function resolveImage(
  { repository, tag, digest }: PinnedImage,
  asker: { readonly repository: RepoName },
  { mayUse, registries }: ImageDeps,
): Promise<Sought<Digest>> {
  const reference = digest ?? tag ?? 'latest'
  const text = digest === undefined ? `${repository}:${reference}` : `${repository}@${reference}`
  const need = { kind: 'registry', image: repository } as const
  const permit = mayUse(asker.repository, { ...need, anonymously: true })
  if (!permit.allowed) return { missing: { what: permit.message, remedy: 'The operator can add the entry.' } }
  const anonymously = !mayUse(asker.repository, { ...need, anonymously: false }).allowed
  const answer = await registries.resolve({ repository, reference, anonymously })
  if (answer.kind === 'found') return { found: answer.digest }
  if (answer.kind === 'refused') return { missing: { what: `a look at \`${text}\`: ${answer.reason}`, remedy: '' } }
  const remedy = digest === undefined ? 'Push it with exactly this tag.' : 'Push it, or correct the digest.'
  return { missing: { what: `the image \`${text}\``, remedy } }
}
