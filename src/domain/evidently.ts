/** The tests of an Evidently report: what `save_json` writes, of a Report with tests (0.7 and later) or of a TestSuite (before). */
import { fieldsOf, listOf, textOf } from './json-fields.ts'
import { MAX_TESTS_READ, type ReportTest, TOO_MANY_TESTS, type ToolReport } from './tool-report.ts'
import { parseJsonOrYaml } from './yaml-text.ts'

/** Status words as Evidently defines them. It counts `WARNING` (a test that is not critical) as success, and so does this. */
const PASSES: Readonly<Record<string, boolean>> = {
  SUCCESS: true,
  WARNING: true,
  SKIPPED: true,
  FAIL: false,
  ERROR: false,
}

/** A report without any test is refused: nothing would be judged by it. */
export function parseEvidently(text: string): ToolReport {
  const parsed = parseJsonOrYaml(text)
  if (!parsed.ok) return parsed
  const report = fieldsOf(parsed.value)
  const tests = listOf(report?.['tests'])
  if (report === undefined || (tests === undefined && listOf(report['metrics']) === undefined)) {
    return { ok: false, reason: 'it is not what Evidently saves as JSON' }
  }
  if (tests !== undefined && tests.length > MAX_TESTS_READ) return TOO_MANY_TESTS
  return tests === undefined || tests.length === 0
    ? { ok: false, reason: 'it holds no tests, only metrics; add tests to the Report, or run a TestSuite' }
    : { ok: true, tests: tests.map(toTest) }
}

function toTest(value: unknown): ReportTest {
  const test = fieldsOf(value) ?? {}
  const status = textOf(test['status']) ?? 'without a status'
  const description = textOf(test['description']) ?? ''
  const name = nameOf(test, description)
  const plain = plainText(description, name)
  const passes = Object.hasOwn(PASSES, status) && PASSES[status] === true
  const isPlain = status === 'SUCCESS' || status === 'FAIL'
  return {
    name,
    passes,
    evidence: isPlain ? plain : `${status.toLowerCase()}: ${plain}`,
  }
}

/** A TestSuite calls the tests of all columns the same; since 0.7 names hold the column. */
function nameOf(test: Readonly<Record<string, unknown>>, description: string): string {
  const name = textOf(test['name']) ?? 'unnamed test'
  const column = textOf(fieldsOf(test['parameters'])?.['column_name']) ?? /\*\*(.+?)\*\*/.exec(description)?.[1]
  return column === undefined || name.includes(column) ? name : `${name}: ${column}`
}

/** Since 0.7 a description begins as its test's name does; those of a TestSuite set columns in bold. */
function plainText(description: string, name: string): string {
  const subject = /^.*?: /.exec(name)?.[0] ?? ''
  return (description.startsWith(subject) ? description.slice(subject.length) : description).replaceAll('**', '')
}
