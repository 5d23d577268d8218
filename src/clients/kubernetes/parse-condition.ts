/** From one entry of `status.conditions` to what all kinds have in common; times are for those parsers whose rule reads them. */
import type { Answer } from '../answer.ts'

type Condition = {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

/** What is left out becomes empty, and a status of another word `Unknown`. */
export function conditionOf(condition: Answer): Condition {
  const status = condition.maybeText('status')
  return {
    type: condition.maybeText('type') ?? '',
    status: status === 'True' || status === 'False' ? status : 'Unknown',
    reason: condition.maybeText('reason') ?? '',
    message: condition.maybeText('message') ?? '',
  }
}
