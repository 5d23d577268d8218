/** When a pull request is looked at again although nothing was heard of it. Part of refresh-comparison.ts. */
import { isHidden, isOpen, type ModelReport } from '../domain/comparison-report.ts'
import type { ComparisonRecord } from './ports.ts'

const POLL_MS = 60_000
const SLOWEST_POLL_MS = 600_000
/** After an event: most of what lags shows after the first, all of it after the last. */
const LOOKS_MS = [15_000, 60_000] as const

type Look = {
  readonly record: Pick<ComparisonRecord, 'headSeenAt' | 'lookAgain'>
  readonly models: readonly ModelReport[]
  /** How long training may take, in milliseconds: the longest of the models. */
  readonly within: number
  readonly now: Date
}

/**
 * Metrics and unfinished runs announce themselves to nobody: they are looked for, ever more seldom, and at the deadline.
 * undefined: whatever may change is heard of.
 */
export function nextPoll({ record, models, within, now }: Look): Date | undefined {
  const age = now.getTime() - Date.parse(record.headSeenAt)
  // A run whose process was killed stays at work in MLflow for ever.
  const mayGrow = (model: ModelReport): boolean => model.candidate?.newerRunning === true && age < within
  if (!models.some((model) => isOpen(model) || isHidden(model) || mayGrow(model))) return undefined
  const poll = now.getTime() + Math.min(SLOWEST_POLL_MS, Math.max(POLL_MS, age / 10))
  const deadlines = models.flatMap(({ waiting }) => (waiting?.until === undefined ? [] : [waiting.until.getTime()]))
  return new Date(Math.min(poll, ...deadlines))
}

/**
 * GitHub's list of checks lags behind its webhooks: a verdict that rests on checks is looked at twice more, or the event of a
 * check that failed since might have been heard in vain. undefined: no check counts, this was the last look, or there is a poll.
 */
export function lookAgain(look: Look): ComparisonRecord['lookAgain'] {
  const { record, models, now } = look
  const isDue = record.lookAgain !== undefined && Date.parse(record.lookAgain.at) <= now.getTime()
  // Before it is due, it is an event that is looked at.
  const passed = isDue ? (record.lookAgain?.afterMs ?? 0) : 0
  const afterMs = LOOKS_MS.find((each) => each > passed)
  const rests = models.some(({ outside }) => outside.length > 0)
  if (afterMs === undefined || !rests || nextPoll(look) !== undefined) return undefined
  return { at: new Date(now.getTime() + afterMs - passed).toISOString(), afterMs }
}
