/** Adds up what the suites reported (Vitest's JSON) and the other steps (files `<step>.passed` and `<step>.failed`): `N passed, N failed`. Used by .ci/run. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type Report = { readonly numPassedTests: number; readonly numFailedTests: number; readonly success: boolean }
type Count = { readonly passed: number; readonly failed: number }

function countOf(path: string): Count {
  if (path.endsWith('.passed')) return { passed: 1, failed: 0 }
  if (path.endsWith('.failed')) return { passed: 0, failed: 1 }
  const report: Report = JSON.parse(readFileSync(path, 'utf8'))
  // A file that cannot be loaded fails without a failed test.
  const failed = Math.max(report.numFailedTests, report.success ? 0 : 1)
  return { passed: report.numPassedTests, failed }
}

const folder = process.argv[2] ?? '.'
const counts = readdirSync(folder).map((name) => countOf(join(folder, name)))
const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0)
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`)
process.exitCode = sum('failed') === 0 && sum('passed') > 0 ? 0 : 1
