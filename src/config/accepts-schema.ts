/** The parts of the schema about people and about what a config repository accepts. Used by repo-schema.ts; decided in src/domain/acceptance.ts. */
import * as z from 'zod'
import { globProblem } from '../domain/glob.ts'
import { freezeWindows } from './freeze-window.ts'
import {
  checkPath,
  duration,
  environmentName,
  modelName,
  nameKey,
  quoted,
  repoName,
  template,
  textOf,
} from './key-types.ts'
import { principal } from './principal.ts'

export const principals = z.array(principal).min(1).meta({ title: 'list of users, teams and roles' })

export const force = z
  .strictObject({
    by: principals.describe('Who may.'),
    rules: z
      .array(z.enum(['gates', 'after', 'soak', 'freeze', 'hold', 'approvals']))
      .min(1)
      .describe('Which rules may be skipped.'),
  })
  .meta({ description: 'What `/deploy --force "<reason>"` may skip. Default: nothing.' })

const requirement = z
  .strictObject({
    approvals: z.int().min(0).max(10).optional().describe('At least this many approvals.'),
    soak: duration.optional().describe('At least this soak.'),
    deployers: principals
      .optional()
      .describe('Only these people, and of them only those whom the model repository names too.'),
    approvers: principals.optional().describe('Only the approvals of these people, and of them likewise.'),
    lockers: principals
      .optional()
      .describe('Only these people may `/lock` and `/unlock`, and of them likewise. Default: `deployers`, if any.'),
    overriders: principals.optional().describe('Only gates that these people waived count as waived, and likewise.'),
    freeze: freezeWindows.optional().describe('These windows as well.'),
  })
  .meta({ description: 'What holds whatever the model repository says; the stricter wins.' })

/** A path or URI pattern in which only the model and the environment vary. */
const pattern = (examples: readonly string[], check: (shape: string) => { reason: string; hint: string } | undefined) =>
  template({
    only: ['model.name', 'environment'],
    examples,
    check: (shape) => patternProblem(shape) ?? check(shape),
    description: 'A pattern in which `{{ model.name }}` and `{{ environment }}` may stand.',
  })

function patternProblem(shape: string): { reason: string; hint: string } | undefined {
  const problem = globProblem(shape)
  return problem && { reason: problem.reason, hint: 'patterns know `*` (within a segment) and `**` (any segments)' }
}

/** What no image's repository can look like would never match: nothing would be accepted, and nobody told why. */
const imagePattern = textOf(
  { title: 'pattern', description: 'A pattern over images, without tag and digest.', examples: ['ghcr.io/acme/*'] },
  (text) => {
    const problem = globProblem(text)
    if (problem !== undefined)
      return { ok: false, hint: 'patterns know `*` (within a segment) and `**` (any segments)', ...problem }
    const bare = withoutTag(text.replace(/^[a-z]+:\/\//, ''))
    const reason = 'images are compared by their repository, without scheme, tag and digest'
    return bare === text ? { ok: true, value: text } : { ok: false, reason, hint: `write ${quoted(bare)}` }
  },
)

export const acceptance = z
  .strictObject({
    from: repoName.describe('The model repository.'),
    models: z.array(modelName).min(1).optional().describe('Its models. Default: any.'),
    environments: z.array(environmentName).min(1).optional().describe('The environments. Default: any.'),
    pull_requests: z
      .array(environmentName)
      .prefault([])
      .describe(
        'The environments that take releases of unmerged pull requests (`from: pull_request` in the model repository). Default: none.',
      ),
    paths: z
      .array(pattern(['environments/{{ environment }}/{{ model.name }}/**'], checkPath))
      .min(1)
      .describe('The files that may be changed.'),
    images: z
      .array(imagePattern)
      .optional()
      .describe('The images that may be written, without tag and digest; `oci://` URIs are images, too. Default: any.'),
    uris: z
      .array(pattern(['s3://acme-models/{{ model.name }}/**'], checkUri))
      .optional()
      .describe(
        'The model URIs that may be written. The `path` of a KServe `storage` is `storage://<path>`. Default: any.',
      ),
    values: z
      .array(
        template({
          only: ['model.name', 'environment'],
          examples: ['eu-*'],
          description: 'Text in which `*` is anything within one path segment, `**` any number of segments.',
        }),
      )
      .optional()
      .describe(
        'With `images` or `uris`: what else may be written by `yaml`, `env`, parameters and `runtime`. Images and URIs that are allowed, numbers, switches, and what is made of the ids of the release need no entry. Default: nothing.',
      ),
    require: z.record(nameKey, requirement).prefault({}).describe('Rules by environment.'),
  })
  .meta({ description: 'One model repository that may open promotion pull requests here.' })

function checkUri(shape: string): { reason: string; hint: string } | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/]+/.test(shape)
    ? undefined
    : { reason: 'not a pattern of addresses', hint: 'for example `s3://acme-models/{{ model.name }}/**`' }
}

/** Up to the digest or, in the last segment, the tag. */
function withoutTag(image: string): string {
  const untilDigest = image.split('@', 1)[0] ?? ''
  const tag = untilDigest.indexOf(':', untilDigest.lastIndexOf('/') + 1)
  return tag < 0 ? untilDigest : untilDigest.slice(0, tag)
}
