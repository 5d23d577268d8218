/** The first page: what is open, where the environments stand, and what can be played. */
import { createReadingSide } from '../reading-side.ts'
import { fullName, type GitHubState } from '../state.ts'
import { environmentsTable } from './environments.ts'
import { type Html, html } from './html.ts'
import { box, empty, moment, type PageContent } from './layout.ts'
import type { Stage } from './stage.ts'
import { stateOfPullRequest, statePill } from './tone.ts'

export function overview(state: GitHubState, stage: Stage): PageContent {
  const reading = createReadingSide(state)
  const repositories = [...state.repositories.values()].map(fullName)
  const open = repositories.flatMap((name) =>
    reading
      .pullRequests(name)
      .filter((pull) => pull.state === 'open')
      .map((pull) => pullRequestItem(name, pull)),
  )
  const past = repositories.flatMap((name) =>
    reading
      .pullRequests(name)
      .filter((pull) => pull.state !== 'open')
      .map((pull) => ({ at: pull.closedAt ?? '', item: pullRequestItem(name, pull) })),
  )
  const recent = past.toSorted((left, right) => right.at.localeCompare(left.at)).slice(0, 10)
  const body = html`<h1>acme</h1>
<p class="soft">Two repositories: <a href="/acme/models">acme/models</a> trains models, <a href="/acme/ml-config">acme/ml-config</a> is what Argo CD deploys. Lockkeeper is installed on both.</p>
<div class="columns"><div data-live="overview">
${box('Open pull requests', list(open, 'None is open.'))}
${box(html`<a href="/environments">Environments</a>`, html`<div class="body wide">${environmentsTable(state, stage.environments())}</div>`)}
${box(
  'Closed lately',
  list(
    recent.map(({ item }) => item),
    'None yet.',
  ),
)}
</div><aside>${playable(stage)}</aside></div>`
  return { title: 'acme', body }
}

const list = (items: readonly Html[], without: string): Html =>
  items.length === 0 ? empty(without) : html`<ul class="list">${items}</ul>`

type Listed = ReturnType<ReturnType<typeof createReadingSide>['pullRequests']>[number]

export function pullRequestItem(repository: string, pull: Listed): Html {
  return html`<li><div class="row">${statePill(stateOfPullRequest(pull))} <a href="/${repository}/pull/${pull.number}"><strong>${pull.title}</strong></a></div>
<div class="soft small">${repository}#${pull.number} by ${pull.author}, ${moment(pull.createdAt)}</div></li>`
}

function playable({ acts }: Stage): Html {
  if (acts.length === 0) return html``
  const items = acts.map(
    ({ id, label, about }) =>
      html`<li><form method="post" action="/acts"><button name="act" value="${id}">${label}</button></form><div class="soft small">${about}</div></li>`,
  )
  return box('Play somebody', html`<ul class="list">${items}</ul>`)
}
