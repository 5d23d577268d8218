/** Findings to problems: offsets become line and column, paths become text, and the list is put in the order of the file. */
import type { Problem, ProblemSeverity } from '../domain/config-problem.ts'
import type { Finding } from './yaml-document.ts'
import { formatKeyPath, type KeyPath, locate, type YamlNode } from './yaml-node.ts'

/** More than anybody reads; the last one says how many were left out. */
const MAX_PROBLEMS = 100

export type Graded = { readonly severity: ProblemSeverity; readonly findings: readonly Finding[] }

/** All findings about one file as problems, sorted by place, repeats at one place left out. */
export function reportProblems(text: string, file: string, graded: readonly Graded[]): readonly Problem[] {
  const all = graded.flatMap(({ severity, findings }) => findings.map((finding) => ({ ...finding, severity })))
  all.sort((one, other) => one.offset - other.offset)
  // A file that is too large to be read is too large to be counted.
  const starts = lineStarts(text, all.at(-1)?.offset ?? 0)
  const problems: Problem[] = []
  const seen = new Set<string>()
  for (const { offset, path, reason, hint, severity } of all) {
    const key = formatKeyPath(path)
    const identity = JSON.stringify([key, reason])
    if (seen.has(identity)) continue
    seen.add(identity)
    problems.push({ file, ...placeOf(text, starts, offset), key, reason, hint, severity })
  }
  return shortened(problems)
}

/** The line of the deepest key of a path that is in the document; undefined where not even the first `least` keys are. */
export function lineOf(
  { text, root }: { readonly text: string; readonly root: YamlNode },
  path: KeyPath,
  least: number,
): number | undefined {
  if (!locate(root, path.slice(0, least)).found) return undefined
  const { key } = locate(root, path)
  return key === undefined ? undefined : placeOf(text, lineStarts(text, key.start), key.start).line
}

function shortened(problems: readonly Problem[]): readonly Problem[] {
  const last = problems[MAX_PROBLEMS - 1]
  if (problems.length <= MAX_PROBLEMS || last === undefined) return problems
  const kept = problems.slice(0, MAX_PROBLEMS - 1)
  const left = problems.slice(MAX_PROBLEMS - 1)
  const severity = left.some((problem) => problem.severity === 'error') ? 'error' : last.severity
  return [
    ...kept,
    {
      ...last,
      severity,
      key: '',
      reason: `${left.length} more problems from here on`,
      hint: 'repair the ones above first',
    },
  ]
}

/** Up to an offset. */
function lineStarts(text: string, end: number): readonly number[] {
  const starts = [0]
  for (let index = 0; index < Math.min(end, text.length); index++) {
    const code = text.charCodeAt(index)
    if (code === 10 || (code === 13 && text.charCodeAt(index + 1) !== 10)) starts.push(index + 1)
  }
  return starts
}

function placeOf(text: string, starts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  // Editors do not count a byte order mark.
  const mark = low === 0 && text.startsWith('\uFEFF') ? 1 : 0
  return { line: low + 1, column: Math.max(1, offset - (starts[low] ?? 0) + 1 - mark) }
}
