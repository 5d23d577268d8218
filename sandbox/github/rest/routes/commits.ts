/** Commits, their statuses, check runs, check suites and pull requests. */
import { checkRunsAt, newestStatuses } from '../../check-facts.ts'
import { GitHubFailure } from '../../failure.ts'
import { commitFiles, readCommit } from '../../git.ts'
import { diffCommits } from '../../git-diff.ts'
import { history, isAncestor } from '../../git-history.ts'
import type { CheckRun, CommitState, PullRequest, Repository } from '../../model.ts'
import { createStatus } from '../../operations/statuses.ts'
import { pullRequestCommits } from '../../pull-request-facts.ts'
import { resolveCommit } from '../../revisions.ts'
import { checkRun, checkSuite, combinedStatus, status } from '../../serialise/checks.ts'
import { accountOf, commit, detailedCommit } from '../../serialise/commits.ts'
import { renderDiff } from '../../serialise/diff.ts'
import { simplePullRequest } from '../../serialise/pull-request.ts'
import { isListed } from '../../state.ts'
import { fields, oneOf, text } from '../body.ts'
import { type Call, created, get, list, ok, pageOf, param, post, type Reply, type Route } from '../call.ts'
import { REPO, repositoryOf } from './repository.ts'

const STATES: readonly CommitState[] = ['error', 'failure', 'pending', 'success']

export const commitRoutes: readonly Route[] = [
  get(`${REPO}/commits`, listCommits),
  get(`${REPO}/commits/{+ref}`, (call) => {
    const repository = repositoryOf(call, 'contents')
    const sha = commitOf(call, repository)
    const parent = readCommit(repository.objects, sha).parents[0]
    if (/\bsha\b/.test(call.accept))
      return { status: 200, body: sha, headers: { 'content-type': 'application/vnd.github.sha; charset=utf-8' } }
    if (call.accept.includes('diff')) return renderDiff(diffCommits(repository.objects, parent, sha))
    return ok(detailedCommit(call.state, repository, sha))
  }),
  get(`${REPO}/commits/{+ref}/check-runs`, (call) => {
    const repository = repositoryOf(call, 'checks')
    const filter = call.query.get('filter') === 'all' ? 'all' : 'latest'
    return listRuns(call, checkRunsAt(repository, commitOf(call, repository), filter))
  }),
  get(`${REPO}/commits/{+ref}/check-suites`, (call) => {
    const repository = repositoryOf(call, 'checks')
    const sha = commitOf(call, repository)
    const app = call.query.get('app_id')
    const suites = [...repository.checkSuites.values()].filter(
      (suite) => suite.headSha === sha && (app === null || String(suite.app.id) === app),
    )
    const { items, headers } = pageOf(call, suites)
    const body = { total_count: suites.length, check_suites: items.map((each) => checkSuite(call.state, each)) }
    return { status: 200, body, headers }
  }),
  get(`${REPO}/commits/{+ref}/status`, (call) => {
    const repository = repositoryOf(call, 'statuses', 'contents')
    const sha = commitOf(call, repository)
    const newest = newestStatuses(repository, sha).filter((each) => isListed(call.state, each))
    const { items, headers } = pageOf(call, newest)
    return { status: 200, body: combinedStatus(call.state, repository, { sha, newest, page: items }), headers }
  }),
  get(`${REPO}/commits/{+ref}/statuses`, (call) => {
    const repository = repositoryOf(call, 'statuses', 'contents')
    const sha = commitOf(call, repository)
    const all = repository.statuses.filter((each) => each.sha === sha && isListed(call.state, each)).toReversed()
    return list(call, all, (each) => status(call.state, each))
  }),
  get(`${REPO}/commits/{ref}/pulls`, (call) => {
    const repository = repositoryOf(call, 'pull_requests')
    const sha = commitOf(call, repository)
    return list(call, pullRequestsWith(repository, sha), (each) => simplePullRequest(call.state, each))
  }),
  post(`${REPO}/statuses/{sha}`, (call) => {
    const body = fields(call.body)
    const state = oneOf(body, 'state', STATES)
    if (state === undefined) throw new GitHubFailure(422, 'Validation Failed')
    const made = createStatus(call.context, repositoryOf(call), {
      sha: param(call, 'sha'),
      state,
      context: text(body, 'context'),
      description: text(body, 'description'),
      targetUrl: text(body, 'target_url'),
    })
    return created(status(call.state, made))
  }),
]

/** A list of check runs, with the filters that every such list has. */
export function listRuns(call: Call, runs: readonly CheckRun[]): Reply {
  const { query, state } = call
  const [name, wanted, app] = [query.get('check_name'), query.get('status'), query.get('app_id')]
  const listed = runs.filter(
    (run) =>
      isListed(state, run) &&
      (name === null || run.name === name) &&
      (wanted === null || run.status === wanted) &&
      (app === null || String(run.app.id) === app),
  )
  const { items, headers } = pageOf(call, listed)
  const body = { total_count: listed.length, check_runs: items.map((each) => checkRun(state, each)) }
  return { status: 200, body, headers }
}

function commitOf(call: Call, repository: Repository): string {
  const name = param(call, 'ref')
  const sha = resolveCommit(repository, name)
  if (sha === undefined) throw new GitHubFailure(422, `No commit found for SHA: ${name}`)
  return sha
}

/** Merged ones that brought the commit, or else open ones that carry it. */
function pullRequestsWith(repository: Repository, sha: string): PullRequest[] {
  const all = [...repository.threads.values()].filter((each) => each.kind === 'PullRequest')
  return all.filter(
    (each) =>
      each.mergeCommitSha === sha ||
      each.head.sha === sha ||
      (each.state === 'open' && pullRequestCommits(each).includes(sha)) ||
      (each.merged &&
        isAncestor(repository.objects, sha, each.head.sha) &&
        !isAncestor(repository.objects, sha, each.base.sha)),
  )
}

function listCommits(call: Call): Reply {
  const repository = repositoryOf(call, 'contents')
  const { query, state } = call
  const start = resolveCommit(repository, query.get('sha') ?? repository.defaultBranch)
  if (start === undefined) throw new GitHubFailure(404, 'Not Found')
  const [path, author, since, until] = ['path', 'author', 'since', 'until'].map((name) => query.get(name)) as (
    | string
    | null
  )[]
  const wanted = (oid: string): boolean => {
    const record = readCommit(repository.objects, oid)
    const at = record.committer.at * 1000
    return (
      (path == null || touches(repository, oid, path)) &&
      (author == null || record.author.email === author || accountOf(state, record.author)?.login === author) &&
      (since == null || at >= Date.parse(since)) &&
      (until == null || at <= Date.parse(until))
    )
  }
  return list(call, history(repository.objects, start).filter(wanted), (oid) => commit(state, repository, oid))
}

function touches({ objects }: Repository, oid: string, path: string): boolean {
  const parent = readCommit(objects, oid).parents[0]
  const before = parent === undefined ? new Map() : commitFiles(objects, parent)
  const after = commitFiles(objects, oid)
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => name === path || name.startsWith(`${path}/`))
    .some((name) => before.get(name)?.oid !== after.get(name)?.oid)
}
