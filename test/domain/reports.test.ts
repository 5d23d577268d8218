/** Reports of other tools, as the tools themselves wrote them (test/fixtures/reports/). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEvidently } from '../../src/domain/evidently.ts'
import { parseGreatExpectations } from '../../src/domain/great-expectations.ts'
import { gatesOfTests, type ToolReport } from '../../src/domain/tool-report.ts'

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '../fixtures/reports', name), 'utf8')
const told = (report: ToolReport): readonly string[] | string =>
  report.ok
    ? report.tests.map(({ name, passes, evidence }) => `${passes ? 'pass' : 'fail'} | ${name} | ${evidence}`)
    : report.reason
const facts = { report: { name: 'drift', required: true }, url: undefined, waivers: [] }

describe('a report of Evidently', () => {
  it('has its tests, with the values they saw', () => {
    expect(told(parseEvidently(fixture('evidently-report.json')))).toMatchInlineSnapshot(`
      [
        "pass | Value drift for tenure: Less 0.100 | Actual value 0.000 < 0.100",
        "fail | Share of Drifted Columns: Less 0.500 | Actual value 0.667 >= 0.500",
        "pass | Minimal value of 'charges': Greater or Equal 0.000 | Actual value 1.840 >= 0.000",
        "pass | Column 'tenure' missing values: Equal 0.000 | Actual value 0.000  expected 0.000",
        "pass | Column 'tenure' missing values: Less 0.010 | Actual value 0.000 < 0.010",
        "pass | Mean value of 'tenure': Less 20.000 | warning: Actual value 39.435 >= 20.000",
      ]
    `)
  })

  it('has the tests that a preset brings', () => {
    expect(told(parseEvidently(fixture('evidently-preset.json')))).toMatchInlineSnapshot(`
      [
        "fail | Share of Drifted Columns: Less 0.500 | Actual value 0.667 >= 0.500",
        "fail | Value Drift for column tenure | Drift score is 0.00. The drift detection method is K-S p_value. The drift threshold is 0.05.",
        "fail | Value Drift for column charges | Drift score is 0.00. The drift detection method is K-S p_value. The drift threshold is 0.05.",
        "pass | Value Drift for column contract | Drift score is 0.92. The drift detection method is Z-test p_value. The drift threshold is 0.05.",
      ]
    `)
  })

  it('may be a TestSuite of the years before 0.7; what is not critical is no failure, an error is one', () => {
    expect(told(parseEvidently(fixture('evidently-test-suite.json')))).toMatchInlineSnapshot(`
      [
        "fail | Share of Drifted Columns | The drift is detected for 66.7% features (2 out of 3). The test threshold is lt=0.5",
        "fail | Drift per Column: tenure | The drift score for the feature tenure is 0. The drift detection method is K-S p_value. The drift detection threshold is 0.05.",
        "pass | Drift per Column: contract | The drift score for the feature contract is 0.92. The drift detection method is Z-test p_value. The drift detection threshold is 0.05.",
        "pass | The Number of Missing Values | The number of missing values is 0. The test threshold is eq=0.",
        "pass | Min Value: charges | The minimum value of the column charges is 1.84 The test threshold is gte=0.",
        "pass | Mean Value: tenure | warning: The mean value of the column tenure is 39.4. The test threshold is lt=20.",
        "fail | Min Value | error: Test failed with exceptions: Column 'nowhere' not found in dataset.",
      ]
    `)
  })

  it('judges as many tests as the summary of a TestSuite counts', () => {
    const text = fixture('evidently-test-suite.json')
    const { summary } = JSON.parse(text) as { summary: { total_tests: number; success_tests: number } }
    const report = parseEvidently(text)
    const tests = report.ok ? report.tests : []
    expect(tests).toHaveLength(summary.total_tests)
    expect(tests.filter(({ passes }) => passes)).toHaveLength(summary.success_tests)
  })

  it.each([
    [
      '{"metrics": [], "tests": [{"name": "a", "status": "SKIPPED", "description": "no data"}]}',
      ['pass | a | skipped: no data'],
    ],
    [
      '{"metrics": [], "tests": [{"name": "a", "status": "MAYBE", "description": "?"}, 7]}',
      ['fail | a | maybe: ?', 'fail | unnamed test | without a status: '],
    ],
    ['{"tests": [{"name": "a", "status": "FAIL", "value": NaN, "description": "x"}]}', ['fail | a | x']],
  ])('%s', (text, expected) => {
    expect(told(parseEvidently(text))).toEqual(expected)
  })

  it.each([
    [fixture('evidently-metrics-only.json'), 'it holds no tests'],
    ['{"metrics": [], "tests": []}', 'it holds no tests'],
    ['{"success": true, "results": []}', 'not what Evidently saves'],
    ['[]', 'not what Evidently saves'],
    ['<html>', 'not what Evidently saves'],
    ['{"tests": ', 'neither JSON nor YAML'],
  ])('is refused, since nothing would be judged: %#', (text, reason) => {
    expect(told(parseEvidently(text))).toContain(reason)
  })
})

describe('a result of Great Expectations', () => {
  it('is that of a validation', () => {
    expect(told(parseGreatExpectations(fixture('gx-validation.json')))).toMatchInlineSnapshot(`
      [
        "fail | expect_column_values_to_not_be_null(nowhere) | Error: The column "nowhere" in BatchData does not exist.",
        "pass | expect_column_values_to_not_be_null(tenure) | 0 of 200 unexpected",
        "fail | expect_column_mean_to_be_between(tenure) | observed 37.9444, min_value 25, max_value 35",
        "fail | expect_column_values_to_be_in_set(contract) | 4 of 200 unexpected",
        "pass | expect_column_values_to_be_in_set(contract) | 4 of 200 unexpected, mostly 0.9",
        "fail | expect_column_pair_values_a_to_be_greater_than_b(charges, tenure) | 80 of 200 unexpected",
      ]
    `)
  })

  it('is that of a checkpoint over several suites', () => {
    expect(told(parseGreatExpectations(fixture('gx-checkpoint.json')))).toMatchInlineSnapshot(`
      [
        "fail | expect_column_values_to_not_be_null(nowhere) | no success",
        "pass | expect_column_values_to_not_be_null(tenure) | 0 of 200 unexpected",
        "fail | expect_column_mean_to_be_between(tenure) | observed 37.9444, min_value 25, max_value 35",
        "fail | expect_column_values_to_be_in_set(contract) | 4 of 200 unexpected",
        "pass | expect_column_values_to_be_in_set(contract) | 4 of 200 unexpected, mostly 0.9",
        "fail | expect_column_pair_values_a_to_be_greater_than_b(charges, tenure) | 80 of 200 unexpected",
        "pass | expect_table_row_count_to_be_between | observed 200, min_value 100",
      ]
    `)
  })

  it('may be of the years before 1.0', () => {
    const validation = told(parseGreatExpectations(fixture('gx-0.18-validation.json')))
    expect(validation).toMatchInlineSnapshot(`
      [
        "pass | expect_column_values_to_not_be_null(tenure) | 0 of 200 unexpected",
        "fail | expect_column_mean_to_be_between(tenure) | observed 37.9444, min_value 25, max_value 35",
        "fail | expect_column_values_to_be_in_set(contract) | 4 of 200 unexpected",
        "pass | expect_table_row_count_to_be_between | observed 200, min_value 100",
      ]
    `)
    expect(told(parseGreatExpectations(fixture('gx-0.18-checkpoint.json')))).toEqual(validation)
  })

  it('fails just where the tool says so', () => {
    for (const name of ['gx-validation.json', 'gx-0.18-validation.json']) {
      const text = fixture(name)
      const { statistics } = JSON.parse(text) as {
        statistics: { evaluated_expectations: number; successful_expectations: number }
      }
      const report = parseGreatExpectations(text)
      const tests = report.ok ? report.tests : []
      expect(tests).toHaveLength(statistics.evaluated_expectations)
      expect(tests.filter(({ passes }) => passes)).toHaveLength(statistics.successful_expectations)
    }
  })

  it('never shows values of the data', () => {
    for (const name of ['gx-validation.json', 'gx-checkpoint.json']) {
      expect(JSON.stringify(parseGreatExpectations(fixture(name)))).not.toContain('forever')
    }
  })

  it.each([
    ['{"results": []}', 'it holds no expectations'],
    ['{"run_results": {}}', 'neither a validation result nor'],
    ['{"tests": []}', 'neither a validation result nor'],
    ['no', 'neither a validation result nor'],
  ])('is refused, since nothing would be judged: %s', (text, reason) => {
    expect(told(parseGreatExpectations(text))).toContain(reason)
  })
})

describe('the tests of a report, as gates', () => {
  const test = (name: string, passes = true) => ({ name, passes, evidence: 'seen' })

  it('have names of their own', () => {
    const gates = gatesOfTests([test('Min Value'), test('min value'), test('Min Value (2)'), test('Min Value')], facts)
    expect(gates.map(({ name }) => name)).toEqual([
      'drift/Min Value',
      'drift/min value (2)',
      'drift/Min Value (2) (2)',
      'drift/Min Value (3)',
    ])
  })

  it('are waived by the whole name, in any case; a waiver of one that passes is idle', () => {
    const waivers = ['drift/a', 'DRIFT/B'].map((gate) => ({ gate, by: 'alice', reason: 'known' }))
    expect(gatesOfTests([test('a'), test('b', false), test('c', false)], { ...facts, waivers })).toMatchObject([
      { verdict: 'pass', waived: undefined },
      { verdict: 'waived', waived: { by: 'alice' } },
      { verdict: 'fail', waived: undefined },
    ])
  })

  it('are at most 500, those that fail first, and one for all others that fail and one for those that pass', () => {
    const tests = fc.array(
      fc.record({ name: fc.constantFrom('a', 'b', 'c (2)'), passes: fc.boolean(), evidence: fc.string() }),
      {
        maxLength: 1200,
        size: 'max',
      },
    )
    fc.assert(
      fc.property(tests, (all) => {
        const gates = gatesOfTests(all, facts)
        const failing = all.filter(({ passes }) => !passes).length
        const failed = gates.filter(({ verdict }) => verdict === 'fail').length
        expect(failed).toBe(Math.min(failing, 501))
        expect(gates.length).toBeLessThanOrEqual(502)
        expect(new Set(gates.map(({ name }) => name.toLowerCase())).size).toBe(gates.length)
      }),
      { numRuns: 30, endOnFailure: true },
    )
    const many = gatesOfTests(
      Array.from({ length: 600 }, (_, index) => test(`t${index}`, index !== 599)),
      facts,
    )
    expect(many).toHaveLength(501)
    expect(many.slice(-2)).toMatchObject([{ name: 'drift/t599', verdict: 'fail' }, { name: 'drift/100 more tests' }])
  })
})

it('nothing that somebody writes breaks a reader', () => {
  const shaped = fc.oneof(
    fc.jsonValue(),
    fc.record({ tests: fc.array(fc.jsonValue()), metrics: fc.jsonValue() }),
    fc.record({ results: fc.array(fc.jsonValue()), meta: fc.jsonValue() }),
    fc.record({ run_results: fc.dictionary(fc.string(), fc.jsonValue()), validation_results: fc.jsonValue() }),
  )
  fc.assert(
    fc.property(shaped, (value) => {
      const text = JSON.stringify(value)
      for (const parse of [parseEvidently, parseGreatExpectations]) {
        const report = parse(text)
        if (!report.ok) expect(report.reason).not.toBe('')
        else expect(report.tests.length).toBeGreaterThan(0)
      }
    }),
  )
})
