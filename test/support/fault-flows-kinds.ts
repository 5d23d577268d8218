/** Stories of the fault matrix whose environments run other kinds of workloads, or are followed by what is reported at GitHub. */
import { CONFIG, MODELS, type World } from '../../sandbox/world/index.ts'
import type { FaultFlow } from './fault-flows.ts'
import { MINUTE } from './story-acts.ts'
import { LLM_SERVICE, ROLLOUT, STATEFUL_SET, type WorkloadKind } from './workload-story.ts'

const KINDS: Readonly<Record<string, WorkloadKind>> = { sets: STATEFUL_SET, rollouts: ROLLOUT, llms: LLM_SERVICE }
const STATUS = 'argocd/churn-told'
const SETTINGS = '.github/lockkeeper.yml'

const environment = (name: string, { edit, verify }: WorkloadKind): string => `  ${name}:
    deploy: on-merge
    repository: ${CONFIG}
    edit:
      - file: "environments/${name}/churn/inference.yaml"
        models: [churn]
        ${edit}
    sync: { argocd: { application: "churn-${name}" } }
    verify:
      within: 15m
      ${verify.replace('namespace: staging', `namespace: ${name}`)}
`

const TOLD = `  told:
    deploy: on-merge
    repository: ${CONFIG}
    edit:
      - file: "environments/told/churn/inference.yaml"
        kserve: { name: "{{ model.name }}", storage_uri: "{{ model.uri }}" }
    sync: { reported: { commit_status: "${STATUS}", by: "argocd[bot]" } }
    verify: { within: 15m }
`

const NAMES = [...Object.keys(KINDS), 'told']

/** carol adds an environment for each. */
function commitKinds({ github }: World): void {
  const commit = (repository: string, files: Record<string, string>) =>
    github.commit(repository, 'main', { message: 'More environments', files, by: 'carol' })
  const textOf = (repository: string, path: string) => github.file(repository, 'main', path) ?? ''
  const widened = (text: string) =>
    text.replace('environments: [staging, prod]', `environments: [${NAMES.join(', ')}, staging, prod]`)
  const manifests = Object.entries(KINDS).map(([name, { manifest }]) => [
    `environments/${name}/churn/inference.yaml`,
    manifest.replaceAll('namespace: staging', `namespace: ${name}`),
  ])
  const told = textOf(CONFIG, 'environments/staging/churn/inference.yaml').replaceAll('staging', 'told')
  commit(CONFIG, {
    ...Object.fromEntries(manifests),
    'environments/told/churn/inference.yaml': told,
    [SETTINGS]: widened(textOf(CONFIG, SETTINGS)),
  })
  const written = Object.entries(KINDS).map(([name, kind]) => environment(name, kind))
  const settings = widened(textOf(MODELS, SETTINGS))
  commit(MODELS, { [SETTINGS]: settings.replace('\nenvironments:\n', `\nenvironments:\n${written.join('')}${TOLD}`) })
}

/** One merge goes to a StatefulSet, an Argo Rollout, an LLMInferenceService, and to where a status on the commit tells that it is live. */
export const kinds: FaultFlow = {
  name: 'kinds',
  stage: {
    applications: Object.keys(KINDS).map((name) => ({ model: 'churn', environment: name })),
    settings: (policy) => ({
      policy: policy.replace('namespaces: [staging, prod]', `namespaces: [staging, prod, ${NAMES.join(', ')}]`),
    }),
  },
  play: async (tale) => {
    const { github } = tale.world
    commitKinds(tale.world)
    await tale.settle()
    await tale.pass(MINUTE)
    await tale.releases('better')
    await tale.pass(2 * MINUTE)
    const merge = github.log(CONFIG, 'main').find(({ message }) => /to told\b/.test(message))?.sha
    const on = merge ?? github.branches(CONFIG)['main'] ?? ''
    github.reportStatus(CONFIG, on, { context: STATUS, state: 'success', description: 'Synced', by: 'argocd[bot]' })
    await tale.settle()
    await tale.calm()
  },
}
