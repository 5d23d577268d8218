/** The Git database: blobs, trees, commits, refs. */
import { GitHubFailure, notFound } from '../../failure.ts'
import { listFiles, readBlob, readTree, type Signature } from '../../git.ts'
import type { Repository } from '../../model.ts'
import { createBlob, createCommit, createTree, type TreeChange } from '../../operations/commits.ts'
import { createRef, deleteRef, updateRef } from '../../operations/refs.ts'
import { resolveTree } from '../../revisions.ts'
import { repositoryUrl } from '../../serialise/accounts.ts'
import { gitCommit, gitRef, treeItem } from '../../serialise/commits.ts'
import { gitNodeId } from '../../state.ts'
import { type Fields, fields, flag, object, objects, oneOf, requiredText, text, texts } from '../body.ts'
import {
  type Call,
  created,
  del,
  get,
  list,
  noContent,
  ok,
  param,
  patch,
  post,
  type Reply,
  type Route,
} from '../call.ts'
import { REPO, repositoryOf } from './repository.ts'

export const gitRoutes: readonly Route[] = [
  post(`${REPO}/git/blobs`, (call) => {
    const repository = repositoryOf(call)
    const body = fields(call.body)
    const encoding = oneOf(body, 'encoding', ['utf-8', 'base64']) ?? 'utf-8'
    const sha = createBlob(call.context, repository, Buffer.from(requiredText(body, 'content'), encoding))
    return created({ sha, url: `${repositoryUrl(call.state, repository)}/git/blobs/${sha}` })
  }),
  get(`${REPO}/git/blobs/{sha}`, readBlobRoute),
  post(`${REPO}/git/trees`, createTreeRoute),
  get(`${REPO}/git/trees/{+sha}`, (call) => {
    const repository = repositoryOf(call, 'contents')
    const tree = resolveTree(repository, param(call, 'sha'))
    if (tree === undefined) throw notFound()
    return ok(printTree(call, repository, { tree, recursive: call.query.has('recursive') }))
  }),
  post(`${REPO}/git/commits`, (call) => {
    const repository = repositoryOf(call)
    const body = fields(call.body)
    const sha = createCommit(call.context, repository, {
      message: requiredText(body, 'message'),
      tree: requiredText(body, 'tree'),
      parents: texts(body, 'parents') ?? [],
      author: signatureOf(object(body, 'author')),
      committer: signatureOf(object(body, 'committer')),
    })
    return created(gitCommit(call.state, repository, sha))
  }),
  get(`${REPO}/git/commits/{sha}`, (call) => {
    const repository = repositoryOf(call, 'contents')
    const sha = param(call, 'sha')
    if (repository.objects.get(sha)?.type !== 'commit') throw notFound()
    return ok(gitCommit(call.state, repository, sha))
  }),
  get(`${REPO}/git/ref/{+ref}`, (call) => {
    const repository = repositoryOf(call, 'contents')
    const name = `refs/${param(call, 'ref')}`
    if (!repository.refs.has(name)) throw notFound()
    return ok(gitRef(call.state, repository, name))
  }),
  get(`${REPO}/git/matching-refs/{+ref}`, (call) => {
    const repository = repositoryOf(call, 'contents')
    const names = [...repository.refs.keys()].filter((name) => name.startsWith(`refs/${param(call, 'ref')}`)).sort()
    return list(call, names, (name) => gitRef(call.state, repository, name))
  }),
  post(`${REPO}/git/refs`, (call) => {
    const repository = repositoryOf(call)
    const body = fields(call.body)
    const ref = requiredText(body, 'ref')
    createRef(call.context, repository, { ref, sha: requiredText(body, 'sha') })
    return created(gitRef(call.state, repository, ref))
  }),
  patch(`${REPO}/git/refs/{+ref}`, (call) => {
    const repository = repositoryOf(call)
    const body = fields(call.body)
    const ref = `refs/${param(call, 'ref')}`
    updateRef(call.context, repository, { ref, sha: requiredText(body, 'sha'), force: flag(body, 'force') ?? false })
    return ok(gitRef(call.state, repository, ref))
  }),
  del(`${REPO}/git/refs/{+ref}`, (call) => {
    deleteRef(call.context, repositoryOf(call), `refs/${param(call, 'ref')}`)
    return noContent()
  }),
]

/** Name, e-mail and date of a body's `author` or `committer`; undefined when absent. */
export function signatureOf(body: Fields | undefined): Partial<Signature> | undefined {
  if (body === undefined) return undefined
  const date = text(body, 'date')
  return {
    name: requiredText(body, 'name'),
    email: requiredText(body, 'email'),
    ...(date === undefined ? {} : { at: Math.floor(Date.parse(date) / 1000) }),
  }
}

function readBlobRoute(call: Call): Reply {
  const repository = repositoryOf(call, 'contents')
  const sha = param(call, 'sha')
  if (repository.objects.get(sha)?.type !== 'blob') throw notFound()
  const data = readBlob(repository.objects, sha)
  if (call.accept.includes('raw'))
    return { status: 200, body: data, headers: { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' } }
  return ok({
    sha,
    node_id: gitNodeId('Blob', repository, sha),
    size: data.length,
    url: `${repositoryUrl(call.state, repository)}/git/blobs/${sha}`,
    content: inLines(data.toString('base64')),
    encoding: 'base64',
  })
}

/** GitHub breaks base64 after 60 characters. */
export const inLines = (base64: string): string =>
  base64.replaceAll(/(.{60})/g, '$1\n') + (base64.length % 60 === 0 ? '' : '\n')

function createTreeRoute(call: Call): Reply {
  const repository = repositoryOf(call)
  const body = fields(call.body)
  const entries = objects(body, 'tree')
  if (entries === undefined || entries.length === 0) throw new GitHubFailure(422, 'Invalid tree info')
  const changes = entries.map((entry): TreeChange => {
    const content = text(entry, 'content')
    const sha =
      content === undefined ? (text(entry, 'sha') ?? null) : createBlob(call.context, repository, Buffer.from(content))
    return { path: requiredText(entry, 'path'), mode: text(entry, 'mode') ?? '100644', sha }
  })
  const base = text(body, 'base_tree')
  const tree = createTree(call.context, repository, { base: base && resolveTree(repository, base), changes })
  return created(printTree(call, repository, { tree, recursive: false }))
}

function printTree({ state }: Call, repository: Repository, { tree, recursive }: { tree: string; recursive: boolean }) {
  const { objects: store } = repository
  const entries = recursive
    ? [...listFiles(store, tree)].map(([path, entry]) => ({ path, ...entry }))
    : readTree(store, tree).map(({ name, mode, oid }) => ({ path: name, mode, oid }))
  return {
    sha: tree,
    url: `${repositoryUrl(state, repository)}/git/trees/${tree}`,
    tree: entries.map((entry) => treeItem(state, repository, entry)),
    truncated: false,
  }
}
