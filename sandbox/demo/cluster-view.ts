/** What the pages are shown of the world outside GitHub. */

import type { SeenEnvironment } from '../github/pages/stage.ts'
import { APPLICATIONS, at, INFERENCE_SERVICES, type KubeObject } from '../systems/kubernetes-objects.ts'
import { CONFIG, type World } from '../world/index.ts'

/** One per model and environment of the story. */
export const describeEnvironments = (world: World): readonly SeenEnvironment[] =>
  [
    { model: 'churn', environment: 'staging' },
    { model: 'churn', environment: 'prod' },
    { model: 'fraud', environment: 'staging' },
  ].map((place) => describe(world, place))

type Place = { readonly model: string; readonly environment: string }

function describe(world: World, { model, environment }: Place): SeenEnvironment {
  const { argocd, kubernetes } = world
  const name = `${model}-${environment}`
  const application = kubernetes.store.get(APPLICATIONS, 'argocd', name)?.status
  const service = kubernetes.store.get(INFERENCE_SERVICES, environment, model)
  const manifest = manifestOf(world, { model, environment })
  return {
    model,
    environment,
    manifest,
    serving: argocd.kserve.liveUri(environment, model),
    ready: readiness(service),
    application: {
      name,
      sync: String(at(application, 'sync', 'status') ?? 'Unknown'),
      health: String(at(application, 'health', 'status') ?? 'Unknown'),
      revision: String(at(application, 'sync', 'revision') ?? ''),
    },
    aliases: aliasesOf(world, model, manifest.uri),
  }
}

function readiness(service: KubeObject | undefined): SeenEnvironment['ready'] {
  if (service === undefined) return 'absent'
  const conditions = at(service.status, 'conditions')
  const ready =
    Array.isArray(conditions) && conditions.some((one) => at(one, 'type') === 'Ready' && at(one, 'status') === 'True')
  return ready ? 'Ready' : 'Not ready'
}

/** Read as a person reads them, by eye: these pages must not depend on the parser that they show the work of. */
function manifestOf({ github }: World, { model, environment }: Place): SeenEnvironment['manifest'] {
  const read = (file: string) => github.file(CONFIG, 'main', `environments/${environment}/${model}/${file}`) ?? ''
  const uri = /storageUri:\s*["']?([^\s"'},]+)/.exec(read('inference.yaml'))?.[1]
  const digest = /digest:\s*(\S+)/.exec(read('kustomization.yaml'))?.[1]
  const tag = /^\s+tag:\s*(\S+)/m.exec(read('values.yaml'))?.[1]
  return { uri, image: digest ?? tag }
}

function aliasesOf({ mlflow }: World, model: string, uri: string | undefined): readonly string[] {
  const champion = mlflow.alias('champion')
  return champion !== undefined && uri === `s3://acme-models/${model}/${champion}` ? ['champion'] : []
}
