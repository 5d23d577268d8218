/** `GitHub.readFiles`: files of one commit in one call, and the reader for `f0…fn` that the promotion's document shares. */
import type { RepoName } from '../../domain/ids.ts'
import type { RepoFile } from '../../services/ports.ts'
import type { Answer } from '../answer.ts'
import type { Caller } from './call.ts'
import { filesRequest } from './documents/files.ts'
import { notVisible } from './installations.ts'
import { readBlob } from './read-blob.ts'

const FILES_PER_CALL = 100

/** Absent files (and all of them, when the commit does not exist) are missing from the map. One call per 100 paths. */
export async function readFiles(
  caller: Caller,
  repository: RepoName,
  question: { readonly ref: string; readonly paths: readonly string[] },
): Promise<ReadonlyMap<string, RepoFile>> {
  const files = new Map<string, RepoFile>()
  const paths = [...new Set(question.paths)]
  for (let start = 0; start < paths.length; start += FILES_PER_CALL) {
    const some = paths.slice(start, start + FILES_PER_CALL)
    const { data } = await caller.graphql(repository, filesRequest(repository, question.ref, some))
    const found = data.maybe('repository')
    if (found === undefined) throw notVisible(repository)
    const part = await filesOf(caller, { repository, paths: some }, found.maybe('object'))
    for (const [path, file] of part) files.set(path, file)
  }
  return files
}

/** Reads the selections of documents/files.ts from a commit. */
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
