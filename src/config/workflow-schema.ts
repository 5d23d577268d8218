/** `verify: workflow`: workflows of the model repository that are run as smoke tests. Part of verify-schema.ts; carried out by src/services/check-workflow.ts. */
import * as z from 'zod'
import { PROMOTION_INPUT, type WorkflowCheck } from '../domain/workflow-check.ts'
import { quoted, template, textOf, timeLimit } from './key-types.ts'

const workflow = z
  .strictObject({
    file: textOf(
      { title: 'file name', description: 'A file in `.github/workflows/`.', examples: ['smoke.yml'] },
      (text) =>
        /^[\w][\w.-]{0,99}\.ya?ml$/.test(text)
          ? { ok: true, value: text }
          : { ok: false, reason: `${quoted(text)} is no name of a workflow file`, hint: 'for example `smoke.yml`' },
    ).describe('The file in `.github/workflows/` of the model repository. It needs `on: workflow_dispatch`.'),
    ref: textOf({ title: 'branch or tag', description: '', examples: ['main'] }, (text) =>
      /^[\w][\w./-]{0,199}$/.test(text) && !text.includes('..')
        ? { ok: true, value: text }
        : { ok: false, reason: `${quoted(text)} is no branch or tag`, hint: 'for example `main`' },
    )
      .optional()
      .describe('The branch or tag that it runs on. Default: the default branch.'),
    inputs: z
      .record(z.string().regex(/^[A-Za-z_][\w-]{0,99}$/), template({ examples: ['{{ image.tag }}'] }))
      .refine((inputs) => Object.keys(inputs).length <= 25, {
        error: 'GitHub takes at most 25 inputs',
        params: { hint: 'put several values into one of them' },
      })
      .prefault({})
      .describe(
        `Its inputs, at most 25; the workflow must declare each. \`${PROMOTION_INPUT}\` is given the id of the promotion, whatever stands here.`,
      ),
    within: timeLimit
      .optional()
      .describe('From its start to its end. Default: as long as the rollout may take to be verified.'),
  })
  .meta({ description: 'A GitHub Actions workflow that is run once for each promotion, and must succeed.' })

export const workflowKeys = {
  workflow: z.array(workflow).max(10).optional().describe('Workflows that are run as smoke tests.'),
}

export const toWorkflows = (given: readonly z.output<typeof workflow>[] = []): readonly WorkflowCheck[] =>
  given.map(({ file, ref, inputs, within }) => ({
    file,
    ref,
    inputs: Object.entries(inputs).map(([name, value]) => ({ name, value })),
    within,
  }))
