/** The schema of one environment under `environments:`. Part of repo-schema.ts. */
import * as z from 'zod'
import { force, principals } from './accepts-schema.ts'
import { canary } from './canary-schema.ts'
import { edit } from './edit-schema.ts'
import { freezeWindows } from './freeze-window.ts'
import {
  checkHttpUrl,
  duration,
  environmentName,
  freeName,
  repoName,
  slackChannel,
  template,
  timeLimit,
} from './key-types.ts'
import { sync } from './sync-schema.ts'
import { verify } from './verify-schema.ts'

export const environment = z
  .strictObject({
    deploy: z
      .enum(['on-merge', 'on-command', 'automatic'])
      .prefault('on-command')
      .describe('What starts a promotion: the merge, `/deploy`, or a release that is verified and soaked in `after`.'),
    from: z
      .enum(['default_branch', 'pull_request'])
      .prefault('default_branch')
      .describe(
        'Which releases may come here: those of the default branch, or also heads of pull requests, by `/deploy`.',
      ),
    after: z
      .union([environmentName, z.array(environmentName)])
      .meta({ title: 'name or list of names', examples: ['staging'] })
      .optional()
      .describe('The same release must be verified there first.'),
    soak: duration.prefault('0s').describe('And have stayed verified there for this long.'),
    deployers: principals
      .optional()
      .describe('Who may deploy and roll back. Default: people with write access to both repositories.'),
    approvals: z
      .int()
      .min(0)
      .max(10)
      .prefault(0)
      .describe(
        'Approving reviews of the promotion pull request as it is, never by whoever asked for it or wrote the model’s pull request.',
      ),
    approvers: principals.optional().describe('Whose approval counts. Default: the deployers.'),
    lockers: principals.optional().describe('Who may `/lock` and `/unlock`. Default: the deployers.'),
    overriders: principals
      .optional()
      .describe(
        'Whose waived gates are accepted here: a release comes in only while whoever waived is one of them. Default: whoever may waive on the model.',
      ),
    forks: z
      .enum(['allow', 'refuse'])
      .prefault('refuse')
      .describe('With `from: pull_request`: whether heads of forks may come here, by their whole SHA.'),
    force: force.optional(),
    freeze: freezeWindows.prefault([]).describe('Windows in which nothing is promoted.'),
    expires: timeLimit.prefault('24h').describe('How long a command waits for reviews and checks.'),
    repository: repoName.describe('The config repository. It must accept this one (`accepts:`).'),
    edit: z.array(edit).min(1).describe('What a promotion changes.'),
    sync,
    url: template({ check: checkHttpUrl, examples: ['https://{{ model.name }}.example.com'] })
      .optional()
      .describe('Where people find the model; shown with the GitHub Deployment.'),
    verify: verify.prefault({}),
    canary: canary.optional().describe('How the traffic moves to a new release. Default: all of it at once.'),
    on_verified: z
      .strictObject({
        mlflow_alias: freeName('', 'champion')
          .optional()
          .describe('The alias that moves to the version. Skipped, and said so, for a model without one.'),
      })
      .prefault({})
      .describe('What happens when the promotion is verified.'),
    rollback: z.enum(['automatic', 'manual']).prefault('manual').describe('What happens when it is not.'),
    notify: z.strictObject({ slack: slackChannel.optional() }).optional().describe('Who is told.'),
  })
  .meta({ description: 'One environment.' })
