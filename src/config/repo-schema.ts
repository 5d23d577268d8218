/**
 * The schema of `.github/lockkeeper.yml`: the one source of the parser (repo-config.ts), the JSON Schema and docs/config.md (generated-files.ts).
 * Rules over more than one key are in repo-rules.ts.
 */
import * as z from 'zod'
import { acceptance, force, principals } from './accepts-schema.ts'
import { freezeWindow } from './freeze-window.ts'
import { yamlKeyPath } from './key-path.ts'
import {
  checkHttpUrl,
  checkObjectName,
  checkPath,
  duration,
  environmentName,
  line,
  modelName,
  nameKey,
  namespace,
  pathGlob,
  repoName,
  serverName,
  slackChannel,
  template,
  timeLimit,
  tolerance,
} from './key-types.ts'

const name = (description: string, example: string) => line({ title: 'text', description, examples: [example] })
const server = serverName
  .optional()
  .describe(
    "The MLflow server, by its name in the operator's policy. Default: the model's `mlflow.server`, else `default`.",
  )

const mlflowDefaults = z.strictObject({
  server: serverName.optional().describe("The model's MLflow server; default `default`."),
})

const candidate = z
  .strictObject({
    mlflow: z
      .strictObject({ experiment: name('The experiment.', 'churn'), server })
      .optional()
      .describe("MLflow runs whose Git commit is the pull request's head, or GitHub's merge commit of it."),
    file: template({ only: ['model.name'], check: checkPath, examples: ['models/fraud/metrics.json'] })
      .optional()
      .describe('A JSON or YAML file of metrics at the head commit.'),
  })
  .meta({ description: 'Where the metrics of the commit under review are. One of its keys.' })

const baseline = z
  .strictObject({
    mlflow: z
      .strictObject({
        model: name('The registered model.', 'churn'),
        alias: name('The alias.', 'champion').prefault('champion'),
        server,
      })
      .optional()
      .describe('The registered version that an alias names.'),
    file: template({ only: ['model.name'], check: checkPath, examples: ['models/fraud/metrics.json'] })
      .optional()
      .describe('A file of metrics at the base branch.'),
  })
  .meta({ description: 'What the candidate is compared with. One of its keys.' })

const gate = z
  .strictObject({
    goal: z.enum(['maximize', 'minimize']).describe('Which way is better.'),
    min: z.number().optional().describe('The least that passes.'),
    max: z.number().optional().describe('The most that passes.'),
    max_regression: tolerance
      .optional()
      .describe('How much worse than the baseline passes: `0.5%` of it, or an absolute `0.01`.'),
  })
  .meta({ description: 'The rule over one metric. At least one of `min`, `max`, `max_regression`.' })

const release = z
  .strictObject({
    model: z
      .strictObject({
        mlflow: z
          .union([
            name('The registered model.', 'churn'),
            z
              .strictObject({ name: name('The registered model.', 'churn'), server })
              .meta({ description: 'With the server.' }),
          ])
          .meta({ title: 'text or mapping' })
          .optional()
          .describe(
            'The registered model whose version is made from the candidate run: `{{ model.version }}`, `{{ model.uri }}`.',
          ),
        uri: template({
          only: ['model.name', 'model.version', 'commit.sha', 'pull_request.sha', 'pull_request.number'],
          check: checkArtefactUri,
          examples: ['s3://acme-models/churn/{{ model.version }}'],
        })
          .optional()
          .describe(
            "What the serving side can pull. Default: the registry's own URI, refused where that is `models:/` or `mlflow-artifacts:/`.",
          ),
      })
      .optional()
      .describe('The model artefact of the release. At least one of its keys.'),
    image: template({
      only: ['model.name', 'model.version', 'commit.sha', 'pull_request.sha', 'pull_request.number'],
      check: checkImage,
      examples: ['ghcr.io/acme/churn:{{ commit.sha }}'],
    })
      .optional()
      .describe(
        'The container image, resolved to a digest: `{{ image.repository }}`, `{{ image.tag }}`, `{{ image.digest }}`.',
      ),
    within: timeLimit.prefault('2h').describe('How long artefacts may take to appear after the merge.'),
  })
  .meta({ description: 'What a merge makes: the artefacts that a promotion puts into an environment.' })

const training = z
  .strictObject({
    check: name('', 'train')
      .optional()
      .describe(
        'The check run, workflow or commit status that means "metrics are in". Default: every other app\'s checks on the head.',
      ),
    within: timeLimit.prefault('6h').describe('Until then a metric that is not there is pending, not missing.'),
    when: z
      .enum(['pull_request', 'after_merge'])
      .prefault('pull_request')
      .describe(
        '`after_merge`: the check of the pull request is neutral, and the gates are judged when the release is made.',
      ),
  })
  .meta({ description: 'When the metrics are there.' })

