/** A candidate in an artifact of a workflow run: what is said for everything that GitHub may answer. */
import { describe, expect, it } from 'vitest'
import type { ArtifactReading } from '../../src/services/ports.ts'
import { type MetricsDeps, type MetricsReading, readMetrics } from '../../src/services/read-metrics.ts'
import { HEAD, repository } from './comparison-world.ts'

const URL = 'https://github.com/acme/models/actions/runs/1'
const found: ArtifactReading = {
  kind: 'found',
  text: '{"auc": 0.91, "by": {"segment": 0.8}}',
  file: 'out/metrics.json',
  url: URL,
  runId: '1',
  commit: HEAD,
  newerRunning: true,
}

type Options = {
  readonly final?: boolean
  /** null: none is named. */
  readonly workflow?: string | null
  readonly commits?: readonly (typeof HEAD)[]
}

function read(
  artifact: ArtifactReading,
  { final = false, workflow = 'train.yml', commits = [HEAD] }: Options = {},
): Promise<MetricsReading> {
  const deps = { github: { readArtifact: async () => artifact } } as unknown as MetricsDeps
  const model = { name: 'churn' } as Parameters<typeof readMetrics>[0]['model']
  const place = { kind: 'artifact', name: 'metrics', file: undefined, workflow: workflow ?? undefined } as const
  return readMetrics(
    { repository, model, commits, ref: 'main', label: 'main', final },
    { kind: 'document', place },
    deps,
  )
}

describe('an artifact', () => {
  it('is a document of its run and commit', async () => {
    expect(await read(found)).toMatchObject({
      kind: 'found',
      reference: 'metrics/out/metrics.json',
      file: 'metrics/out/metrics.json',
      ids: ['metrics/out/metrics.json@run 1'],
      url: URL,
      runs: [{ id: '1', url: URL }],
      commit: HEAD,
      newerRunning: true,
      seeds: [new Map(Object.entries({ auc: 0.91, 'by.segment': 0.8 }))],
    })
  })

  it('that is the file itself is called by its name', async () => {
    expect(await read({ ...found, file: 'metrics' })).toMatchObject({ reference: 'metrics' })
  })

  it('that is no file of metrics is refused by its name', async () => {
    expect(await read({ ...found, text: '[' })).toMatchObject({
      kind: 'refused',
      problem: { message: expect.stringContaining('metrics/out/metrics.json of 3f9c2e1 cannot be read') },
    })
  })
})

describe('what is not there', () => {
  it.each<readonly [string, ArtifactReading, Options, string, string]>([
    ['no run', { kind: 'absent', runs: 0 }, {}, 'none', 'There is no run of train.yml on 3f9c2e1'],
    ['no run at all', { kind: 'absent', runs: 0 }, { workflow: null }, 'none', 'There is no workflow run on 3f9c2e1'],
    [
      'a run without it',
      { kind: 'absent', runs: 2 },
      {},
      'none',
      'No run of train.yml on 3f9c2e1 uploaded the artifact metrics',
    ],
    [
      'a run at work, too late',
      { kind: 'running', count: 1 },
      { final: true },
      'none',
      'A run of train.yml on 3f9c2e1 did not upload the artifact metrics in time',
    ],
    [
      'an expired one',
      { kind: 'expired', url: URL },
      {},
      'refused',
      `The artifact metrics of 3f9c2e1 has expired: ${URL}`,
    ],
    [
      'a hostile one',
      { kind: 'refused', reason: 'is empty', url: URL },
      {},
      'refused',
      'The artifact metrics of 3f9c2e1 is empty',
    ],
    ['no permission', { kind: 'not_allowed' }, {}, 'refused', 'GitHub does not let this App read workflow runs'],
    ['no commit', found, { commits: [] }, 'refused', 'Artifacts belong to commits, and main is none'],
  ])('%s', async (_name, artifact, options, kind, message) => {
    expect(await read(artifact, options)).toMatchObject({
      kind,
      problem: { message: expect.stringContaining(message) },
    })
  })

  it('a run at work is waited for', async () => {
    expect(await read({ kind: 'running', count: 2 })).toEqual({ kind: 'running', count: 2 })
  })
})
