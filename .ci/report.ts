/**
 * The reporter that .ci/run gives to Vitest: what failed, with the difference between what was seen and wanted (Vitest's JSON leaves that out), and what held
 * at a second try only. Written to $CI_REPORT_FILE at the end of a run; summary.ts reads it.
 */
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Reporter, TestModule } from 'vitest/node'

export type SuiteReport = {
  readonly passed: number
  readonly failed: number
  readonly files: number
  readonly seconds: number
  readonly failures: readonly Told[]
  /** They passed after a failure. */
  readonly tried: readonly Told[]
}

/** A test, and what was thrown in it. */
export type Told = { readonly test: string; readonly errors: readonly string[] }

type Thrown = { readonly message: string; readonly stack?: string; readonly diff?: unknown }

export default class CiReporter implements Reporter {
  readonly #started = Date.now()

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly Thrown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const failures = [
      ...modules.flatMap(brokenModule),
      ...tests.flatMap((test) => (test.result().state === 'failed' ? [toldOf(test)] : [])),
      ...(unhandled.length === 0 ? [] : [{ test: 'outside any test', errors: unhandled.map(wordsOf) }]),
    ]
    const report: SuiteReport = {
      passed: tests.filter((test) => test.result().state === 'passed').length,
      failed: failures.length,
      files: modules.length,
      seconds: Math.round((Date.now() - this.#started) / 1000),
      failures,
      tried: tests.flatMap((test) => (test.diagnostic()?.flaky === true ? [toldOf(test)] : [])),
    }
    writeFileSync(process.env['CI_REPORT_FILE'] ?? 'ci-report.json', JSON.stringify(report))
  }
}

/** A file that cannot be loaded, or whose hooks fail, has errors of its own. */
function brokenModule(module: TestModule): readonly Told[] {
  const suites = [module, ...module.children.allSuites()]
  const errors = suites.flatMap((suite) => suite.errors())
  return errors.length === 0 ? [] : [{ test: fileOf(module), errors: errors.map(wordsOf) }]
}

type TestCase = ReturnType<ReturnType<TestModule['children']['allTests']>['next']>['value']

const toldOf = (test: NonNullable<TestCase>): Told => ({
  test: `${fileOf(test.module)}: ${test.fullName}`,
  errors: (test.result().errors ?? []).map(wordsOf),
})

const fileOf = ({ moduleId }: TestModule): string => relative(process.cwd(), moduleId)

/** The message, the difference, and where it was thrown. */
function wordsOf({ message, stack = '', diff }: Thrown): string {
  const [place = ''] = stack.split('\n').filter((line) => /^\s+at (?!.*node_modules)/.test(line))
  const difference = typeof diff === 'string' ? [diff] : []
  return stripVTControlCharacters([message, ...difference, place].join('\n'))
}
