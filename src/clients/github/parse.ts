/** From GitHub's answers to the types of services/ports.ts. The fields are asked for in documents/fragments.ts. */
import { SystemUnavailable } from '../../domain/failure.ts'
import { type CommitSha, parseCommitSha } from '../../domain/ids.ts'
import type { CheckState, Permission, PromotionCommit, PromotionPullRequest, Review } from '../../services/ports.ts'
import type { Answer } from '../answer.ts'

/** A commit id, checked. Throws SystemUnavailable when it is not one. */
export function commitSha(answer: Answer, key: string): CommitSha {
  const sha = parseCommitSha(answer.text(key))
  if (sha === undefined) throw new SystemUnavailable('GitHub', `unexpected answer: ${answer.path}.${key} is no commit`)
  return sha
}

/** `{ oid }` below a key; undefined when GitHub has none. */
export function maybeOid(answer: Answer, key: string): CommitSha | undefined {
  const child = answer.maybe(key)
  return child === undefined ? undefined : commitSha(child, 'oid')
}

/** The login as webhooks and REST spell it: GraphQL leaves `[bot]` away from bots. undefined for deleted accounts. */
export function actorLogin(actor: Answer | undefined): string | undefined {
  if (actor === undefined) return undefined
  const login = actor.text('login')
  return actor.maybeText('__typename') === 'Bot' && !login.endsWith('[bot]') ? `${login}[bot]` : login
}

/** OPEN, CLOSED, MERGED. */
export function pullRequestState(answer: Answer): 'open' | 'closed' | 'merged' {
  const state = answer.text('state')
  if (state === 'OPEN') return 'open'
  return state === 'MERGED' ? 'merged' : 'closed'
}

/** Cursor of the next page of a connection; undefined on the last. */
export function nextCursor(connection: Answer | undefined): string | undefined {
  const page = connection?.maybe('pageInfo')
  return page?.raw['hasNextPage'] === true ? page.maybeText('endCursor') : undefined
}

/** Where a commit's results continue, and those of the first page. */
export function contextsOf(commit: Answer | undefined): Answer | undefined {
  return commit?.maybe('statusCheckRollup')?.maybe('contexts')
}

/** Results with the newest of each name: a re-run replaces its predecessor of the same App and workflow. Two workflows may each have a job of one name, and both count. Order of first appearance. */
export function newestChecks(contexts: readonly Answer[]): readonly CheckState[] {
  const newest = new Map<string, { readonly at: number; readonly check: CheckState }>()
  for (const context of contexts) {
    const { at, check } = parseContext(context)
    const key = `${check.kind} ${check.appId} ${workflowOf(context)} ${check.name}`
    const known = newest.get(key)
    if (known === undefined || at >= known.at) newest.set(key, { at, check })
  }
  return [...newest.values()].map(({ check }) => check)
}

/** undefined for Apps other than GitHub Actions. */
const workflowOf = (context: Answer): number | undefined =>
  context.maybe('checkSuite')?.maybe('workflowRun')?.maybe('workflow')?.maybeInteger('databaseId')

function parseContext(context: Answer): { readonly at: number; readonly check: CheckState } {
  if (context.text('__typename') === 'StatusContext') {
    return {
      at: context.date('createdAt').getTime(),
      check: {
        name: context.text('context'),
        kind: 'status',
        appId: undefined,
        app: botSlug(context.maybe('creator')),
        state: statusState(context.text('state')),
        conclusion: statusState(context.text('state')) === 'pending' ? undefined : context.text('state').toLowerCase(),
        url: context.maybeText('targetUrl'),
      },
    }
  }
  const isDone = context.text('status') === 'COMPLETED'
  const app = context.maybe('checkSuite')?.maybe('app')
  const conclusion = isDone ? context.maybeText('conclusion') : undefined
  return {
    // A check that has not started is newer than every finished one of its name: it was just asked for.
    at: context.maybeDate('startedAt')?.getTime() ?? (isDone ? 0 : Number.MAX_SAFE_INTEGER),
    check: {
      name: context.text('name'),
      kind: 'check_run',
      appId: app?.maybeInteger('databaseId'),
      app: app?.maybeText('slug'),
      state: isDone ? conclusionState(conclusion) : 'pending',
      conclusion: conclusion?.toLowerCase(),
      url: context.maybeText('detailsUrl') ?? context.maybeText('url'),
    },
  }
}

