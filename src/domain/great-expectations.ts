/** The expectations of a Great Expectations result as JSON: a validation result or a checkpoint's result, of 0.x and 1.x, or what `describe()` gives. */
import { fieldsOf, listOf, textOf } from './json-fields.ts'
import type { ReportTest, ToolReport } from './tool-report.ts'
import { parseJsonOrYaml } from './yaml-text.ts'

/** What an expectation asks for, where that is a number. */
const LIMITS = ['value', 'min_value', 'max_value', 'mostly']

type Fields = Readonly<Record<string, unknown>>
type Validation = { readonly suite: string | undefined; readonly results: readonly unknown[] }

/** A result without any expectation is refused: nothing would be judged by it. Names: `expect_column_mean_to_be_between(tenure)`. */
export function parseGreatExpectations(text: string): ToolReport {
  const parsed = parseJsonOrYaml(text)
  if (!parsed.ok) return parsed
  const validations = validationsOf(fieldsOf(parsed.value) ?? {})
  if (validations.length === 0) {
    return { ok: false, reason: 'it is neither a validation result nor the result of a checkpoint' }
  }
  const tests = validations.flatMap(({ suite, results }) =>
    results.map((result) => toTest(fieldsOf(result) ?? {}, validations.length > 1 ? suite : undefined)),
  )
  return tests.length === 0 ? { ok: false, reason: 'it holds no expectations' } : { ok: true, tests }
}

function validationsOf(document: Fields): readonly Validation[] {
  const runs = listOf(document['validation_results']) ?? Object.values(fieldsOf(document['run_results']) ?? {})
  const found = runs.flatMap((run) => {
    const fields = fieldsOf(run) ?? {}
    return validationsOf(fieldsOf(fields['validation_result']) ?? fields)
  })
  const results = listOf(document['results']) ?? listOf(document['expectations'])
  if (results === undefined) return found
  const suite = textOf(document['suite_name']) ?? textOf(fieldsOf(document['meta'])?.['expectation_suite_name'])
  return [...found, { suite, results }]
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
  const fields = fieldsOf(info)
  if (fields === undefined) return undefined
  if (fields['raised_exception'] === true) return textOf(fields['exception_message']) ?? 'it raised an exception'
  return Object.values(fields)
    .map((each) => (fieldsOf(each) === undefined ? undefined : exceptionIn(each)))
    .find((message) => message !== undefined)
}
