/** Buttons of the comparison's check run that deploy: what they show within GitHub's limits, and what a click on one means. Heard by services/press-button.ts. */
import { createHash } from 'node:crypto'
import type { EnvironmentName, ModelName } from './ids.ts'
import type { ModelSettings } from './settings.ts'

/** GitHub's limits, in characters. */
const LABEL_LENGTH = 20
const DESCRIPTION_LENGTH = 40
/** Besides the one that reads the metrics again, GitHub takes two. */
const MOST = 2

const PREFIX = 'deploy-'

export type DeployTarget = { readonly model: ModelName; readonly environment: EnvironmentName }

export type CheckAction = { readonly identifier: string; readonly label: string; readonly description: string }

/** Names may be longer than an identifier: it says which of the configuration's pairs is meant, whatever they are called. */
const identifierOf = ({ model, environment }: DeployTarget): string =>
  `${PREFIX}${createHash('sha256')
    .update(`${model} ${environment}`)
    .digest('hex')
    .slice(0, LABEL_LENGTH - PREFIX.length)}`

export const isDeployButton = (identifier: string): boolean => identifier.startsWith(PREFIX)

/** One for each, in this order, as many as there is room for; none for those whose shortened names look alike. */
export function deployButtons(targets: readonly DeployTarget[]): readonly CheckAction[] {
  const buttons = targets.map((target) => ({
    identifier: identifierOf(target),
    label: fitted('Deploy to ', target.environment, LABEL_LENGTH),
    description: fitted('This head, unmerged, to ', target.environment, DESCRIPTION_LENGTH),
  }))
  return buttons.filter(({ label }) => buttons.filter((other) => other.label === label).length === 1).slice(0, MOST)
}

/** Shortened in its middle: `staging-eu-1` and `staging-eu-2` differ at their ends. */
function fitted(words: string, name: string, length: number): string {
  const room = length - words.length
  if (name.length <= room) return `${words}${name}`
  const head = Math.ceil((room - 1) / 2)
  return `${words}${name.slice(0, head)}…${name.slice(name.length - (room - 1 - head))}`
}

type Configured = { readonly models: ReadonlyMap<ModelName, Pick<ModelSettings, 'name' | 'environments'>> }

/** What the button deploys by the configuration as it is; undefined: nothing there any more. */
export function targetOfButton(identifier: string, { models }: Configured): DeployTarget | undefined {
  for (const { name: model, environments } of models.values()) {
    const environment = environments.find((each) => identifierOf({ model, environment: each }) === identifier)
    if (environment !== undefined) return { model, environment }
  }
  return undefined
}
