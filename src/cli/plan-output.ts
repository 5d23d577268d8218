/** What `lockkeeper plan` prints: a diff for people and `git apply`, or JSON. */
import { UserError } from '../domain/failure.ts'
import type { EnvironmentName, ModelName, RepoName } from '../domain/ids.ts'
import type { Change } from '../domain/promotion.ts'
import { showDiff } from './diff-output.ts'
import { printable } from './verb.ts'

export type Outcome = {
  readonly model: ModelName
  readonly environment: EnvironmentName
  /** The config repository. */
  readonly repository: RepoName
  readonly changes: readonly Change[]
  /** Empty where nothing would change. */
  readonly files: readonly { readonly path: string; readonly diff: string }[]
  readonly summary: string
}

type Problems = { readonly problems: readonly string[] }

/** The diffs as they are; on a terminal in colour, and without anything that could steer it. */
export function asText({ files }: Outcome, isTty: boolean): string {
  return showDiff(files.map(({ diff }) => diff).join(''), isTty)
}

/** One document, whether it is a plan, a refusal, or what is wrong with the question. */
export function asJson(outcome: Outcome | UserError | Problems): string {
  if ('problems' in outcome) return `${JSON.stringify({ outcome: 'mistaken', problems: outcome.problems }, null, 2)}\n`
  if (outcome instanceof UserError) {
    const { code, message, hint } = outcome
    return `${JSON.stringify({ outcome: 'refused', code, message, hint }, null, 2)}\n`
  }
  const { summary: _, ...rest } = outcome
  const said = outcome.files.length === 0 ? 'unchanged' : 'changes'
  return `${JSON.stringify({ outcome: said, ...rest }, null, 2)}\n`
}

/** Sentences, and below them what is to be added to a file where a refusal has that. */
export function refusalLines(error: UserError | Problems): readonly string[] {
  if (!(error instanceof UserError)) return error.problems.map((problem) => `lockkeeper plan: ${printable(problem)}`)
  const lines = [`lockkeeper plan: ${error.message} (${error.code})`, ...error.hint.split('\n')]
  return lines.filter((line) => !line.startsWith('```')).map(printable)
}
