/** The schema of `edit:`, what a promotion changes in which file. Part of environment-schema.ts; made into settings by edit-settings.ts; done by src/domain/manifest/. */
import * as z from 'zod'
import { KSERVE_KINDS, WORKLOAD_KINDS } from '../domain/manifest/index.ts'
import { yamlKeyPath } from './key-path.ts'
import { checkObjectName, checkPath, modelName, quoted, template } from './key-types.ts'

/** The name of a Kubernetes object. */
export const objectName = template({
  only: ['model.name', 'environment'],
  check: checkObjectName,
  examples: ['{{ model.name }}'],
})

const anyValue = (example: string) => template({ examples: [example] })

const WHOLE_IMAGE = '{{ image.repository }}:{{ image.tag }}@{{ image.digest }}'

/** The name of an item of a list in a manifest. */
const namedItem = (shape: RegExp, example: string) =>
  z
    .string()
    .meta({ title: 'name', description: 'As it is written in the manifest.', examples: [example] })
    .superRefine((text, context) => {
      if (shape.test(text)) return
      const hint = `write it as the manifest has it, for example \`${example}\``
      context.addIssue({ code: 'custom', message: `${quoted(text)} is not a name`, params: { hint } })
    })

const itemName = namedItem(/^\w[\w.-]{0,252}$/, 'MODEL_URI')
const parameterName = namedItem(/^[^\s=,]{1,253}$/, 'image.tag')

const kserve = z
  .strictObject({
    name: objectName.describe('The object.'),
    kind: z.enum(KSERVE_KINDS).exclude(['InferenceGraph']).optional().describe('Its kind. Default: InferenceService.'),
    component: z
      .enum(['predictor', 'transformer', 'explainer', 'prefill', 'worker'])
      .optional()
      .describe('The part of it. Default: the predictor. `prefill` and `worker` are parts of an LLMInferenceService.'),
    container: objectName
      .optional()
      .describe('The container that `image` and `env` mean. Default: the model itself, else the only container.'),
    mount_path: template({ only: ['model.name', 'environment'], examples: ['/mnt/models'] })
      .optional()
      .describe('Which of several `storageUris` is meant.'),
    storage_uri: anyValue('{{ model.uri }}')
      .optional()
      .describe(
        'What its `storageUri` becomes: in `model`, a framework block, `storageUris`, the variable `STORAGE_URI` of a container of its own; `uri` of an LLMInferenceService.',
      ),
    storage_path: anyValue('models/{{ model.name }}/{{ model.version }}')
      .optional()
      .describe(
        'What the `path` of its `storage` becomes. To `uris` of `accepts:` it is `storage://<path>`; the `key`, and with it the bucket, stays as it is.',
      ),
    runtime: objectName.optional().describe('What its `runtime` becomes. Added where it is not there.'),
    runtime_version: anyValue('{{ image.tag }}')
      .optional()
      .describe("What its `runtimeVersion` becomes, the tag of the runtime's image. Added where it is not there."),
    model_format_version: anyValue('2')
      .optional()
      .describe('What the `version` of its `modelFormat` becomes. Added where it is not there.'),
    image: anyValue(WHOLE_IMAGE).optional().describe('What the `image` of its container becomes.'),
    env: z.record(itemName, anyValue('{{ model.uri }}')).optional().describe('Values of its variables, by their name.'),
    adapters: z
      .record(itemName, anyValue('{{ model.uri }}'))
      .optional()
      .describe('URIs of the LoRA adapters of an LLMInferenceService, by their name.'),
  })
  .meta({ description: 'Fields of a KServe object. At least one besides those that find it.' })

const deployment = z
  .strictObject({
    name: objectName.describe('The workload.'),
    kind: z.enum(WORKLOAD_KINDS).optional().describe('Its kind, where several share the name. `Service` is Knative’s.'),
    container: objectName.optional().describe('The container, also an init container. Default: the only container.'),
    image: anyValue(WHOLE_IMAGE).describe('What its `image` becomes.'),
  })
  .meta({ description: 'The image of one container of a workload of any kind.' })

