/** A world in which prod has something of its own for a canary: v12 is live there, and v13 has the first share of the traffic. For test/scenarios/canary-*.test.ts. */
import type { ModelPullRequest } from '../../sandbox/world/acts.ts'
import { CONFIG } from '../../sandbox/world/index.ts'
import type { Tale } from './story.ts'

export type ApartStory = {
  readonly pull: ModelPullRequest
  /** The file in Git that holds both and their shares. */
  manifest(): string
  /** The same before the first step. */
  readonly before: string
}

const MANIFEST = 'environments/prod/churn/inference.yaml'
const FILE = 'file: "environments/prod/{{ model.name }}/inference.yaml"'

/** `edits`: lines under `edit:` of prod, in place of what it has; `more`: what the manifest has besides the stable service. */
export type Apart = { readonly edits: readonly string[]; readonly traffic: string; readonly more: string }

export async function apartBegins(story: Tale, { edits, traffic, more }: Apart): Promise<ApartStory> {
  const manifest = () => story.world.github.file(CONFIG, 'main', MANIFEST) ?? ''
  await story.writes(MANIFEST, manifest() + more)
  await story.configures((text) => {
    const at = text.indexOf('\n  prod:\n')
    const prod = text
      .slice(at)
      .replace(/( {4}edit:\n)(?: {6}.*\n)+/, `$1${edits.map((edit) => `      - { ${FILE}, ${edit} }\n`).join('')}`)
    const canary = `    canary:\n      steps: [{ percent: 10, for: 10m }]\n      traffic: ${traffic.replace('FILE', FILE)}\n`
    return text.slice(0, at) + prod.replace('\n  prod:\n', `\n  prod:\n${canary}`)
  })
  story.world.prometheus.answer(() => 0.002)
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  const before = manifest()
  const pull = await story.releases('better-2')
  await story.deploys()
  return { pull, manifest, before }
}
