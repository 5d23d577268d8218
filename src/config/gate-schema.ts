/** The schema of one gate under `gates:`. Part of model-schema.ts; its rules over more than one key: gate-rules.ts. */
import * as z from 'zod'
import { tolerance } from './key-types.ts'

/** One gate; at least one of its rules is checked in gate-rules.ts. */
export const gate = z
  .strictObject({
    goal: z.enum(['maximize', 'minimize']).describe('Which way is better.'),
    min: z.number().optional().describe('The least that passes. Several runs are judged by their mean.'),
    max: z.number().optional().describe('The most that passes. Several runs are judged by their mean.'),
    max_regression: tolerance
      .optional()
      .describe(
        "How much worse than the baseline passes: `0.5%` of it, or an absolute `0.01` in the metric's own unit (without `%`, `0.5` is half of an AUC). Of a baseline of 0, a percentage is 0. With several runs on both sides a drop must also be too large for chance to fail, see `significance`.",
      ),
    required: z
      .boolean()
      .prefault(true)
      .describe('`false`: judged and shown, but it does not fail the check run and may be missing.'),
  })
  .meta({ description: 'The rule over one metric. At least one of `min`, `max`, `max_regression`.' })