/** The login of an App's bot is the App's slug. */
const botSlug = (actor: Answer | undefined): string | undefined =>
  actor?.maybeText('__typename') === 'Bot' ? actor.text('login').replace(/\[bot\]$/, '') : undefined

function statusState(state: string): CheckState['state'] {
  if (state === 'SUCCESS') return 'success'
  return state === 'PENDING' || state === 'EXPECTED' ? 'pending' : 'failure'
}

/** Everything that is neither good nor neutral is a failure: cancelled, timed out, stale, waiting for a person. */
function conclusionState(conclusion: string | undefined): CheckState['state'] {
  if (conclusion === 'SUCCESS') return 'success'
  return conclusion === 'NEUTRAL' || conclusion === 'SKIPPED' ? 'neutral' : 'failure'
}

/** The newest review of each author. */
function newestReviews(reviews: readonly Answer[]): readonly Review[] {
  const newest = new Map<string, Review>()
  for (const review of reviews.map(parseReview)) {
    const known = newest.get(review.author)
    if (known === undefined || submitted(review) >= submitted(known)) newest.set(review.author, review)
  }
  return [...newest.values()]
}

const submitted = (review: Review): number => review.submittedAt?.getTime() ?? 0

const REVIEW_STATES: Readonly<Record<string, Review['state']>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes_requested',
  COMMENTED: 'commented',
  DISMISSED: 'dismissed',
  PENDING: 'pending',
}

function parseReview(review: Answer): Review {
  return {
    // Deleted accounts share GitHub's placeholder; its approval belongs to nobody and matches no rule.
    author: actorLogin(review.maybe('author')) ?? 'ghost',
    state: REVIEW_STATES[review.text('state')] ?? 'commented',
    commit: maybeOid(review, 'commit'),
    submittedAt: review.maybeDate('submittedAt'),
  }
}

/** A promotion pull request without its checks and what parse-branch-rules.ts reads of it, and the commit that carries the checks. */
export function parsePromotion(answer: Answer): {
  readonly pullRequest: Omit<PromotionPullRequest, 'checks' | 'merging'>
  readonly head: Answer | undefined
} {
  const mergeable = answer.text('mergeable')
  return {
    head: answer.child('commits').list('nodes').at(-1)?.maybe('commit'),
    pullRequest: {
      id: answer.text('id'),
      number: answer.integer('number'),
      url: answer.text('url'),
      state: pullRequestState(answer),
      headSha: commitSha(answer, 'headRefOid'),
      baseRef: answer.text('baseRefName'),
      mergeCommit: maybeOid(answer, 'mergeCommit'),
      mergedAt: answer.maybeDate('mergedAt'),
      mergedBy: actorLogin(answer.maybe('mergedBy')),
      mergeable: mergeable === 'MERGEABLE' ? 'mergeable' : mergeable === 'CONFLICTING' ? 'conflicting' : 'unknown',
      mergeStateStatus: answer.text('mergeStateStatus'),
      body: answer.text('body'),
      labels: (answer.maybe('labels')?.list('nodes') ?? []).map((label) => label.text('name')),
      commitCount: answer.child('newest').integer('totalCount'),
      commits: answer.child('newest').list('nodes').map(promotionCommit),
      reviews: newestReviews(answer.maybe('reviews')?.list('nodes') ?? []),
    },
  }
}

function promotionCommit(node: Answer): PromotionCommit {
  const commit = node.child('commit')
  const name = (key: 'author' | 'committer'): string => commit.maybe(key)?.maybeText('name') ?? ''
  return {
    sha: commitSha(commit, 'oid'),
    parents: (commit.maybe('parents')?.list('nodes') ?? []).map((parent) => commitSha(parent, 'oid')),
    author: name('author'),
    committer: name('committer'),
  }
}

const PERMISSIONS: readonly Permission[] = ['none', 'read', 'triage', 'write', 'maintain', 'admin']

/** GraphQL's `WRITE` or REST's `write`; undefined for custom roles. */
export const parsePermission = (text: string | undefined): Permission | undefined =>
  PERMISSIONS.find((permission) => permission === text?.toLowerCase())
