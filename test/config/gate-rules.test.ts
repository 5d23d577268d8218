/** What teams are told about their gates: patterns, two gates for one metric, goals that contradict the metric's name. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { model, problemsOf } from './mistakes.ts'

const gates = (lines: string): string =>
  model(`candidate: { file: m.json }\nbaseline: { file: m.json }\ngates:\n  ${lines.split('\n').join('\n  ')}`)

describe('a pattern over slices', () => {
  it.each(['auc/segment=*', 'auc/segment:*', 'auc/*', 'val/auc/segment=*', 'auc/segment=eu*,device=*', 'auc/*=eu'])(
    'loads: %s',
    (pattern) => {
      const text = gates(`"${pattern}": { goal: maximize, min: 0.5, required: false }`)
      expect(problemsOf(text)).toEqual([])
      const parsed = parseRepoConfig(text, { file: 'f' })
      const [spec] = parsed.ok ? [...parsed.settings.models.values()].flatMap((each) => each.gates) : []
      expect(spec).toMatchObject({ metric: pattern, required: false })
    },
  )

  it.each(['au*', '*', '*/segment=eu', 'val/auc*', 'a*/*', 'auc/seg*'])('stands nowhere else: %s', (metric) => {
    expect(problemsOf(gates(`"${metric}": { goal: maximize, min: 0.5 }`))).toEqual([
      `7:7 models.churn.gates."${metric}" | a \`*\` can only stand in the slice of a metric | write \`auc/segment=*\` for each segment, \`auc/*\` for each slice, or one gate for each metric`,
    ])
  })
})

describe('two gates for one metric', () => {
  it('are one mistake, at the second', () => {
    const text = gates('f1/a=b: { goal: maximize, min: 0.5 }\nf1/a:b: { goal: maximize, min: 0.6 }')
    expect(problemsOf(text)).toEqual([
      '8:7 models.churn.gates."f1/a:b" | this is the metric of the gate `f1/a=b`: `:` and `=` are the same in slices | put the rules of both into one gate',
    ])
  })
})

describe('a goal that contradicts the name of the metric', () => {
  it('loads, with a warning at the goal that says what to write', () => {
    const text = gates('val/log_loss: { goal: maximize, min: 0.5 }\nauc/segment=*: { goal: minimize, min: 0.5 }')
    expect(problemsOf(text)).toEqual([
      '7:29 models.churn.gates."val/log_loss".goal | warning | by its name this metric is better when it is smaller | write `goal: minimize`; where `maximize` is meant, leave it or give the metric another name',
      '8:30 models.churn.gates."auc/segment=*".goal | warning | by its name this metric is better when it is larger | write `goal: maximize`; where `minimize` is meant, leave it or give the metric another name',
    ])
    expect(parseRepoConfig(text, { file: 'f' }).ok).toBe(true)
  })

  it('is not claimed of a goal that agrees, or that is no goal', () => {
    expect(problemsOf(gates('log_loss: { goal: minimize, max: 0.5 }'))).toEqual([])
    expect(problemsOf(gates('log_loss: { goal: maximise, max: 0.5 }')).join()).not.toContain('warning')
  })
})

describe('a gate that is not required', () => {
  it('is written as a yes/no value', () => {
    expect(problemsOf(gates('m: { goal: minimize, max: 1, required: perhaps }'))).toEqual([
      '7:46 models.churn.gates.m.required | expected `true` or `false`, found text | `false`: judged and shown, but it does not fail the check run and may be missing.',
    ])
  })
})
