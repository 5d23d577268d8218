/**
 * The schema of `.github/lockkeeper.yml`: the one source of the parser (repo-config.ts), the JSON Schema and docs/config.md (generated-files.ts).
 * Rules over more than one key are in repo-rules.ts.
 */
import * as z from 'zod'
import { acceptance } from './accepts-schema.ts'
import { environment } from './environment-schema.ts'
import { duration, freeName, nameKey } from './key-types.ts'
import { model } from './model-schema.ts'

const retrain = z
  .strictObject({
    workflow: z
      .strictObject({
        file: freeName('The file under `.github/workflows/`.', 'train.yml'),
        ref: freeName('The branch.', 'main').optional(),
      })
      .describe('The workflow that trains.'),
    on: z
      .strictObject({
        alert: z.record(z.string(), z.string()).optional().describe('Labels of an alert.'),
        schedule: freeName('', '0 2 * * *').optional().describe('A cron expression.'),
      })
      .optional()
      .describe('What starts it.'),
    cooldown: duration.optional().describe('The least time between two trainings.'),
  })
  .meta({ description: 'How one model is trained again.' })

const operations = z
  .strictObject({
    label: freeName('The label, in any case.', 'lockkeeper').prefault('lockkeeper'),
  })
  .meta({ description: 'Commands on issues.' })

/** The whole file. */
export const repoSchema = z.strictObject({
  version: z.literal(1).describe('The version of this format.'),
  extends: freeName('', 'acme/.github').optional().describe("The organisation's defaults."),
  nothing_to_compare: z
    .enum(['neutral', 'action_required'])
    .prefault('neutral')
    .describe('What the check run concludes where no model is touched, or no gate could be judged.'),
  models: z.record(nameKey, model).prefault({}).describe('The models of this repository, by name.'),
  environments: z.record(nameKey, environment).prefault({}).describe('Where models go, by name.'),
  accepts: z
    .array(acceptance)
    .prefault([])
    .describe('In a config repository: which model repositories may change what. No entry, no promotion.'),
  operations: operations
    .optional()
    .describe(
      'Commands on open issues with a label: `/status`, `/rollback`, `/lock`, `/unlock`, `/help`. The App needs the permission `issues: write` for it, which it does not ask for by itself: docs/guides/operations-issues.md. Absent: on no issue.',
    ),
  retrain: z.record(nameKey, retrain).optional().describe('Training again, by model.'),
})

export type RepoDocument = z.output<typeof repoSchema>
