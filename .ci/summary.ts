/**
 * Says what the suites reported (Vitest's JSON) and the other steps (files `<step>.passed` and `<step>.failed`): how long each suite's tests took, what failed
 * and why, and at the end `N passed, N failed`. Used by .ci/run.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The part of Vitest's JSON report that is looked at. */
type Report = {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly success: boolean
  readonly startTime: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly endTime: number
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

type Count = { readonly passed: number; readonly failed: number; readonly told: readonly string[] }

/** Of a failure's message: enough to see what it is about. */
const LINES = 40

function countOf(path: string, name: string): Count {
  if (name.endsWith('.passed')) return { passed: 1, failed: 0, told: [] }
  if (name.endsWith('.failed')) return { passed: 0, failed: 1, told: [`FAILED step ${name.replace(/\.failed$/, '')}`] }
  const report: Report = JSON.parse(readFileSync(path, 'utf8'))
  // A file that cannot be loaded fails without a failed test.
  const failed = Math.max(report.numFailedTests, report.success ? 0 : 1)
  return { passed: report.numPassedTests, failed, told: [durationOf(name, report), ...failuresOf(name, report)] }
}

function durationOf(name: string, { startTime, testResults }: Report): string {
  const end = Math.max(startTime, ...testResults.map(({ endTime }) => endTime))
  return `${name.replace(/\.json$/, '')}: ${testResults.length} files in ${Math.round((end - startTime) / 1000)} s`
}

function failuresOf(suite: string, { testResults }: Report): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((assertion) => assertion.status === 'failed')
    const unloaded =
      status === 'failed' && failed.length === 0 ? [`FAILED ${suite} ${name}\n${firstLines(message)}`] : []
    const told = failed.map(
      ({ fullName, failureMessages = [] }) =>
        `FAILED ${suite} ${name}\n  ${fullName}\n${firstLines(failureMessages.join('\n'))}`,
    )
    return [...unloaded, ...told]
  })
}

function firstLines(text: string): string {
  return text.split('\n').slice(0, LINES).join('\n')
}

const folder = process.argv[2] ?? '.'
const counts = readdirSync(folder).map((name) => countOf(join(folder, name), name))
const sum = (key: 'passed' | 'failed') => counts.reduce((total, count) => total + count[key], 0)
for (const line of counts.flatMap(({ told }) => told)) process.stdout.write(`${line}\n`)
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`)
process.exitCode = sum('failed') === 0 && sum('passed') > 0 ? 0 : 1
