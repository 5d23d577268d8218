/** The schema of one model under `models:`. Part of repo-schema.ts. */
import * as z from 'zod'
import { principals } from './accepts-schema.ts'
import { gate } from './gate-schema.ts'
import { environmentName, freeName, nameKey, pathGlob, serverName, timeLimit } from './key-types.ts'
import { baseline, candidate, checkGate, report } from './metric-source-schema.ts'
import { release } from './release-schema.ts'

const mlflowDefaults = z.strictObject({
  server: serverName.optional().describe("The model's MLflow server; default `default`."),
})

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
    overriders: principals
      .optional()
      .describe('Who may `/override` a gate of this model. Default: `role:maintain` of this repository.'),
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
