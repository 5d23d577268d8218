/** The story of crash-stories.ts with the effects that few repositories have: a model that Lockkeeper registers, syncs that it starts by the cluster and by Argo CD's API, a workflow as a check. */
import { startArgoCdApi } from '../../sandbox/systems/argocd-api.ts'
import { MODELS } from '../../sandbox/world/index.ts'
import { type CrashStage, type CrashStageOptions, ends } from './crash-stage.ts'
import { acts, HOUR, MINUTE } from './story-acts.ts'

const STRIDE = 2 * MINUTE
/** So long a run may take to be there, after a crash between its start and the note of it. */
const ROUNDS = 4

export const SYSTEMS_STAGE: CrashStageOptions = {
  world: { grants: { actions: 'write' } },
  prepare: async ({ kubernetes, clock, policyText }) => {
    const api = await startArgoCdApi({ store: kubernetes.store, clock })
    const grants =
      '[{ applications: ["churn-*"], sync: true }, { server: main, applications: ["churn-*"], sync: true }]'
    const server = `argocd_servers:\n  main: { url: "${api.url}", token_env: ARGOCD_TOKEN }\n`
    return {
      systems: { argocd: api.url },
      policyText: `${policyText.replace(/^( *)argocd: \[.*$/m, `$1argocd: ${grants}`).trimEnd()}\n${server}`,
      variables: { ARGOCD_TOKEN: api.token },
      close: api.close,
    }
  },
}

const SMOKE = `name: smoke
run-name: smoke \${{ inputs.lockkeeper_promotion }}
on: { workflow_dispatch: { inputs: { lockkeeper_promotion: {} } } }
jobs: {}
`
const VERIFY = '      kserve: { name: "{{ model.name }}", namespace: staging }\n'
const WORKFLOW = '      workflow: [{ file: smoke.yml, inputs: { lockkeeper_promotion: "{{ release.id }}" } }]\n'

const configured = (text: string): string =>
  text
    .replace(VERIFY, `${VERIFY}${WORKFLOW}`)
    .replace('mlflow: churn\n', 'mlflow: { name: churn, create: { artifact_path: model } }\n')
    .replace('namespace: argocd, sync: auto }', 'namespace: argocd, sync: request }')
    .replace(
      'argocd: { application: "{{ model.name }}-prod", namespace: argocd }',
      'argocd: { server: main, application: "{{ model.name }}-prod", namespace: argocd, sync: request }',
    )

export async function playSystems(stage: CrashStage, flow: (name: string) => void): Promise<void> {
  const { world, settle, pass } = stage
  const { opens, merges, says, configures } = acts(stage)
  const { github, mlflow, bucket, argocd } = world
  for (const name of ['churn-staging', 'churn-prod']) argocd.script(name, { autoSync: false })
  const files = { '.github/workflows/smoke.yml': SMOKE }
  github.commit(MODELS, 'main', { message: 'Smoke test', files, by: 'carol' })
  await configures(configured)
  const pull = await opens('better')
  mlflow.attach('better', pull.headSha, { registered: false })
  github.reportCheck(MODELS, pull.headSha, { name: 'train', status: 'completed', conclusion: 'success' })
  await settle()
  flow('registration')
  await merges(pull)
  flow('deploy')
  bucket.put('s3://acme-models/churn/18/model.pkl', 'churn 18')
  const ended = new Set<number>()
  for (let round = 0; round < ROUNDS; round += 1) {
    await pass(STRIDE)
    for (const { id } of github.dispatchedRuns(MODELS).filter((run) => !ended.has(run.id))) {
      github.finishWorkflow(MODELS, id)
      ended.add(id)
    }
  }
  await ends(stage)
  await pass(HOUR)
  await says('/deploy prod')
  await pass(MINUTE)
  flow('approve')
  await says('/approve prod', { by: 'bob' })
  await ends(stage)
}
