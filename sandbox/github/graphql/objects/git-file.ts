/** Blobs and trees as GraphQL shows them. Commits are in commit.ts. */
import { DIRECTORY_MODE, entryAt, readBlob, readTree, type TreeEntry } from '../../git.ts'
import { isBinary } from '../../git-diff.ts'
import type { Repository } from '../../model.ts'
import { gitNodeId } from '../../state.ts'
import type { Fields, View, ViewContext } from '../view.ts'

/** GitHub gives no more of a file than this as `text`. */
const MOST_TEXT_BYTES = 512_000
const ABBREVIATED = 7

/** `text` is decoded as UTF-8, so bytes that are no UTF-8 are lost in it, as on GitHub; null for binary files. */
export function presentBlob(context: ViewContext, repository: Repository, oid: string): View {
  const data = readBlob(repository.objects, oid)
  const binary = isBinary(data)
  return {
    __typename: 'Blob',
    id: gitNodeId('Blob', repository, oid),
    oid,
    abbreviatedOid: oid.slice(0, ABBREVIATED),
    byteSize: data.length,
    isBinary: binary,
    isTruncated: data.length > MOST_TEXT_BYTES,
    text: () => (binary ? null : data.subarray(0, MOST_TEXT_BYTES).toString('utf8')),
    repository: () => context.present(repository),
  }
}

/** `path` is where the tree was reached from the root, with which its entries' paths begin; a tree found by its id has none. */
export function presentTree(context: ViewContext, repository: Repository, at: { oid: string; path?: string }): View {
  const { oid, path = '' } = at
  const below = path === '' ? '' : `${path}/`
  return {
    __typename: 'Tree',
    id: gitNodeId('Tree', repository, oid),
    oid,
    abbreviatedOid: oid.slice(0, ABBREVIATED),
    entries: () =>
      readTree(repository.objects, oid).map((entry) =>
        presentEntry(context, repository, { entry, path: `${below}${entry.name}` }),
      ),
    repository: () => context.present(repository),
  }
}

/** The entry at a path of a tree; null when there is none. */
export function presentFile(
  context: ViewContext,
  repository: Repository,
  at: { tree: string; path: string },
): Fields | null {
  const entry = entryAt(repository.objects, at.tree, at.path)
  return entry === undefined ? null : presentEntry(context, repository, { entry, path: at.path })
}

/** `mode` is a number: 33188 is 0o100644. */
function presentEntry(context: ViewContext, repository: Repository, at: { entry: TreeEntry; path: string }): Fields {
  const { mode, name, oid } = at.entry
  const isTree = mode === DIRECTORY_MODE
  return {
    name,
    path: at.path,
    oid,
    mode: Number.parseInt(mode, 8),
    type: isTree ? 'tree' : 'blob',
    extension: () => /\.[^.]+$/.exec(name)?.[0] ?? '',
    size: () => (isTree ? 0 : readBlob(repository.objects, oid).length),
    object: () =>
      isTree ? presentTree(context, repository, { oid, path: at.path }) : presentBlob(context, repository, oid),
    repository: () => context.present(repository),
  }
}
