/** The environments: what the manifest says, what runs, what Argo CD and GitHub's Deployments say. */
import type { SeenDeployment } from '../reading.ts'
import { createReadingSide } from '../reading-side.ts'
import { fullName, type GitHubState } from '../state.ts'
import { type Html, html } from './html.ts'
import { box, empty, moment, type PageContent, short } from './layout.ts'
import type { SeenEnvironment, Stage } from './stage.ts'
import { stateWord } from './tone.ts'

export function environmentsPage(state: GitHubState, stage: Stage): PageContent {
  const body = html`<h1>Environments</h1>
<p class="soft">What the config repository says, what the cluster really runs, and what GitHub has been told.</p>
<div data-live="environments" class="cards">${stage.environments().map((seen) => environmentBox(state, seen))}</div>`
  return { title: 'Environments', body }
}

function environmentBox(state: GitHubState, seen: SeenEnvironment): Html {
  const { model, environment, manifest, application } = seen
  const rows: readonly (readonly [string, Html | string])[] = [
    ['manifest', html`<code>${manifest.uri ?? '–'}</code>`],
    [
      'image',
      manifest.image === undefined ? '–' : html`<code title="${manifest.image}">${shortImage(manifest.image)}</code>`,
    ],
    ['serves', html`<code>${seen.serving ?? 'nothing'}</code>`],
    ['InferenceService', stateWord(seen.ready)],
    [
      'Argo CD',
      html`${stateWord(application.sync)}, ${stateWord(application.health)} at <code>${short(application.revision)}</code>`,
    ],
    ['aliases', seen.aliases.length === 0 ? '–' : seen.aliases.join(', ')],
  ]
  const deployments = deploymentsOf(state, `${environment}/${model}`)
  return box(
    html`<h2>${model} in ${environment}</h2>`,
    html`<div class="body wide"><table>${rows.map(([name, value]) => html`<tr><th>${name}</th><td>${value}</td></tr>`)}</table></div>
${deployments.length === 0 ? empty('No deployment yet.') : html`<ul class="list">${deployments.map(deploymentItem)}</ul>`}`,
  )
}

function deploymentItem(deployment: SeenDeployment): Html {
  const newest = deployment.statuses.at(-1)
  const past = deployment.statuses.map(({ state }) => state.replaceAll('_', ' ')).join(' → ')
  return html`<li>${stateWord(newest?.state ?? 'pending')} <strong>${deployment.description ?? ''}</strong>
<div class="soft small">${moment(deployment.createdAt)} · ${past}${newest === undefined ? '' : html` · ${newest.description}`}</div></li>`
}

/** Newest first. */
function deploymentsOf(state: GitHubState, environment: string): SeenDeployment[] {
  const reading = createReadingSide(state)
  return [...state.repositories.values()]
    .flatMap((repository) => reading.deployments(fullName(repository)))
    .filter((deployment) => deployment.environment === environment)
    .toReversed()
}

/** A line per environment, for the first page. */
export function environmentsTable(state: GitHubState, environments: readonly SeenEnvironment[]): Html {
  if (environments.length === 0) return html`<span class="soft">No cluster is connected.</span>`
  const rows = environments.map((seen) => {
    const newest = deploymentsOf(state, `${seen.environment}/${seen.model}`)[0]?.statuses.at(-1)
    return html`<tr><td>${seen.model}</td><td>${seen.environment}</td><td><code>${seen.serving ?? 'nothing'}</code></td>
<td>${stateWord(seen.application.sync)}, ${stateWord(seen.application.health)}</td><td>${newest === undefined ? '–' : stateWord(newest.state)}</td></tr>`
  })
  return html`<div class="table"><table><tr><th>Model</th><th>Environment</th><th>Serves</th><th>Argo CD</th><th>Deployment</th></tr>${rows}</table></div>`
}

/** Commits and digests cut to what a person compares. */
const shortImage = (image: string): string => image.replaceAll(/[0-9a-f]{12,}/g, (hex) => `${hex.slice(0, 10)}…`)
