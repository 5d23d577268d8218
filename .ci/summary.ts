/**
 * Says what the suites reported (report.ts) and the other steps (files `<step>.passed` and `<step>.failed`): how long each suite's tests took, what was tried
 * again, what failed and why, and at the end `N passed, N failed`. Used by .ci/run.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SuiteReport, Told } from './report.ts'

type Count = { readonly passed: number; readonly failed: number; readonly told: readonly string[] }

/** Of a failure, at each of its tries, and of what passed in the end: enough to see what it is about. */
const LINES = { failed: 60, tried: 8 }

function countOf(path: string, name: string): Count {
  if (name.endsWith('.passed')) return { passed: 1, failed: 0, told: [] }
  if (name.endsWith('.failed')) return { passed: 0, failed: 1, told: [`FAILED step ${name.replace(/\.failed$/, '')}`] }
  const { passed, failed, files, seconds, failures, tried }: SuiteReport = JSON.parse(readFileSync(path, 'utf8'))
  const suite = name.replace(/\.json$/, '')
  return {
    passed,
    failed,
    told: [
      `${suite}: ${files} files in ${seconds} s`,
      ...tried.map((told) => `TRIED AGAIN ${suite} ${linesOf(told, LINES.tried)}`),
      ...failures.map((told) => `FAILED ${suite} ${linesOf(told, LINES.failed)}`),
    ],
  }
}

function linesOf({ test, errors }: Told, count: number): string {
  // A second try fails alike more often than not.
  const different = [...new Set(errors)]
  return [test, ...different.flatMap((error) => error.split('\n').slice(0, count))].join('\n  ')
}

const folder = process.argv[2] ?? '.'
const counts = readdirSync(folder).map((name) => countOf(join(folder, name), name))
const sum = (key: 'passed' | 'failed') => counts.reduce((total, count) => total + count[key], 0)
for (const line of counts.flatMap(({ told }) => told)) process.stdout.write(`${line}\n`)
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`)
process.exitCode = sum('failed') === 0 && sum('passed') > 0 ? 0 : 1
