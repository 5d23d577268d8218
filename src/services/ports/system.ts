/** What every service may need: time, wake-ups, log lines. */
import type { Subject } from '../../domain/subject.ts'

export type Clock = { now(): Date }

/** Wakes reconcile(subject). `wakeAt` is by the bot's clock. */
export type Hints = {
  hint(subject: Subject): Promise<void>
  wakeAt(subject: Subject, at: Date): Promise<void>
}

/** Structured log lines; `message` is static text, data goes into `fields`. */
export type Log = {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}
