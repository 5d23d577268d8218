/** The replies to `/compare`: a comparison that stands in the reply alone, and one that is made anew where it always stands. */
import type { ModelReport } from '../domain/comparison-report.ts'
import { type CommitSha, shortSha } from '../domain/ids.ts'
import type { JudgedModel } from '../domain/judged-gates.ts'
import { renderComparisonTables } from './comparison.ts'
import { verdictIcon, verdictWords } from './comparison-words.ts'
import { code, plain, prose } from './markdown.ts'

export type ComparedInReply = {
  readonly headSha: CommitSha
  /** What was asked for; undefined: the configured baseline. */
  readonly against: string | undefined
}

/** A reply may have to hold several: room for three of this length. */
const LIMIT = 20_000
const ROWS = [100, 20, 5, 0] as const

/** The same table as the pull request's comparison, shortened until it fits. */
export function renderComparedInReply(report: ModelReport, { headSha, against }: ComparedInReply): string {
  const what = against === undefined ? '' : ` against ${code(against)}`
  const head = `${verdictIcon(report)} **${plain(report.model)}** at ${code(shortSha(headSha))}${what}: ${prose(verdictWords(report))}.`
  const note =
    against === undefined
      ? 'What was judged at release does not change by this.'
      : `This reply alone compares with ${code(against)}: the comparison of the pull request and its check run stay as they are.`
  for (const limit of ROWS) {
    const tables = renderComparisonTables(report, { candidate: code(shortSha(headSha)), limit })
    const text = [head, ...tables, note].join('\n\n')
    if (text.length <= LIMIT) return text
  }
  return [head, note].join('\n\n')
}

/** `judged`: what the check run said until now, model by model. */
export function renderComparedAnew(headSha: CommitSha, judged: readonly JudgedModel[]): string {
  const told = judged.map((model) => `${plain(model.model)}: ${judgedWords(model)}`)
  const before = told.length === 0 ? '' : `\nUntil now: ${told.join('; ')}.`
  return `🔄 ${code(shortSha(headSha))} is compared anew; the comparison of this pull request and its check run say what it comes to.${before}`
}

function judgedWords({ problem, gates }: JudgedModel): string {
  if (problem !== undefined) return prose(problem)
  const failing = gates.filter(({ verdict, required }) => required && (verdict === 'fail' || verdict === 'missing'))
  const open = gates.filter(({ verdict }) => verdict === 'pending')
  if (failing.length > 0)
    return `${failing
      .slice(0, 5)
      .map(({ name }) => code(name))
      .join(', ')} ${failing.length === 1 ? 'fails' : 'fail'}`
  if (open.length > 0) return `${open.length === 1 ? '1 gate is' : `${open.length} gates are`} still open`
  return gates.length === 0 ? 'no gate is set' : 'no gate fails'
}
