/** The expectations of a Great Expectations result as JSON: a validation result or a checkpoint's result, of 0.x and 1.x, or what `describe()` gives. */
import { fieldsOf, listOf, textOf } from './json-fields.ts'
import { MAX_TESTS_READ, type ReportTest, TOO_MANY_TESTS, type ToolReport } from './tool-report.ts'
import { parseJsonOrYaml } from './yaml-text.ts'

/** What an expectation asks for, where that is a number. */
const LIMITS = ['value', 'min_value', 'max_value', 'mostly']

type Fields = Readonly<Record<string, unknown>>
type Validation = {
  readonly document: Fields
  readonly suite: string | undefined
  readonly results: readonly unknown[]
}

/** How deep one result stands in another. The tool knows two levels. */
const MAX_DEPTH = 8

/** A result without any expectation is refused: nothing would be judged by it. Names: `expect_column_mean_to_be_between(tenure)`. */
export function parseGreatExpectations(text: string): ToolReport {
  const parsed = parseJsonOrYaml(text)
  if (!parsed.ok) return parsed
  const document = fieldsOf(parsed.value) ?? {}
  const validations = validationsOf(document)
  if (validations.length === 0) {
    return { ok: false, reason: 'it is neither a validation result nor the result of a checkpoint' }
  }
  const count = validations.reduce((sum, { results }) => sum + results.length, 0)
  if (count > MAX_TESTS_READ) return TOO_MANY_TESTS
  const tests = validations.flatMap(({ suite, results }) =>
    results.map((result) => toTest(fieldsOf(result) ?? {}, validations.length > 1 ? suite : undefined)),
  )
  if (tests.length === 0) return { ok: false, reason: 'it holds no expectations' }
  const failed = [document, ...validations.map(({ document }) => document)].some(({ success }) => success === false)
  return { ok: true, tests: failed && tests.every(({ passes }) => passes) ? [...tests, WHOLE] : tests }
}

/** Some results leave out what failed, and say only that something did. */
const WHOLE: ReportTest = { name: 'the result as a whole', passes: false, evidence: 'no success, whatever it lists' }

function validationsOf(document: Fields, depth = 0): readonly Validation[] {
  if (depth > MAX_DEPTH) return []
  const runs = listOf(document['validation_results']) ?? Object.values(fieldsOf(document['run_results']) ?? {})
  const found = runs.flatMap((run) => {
    const fields = fieldsOf(run) ?? {}
    return validationsOf(fieldsOf(fields['validation_result']) ?? fields, depth + 1)
  })
  const results = listOf(document['results']) ?? listOf(document['expectations'])
  if (results === undefined) return found
  const suite = textOf(document['suite_name']) ?? textOf(fieldsOf(document['meta'])?.['expectation_suite_name'])
  return [...found, { document, suite, results }]
}

function toTest(result: Fields, suite: string | undefined): ReportTest {
  // `describe()` writes the configuration in place.
  const config = fieldsOf(result['expectation_config']) ?? result
  const type = textOf(config['type']) ?? textOf(config['expectation_type']) ?? 'unnamed expectation'
  const kwargs = fieldsOf(config['kwargs']) ?? {}
  const columns = ['column', 'column_A', 'column_B'].flatMap((key) => textOf(kwargs[key]) ?? [])
  const several = listOf(kwargs['column_list']) ?? listOf(kwargs['column_set']) ?? []
  const subject = [...columns, ...several.flatMap((column) => textOf(column) ?? [])].join(', ')
  return {
    name: `${suite === undefined ? '' : `${suite}/`}${type}${subject === '' ? '' : `(${subject})`}`,
    passes: result['success'] === true,
    evidence: evidenceOf(result, kwargs) || (result['success'] === true ? 'success' : 'no success'),
  }
}

/** Never the unexpected values themselves: they are rows of somebody's data. */
function evidenceOf(result: Fields, kwargs: Fields): string {
  const exception = exceptionIn(result['exception_info'])
  if (exception !== undefined) return exception
  const seen = fieldsOf(result['result']) ?? {}
  const observed = shortValue(seen['observed_value'])
  const { unexpected_count: unexpected, element_count: elements } = seen
  const counted =
    typeof unexpected === 'number' && typeof elements === 'number'
      ? `${unexpected} of ${elements} unexpected`
      : undefined
  const wanted = LIMITS.flatMap((key) => (typeof kwargs[key] === 'number' ? [`${key} ${kwargs[key]}`] : []))
  return [observed && `observed ${observed}`, counted, ...wanted].filter(Boolean).join(', ')
}

function shortValue(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  const list = listOf(value)
  return list === undefined ? undefined : `${list.length} values`
}

/** 0.x: one; 1.x: one for each metric that could not be computed, under names of its own. */
function exceptionIn(info: unknown): string | undefined {
  const found = [info, ...Object.values(fieldsOf(info) ?? {})].map(fieldsOf)
  const raised = found.find((each) => each?.['raised_exception'] === true)
  return raised && (textOf(raised['exception_message']) ?? 'it raised an exception')
}
