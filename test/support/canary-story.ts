/** A world in which prod moves its traffic in steps: v12 is live there, and v13 has the first share of it. */
import type { ModelPullRequest } from '../../sandbox/world/acts.ts'
import { CONFIG } from '../../sandbox/world/index.ts'
import type { Tale } from './story.ts'

const CANARY = `    canary:
      steps: [{ percent: 10, for: 10m }, { percent: 50, for: 20m }]
      traffic: { kserve: { file: "environments/prod/{{ model.name }}/inference.yaml", name: "{{ model.name }}" } }
      compare:
        - { query: 'errors{version="{{ model.version }}"}', max_regression: 10% }
`

export type CanaryStory = {
  readonly pull: ModelPullRequest
  /** The InferenceService in Git. */
  manifest(): string | undefined
  /** The same before the first step. */
  readonly before: string | undefined
  /** Who gets how much of the traffic, as KServe divides it. */
  traffic(): readonly string[]
}

const MANIFEST = 'environments/prod/churn/inference.yaml'

/** `mode`: how KServe runs the service; Knative, but for who has it wrong. */
export async function canaryBegins(story: Tale, mode: 'Knative' | 'default' = 'Knative'): Promise<CanaryStory> {
  const manifest = () => story.world.github.file(CONFIG, 'main', MANIFEST)
  const annotation = '    annotations: { serving.kserve.io/deploymentMode: Knative }\n'
  if (mode === 'Knative') await story.writes(MANIFEST, manifest()?.replace(/^spec:$/m, `${annotation}spec:`) ?? '')
  story.world.prometheus.answer(() => 0.002)
  await story.releases('better')
  await story.deploys()
  await story.verifies()
  await story.configures((text) => text.replace(/( {2}prod:\n)/, `$1${CANARY}`))
  const before = manifest()
  const pull = await story.releases('better-2')
  await story.deploys()
  const traffic = () =>
    story.world.argocd.kserve.traffic('prod', 'churn').map(({ uri, percent }) => `${percent} % ${uri}`)
  return { pull, manifest, before, traffic }
}

/** The share in Git; undefined: all of the traffic. */
export const shareIn = (manifest: string | undefined): string | undefined =>
  /canaryTrafficPercent: (\d+)/.exec(manifest ?? '')?.[1]

/** Without the minutes, which depend on how far a look is from the next stride of the clock. */
export const untimed = (text: string): string => text.replace(/\d\d:\d\d UTC/g, '<time>')
