/** churn as another kind of workload in staging, which goes back by itself. For test/scenarios/workload-*.test.ts. */
import { MINUTE, scenario, type Tale } from './story.ts'

/** How staging is configured for a kind of workload, and the manifest that it has before. */
export type WorkloadKind = { readonly edit: string; readonly verify: string; readonly manifest: string }

const MANIFEST = 'environments/staging/churn/inference.yaml'

/** What the release before runs. */
const BEFORE = `ghcr.io/acme/churn:v11@sha256:${'1'.repeat(64)}`

const pods = (kind: string, apiVersion: string, extra = ''): string => `apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: churn
  namespace: staging
spec:
  replicas: 3
${extra}  template:
    spec:
      containers:
      - name: server
        image: "${BEFORE}"
`

const IMAGE = '"{{ image.repository }}:{{ image.tag }}@{{ image.digest }}"'
const imageOf = (kind: string) => `deployment: { name: "{{ model.name }}", kind: ${kind}, image: ${IMAGE} }`
const ofChurn = (key: string) => `${key}: { name: "{{ model.name }}", namespace: staging }`

export const DEPLOYMENT: WorkloadKind = {
  edit: imageOf('Deployment'),
  verify: ofChurn('deployment'),
  manifest: pods('Deployment', 'apps/v1'),
}
export const STATEFUL_SET: WorkloadKind = {
  edit: imageOf('StatefulSet'),
  verify: ofChurn('statefulset'),
  manifest: pods('StatefulSet', 'apps/v1'),
}
export const ROLLOUT: WorkloadKind = {
  edit: imageOf('Rollout'),
  verify: ofChurn('rollout'),
  manifest: pods('Rollout', 'argoproj.io/v1alpha1', '  strategy: { canary: { steps: [{ setWeight: 20 }] } }\n'),
}
export const LLM_SERVICE: WorkloadKind = {
  edit: 'kserve: { name: "{{ model.name }}", kind: LLMInferenceService, storage_uri: "{{ model.uri }}" }',
  verify: ofChurn('llm_inference_service'),
  manifest: `apiVersion: serving.kserve.io/v1alpha1
kind: LLMInferenceService
metadata:
  name: churn
  namespace: staging
spec:
  replicas: 2
  model:
    name: churn
    uri: "s3://acme-models/churn/11"
`,
}

/** The image or model that staging's manifest says now. */
export const running = (story: Tale): string =>
  /(?:image|uri): "?([^"\n]+)/.exec(story.manifest(MANIFEST) ?? '')?.[1] ?? ''

/** One test per sentence, in a world in which staging runs churn as that kind. */
export const workloads =
  (kind: WorkloadKind) =>
  (sentence: string, tell: (story: Tale) => Promise<void>): void =>
    scenario(sentence, async (story) => {
      await story.writes(MANIFEST, kind.manifest)
      await story.configures((text) => configured(text, kind))
      await story.pass(MINUTE)
      await tell(story)
    })

function configured(text: string, { edit, verify }: WorkloadKind): string {
  const [before = '', rest = ''] = text.split('  staging:\n')
  const [staging = '', after = ''] = rest.split('\n  prod:\n')
  const changed = staging
    .replace(
      / {4}edit:\n[\s\S]*? {4}sync:\n/,
      `    edit:\n      - file: "${MANIFEST}"\n        models: [churn]\n        ${edit}\n    sync:\n`,
    )
    .replace(/^ {6}kserve: .*/m, `      ${verify}`)
  return `${before}  staging:\n${changed.trimEnd()}\n    rollback: automatic\n\n  prod:\n${after}`
}
