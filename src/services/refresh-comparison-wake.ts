/** When a pull request is looked at again although nothing was heard of it. Part of refresh-comparison.ts. */
import { isHidden, isOpen, type ModelReport } from '../domain/comparison-report.ts'
import type { ComparisonRecord } from './ports.ts'

const POLL_MS = 60_000
const SLOWEST_POLL_MS = 600_000
const SECOND_LOOK_MS = 15_000

type Look = {
  readonly record: Pick<ComparisonRecord, 'headSeenAt' | 'secondLookAt'>
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
 * GitHub's list of checks lags behind its webhooks: a verdict that rests on checks is looked at twice, or the event of a
 * check that failed since might have been heard in vain. undefined: no check counts, this was the second look, or there is a poll.
 */
export function secondLook(look: Look): Date | undefined {
  const { record, models, now } = look
  const isSecond = record.secondLookAt !== undefined && Date.parse(record.secondLookAt) <= now.getTime()
  const rests = models.some(({ outside }) => outside.length > 0)
  return isSecond || !rests || nextPoll(look) !== undefined ? undefined : new Date(now.getTime() + SECOND_LOOK_MS)
}
