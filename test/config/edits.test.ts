/** What is told of a mistake in an entry of `edit:`, at its place. */
import { describe, expect, it } from 'vitest'
import { environment, problemsOf } from './mistakes.ts'

describe('one mistake in an edit', () => {
  it.each<[string, string | readonly string[]]>([
    [
      '{ file: f.yaml }',
      '5:12 environments.prod.edit[0] | none of `kserve`, `deployment`, `kustomize_image`, `helm`, `argocd_parameters`, `yaml` is there | add one of them',
    ],
    [
      '{ file: ".github/workflows/x.yml", yaml: { a: x } }',
      '5:20 environments.prod.edit[0].file | `.github/` is never written | name the file from the root of the repository, for example `environments/prod/values.yaml`',
    ],
    [
      '{ file: "{{ image.tag }}/x.yml", yaml: { a: x } }',
      '5:21 environments.prod.edit[0].file | `{{ image.tag }}` is not known here | known here: `model.name`, `environment`',
    ],
    [
      '{ file: f, yaml: { a..b: x } }',
      '5:33 environments.prod.edit[0].yaml."a..b" | a key is missing here; quote keys that hold dots or spaces | join keys by dots, and put keys that hold dots in double quotes: `podAnnotations."lockkeeper.dev/release"`',
    ],
    [
      '{ file: f, yaml: { replicas: 3 } }',
      '5:41 environments.prod.edit[0].yaml.replicas | expected a template, found the number `3` | put it in quotes: `"3"`',
    ],
    [
      '{ file: f, yaml: {} }',
      '5:23 environments.prod.edit[0].yaml | this edit changes nothing | add a key path and its value',
    ],
    [
      '{ file: f, helm: {} }',
      '5:23 environments.prod.edit[0].helm | this edit changes nothing | add a key path and its image',
    ],
    [
      '{ file: f, kserve: { name: x, container: y } }',
      '5:23 environments.prod.edit[0].kserve | this edit changes nothing | add `storage_uri` or `storage_path` or `image` or `env` or `runtime` or `runtime_version` or `model_format_version` or `adapters`',
    ],
    [
      '{ file: f, deployment: { name: x } }',
      '5:23 environments.prod.edit[0].deployment.image | `image` is missing | for example `image: "{{ image.repository }}:{{ image.tag }}@{{ image.digest }}"`',
    ],
    [
      '{ file: f, kustomize_image: { name: x } }',
      '5:23 environments.prod.edit[0].kustomize_image | this edit changes nothing | add `digest` or `new_tag` or `new_name`',
    ],
    [
      '{ file: f, models: [nope], yaml: { a: x } }',
      '5:32 environments.prod.edit[0].models[0] | there is no model `nope` | this file names no model',
    ],
    [
      '{ file: f, kserve: { name: x, env: {} } }',
      '5:42 environments.prod.edit[0].kserve.env | this edit changes nothing | add a variable and its value',
    ],
    [
      '{ file: f, argocd_parameters: { name: x } }',
      '5:23 environments.prod.edit[0].argocd_parameters | this edit changes nothing | add `parameters` or `values_object` or `images`',
    ],
    [
      '{ file: f, argocd_parameters: { name: x, parameters: {} } }',
      '5:53 environments.prod.edit[0].argocd_parameters.parameters | this edit changes nothing | add a parameter and its value',
    ],
    [
      '{ file: f, argocd_parameters: { name: x, parameters: { "a=b": c } } }',
      '5:67 environments.prod.edit[0].argocd_parameters.parameters."a=b" | `a=b` is not a name | write it as the manifest has it, for example `image.tag`',
    ],
    [
      '{ file: f, argocd_parameters: { name: x, values: { a: b } } }',
      [
        '5:23 environments.prod.edit[0].argocd_parameters | this edit changes nothing | add `parameters` or `values_object` or `images`',
        '5:53 environments.prod.edit[0].argocd_parameters.values | there is no key `values` here | known here: `name`, `source`, `parameters`, `values_object`, `images`',
      ],
    ],
    [
      '{ file: f, argocd_parameters: { name: x, values_object: { a..b: c } } }',
      '5:72 environments.prod.edit[0].argocd_parameters.values_object."a..b" | a key is missing here; quote keys that hold dots or spaces | join keys by dots, and put keys that hold dots in double quotes: `podAnnotations."lockkeeper.dev/release"`',
    ],
    [
      '{ file: f, argocd_parameters: { name: x, images: { a: b } } }',
      '5:53 environments.prod.edit[0].argocd_parameters.images | expected a list, found a mapping | a list; the keys of its items: `name`, `image`',
    ],
    [
      '{ file: f, argocd_parameters: { name: x, source: 0, parameters: { a: b } } }',
      '5:61 environments.prod.edit[0].argocd_parameters.source | expected a template, found the number `0` | put it in quotes: `"0"`',
    ],
    [
      '{ file: f, document: "ConfigMap/{{ commit.sha }}", yaml: { a: x } }',
      '5:44 environments.prod.edit[0].document | `{{ commit.sha }}` is not known here | known here: `model.name`, `environment`',
    ],
    [
      '{ file: f, document: churn, yaml: { a: x } }',
      '5:33 environments.prod.edit[0].document | not the kind of an object | write `KIND` or `KIND/NAME`, for example `ConfigMap/churn`',
    ],
    [
      '{ file: f, document: Job/churn, deployment: { name: churn, image: x } }',
      '5:23 environments.prod.edit[0].document | `document` says where the paths of `yaml` begin, which is not there | remove it, or write the values with `yaml`',
    ],
    [
      '{ file: f, kserve: { name: x, storage_path: "" } }',
      '5:56 environments.prod.edit[0].kserve.storage_path | the text is empty | for example `models/{{ model.name }}/{{ model.version }}`',
    ],
    [
      '{ file: f, kserve: { name: x, canary_traffic_percent: "10" } }',
      [
        '5:23 environments.prod.edit[0].kserve | this edit changes nothing | add `storage_uri` or `storage_path` or `image` or `env` or `runtime` or `runtime_version` or `model_format_version` or `adapters`',
        '5:42 environments.prod.edit[0].kserve.canary_traffic_percent | there is no key `canary_traffic_percent` here | known here: `name`, `kind`, `component`, `container`, `mount_path`, `storage_uri`, `storage_path`, `runtime`, `runtime_version`, `model_format_version`, `image`, `env`, `adapters`',
      ],
    ],
    [
      '{ file: f, kserve: { name: x, kind: TrainedModel, runtime: y } }',
      '5:62 environments.prod.edit[0].kserve.runtime | no TrainedModel has `runtime` | of it these can be edited: `storage_uri`',
    ],
    [
      '{ file: f, kserve: { name: x, adapters: { a: y } } }',
      '5:42 environments.prod.edit[0].kserve.adapters | no InferenceService has `adapters` | of it these can be edited: `storage_uri`, `storage_path`, `image`, `env`, `runtime`, `runtime_version`, `model_format_version`',
    ],
    [
      '{ file: f, kserve: { name: x, kind: ServingRuntime, storage_uri: y } }',
      '5:64 environments.prod.edit[0].kserve.storage_uri | no ServingRuntime has `storage_uri` | of it these can be edited: `image`, `env`',
    ],
    [
      '{ file: f, kserve: { name: x, component: prefill, image: y } }',
      '5:53 environments.prod.edit[0].kserve.component | no InferenceService has the part `prefill` | its parts are `predictor`, `transformer`, `explainer`',
    ],
    [
      '{ file: f, kserve: { name: x, kind: LLMInferenceService, component: transformer, image: y } }',
      '5:80 environments.prod.edit[0].kserve.component | no LLMInferenceService has the part `transformer` | its parts are `predictor`, `prefill`, `worker`',
    ],
    [
      '{ file: f, kserve: { name: x, kind: Deployment, image: y } }',
      '5:48 environments.prod.edit[0].kserve.kind | `Deployment` is not one of `InferenceService`, `TrainedModel`, `ServingRuntime`, `ClusterServingRuntime`, `LLMInferenceService` | write one of `InferenceService`, `TrainedModel`, `ServingRuntime`, `ClusterServingRuntime`, `LLMInferenceService`',
    ],
  ])('edit: [%s]', (edit, problems) => {
    const text = environment('').replace('{ file: f.yaml, yaml: { a: "x" } }', edit)
    expect(problemsOf(text)).toEqual([problems].flat())
  })

  it('nor one whose variable asks for what no model makes', () => {
    const text = `${environment('').replace('yaml: { a: "x" }', 'kserve: { name: x, env: { URI: "{{ model.uri }}" } }')}models: { churn: {} }\n`
    expect(problemsOf(text)).toEqual([
      '5:59 environments.prod.edit[0].kserve.env.URI | warning | this edit cannot be made for `churn`: no `release.model` | add it, or name the models that this edit is for: `models: [ … ]`',
    ])
  })

  it('an edit that no model can make loads, with a warning', () => {
    const text = `${environment('').replace('"x"', '"{{ image.digest }}"')}models: { churn: {} }\n`
    expect(problemsOf(text)).toEqual([
      '5:39 environments.prod.edit[0].yaml.a | warning | this edit cannot be made for `churn`: no `release.image` | add it, or name the models that this edit is for: `models: [ … ]`',
    ])
  })

  it('an image of an Application that no model makes loads, with a warning', () => {
    const edit = 'argocd_parameters: { name: x, images: [{ name: a, image: "{{ image.digest }}" }] }'
    const text = `${environment('').replace('yaml: { a: "x" }', edit)}models: { churn: {} }\n`
    expect(problemsOf(text)).toEqual([
      '5:85 environments.prod.edit[0].argocd_parameters.images[0].image | warning | this edit cannot be made for `churn`: no `release.image` | add it, or name the models that this edit is for: `models: [ … ]`',
    ])
  })
})
