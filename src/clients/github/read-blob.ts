/** A file's text as Git has it. GraphQL gives decoded text, which is checked against the object id; what does not fit is read raw through REST. */
import { SystemUnavailable, UserError } from '../../domain/failure.ts'
import { gitBlobId } from '../../domain/git-blob.ts'
import type { RepoName } from '../../domain/ids.ts'
import type { RepoFile } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import type { Caller } from './call.ts'
import { CONFIG_PATH } from './documents/pull-request.ts'

/** Configuration and manifests are small; anything larger is not meant to be edited by a program. */
const MAX_BYTES = 2 * 1024 * 1024

/**
 * The file behind a `FileParts` selection; undefined when there is none (or it is a folder or a submodule).
 * Throws UserError when it is not UTF-8 text or larger than 2 MiB.
 */
export async function readBlob(
  caller: Caller,
  at: { readonly repository: RepoName; readonly path: string },
  entry: Answer | undefined,
): Promise<RepoFile | undefined> {
  if (entry === undefined || entry.text('type') !== 'blob') return undefined
  const blob = entry.child('object')
  const oid = blob.text('oid')
  // Git's mode in decimal, as GraphQL has it: 33188 is 100644.
  const mode = entry.integer('mode').toString(8).padStart(6, '0')
  if (blob.integer('byteSize') > MAX_BYTES) throw refused(at, 'is larger than 2 MiB', 'Split the file.')
  const text = blob.maybeText('text')
  if (text !== undefined && !blob.flag('isTruncated') && gitBlobId(Buffer.from(text), oid.length) === oid)
    return { oid, mode, text }
  return { oid, mode, text: await readRaw(caller, at, oid) }
}

async function readRaw(
  caller: Caller,
  at: { readonly repository: RepoName; readonly path: string },
  oid: string,
): Promise<string> {
  const { data } = await caller.rest(at.repository, 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}', { file_sha: oid })
  const blob = answerOf('GitHub', data)
  const bytes = Buffer.from(blob.text('content'), blob.text('encoding') === 'base64' ? 'base64' : 'utf8')
  if (gitBlobId(bytes, oid.length) !== oid)
    throw new SystemUnavailable('GitHub', `the content of blob ${oid} does not match its id`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw refused(at, 'is not UTF-8 text', 'Save it as UTF-8.')
  }
}

function refused(at: { readonly repository: RepoName; readonly path: string }, why: string, hint: string): UserError {
  const code = at.path === CONFIG_PATH ? 'config_invalid' : 'manifest_refused'
  return new UserError(code, `${at.path} in ${at.repository} ${why}.`, hint)
}
