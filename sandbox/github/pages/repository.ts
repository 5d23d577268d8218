/** A repository: its files, branches, commits and pull requests; one file; one commit. */
import { commitFiles } from '../git.ts'
import { repositoryNamed } from '../people.ts'
import { requireRevision, type SeenCommit } from '../reading.ts'
import { createReadingSide } from '../reading-side.ts'
import type { GitHubState } from '../state.ts'
import { diffs } from './diff.ts'
import { type Html, html } from './html.ts'
import { box, empty, moment, type PageContent, short } from './layout.ts'
import { pullRequestItem } from './overview.ts'

const COMMITS = 20

export function repositoryPage(state: GitHubState, name: string): PageContent {
  const reading = createReadingSide(state)
  const { defaultBranch, objects } = repositoryNamed(state, name)
  const head = requireRevision(repositoryNamed(state, name), defaultBranch)
  const files = [...commitFiles(objects, head).keys()].toSorted()
  const branches = Object.entries(reading.branches(name))
  const pulls = reading.pullRequests(name).toReversed()
  const body = html`<h1>${name}</h1>
<div class="columns" data-live="repository"><div>
${box(html`Files on <code>${defaultBranch}</code>`, html`<ul class="list">${files.map((path) => html`<li><a class="mono" href="/${name}/blob/${defaultBranch}/${path}">${path}</a></li>`)}</ul>`)}
${box('Recent commits', commitList(name, reading.log(name, defaultBranch).slice(0, COMMITS)))}
</div><aside>
${box('Pull requests', pulls.length === 0 ? empty('None yet.') : html`<ul class="list">${pulls.map((pull) => pullRequestItem(name, pull))}</ul>`)}
${box('Branches', html`<ul class="list">${branches.map(([branch, sha]) => html`<li><code>${branch}</code> <a class="mono small" href="/${name}/commit/${sha}">${short(sha)}</a></li>`)}</ul>`)}
</aside></div>`
  return { title: name, body }
}

export const commitList = (repository: string, commits: readonly SeenCommit[]): Html =>
  html`<ul class="list">${commits.map((commit) => commitItem(repository, commit))}</ul>`

function commitItem(repository: string, { sha, message, author, at, verified }: SeenCommit): Html {
  const [headline = ''] = message.split('\n')
  return html`<li><a href="/${repository}/commit/${sha}"><strong>${headline}</strong></a> ${verified && html`<span class="tag">Verified</span>`}
<div class="soft small"><code>${short(sha)}</code> by ${author}, ${moment(at)}</div></li>`
}

/** undefined when there is no such file. */
export function filePage(
  state: GitHubState,
  name: string,
  place: { branch: string; path: string },
): PageContent | undefined {
  const text = createReadingSide(state).file(name, place.branch, place.path)
  if (text === undefined) return undefined
  const body = html`<h1><a href="/${name}">${name}</a></h1><p class="soft">on <code>${place.branch}</code></p>
<div data-live="file">${box(html`<code>${place.path}</code>`, html`<pre>${text}</pre>`)}</div>`
  return { title: `${place.path} · ${name}`, body }
}

export function commitPage(state: GitHubState, name: string, sha: string): PageContent {
  const reading = createReadingSide(state)
  const commit = reading.log(name, sha)[0]
  if (commit === undefined) throw new Error(`there is no commit ${sha}`)
  const [headline = '', ...rest] = commit.message.split('\n')
  const parent = commit.parents[0]
  const body = html`<p><a href="/${name}">${name}</a></p><h1>${headline}</h1>
<p class="soft"><code>${commit.sha}</code> by ${commit.author}, ${moment(commit.at)} ${commit.verified && html`<span class="tag">Verified</span>`}</p>
${rest.join('').trim() !== '' && html`<pre>${rest.join('\n').trim()}</pre>`}
${parent === undefined ? empty('The first commit.') : diffs(reading.diff(name, parent, commit.sha))}`
  return { title: `${headline} · ${name}`, body }
}
