/** Problems of a configuration on the pull request that edits it: annotations on the lines, and the check run's summary. Found by src/config/. */
import type { Problem } from '../domain/config-problem.ts'
import { CHECK_SUMMARY_LIMIT, code, prose, table, title } from './markdown.ts'

/** One annotation of a check run, in the words of GitHub's API but for the case of its keys. GitHub takes 50 per request. */
export type ConfigAnnotation = {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly level: 'failure' | 'warning' | 'notice'
  readonly message: string
  readonly title: string
}

const LEVELS = { error: 'failure', warning: 'warning', inactive: 'notice' } as const

/** One annotation per problem, errors first, so that the first 50 are the ones that matter. */
export function annotationsFor(problems: readonly Problem[]): readonly ConfigAnnotation[] {
  return inOrder(problems).map((problem) => ({
    path: problem.file,
    startLine: problem.line,
    endLine: problem.line,
    level: LEVELS[problem.severity],
    message: title(
      problem.hint === '' ? sentence(problem.reason) : `${sentence(problem.reason)} Hint: ${problem.hint}`,
      2000,
    ),
    title: title(problem.key === '' ? 'the file' : problem.key, 200),
  }))
}

/** Of a file that a pull request proposes. */
const STAYS = 'The configuration of the default branch stays in force.'

/** The summary of the check run: what is wrong where, as a table, and what follows from it; empty when there is nothing to tell. Everything from the file is escaped. */
export function renderConfigProblems(problems: readonly Problem[], consequence = STAYS): string {
  if (problems.length === 0) return ''
  const sorted = inOrder(problems)
  let shown = sorted.slice(0, 50)
  let text = render(sorted, shown, consequence)
  while (text.length > CHECK_SUMMARY_LIMIT && shown.length > 1) {
    shown = shown.slice(0, Math.floor(shown.length / 2))
    text = render(sorted, shown, consequence)
  }
  return text
}

function render(all: readonly Problem[], shown: readonly Problem[], consequence: string): string {
  const errors = all.filter((problem) => problem.severity === 'error').length
  const file = code(all[0]?.file ?? '')
  const head =
    errors === 0
      ? `${file} loads. ${all.length === 1 ? 'One thing' : `${all.length} things`} to know:`
      : `${file} is refused: ${errors === 1 ? '1 error' : `${errors} errors`}. ${consequence}`
  const rows = shown.map((problem) => [
    MARKS[problem.severity],
    `${problem.line}:${problem.column}`,
    problem.key === '' ? '' : code(problem.key),
    prose(problem.reason),
    prose(problem.hint),
  ])
  const rest =
    all.length > shown.length ? `\n\n${all.length - shown.length} more; \`lockkeeper validate\` lists them all.` : ''
  return `${head}\n\n${table(['', 'Line', 'Key', 'What is wrong', 'What to do'], 'lrlll', rows)}${rest}`
}

const MARKS = { error: '❌', warning: '⚠️', inactive: '💤' } as const

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const rank = { error: 0, warning: 1, inactive: 2 } as const
  return [...problems].sort((one, other) => rank[one.severity] - rank[other.severity])
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
