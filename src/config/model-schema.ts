/** The schema of one model under `models:`. Part of repo-schema.ts. */
import * as z from 'zod'
import { gate } from './gate-schema.ts'
import { environmentName, freeName, nameKey, pathGlob, serverName, template, timeLimit } from './key-types.ts'
import { baseline, candidate, checkGate, report } from './metric-source-schema.ts'

const server = serverName
  .optional()
  .describe(
    "The MLflow server, by its name in the operator's policy. Default: the model's `mlflow.server`, else `default`.",
  )

const mlflowDefaults = z.strictObject({
  server: serverName.optional().describe("The model's MLflow server; default `default`."),
})

const release = z
  .strictObject({
    model: z
      .strictObject({
        mlflow: z
          .union([
            freeName('The registered model.', 'churn'),
            z
              .strictObject({ name: freeName('The registered model.', 'churn'), server })
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
    check: freeName('', 'train')
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

export const model = z
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
      .record(freeName('The metric, slices included: `f1/segment=eu`.', 'auc'), gate)
      .prefault({})
      .describe(
        'Rules over metrics, by the name of the metric. `"f1/segment=*"` holds for every segment on either side, `"f1/*"` for every slice; a gate for one slice beats a pattern, and a longer pattern a shorter one. A pattern that no slice matches fails like a metric that is missing.',
      ),
    significance: z
      .number()
      .gt(0)
      .lt(0.5)
      .prefault(0.05)
      .describe(
        "The level at which a regression counts as real where both sides have several runs (Welch's test), over all `max_regression` gates of the model together (Holm's correction). Where a side has one run, the tolerance alone decides.",
      ),
    reports: z
      .record(nameKey, report)
      .prefault({})
      .describe('Reports of other tools whose tests count as gates, by name.'),
    checks: z
      .array(checkGate)
      .prefault([])
      .describe('Check runs and commit statuses of others on the head that count as gates.'),
    release: release.prefault({}),
    environments: z
      .array(environmentName)
      .optional()
      .describe('Where this model is promoted. Default: every environment.'),
  })
  .meta({ description: 'One model.' })

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
