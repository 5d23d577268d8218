/**
 * `GitHub.readFiles`. What one job asks for in the same moment is one request, however many models and commits it concerns; what stands at a commit is
 * remembered, since it cannot change. `filesOf` also reads the promotion's document.
 */
import { setImmediate } from 'node:timers/promises'
import { parseCommitSha, type RepoName } from '../../domain/ids.ts'
import { createRecent } from '../../domain/recent.ts'
import type { RepoFile } from '../../services/ports.ts'
import type { Answer } from '../answer.ts'
import type { Caller } from './call.ts'
import { type FileAt, filesRequest, refsOf } from './documents/files.ts'
import { QueryTooLarge } from './graphql.ts'
import { notVisible } from './installations.ts'
import { currentWork } from './on-behalf.ts'
import { readBlob } from './read-blob.ts'

const FILES_PER_CALL = 100
/** Metrics and manifests are some kilobytes each. */
const REMEMBERED_BYTES = 8 * 1024 * 1024

/** Absent files (and all of them, when the commit does not exist) are missing from the map. One call per 100 files. */
export type FileReader = (
  repository: RepoName,
  question: { readonly ref: string; readonly paths: readonly string[] },
) => Promise<ReadonlyMap<string, RepoFile>>

/** The commit that a file was asked for at, as the answer has it; undefined where GitHub does not know it. `entry`: the file there. */
type Found = { readonly commit: Answer | undefined; readonly entry: Answer | undefined }

/** Asked for together: everything up to the end of this turn of the event loop. */
type Batch = { readonly files: Map<string, FileAt>; readonly answer: Promise<ReadonlyMap<string, Found>> }

const keyOf = ({ ref, path }: FileAt): string => `${ref}:${path}`

export function createFileReader(caller: Caller): FileReader {
  const open = new Map<string, Batch>()
  // null: the commit has no such file.
  const remembered = createRecent<RepoFile | null>(REMEMBERED_BYTES)

  const batchOf = (repository: RepoName): Batch => {
    const { priority, repository: account } = currentWork()
    const key = `${repository} ${priority} ${account ?? ''}`
    const begun = open.get(key)
    if (begun !== undefined) return begun
    const files = new Map<string, FileAt>()
    const answer = setImmediate().then(() => {
      open.delete(key)
      return askFor(caller, repository, files)
    })
    const batch = { files, answer }
    open.set(key, batch)
    return batch
  }

  const readOne = async (repository: RepoName, file: FileAt): Promise<RepoFile | undefined> => {
    const key = `${repository}@${keyOf(file)}`
    const known = remembered.get(key)
    if (known !== undefined) return known ?? undefined
    const batch = batchOf(repository)
    batch.files.set(keyOf(file), file)
    const found = (await batch.answer).get(keyOf(file))
    const read = await readBlob(caller, { repository, path: file.path }, found?.entry)
    // Right after a push GitHub may not know the commit yet.
    if (parseCommitSha(file.ref) !== undefined && found?.commit !== undefined)
      remembered.set(key, read ?? null, read?.text.length ?? 0)
    return read
  }

  return async (repository, { ref, paths }) => {
    const names = [...new Set(paths)]
    const read = await Promise.all(names.map((path) => readOne(repository, { ref, path })))
    return new Map(names.flatMap((path, index) => (read[index] === undefined ? [] : [[path, read[index]]])))
  }
}

async function askFor(
  caller: Caller,
  repository: RepoName,
  files: ReadonlyMap<string, FileAt>,
): Promise<ReadonlyMap<string, Found>> {
  const all = [...files.values()]
  const found = new Map<string, Found>()
  for (let start = 0; start < all.length; start += FILES_PER_CALL) {
    for (const [key, each] of await askOnce(caller, repository, all.slice(start, start + FILES_PER_CALL)))
      found.set(key, each)
  }
  return found
}

/** In halves where it is more than GitHub does for one query, whose limit is not told. */
async function askOnce(
  caller: Caller,
  repository: RepoName,
  files: readonly FileAt[],
): Promise<readonly (readonly [string, Found])[]> {
  try {
    const { data } = await caller.graphql(repository, filesRequest(repository, files))
    const answer = data.maybe('repository')
    if (answer === undefined) throw notVisible(repository)
    const refs = refsOf(files)
    return files.map((file, index) => {
      const commit = answer.maybe(`c${refs.indexOf(file.ref)}`)
      return [keyOf(file), { commit, entry: commit?.maybe(`f${index}`) }]
    })
  } catch (error) {
    if (!(error instanceof QueryTooLarge) || files.length < 2) throw error
    const middle = Math.ceil(files.length / 2)
    return [
      ...(await askOnce(caller, repository, files.slice(0, middle))),
      ...(await askOnce(caller, repository, files.slice(middle))),
    ]
  }
}

/** Reads the selections of one commit (`fileSelections` in documents/files.ts). */
export async function filesOf(
  caller: Caller,
  at: { readonly repository: RepoName; readonly paths: readonly string[] },
  commit: Answer | undefined,
): Promise<ReadonlyMap<string, RepoFile>> {
  const files = new Map<string, RepoFile>()
  for (const [index, path] of at.paths.entries()) {
    const file = await readBlob(caller, { repository: at.repository, path }, commit?.maybe(`f${index}`))
    if (file !== undefined) files.set(path, file)
  }
  return files
}
