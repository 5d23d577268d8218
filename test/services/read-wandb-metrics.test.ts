/** Weights & Biases as the source of a candidate: seeds, states, what is waited for and what is said. */
import { describe, expect, it } from 'vitest'
import type { CommitSha } from '../../src/domain/ids.ts'
import type { Need } from '../../src/domain/server-policy.ts'
import type { WandbRun } from '../../src/services/ports.ts'
import { type MetricsDeps, type MetricsReading, readMetrics } from '../../src/services/read-metrics.ts'
import { BASE, HEAD, repository } from './comparison-world.ts'

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 24, 9, minute))

const run = (id: string, more: Partial<WandbRun> = {}): WandbRun => ({
  id,
  commit: HEAD,
  status: 'FINISHED',
  startedAt: at(0),
  group: undefined,
  sweep: undefined,
  metrics: new Map([['auc', 0.9]]),
  params: new Map([['lr', '0.1']]),
  url: `https://wandb.example/runs/${id}`,
  ...more,
})

type Setting = {
  readonly runs?: readonly WandbRun[] | undefined
  readonly isCut?: boolean
  readonly groupBy?: 'group' | 'sweep'
  readonly final?: boolean
  readonly commits?: readonly CommitSha[]
  readonly may?: boolean
}

async function read(setting: Setting): Promise<MetricsReading> {
  const { runs, isCut = false, groupBy, final = false, commits = [HEAD], may = true } = setting
  const deps = {
    wandb: { runsOfCommits: async () => runs && { runs, isCut } },
    mayUse: (_: unknown, need: Need) =>
      may
        ? { allowed: true }
        : {
            allowed: false,
            message: `may not use ${JSON.stringify(need)}`,
            missingLine: '  - { wandb: ["acme/churn"] }',
          },
  } as unknown as MetricsDeps
  const model = { name: 'churn' } as Parameters<typeof readMetrics>[0]['model']
  return readMetrics(
    { repository, model, commits, ref: HEAD, label: 'this PR', final },
    { kind: 'wandb', entity: 'acme', project: 'churn', groupBy },
    deps,
  )
}

describe('runs of a commit', () => {
  it('are candidates each for itself, and the newest counts', async () => {
    const runs = [run('old'), run('new', { startedAt: at(5), metrics: new Map([['auc', 0.95]]) })]
    expect(await read({ runs })).toMatchObject({
      kind: 'found',
      reference: 'acme/churn',
      commit: HEAD,
      ids: ['new'],
      runs: [{ id: 'new', url: 'https://wandb.example/runs/new' }],
      seeds: [new Map([['auc', 0.95]])],
      notes: [],
    })
  })

  it.each(['group', 'sweep'] as const)('of one %s are seeds, with the parameters they share', async (groupBy) => {
    const seeds = ['a', 'b', 'c'].map((id) =>
      run(id, {
        [groupBy]: 'g1',
        params: new Map([
          ['lr', '0.1'],
          ['seed', id],
        ]),
      }),
    )
    const broken = run('d', { [groupBy]: 'g1', status: 'FAILED' })
    expect(await read({ runs: [...seeds, broken, run('alone')], groupBy })).toMatchObject({
      ids: ['a', 'b', 'c'],
      params: new Map([['lr', '0.1']]),
      failedRuns: 1,
    })
  })

  it('are taken from the first commit that has any', async () => {
    expect(await read({ runs: [run('merge', { commit: BASE })], commits: [HEAD, BASE] })).toMatchObject({
      commit: BASE,
    })
    const both = [run('merge', { commit: BASE }), run('head')]
    expect(await read({ runs: both, commits: [HEAD, BASE] })).toMatchObject({ commit: HEAD, ids: ['head'] })
  })

  it('that are too many to be read are told', async () => {
    expect(await read({ runs: [run('a')], isCut: true })).toMatchObject({
      notes: [expect.stringContaining('more runs')],
    })
  })
})

describe('what cannot be compared', () => {
  const said: readonly (readonly [string, Setting, object])[] = [
    ['runs at work are waited for', { runs: [run('a', { status: 'RUNNING' })] }, { kind: 'running', count: 1 }],
    [
      'no longer than is waited at all',
      { runs: [run('a', { status: 'RUNNING' })], final: true },
      {
        kind: 'none',
        problem: { message: 'A run of 3f9c2e1 in acme/churn on Weights & Biases did not finish in time' },
      },
    ],
    [
      'runs that broke off',
      { runs: [run('a', { status: 'FAILED' }), run('b', { status: 'KILLED' })] },
      { kind: 'none', problem: { message: 'All 2 runs of 3f9c2e1 in acme/churn on Weights & Biases failed' } },
    ],
    [
      'no run',
      { runs: [] },
      { kind: 'none', problem: { message: 'There is no run of 3f9c2e1 in acme/churn on Weights & Biases' } },
    ],
    [
      'no project',
      { runs: undefined },
      { kind: 'none', problem: { message: 'Weights & Biases has no project acme/churn that this server may see' } },
    ],
    [
      'a project that the operator did not allow',
      { runs: [run('a')], may: false },
      {
        kind: 'refused',
        problem: { code: 'policy_missing', message: 'may not use {"kind":"wandb","project":"acme/churn"}' },
      },
    ],
  ]
  it.each(said)('%s', async (_name, setting, expected) => {
    expect(await read(setting)).toMatchObject(expected)
  })
})
