/** Pages of the GitHub stand-in for people: server-rendered, usable without JavaScript, for this machine only. */
import type { SandboxRequest, SandboxResponse } from '../../http.ts'
import type { Pages } from '../ports.ts'
import { findRepository, fullName, type GitHubState } from '../state.ts'
import { type Acted, actOnPullRequest, moveClock, playAct } from './acting.ts'
import { environmentsPage } from './environments.ts'
import { html } from './html.ts'
import { type PageContent, page } from './layout.ts'
import { CONTENT_SECURITY_POLICY } from './live.ts'
import { overview } from './overview.ts'
import { pullRequestPage } from './pull-request.ts'
import { commitPage, filePage, repositoryPage } from './repository.ts'
import { EMPTY_STAGE, type Stage } from './stage.ts'

/** For `startGitHub({ pages })`. `stage` tells of what is not GitHub. */
export function createPages(stage: Stage = EMPTY_STAGE): Pages {
  return (state, request) => {
    const foreign = whyForeign(request)
    if (foreign !== undefined) return { status: 403, headers: { 'content-type': TEXT }, body: foreign }
    if (request.method === 'POST') return answerForm(state, stage, request)
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405 }
    const content = contentOf(state, stage, decodeURIComponent(request.path))
    return content && shown(state, request, { content, status: 200 })
  }
}

const TEXT = 'text/plain; charset=utf-8'

/** A page of another site must not press buttons here, nor reach this address under a name of its own. */
function whyForeign({ headers, method }: SandboxRequest): string | undefined {
  const host = headers.host ?? ''
  if (!/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(host)) return 'These pages are for this machine only.'
  if (method === 'GET' || method === 'HEAD') return undefined
  const { origin } = headers
  const isOwn = origin === undefined ? headers['sec-fetch-site'] === undefined : origin === `http://${host}`
  return isOwn ? undefined : 'This form came from another site.'
}

function contentOf(state: GitHubState, stage: Stage, path: string): PageContent | undefined {
  if (path === '/') return overview(state, stage)
  if (path === '/environments') return environmentsPage(state, stage)
  const [, owner = '', name = '', kind, ...rest] = path.split('/')
  const repository = findRepository(state, `${owner}/${name}`)
  if (repository === undefined) return undefined
  const full = fullName(repository)
  if (kind === undefined) return repositoryPage(state, full)
  const [first = ''] = rest
  if (kind === 'pull' && isPullRequest(repository, first)) return pullRequestPage(state, full, Number(first))
  if (kind === 'commit' && repository.objects.has(first)) return commitPage(state, full, first)
  if (kind === 'blob' && repository.refs.has(`refs/heads/${first}`))
    return filePage(state, full, { branch: first, path: rest.slice(1).join('/') })
  return undefined
}

type Repository = NonNullable<ReturnType<typeof findRepository>>

const isPullRequest = ({ threads }: Repository, number: string): boolean =>
  /^\d+$/.test(number) && threads.get(Number(number))?.kind === 'PullRequest'

function answerForm(state: GitHubState, stage: Stage, request: SandboxRequest): SandboxResponse | undefined {
  const form = new URLSearchParams(request.body.toString())
  const acted = act(state, stage, { path: decodeURIComponent(request.path), form })
  if (acted === undefined) return undefined
  if ('to' in acted) return { status: 303, headers: { location: acted.to } }
  const body = html`<h1>Refused</h1><section class="box fault"><div class="body">${acted.refused}</div></section><p><a href="${request.path}">Back</a></p>`
  return shown(state, request, { content: { title: 'Refused', body }, status: 422 })
}

type Sent = { readonly path: string; readonly form: URLSearchParams }

function act(state: GitHubState, stage: Stage, { path, form }: Sent): Acted | undefined {
  if (path === '/clock') return moveClock(state, stage, form)
  if (path === '/acts') return playAct(stage, form)
  const [, owner = '', name = '', kind, number = ''] = path.split('/')
  const repository = findRepository(state, `${owner}/${name}`)
  if (repository === undefined || kind !== 'pull' || !isPullRequest(repository, number)) return undefined
  return actOnPullRequest(state, { name: fullName(repository), number: Number(number) }, form)
}

type Shown = { readonly content: PageContent; readonly status: number }

function shown(state: GitHubState, { path }: SandboxRequest, { content, status }: Shown): SandboxResponse {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'cache-control': 'no-store',
    // not `no-referrer`: forms would then be sent with `Origin: null`
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  }
  return { status, headers, body: page(state, path, content) }
}
