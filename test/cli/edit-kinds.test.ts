/** Every kind of change that `lockkeeper edit` makes: the flag, and the lines of the file that it changes. */
import { expect, test } from 'vitest'
import { edit } from '../../src/cli/edit.ts'

const SERVICE = `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: churn.v2}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn, version: "1"}
      runtime: mlserver
      runtimeVersion: "1.3"
      storage: {key: models, path: models/churn/11}
      image: r/c:1
      env: [{name: MODEL_URI, value: s3://m/1}]
  transformer:
    containers: [{image: "r/t:1"}]
`
const RUNTIME = `apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: churn}
spec: {containers: [{name: kserve-container, image: "r/s:1"}]}
`
const LLM = `apiVersion: serving.kserve.io/v1alpha1
kind: LLMInferenceService
metadata: {name: chat}
spec:
  model:
    uri: hf://org/chat
    lora: {adapters: [{name: sql, uri: s3://m/1}]}
`
const DEPLOYMENT = `kind: Deployment
metadata: {name: churn}
spec: {template: {spec: {containers: [{name: proxy, image: "r/p:1"}, {name: server, image: "r/c:1"}]}}}
`
const JOB = `kind: Job
metadata: {name: churn}
spec: {template: {spec: {containers: [{image: "r/j:1"}]}}}
`
const KUSTOMIZATION = `images:
  - name: r/c
    newTag: v1
    digest: sha256:aa
`
const VALUES = `server:
  image: {registry: ghcr.io, repository: acme/churn, tag: v1, digest: ""}
`
const APPLICATION = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: churn-prod}
spec:
  source:
    helm:
      parameters: [{name: "image.tag", value: v1}]
      valuesObject: {model: {uri: s3://m/1}}
    kustomize: {images: ["r/c:v1"]}
`

test.each<[string, readonly string[], string, string]>([
  ['the path of a storage', ['--kserve', 'churn.v2.storage_path=models/churn/12'], SERVICE, 'churn/11 > churn/12'],
  ['a runtime', ['--kserve', 'churn.v2.runtime=triton'], SERVICE, 'mlserver > triton'],
  ['the version of a runtime', ['--kserve', 'churn.v2.runtime_version=1.10'], SERVICE, '"1.3" > "1.10"'],
  ['the version of a format', ['--kserve', 'churn.v2.model_format_version=2'], SERVICE, '"1" > "2"'],
  ['the image of a service', ['--kserve', 'churn.v2.image=r/c:2'], SERVICE, 'r/c:1 > r/c:2'],
  ['a variable', ['--kserve', 'churn.v2.env.MODEL_URI=s3://m/2?a=b'], SERVICE, 's3://m/1 > s3://m/2?a=b'],
  ['a transformer', ['--kserve', 'churn.v2.transformer.image=r/t:2'], SERVICE, 'r/t:1 > r/t:2'],
  ['a serving runtime', ['--kserve', 'ServingRuntime/churn.image=r/s:2'], RUNTIME, 'r/s:1 > r/s:2'],
  [
    'a language model',
    ['--kserve', 'LLMInferenceService/chat=hf://org/chat:2'],
    LLM,
    'hf://org/chat > hf://org/chat:2',
  ],
  ['its adapter', ['--kserve', 'LLMInferenceService/chat.adapters.sql=s3://m/2'], LLM, 's3://m/1 > s3://m/2'],
  ['a container', ['--deployment', 'churn/server=r/c:2'], DEPLOYMENT, 'r/c:1 > r/c:2'],
  ['a container by kind', ['--deployment', 'Job/churn=r/j:2'], `${DEPLOYMENT}---\n${JOB}`, 'r/j:1 > r/j:2'],
  ['a container by all', ['--deployment', 'Deployment/churn/proxy=r/p:2'], `${DEPLOYMENT}---\n${JOB}`, 'r/p:1 > r/p:2'],
  [
    'a tag and digest',
    ['--kustomize-image', 'r/c=v2@sha256:bb'],
    KUSTOMIZATION,
    'v1\n    digest: sha256:aa > v2\n    digest: sha256:bb',
  ],
  ['a digest', ['--kustomize-image', 'r/c=sha256:bb'], KUSTOMIZATION, 'sha256:aa > sha256:bb'],
  [
    'an image in values',
    ['--helm', 'server.image=ghcr.io/acme/churn:v2@sha256:bb'],
    VALUES,
    'tag: v1, digest: "" > tag: v2, digest: "sha256:bb"',
  ],
  ['a parameter', ['--argocd-parameter', 'churn-prod/image.tag=v2'], APPLICATION, 'value: v1 > value: v2'],
  [
    'a value of an Application',
    ['--argocd-value', 'churn-prod/model.uri=s3://m/2'],
    APPLICATION,
    's3://m/1 > s3://m/2',
  ],
  ['an image of an Application', ['--argocd-image', 'churn-prod/r/c=r/c:v2'], APPLICATION, 'r/c:v1 > r/c:v2'],
])('changes %s', async (_, flags, text, change) => {
  const [before = '', after = ''] = change.split(' > ')
  expect(await run(flags, text)).toBe(text.replace(before, after))
})

test('makes several changes of one file at once', async () => {
  const flags = ['--deployment', 'Deployment/churn/proxy=r/p:2', '--deployment', 'Job/churn=r/j:2']
  const text = `${DEPLOYMENT}---\n${JOB}`
  const edited = await run([...flags, '--set', 'kind=CronJob', '--document', 'Job/churn'], text)
  expect(edited).toBe(text.replace('r/p:1', 'r/p:2').replace('r/j:1', 'r/j:2').replace('kind: Job', 'kind: CronJob'))
})

async function run(flags: readonly string[], text: string): Promise<string> {
  let said = ''
  const write = (more: string): void => {
    said += more
  }
  const io = { stdout: write, stderr: write, isTty: false, readFile: async () => text }
  expect(await edit.run(['f.yaml', ...flags], io), said).toBe(0)
  return said
}
