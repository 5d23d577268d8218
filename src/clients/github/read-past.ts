/** The port `GitHubPast`: everything that the App ever wrote, read once, for a database that is lost. Written there by write-promotion.ts, publish-deployment.ts and publish-reply.ts in src/services/. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SystemUnavailable, UserError } from '../../domain/failure.ts'
import { parseRepoName, type RepoName } from '../../domain/ids.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import { leadingMarkers } from '../../domain/marker.ts'
import type { GitHubPast, PastComment, PastDeployment, PastPullRequest } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import { type Caller, createCaller } from './call.ts'
import { editorsRequest, pastDeploymentsRequest, pastPullRequestsRequest } from './documents/past.ts'
import { GitHubRefused } from './failures.ts'
import type { GitHubSettings } from './github.ts'
import type { GraphqlRequest } from './graphql.ts'
import { actorLogin, commitSha, maybeOid, nextCursor, pullRequestState } from './parse.ts'

/** Makes no call by itself. */
export function createGitHubPast({ appLogin, ...settings }: GitHubSettings): GitHubPast {
  const caller = patient(createCaller(settings))
  return {
    appLogin,
    repositories: () => readRepositories(caller),
    pullRequests: (repository) => readPullRequests(caller, repository, appLogin),
    deployments: (repository) => readDeployments(caller, repository, appLogin),
    comments: (repository) => readComments(caller, repository, appLogin),
  }
}

const PER_PAGE = 100
/** How often something is asked again that GitHub names no time for, and for how long one of its times is waited. */
const TRIES = 5
const LONGEST_SECONDS = 2 * 3600

/** A rebuild is done by hand, once: it waits for GitHub instead of beginning anew. */
function patient(caller: Caller): Pick<Caller, 'graphql' | 'rest' | 'restForOwner' | 'restAsApp'> {
  const insist = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ask()
      } catch (error) {
        if (error instanceof GitHubRefused) throw unreadable(error)
        if (!(error instanceof SystemUnavailable) || attempt === TRIES) throw error
        const seconds = Math.min(error.retryAfterSeconds ?? 2 ** attempt, LONGEST_SECONDS)
        caller.log.warn({ reason: error.message, seconds }, 'GitHub is asked again')
        await sleep(seconds * 1000)
      }
    }
  }
  return {
    graphql: (...of) => insist(() => caller.graphql(...of)),
    rest: (...of) => insist(() => caller.rest(...of)),
    restForOwner: (...of) => insist(() => caller.restForOwner(...of)),
    restAsApp: (...of) => insist(() => caller.restAsApp(...of)),
  }
}

type Reader = ReturnType<typeof patient>

const unreadable = (error: GitHubRefused): UserError =>
  new UserError(
    'system_unavailable',
    `GitHub does not show everything: ${error.message}`,
    'Give the App the permissions of app.yml there, or uninstall it there, and rebuild again: half of a history would forget holds.',
  )

async function readRepositories({ restAsApp, restForOwner }: Reader): Promise<readonly RepoName[]> {
  const installations = await pages((page) => restAsApp('GET /app/installations', { per_page: PER_PAGE, page }))
  const found = new Set<RepoName>()
  for (const installation of installations) {
    const owner = installation.maybe('account')?.maybeText('login')
    if (owner === undefined || installation.has('suspended_at')) continue
    const parameters = (page: number) => ({ per_page: PER_PAGE, page })
    const repositories = await pages(
      (page) => restForOwner(owner.toLowerCase(), 'GET /installation/repositories', parameters(page)),
      'repositories',
    )
    for (const each of repositories) {
      const name = parseRepoName(each.text('full_name'))
      if (name !== undefined) found.add(name)
    }
  }
  return [...found].toSorted()
}

/** All pages of a REST list; `key`: below which the list is. */
async function pages(
  ask: (page: number) => Promise<{ readonly data: unknown }>,
  key?: string,
): Promise<readonly Answer[]> {
  const all: Answer[] = []
  for (let page = 1; ; page += 1) {
    const { data } = await ask(page)
    const some = answerOf('GitHub', key === undefined ? { list: data } : data).list(key ?? 'list')
    all.push(...some)
    if (some.length < PER_PAGE) return all
  }
}

async function connectionOf(
  { graphql }: Reader,
  repository: RepoName,
  of: { readonly name: string; readonly request: (cursor: string | undefined) => GraphqlRequest },
): Promise<readonly Answer[]> {
  const all: Answer[] = []
  let cursor: string | undefined
  do {
    const { data } = await graphql(repository, of.request(cursor))
    const connection = data.maybe('repository')?.maybe(of.name)
    // A hole would be read as nothing, and a hold be forgotten.
    if (connection === undefined)
      throw unreadable(new GitHubRefused(403, `${of.name} of ${repository}`, 'nothing was given'))
    all.push(...connection.list('nodes'))
    cursor = nextCursor(connection)
  } while (cursor !== undefined)
  return all
}

