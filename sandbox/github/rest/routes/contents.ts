/** The contents API and comparisons. */
import { GitHubFailure, notFound } from '../../failure.ts'
import { DIRECTORY_MODE, entryAt, readBlob, readCommit, readTree, type TreeEntry } from '../../git.ts'
import { diffCommits } from '../../git-diff.ts'
import { commitsBetween, mergeBase } from '../../git-history.ts'
import type { Repository } from '../../model.ts'
import { writeFile } from '../../operations/contents.ts'
import { branchRef } from '../../pull-request-facts.ts'
import { resolveCommit } from '../../revisions.ts'
import { type Json, repositoryPage, repositoryUrl } from '../../serialise/accounts.ts'
import { commit, diffEntry, gitCommit } from '../../serialise/commits.ts'
import { renderDiff } from '../../serialise/diff.ts'
import { isComparable } from '../../state.ts'
import { fields, object, requiredText, text } from '../body.ts'
import { type Call, del, get, ok, pageOf, param, put, type Reply, type Route } from '../call.ts'
import { inLines, signatureOf } from './git.ts'
import { REPO, repositoryOf } from './repository.ts'

export const contentRoutes: readonly Route[] = [
  get(`${REPO}/contents`, (call) => readContents(call, '')),
  get(`${REPO}/contents/`, (call) => readContents(call, '')),
  get(`${REPO}/contents/{+path}`, (call) => readContents(call, param(call, 'path'))),
  put(`${REPO}/contents/{+path}`, (call) => write(call, 'put')),
  del(`${REPO}/contents/{+path}`, (call) => write(call, 'delete')),
  get(`${REPO}/compare/{+basehead}`, compare),
]

/** Octokit asks for the raw text with `application/vnd.github.v3.raw` or `…raw+json`. */
const asksRaw = (accept: string): boolean => /\braw\b/.test(accept)

function readContents(call: Call, path: string): Reply {
  const repository = repositoryOf(call, 'contents')
  const ref = call.query.get('ref') ?? repository.defaultBranch
  const sha = resolveCommit(repository, ref)
  if (sha === undefined) throw new GitHubFailure(404, `No commit found for the ref ${ref}`)
  const clean = path
    .split('/')
    .filter((part) => part !== '')
    .join('/')
  const entry = entryAt(repository.objects, readCommit(repository.objects, sha).tree, clean)
  if (entry === undefined) throw notFound()
  if (entry.mode === DIRECTORY_MODE) {
    const inside = readTree(repository.objects, entry.oid)
    const at = (name: string) => (clean === '' ? name : `${clean}/${name}`)
    return ok(inside.map((each) => item(call, repository, { path: at(each.name), ref, entry: each })))
  }
  const data = readBlob(repository.objects, entry.oid)
  if (asksRaw(call.accept))
    return { status: 200, body: data, headers: { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' } }
  const content = { content: inLines(data.toString('base64')), encoding: 'base64' }
  return ok({ ...item(call, repository, { path: clean, ref, entry }), ...content })
}

type Item = { readonly path: string; readonly ref: string; readonly entry: TreeEntry }

function item({ state }: Call, repository: Repository, { path, ref, entry }: Item): Json {
  const isTree = entry.mode === DIRECTORY_MODE
  const escaped = path.split('/').map(encodeURIComponent).join('/')
  const base = repositoryUrl(state, repository)
  const url = `${base}/contents/${escaped}?ref=${encodeURIComponent(ref)}`
  const gitUrl = `${base}/git/${isTree ? 'trees' : 'blobs'}/${entry.oid}`
  const page = `${repositoryPage(state, repository)}/${isTree ? 'tree' : 'blob'}/${ref}/${escaped}`
  return {
    type: isTree ? 'dir' : 'file',
    size: isTree ? 0 : readBlob(repository.objects, entry.oid).length,
    name: path.split('/').at(-1) ?? '',
    path,
    sha: entry.oid,
    url,
    git_url: gitUrl,
    html_url: page,
    download_url: isTree ? null : `${repositoryPage(state, repository)}/raw/${ref}/${escaped}`,
    _links: { self: url, git: gitUrl, html: page },
  }
}

function write(call: Call, kind: 'put' | 'delete'): Reply {
  const repository = repositoryOf(call)
  const body = fields(call.body)
  const path = param(call, 'path')
  const branch = text(body, 'branch') ?? repository.defaultBranch
  const outcome = writeFile(call.context, repository, {
    path,
    message: requiredText(body, 'message'),
    content: kind === 'put' ? Buffer.from(requiredText(body, 'content'), 'base64') : null,
    sha: text(body, 'sha'),
    branch,
    author: signatureOf(object(body, 'author')),
    committer: signatureOf(object(body, 'committer')),
  })
  const entry = entryAt(repository.objects, readCommit(repository.objects, outcome.commit).tree, path)
  return {
    status: outcome.created ? 201 : 200,
    body: {
      content: entry === undefined ? null : item(call, repository, { path, ref: branch, entry }),
      commit: gitCommit(call.state, repository, outcome.commit),
    },
  }
}

/** `base...head` or `base..head`; either side may be `owner:branch`. */
function compare(call: Call): Reply {
  const repository = repositoryOf(call, 'contents')
  const basehead = param(call, 'basehead')
  const [from = '', to = ''] = basehead.split(/\.{2,3}/)
  const [base, head] = [side(call, repository, from), side(call, repository, to)]
  if (base === undefined || head === undefined) throw notFound()
  if (![base, head].every((each) => isComparable(call.state, repository, each))) throw notFound()
  const { objects } = repository
  const fork = mergeBase(objects, base, head)
  if (fork === undefined) throw new GitHubFailure(404, `No common ancestor between ${from} and ${to}.`)
  const changes = diffCommits(objects, fork, head)
  if (call.accept.includes('diff')) return renderDiff(changes)
  const ahead = commitsBetween(objects, base, head)
  const behind = commitsBetween(objects, head, base).length
  const { items, headers } = pageOf(call, ahead)
  const url = `${repositoryUrl(call.state, repository)}/compare/${basehead}`
  const page = `${repositoryPage(call.state, repository)}/compare/${basehead}`
  const status = base === head ? 'identical' : behind === 0 ? 'ahead' : ahead.length === 0 ? 'behind' : 'diverged'
  const body = {
    url,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: commit(call.state, repository, base),
    merge_base_commit: commit(call.state, repository, fork),
    status,
    ahead_by: ahead.length,
    behind_by: behind,
    total_commits: ahead.length,
    commits: items.map((oid) => commit(call.state, repository, oid)),
    files: changes.map((change) => diffEntry(call.state, repository, { change, head })),
  }
  return { status: 200, body, headers }
}

function side({ state }: Call, repository: Repository, name: string): string | undefined {
  const [owner, branch] = name.includes(':') ? name.split(':', 2) : [undefined, name]
  if (owner === undefined || branch === undefined) return resolveCommit(repository, name)
  const other = [...state.repositories.values()].find(
    (each) => each.owner.login.toLowerCase() === owner.toLowerCase() && each.objects === repository.objects,
  )
  return other?.refs.get(branchRef(branch))
}
