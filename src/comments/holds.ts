/** Holds in words: what is held, by whom, since when, until when and why, and what lifts it. Used by replies and `/status`. */
import { type Hold, type HoldScope, unlockCommand, withoutReason } from '../domain/hold.ts'
import type { RepoName } from '../domain/ids.ts'
import { code, plain } from './markdown.ts'
import { when, whenFrom } from './when.ts'

/** `prod` for `churn`, `prod` for every model, or all that goes into a config repository. */
export function scopeWords({ repository, environment, model }: HoldScope): string {
  if (environment === undefined) return `everything that goes into ${code(repository)}`
  return `${code(environment)} for ${model === undefined ? 'every model' : code(model)}`
}

/** `lock by alice since … until …: an audit`, for people who can read `readIn`. Markdown. */
export const holdWords = (hold: Hold, readIn: RepoName): string => words(hold, readIn, (text) => plain(text))

/** The same as prose, for a message. */
export const holdProse = (hold: Hold, readIn: RepoName): string =>
  words(hold, readIn, (text) => text.replaceAll('`', "'"))

function words(hold: Hold, readIn: RepoName, said: (text: string) => string): string {
  const { kind, by, reason, since, until } = hold.confinedTo === readIn ? hold : withoutReason(hold)
  const what = kind === 'lock' ? `lock by ${said(by)}` : `hold by ${said(by)} after a rollback or a failure`
  return `${what} since ${when(since)}${until === undefined ? '' : `, until ${whenFrom(until)}`}: ${said(reason)}`
}

/** One line each, with what lifts it. */
export const holdList = (holds: readonly Hold[], readIn: RepoName): string =>
  holds
    .map((hold) => `- ${scopeWords(hold)}: ${holdWords(hold, readIn)} (${code(unlockCommand(hold))} lifts it)`)
    .join('\n')