async function readPullRequests(
  reader: Reader,
  repository: RepoName,
  appLogin: string,
): ReturnType<GitHubPast['pullRequests']> {
  const request = (cursor: string | undefined) => pastPullRequestsRequest({ repository, cursor })
  const nodes = await connectionOf(reader, repository, { name: 'pullRequests', request })
  return {
    own: nodes.filter((node) => actorLogin(node.maybe('author')) === appLogin).map((node) => pullOf(node, appLogin)),
    open: nodes.filter((node) => pullRequestState(node) === 'open').map((node) => node.integer('number')),
  }
}

const pullOf = (node: Answer, appLogin: string): PastPullRequest => ({
  id: node.text('id'),
  number: node.integer('number'),
  url: node.text('url'),
  branch: node.text('headRefName'),
  state: pullRequestState(node),
  createdAt: node.date('createdAt'),
  endedAt: node.maybeDate('mergedAt') ?? node.maybeDate('closedAt'),
  mergedBy: actorLogin(node.maybe('mergedBy')),
  mergeCommit: maybeOid(node, 'mergeCommit'),
  commit: commitOf(node, appLogin),
})

function commitOf(pullRequest: Answer, appLogin: string): PastPullRequest['commit'] {
  const commit = pullRequest.maybe('commits')?.list('nodes')[0]?.maybe('commit')
  if (commit === undefined) return undefined
  const sha = commitSha(commit, 'oid')
  const signature = commit.maybe('signature')?.raw
  const isByApp = commit.maybe('author')?.maybeText('name') === appLogin
  const isSigned = signature?.['isValid'] === true && signature['wasSignedByGitHub'] === true
  return { sha, message: commit.text('message'), isSigned: isSigned && isByApp }
}

async function readDeployments(
  reader: Reader,
  repository: RepoName,
  appLogin: string,
): Promise<readonly PastDeployment[]> {
  const request = (cursor: string | undefined) => pastDeploymentsRequest({ repository, cursor })
  const nodes = await connectionOf(reader, repository, { name: 'deployments', request })
  return nodes
    .filter((node) => actorLogin(node.maybe('creator')) === appLogin)
    .map((node) => ({
      id: node.text('id'),
      record: recordOf(node.maybeText('payload')),
      // Newest first, at GitHub.
      statuses: (node.maybe('statuses')?.list('nodes') ?? [])
        .filter((status) => actorLogin(status.maybe('creator')) === appLogin)
        .map((status) => ({
          state: status.text('state').toLowerCase(),
          description: status.maybeText('description') ?? '',
          at: status.date('createdAt'),
        }))
        .toReversed(),
    }))
}

/** JSON text, or the text of a text that is one. */
function recordOf(payload: string | undefined): string {
  let value: unknown = payload
  for (let depth = 0; depth < 2 && typeof value === 'string'; depth += 1) {
    try {
      value = JSON.parse(value)
    } catch {
      return ''
    }
  }
  const record = fieldsOf(value)?.['record']
  return typeof record === 'string' ? record : ''
}

async function readComments(reader: Reader, repository: RepoName, appLogin: string): Promise<readonly PastComment[]> {
  const route = 'GET /repos/{owner}/{repo}/issues/comments'
  const nodes = await pages((page) =>
    reader.rest(repository, route, { sort: 'created', direction: 'asc', per_page: PER_PAGE, page }),
  )
  const comments = nodes.map((node) => commentOf(node, repository, appLogin)).filter(isWanted)
  const marked = comments.filter((each) => each.isOurs && leadingMarkers(each.body).length > 1)
  const editors = await readEditors(reader, repository, marked)
  return comments.map((each) => {
    const editor = editors.get(each.nodeId)
    return editor === undefined || editor === appLogin ? each : { ...each, editedBy: editor }
  })
}

function commentOf(node: Answer, repository: RepoName, appLogin: string): PastComment {
  const author = node.maybe('user')?.maybeText('login')
  const url = node.text('html_url')
  return {
    repository,
    number: Number(/\/(\d+)$/.exec(node.text('issue_url'))?.[1]),
    isOnPullRequest: /\/pull\/\d+(?:#|$)/.test(url),
    id: node.integer('id'),
    nodeId: node.text('node_id'),
    author,
    isOurs: author === appLogin,
    createdAt: node.date('created_at'),
    url,
    body: node.maybeText('body') ?? '',
  }
}

const isWanted = ({ isOurs, body }: PastComment): boolean =>
  isOurs ? body.startsWith('<!-- lockkeeper:') : /^[ ]{0,3}\/[a-z]/m.test(body)

async function readEditors(
  { graphql }: Reader,
  repository: RepoName,
  comments: readonly PastComment[],
): Promise<ReadonlyMap<string, string>> {
  const editors = new Map<string, string>()
  for (let from = 0; from < comments.length; from += PER_PAGE) {
    const ids = comments.slice(from, from + PER_PAGE).map(({ nodeId }) => nodeId)
    const { data } = await graphql(repository, editorsRequest(ids))
    for (const node of data.list('nodes')) {
      const editor = actorLogin(node.maybe('editor'))
      if (editor !== undefined) editors.set(node.text('id'), editor)
    }
  }
  return editors
}