const kustomizeImage = z
  .strictObject({
    name: template({
      only: ['model.name', 'environment', 'image.repository'],
      examples: ['ghcr.io/acme/{{ model.name }}'],
    }).describe('The `name` of the entry under `images:`.'),
    digest: anyValue('{{ image.digest }}').optional().describe('What its `digest` becomes.'),
    new_tag: anyValue('{{ image.tag }}').optional().describe('What its `newTag` becomes.'),
    new_name: anyValue('{{ image.repository }}').optional().describe('What its `newName` becomes.'),
  })
  .meta({
    description:
      'An entry under `images:` of a kustomization, added where it is not there. At least one of `digest`, `new_tag`, `new_name`.',
  })

const argocdParameters = z
  .strictObject({
    name: objectName.describe('The Application or ApplicationSet.'),
    source: template({ only: ['model.name', 'environment'], examples: ['charts/{{ model.name }}'] })
      .optional()
      .describe('Which of several `sources`: its name, chart, path or index. Default: the one that has what is named.'),
    parameters: z
      .record(parameterName, anyValue('{{ image.tag }}'))
      .optional()
      .describe('Values of `helm.parameters`, by their name.'),
    values_object: z
      .record(yamlKeyPath, anyValue('{{ image.tag }}'))
      .optional()
      .describe('Values of `helm.valuesObject`, by key path. In the text `helm.values` nothing is edited.'),
    images: z
      .array(
        z.strictObject({
          name: template({ only: ['model.name', 'environment'], examples: ['ghcr.io/acme/{{ model.name }}'] }).describe(
            'The image that the base names.',
          ),
          image: anyValue(WHOLE_IMAGE).describe('What takes its place.'),
        }),
      )
      .min(1)
      .optional()
      .describe('Items of `kustomize.images`.'),
  })
  .meta({
    description:
      'What an Argo CD Application gives its source. At least one of `parameters`, `values_object`, `images`.',
  })

/** `KIND[/NAME]` of an object in a file of several. */
const document = template({
  only: ['model.name', 'environment'],
  check: (shape) =>
    /^[A-Z][A-Za-z0-9]{0,62}(?:\/[A-Za-z0-9][\w.:-]{0,252})?$/.test(shape)
      ? undefined
      : { reason: 'not the kind of an object', hint: 'write `KIND` or `KIND/NAME`, for example `ConfigMap/churn`' },
  examples: ['ConfigMap/{{ model.name }}'],
})

/** The kinds of edits, of which each entry of `edit:` has one. */
export const EDIT_KINDS = ['kserve', 'deployment', 'kustomize_image', 'helm', 'argocd_parameters', 'yaml'] as const

/** The keys of which a `kserve` edit needs one: the others only find the object. */
export const KSERVE_FIELDS = [
  'storage_uri',
  'storage_path',
  'image',
  'env',
  'runtime',
  'runtime_version',
  'model_format_version',
  'adapters',
] as const

/** One entry of `edit:`. */
export const edit = z
  .strictObject({
    file: template({
      only: ['model.name', 'environment'],
      check: checkPath,
      examples: ['environments/prod/{{ model.name }}/values.yaml'],
    }).describe('The file in the config repository. Never outside of it, never under `.github/`.'),
    models: z.array(modelName).min(1).optional().describe('Only for these models. Default: every model promoted here.'),
    kserve: kserve.optional(),
    deployment: deployment.optional(),
    kustomize_image: kustomizeImage.optional(),
    helm: z
      .record(yamlKeyPath, anyValue(WHOLE_IMAGE))
      .optional()
      .describe(
        'Images in the values of a chart, by key path; their parts go where the file has them: `repository`, `tag`, `digest`, `registry`, `1.2@sha256:…` or one text.',
      ),
    argocd_parameters: argocdParameters.optional(),
    document: document
      .optional()
      .describe(
        'With `yaml`, in a file of several objects: the one at which the paths begin, as `KIND` or `KIND/NAME`.',
      ),
    yaml: z
      .record(yamlKeyPath, anyValue('{{ image.tag }}@{{ image.digest }}'))
      .optional()
      .describe('Values of any YAML file, by key path; strings stay strings.'),
  })
  .meta({ description: `One edit in one file. Exactly one of ${EDIT_KINDS.map((kind) => `\`${kind}\``).join(', ')}.` })
