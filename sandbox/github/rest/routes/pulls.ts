/** Pull requests, their files, commits, reviews and merge. */
import { GitHubFailure, notFound } from '../../failure.ts'
import type { MergeMethod, PullRequest, Review } from '../../model.ts'
import { merge } from '../../operations/merge.ts'
import {
  findPullRequest,
  openPullRequest,
  requestReviewers,
  updatePullRequest,
} from '../../operations/pull-requests.ts'
import { submitReview } from '../../operations/reviews.ts'
import { updateBranch } from '../../operations/update-branch.ts'
import { pullRequestChanges, pullRequestCommits } from '../../pull-request-facts.ts'
import { simpleUser } from '../../serialise/accounts.ts'
import { commit, diffEntry } from '../../serialise/commits.ts'
import { renderDiff } from '../../serialise/diff.ts'
import { pullRequest, simplePullRequest } from '../../serialise/pull-request.ts'
import { review } from '../../serialise/threads.ts'
import { findUser, isListed, isReviewListed } from '../../state.ts'
import { fields, flag, oneOf, requiredText, text, texts } from '../body.ts'
import {
  type Call,
  created,
  get,
  idParam,
  list,
  noContent,
  ok,
  patch,
  post,
  put,
  type Reply,
  type Route,
} from '../call.ts'
import { REPO, repositoryOf } from './repository.ts'

const PULL = `${REPO}/pulls/{number}`
const METHODS: readonly MergeMethod[] = ['merge', 'squash', 'rebase']

export const pullRoutes: readonly Route[] = [
  get(`${REPO}/pulls`, listPulls),
  post(`${REPO}/pulls`, (call) => {
    const body = fields(call.body)
    const opened = openPullRequest(call.context, repositoryOf(call), {
      title: requiredText(body, 'title'),
      body: text(body, 'body') ?? null,
      head: requiredText(body, 'head'),
      base: requiredText(body, 'base'),
      draft: flag(body, 'draft') ?? false,
      maintainerCanModify: flag(body, 'maintainer_can_modify') ?? false,
    })
    return created(pullRequest(call.state, opened))
  }),
  get(PULL, (call) => {
    const record = pullOf(call)
    if (call.accept.includes('diff')) return renderDiff(pullRequestChanges(record))
    return ok(pullRequest(call.state, record))
  }),
  patch(PULL, (call) => {
    const record = pullOf(call)
    const body = fields(call.body)
    updatePullRequest(call.context, record, {
      title: text(body, 'title'),
      body: body['body'] === null ? null : text(body, 'body'),
      state: oneOf(body, 'state', ['open', 'closed'] as const),
      base: text(body, 'base'),
    })
    return ok(pullRequest(call.state, record))
  }),
  get(`${PULL}/commits`, (call) => {
    const record = pullOf(call)
    return list(call, pullRequestCommits(record), (oid) => commit(call.state, record.repository, oid))
  }),
  get(`${PULL}/files`, (call) => {
    const record = pullOf(call)
    const head = record.head.sha
    return list(call, pullRequestChanges(record), (change) =>
      diffEntry(call.state, record.repository, { change, head }),
    )
  }),
  get(`${PULL}/merge`, (call) => {
    if (!pullOf(call).merged) throw notFound()
    return noContent()
  }),
  put(`${PULL}/merge`, (call) => {
    const body = fields(call.body)
    const sha = merge(call.context, pullOf(call), {
      method: oneOf(body, 'merge_method', METHODS),
      sha: text(body, 'sha'),
      title: text(body, 'commit_title'),
      message: text(body, 'commit_message'),
    })
    return ok({ sha, merged: true, message: 'Pull Request successfully merged' })
  }),
  put(`${PULL}/update-branch`, (call) => {
    updateBranch(call.context, pullOf(call), text(fields(call.body), 'expected_head_sha'))
    const record = pullOf(call)
    const url = `${call.state.urls.web}/${record.repository.owner.login}/${record.repository.name}/pull/${record.number}`
    return { status: 202, body: { message: 'Updating pull request branch.', url } }
  }),
  get(`${PULL}/requested_reviewers`, (call) =>
    ok({ users: pullOf(call).requestedReviewers.map((user) => simpleUser(call.state, user)), teams: [] }),
  ),
  post(`${PULL}/requested_reviewers`, (call) => {
    const record = pullOf(call)
    const users = (texts(fields(call.body), 'reviewers') ?? []).map((login) => findUser(call.state, login))
    if (users.includes(undefined)) throw new GitHubFailure(422, 'Reviews may only be requested from collaborators.')
    requestReviewers(
      call.context,
      record,
      users.flatMap((user) => user ?? []),
    )
    return created(simplePullRequest(call.state, record))
  }),
  get(`${PULL}/reviews`, (call) => {
    const listed = pullOf(call).reviews.filter((each) => isReviewListed(call.state, each))
    return list(call, listed, (each) => review(call.state, each))
  }),
  get(`${PULL}/reviews/{id}`, (call) => {
    const found = pullOf(call).reviews.find(({ id }) => id === idParam(call, 'id'))
    if (found === undefined) throw notFound()
    return ok(review(call.state, found))
  }),
  post(`${PULL}/reviews`, (call) => {
    const body = fields(call.body)
    const event = oneOf(body, 'event', ['APPROVE', 'REQUEST_CHANGES', 'COMMENT'] as const)
    if (event === undefined) throw new GitHubFailure(422, 'Pending reviews are not modelled by the stand-in')
    const states = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const
    const made: Review = submitReview(call.context, pullOf(call), {
      state: states[event],
      body: text(body, 'body'),
      commitSha: text(body, 'commit_id'),
    })
    return ok(review(call.state, made))
  }),
]

function pullOf(call: Call): PullRequest {
  return findPullRequest(repositoryOf(call, 'pull_requests'), idParam(call, 'number'))
}

function listPulls(call: Call): Reply {
  const repository = repositoryOf(call, 'pull_requests')
  const { query, state } = call
  const [wanted, head, base] = [query.get('state') ?? 'open', query.get('head'), query.get('base')]
  const all = [...repository.threads.values()].filter((each) => each.kind === 'PullRequest')
  const found = all.filter(
    (each) =>
      isListed(state, each) &&
      (wanted === 'all' || each.state === wanted) &&
      // A head without `owner:` is ignored, as GitHub does.
      (head === null || !head.includes(':') || matchesHead(each, head)) &&
      (base === null || each.base.ref === base),
  )
  const byUpdate = (a: PullRequest, b: PullRequest) => a.updatedAt.localeCompare(b.updatedAt)
  found.sort(query.get('sort') === 'updated' ? byUpdate : (a, b) => a.number - b.number)
  const ascending =
    query.get('direction') === 'asc' ||
    (query.get('direction') === null && query.get('sort') !== null && query.get('sort') !== 'created')
  return list(call, ascending ? found : found.reverse(), (each) => simplePullRequest(state, each))
}

function matchesHead({ head, author }: PullRequest, wanted: string): boolean {
  const owner = head.repository?.owner.login ?? author.login
  return (
    `${owner.toLowerCase()}:${head.ref}` ===
    `${wanted.split(':')[0]?.toLowerCase()}:${wanted.split(':').slice(1).join(':')}`
  )
}