const model = z
  .strictObject({
    paths: z
      .array(pathGlob)
      .min(1)
      .optional()
      .describe('Pull requests that touch these concern this model. Default: every path.'),
    mlflow: mlflowDefaults.optional().describe('What the MLflow keys below have in common.'),
    training: training.prefault({}),
    candidate: candidate.optional(),
    baseline: baseline.optional(),
    gates: z
      .record(name('The metric, slices included: `f1/segment=eu`.', 'auc'), gate)
      .prefault({})
      .describe('Rules over metrics, by the name of the metric.'),
    release: release.prefault({}),
    environments: z
      .array(environmentName)
      .optional()
      .describe('Where this model is promoted. Default: every environment.'),
  })
  .meta({ description: 'One model.' })

const objectName = template({
  only: ['model.name', 'environment'],
  check: checkObjectName,
  examples: ['{{ model.name }}'],
})
const anyValue = (example: string) => template({ examples: [example] })

const edit = z
  .strictObject({
    file: template({
      only: ['model.name', 'environment'],
      check: checkPath,
      examples: ['environments/prod/{{ model.name }}/values.yaml'],
    }).describe('The file in the config repository. Never outside of it, never under `.github/`.'),
    models: z.array(modelName).min(1).optional().describe('Only for these models. Default: every model promoted here.'),
    kserve: z
      .strictObject({
        name: objectName.describe('The InferenceService.'),
        storage_uri: anyValue('{{ model.uri }}').describe('What its `storageUri` becomes.'),
      })
      .optional()
      .describe('An InferenceService of any shape, found by kind and name.'),
    kustomize_image: z
      .strictObject({
        name: template({
          only: ['model.name', 'environment', 'image.repository'],
          examples: ['ghcr.io/acme/{{ model.name }}'],
        }).describe('The `name` of the entry under `images:`.'),
        digest: anyValue('{{ image.digest }}').optional().describe('What its `digest` becomes.'),
        new_tag: anyValue('{{ image.tag }}').optional().describe('What its `newTag` becomes.'),
        new_name: anyValue('{{ image.repository }}').optional().describe('What its `newName` becomes.'),
      })
      .optional()
      .describe('An entry under `images:` of a kustomization. At least one of `digest`, `new_tag`, `new_name`.'),
    yaml: z
      .record(yamlKeyPath, anyValue('{{ image.tag }}@{{ image.digest }}'))
      .optional()
      .describe('Values of any YAML file, by key path; strings stay strings.'),
  })
  .meta({ description: 'One edit in one file. Exactly one of `kserve`, `kustomize_image`, `yaml`.' })

const sync = z
  .strictObject({
    argocd: z
      .strictObject({
        application: objectName.describe('The Application.'),
        namespace: namespace.prefault('argocd').describe('The namespace of the Application.'),
        sync: z.enum(['auto', 'request', 'manual']).prefault('auto').describe('Who starts the sync.'),
      })
      .describe('Argo CD.'),
    within: timeLimit
      .prefault('30m')
      .describe('From merge to synced. A sync window or auto-sync that is off is blocked, not failed.'),
  })
  .meta({ description: 'What brings the merged commit into the cluster.' })

const httpCheck = z
  .strictObject({
    url: template({ check: checkHttpUrl, examples: ['https://{{ model.name }}.example.com/v2/health/ready'] }).describe(
      'The address.',
    ),
    expect: z.int().min(100).max(599).prefault(200).describe('The status that is right.'),
    successes: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('How many of the last `of` requests must be right. Default: all.'),
    of: z.int().min(1).max(100).optional().describe('Over how many requests. Default: `successes`, else 1.'),
  })
  .meta({ description: 'An HTTP request that must be answered.' })

const prometheusCheck = z
  .strictObject({
    query: template({ examples: ['rate(request_errors_total{service="{{ model.name }}"}[5m])'] }).describe(
      'A PromQL query with one value as its answer. No data is not "holds".',
    ),
    server: serverName.prefault('default').describe("The Prometheus server, by its name in the operator's policy."),
    min: z.number().optional().describe('The least that holds.'),
    max: z.number().optional().describe('The most that holds.'),
  })
  .meta({ description: 'A query whose value must be within bounds. At least one of `min`, `max`.' })

const verify = z
  .strictObject({
    within: timeLimit.prefault('15m').describe('From synced to verified.'),
    for: duration.prefault('0s').describe('Every check must keep holding this long.'),
    kserve: z
      .strictObject({
        name: objectName.describe('The InferenceService.'),
        namespace: namespace.describe('Its namespace.'),
      })
      .optional()
      .describe('The InferenceService must be ready.'),
    http: z.array(httpCheck).prefault([]).describe('HTTP checks.'),
    prometheus: z.array(prometheusCheck).prefault([]).describe('Prometheus checks.'),
  })
  .meta({ description: 'What must hold before a rollout counts as verified.' })

