/** Seeds of one candidate are averaged; re-runs of the same commit are not. */
import { describe, expect, it } from 'vitest'
import { chooseRuns, GROUP_TAG, type GroupableRun, seedMetrics } from '../../src/domain/comparison-runs.ts'

type Status = GroupableRun['status']
const run = (
  runId: string,
  minute: number,
  {
    status = 'FINISHED',
    parent,
    group,
    metrics = { auc: minute },
  }: { status?: Status; parent?: string; group?: string; metrics?: Record<string, number> } = {},
): GroupableRun => ({
  runId,
  status,
  startedAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
  metrics: new Map(Object.entries(metrics)),
  tags: new Map([
    ...(parent === undefined ? [] : [['mlflow.parentRunId', parent] as const]),
    ...(group === undefined ? [] : [['lockkeeper.group', group] as const]),
  ]),
})
const chosen = (runs: readonly GroupableRun[], final = false) => {
  const choice = chooseRuns(runs, { final, groupBy: GROUP_TAG })
  return choice.kind === 'chosen'
    ? { ...choice, runs: choice.runs.map((each) => each.runId), parent: choice.parent?.runId }
    : choice
}

describe('the candidate', () => {
  it('is all finished children of one parent, without the parent', () => {
    const runs = [
      run('p', 0, { metrics: { best: 1, auc: 9 } }),
      run('b', 2, { parent: 'p' }),
      run('a', 1, { parent: 'p' }),
    ]
    expect(chosen(runs)).toEqual({ kind: 'chosen', runs: ['a', 'b'], parent: 'p', failed: 0, newerRunning: false })
    const choice = chooseRuns(runs, { final: false, groupBy: GROUP_TAG })
    expect(choice.kind === 'chosen' && seedMetrics(choice)).toEqual([
      new Map([['auc', 1]]),
      new Map([['auc', 2]]),
      new Map([['best', 1]]),
    ])
  })

  it('is the parent where its children measured nothing', () => {
    expect(chosen([run('p', 0), run('a', 1, { parent: 'p', metrics: {} })])).toMatchObject({
      runs: ['p', 'a'],
      parent: undefined,
    })
  })

  it('is the newest of several re-runs, not their mean', () => {
    expect(chosen([run('old', 0), run('new', 5)])).toMatchObject({ runs: ['new'] })
  })

  it('is the newest group, by tag too', () => {
    const runs = [
      run('a', 0, { group: '1' }),
      run('b', 1, { group: '1' }),
      run('c', 3, { group: '2' }),
      run('d', 2, { group: '2' }),
    ]
    expect(chosen(runs)).toMatchObject({ runs: ['d', 'c'] })
  })

  it('waits for a group that is still at work, unless nobody waits any longer', () => {
    const runs = [run('a', 1, { parent: 'p' }), run('b', 2, { parent: 'p', status: 'RUNNING' })]
    expect(chosen(runs)).toEqual({ kind: 'running', count: 1 })
    expect(chosen(runs, true)).toMatchObject({ kind: 'chosen', runs: ['a'] })
  })

  it('stays the older group while a newer one is at work, which is said', () => {
    expect(chosen([run('a', 1), run('b', 2, { status: 'RUNNING' })])).toMatchObject({ runs: ['a'], newerRunning: true })
  })

  it('counts seeds that broke off, and says when all did', () => {
    const broken = run('b', 2, { parent: 'p', status: 'FAILED' })
    expect(chosen([run('a', 1, { parent: 'p' }), broken])).toMatchObject({ runs: ['a'], failed: 1 })
    expect(chosen([broken])).toEqual({ kind: 'failed', count: 1 })
  })

  it('is none without runs', () => {
    expect(chosen([])).toEqual({ kind: 'none' })
  })
})

describe('runs within runs', () => {
  it('below a seed are its folds, not seeds, and belong to its group', () => {
    const runs = [
      run('p', 0, { metrics: {} }),
      run('a', 1, { parent: 'p' }),
      run('fold', 9, { parent: 'a', status: 'FAILED' }),
      run('fold2', 10, { parent: 'a' }),
      run('b', 5, { parent: 'p' }),
    ]
    expect(chosen(runs)).toMatchObject({ runs: ['a', 'b'], parent: 'p', failed: 1, newerRunning: false })
  })

  it('that name each other as parents end somewhere', () => {
    expect(chosen([run('a', 1, { parent: 'b' }), run('b', 2, { parent: 'a' })])).toMatchObject({ kind: 'chosen' })
    expect(chosen([run('a', 1, { parent: 'a' })])).toMatchObject({ kind: 'chosen', runs: ['a'] })
  })
})