const environment = z
  .strictObject({
    deploy: z
      .enum(['on-merge', 'on-command', 'automatic'])
      .prefault('on-command')
      .describe('What starts a promotion: the merge, `/deploy`, or a release that is verified and soaked in `after`.'),
    from: z
      .enum(['default_branch', 'pull_request'])
      .prefault('default_branch')
      .describe('Which releases may come here.'),
    after: z
      .union([environmentName, z.array(environmentName)])
      .meta({ title: 'name or list of names', examples: ['staging'] })
      .optional()
      .describe('The same release must be verified there first.'),
    soak: duration.prefault('0s').describe('And have stayed verified there for this long.'),
    deployers: principals
      .optional()
      .describe('Who may deploy and roll back. Default: people with write on both repositories.'),
    approvals: z
      .int()
      .min(0)
      .max(10)
      .prefault(0)
      .describe('Reviews or `/approve` on the promotion head, never by the requester or the author.'),
    approvers: principals.optional().describe('Whose approval counts. Default: the deployers.'),
    force: force.optional(),
    freeze: z.array(freezeWindow).prefault([]).describe('Weekly windows in which nothing is promoted.'),
    expires: timeLimit.optional().describe('How long a command waits for reviews and checks.'),
    repository: repoName.describe('The config repository. It must accept this one (`accepts:`).'),
    edit: z.array(edit).min(1).describe('What a promotion changes.'),
    sync,
    url: template({ check: checkHttpUrl, examples: ['https://{{ model.name }}.example.com'] })
      .optional()
      .describe('Where people find the model; shown with the GitHub Deployment.'),
    verify: verify.prefault({}),
    canary: z.record(z.string(), z.unknown()).optional().describe('KServe canary traffic.'),
    on_verified: z
      .strictObject({
        mlflow_alias: name('', 'champion')
          .optional()
          .describe('The alias that moves to the version. Skipped, and said so, for a model without one.'),
      })
      .prefault({})
      .describe('What happens when the promotion is verified.'),
    rollback: z.enum(['automatic', 'manual']).prefault('manual').describe('What happens when it is not.'),
    notify: z.strictObject({ slack: slackChannel.optional() }).optional().describe('Who is told.'),
  })
  .meta({ description: 'One environment.' })

const retrain = z
  .strictObject({
    workflow: z
      .strictObject({
        file: name('The file under `.github/workflows/`.', 'train.yml'),
        ref: name('The branch.', 'main').optional(),
      })
      .describe('The workflow that trains.'),
    on: z
      .strictObject({
        alert: z.record(z.string(), z.string()).optional().describe('Labels of an alert.'),
        schedule: name('', '0 2 * * *').optional().describe('A cron expression.'),
      })
      .optional()
      .describe('What starts it.'),
    cooldown: duration.optional().describe('The least time between two trainings.'),
  })
  .meta({ description: 'How one model is trained again.' })

/** The whole file. */
export const repoSchema = z.strictObject({
  version: z.literal(1).describe('The version of this format.'),
  extends: name('', 'acme/.github').optional().describe("The organisation's defaults."),
  models: z.record(nameKey, model).prefault({}).describe('The models of this repository, by name.'),
  environments: z.record(nameKey, environment).prefault({}).describe('Where models go, by name.'),
  accepts: z
    .array(acceptance)
    .prefault([])
    .describe('In a config repository: which model repositories may change what. No entry, no promotion.'),
  retrain: z.record(nameKey, retrain).optional().describe('Training again, by model.'),
})

export type RepoDocument = z.output<typeof repoSchema>

function checkArtefactUri(shape: string): { reason: string; hint: string } | undefined {
  if (/^(?:models|mlflow-artifacts):/.test(shape))
    return {
      reason: 'serving cannot pull a registry address',
      hint: 'name where the artefact lies, for example `s3://acme-models/churn/{{ model.version }}`',
    }
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/\s]+/.test(shape))
    return {
      reason: 'not the address of an artefact',
      hint: 'for example `s3://acme-models/churn/{{ model.version }}`',
    }
  return /(?:^|\/)\.\.?(?:\/|$)/.test(shape)
    ? { reason: 'an address has no `.` or `..` segments', hint: 'name the whole path' }
    : undefined
}

function checkImage(shape: string): { reason: string; hint: string } | undefined {
  const reference = /^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)+(?::[\w.-]{1,128}|@sha256:[0-9a-f]{64})$/
  return reference.test(shape)
    ? undefined
    : { reason: 'not an image with a registry and a tag', hint: 'for example `ghcr.io/acme/churn:{{ commit.sha }}`' }
}
