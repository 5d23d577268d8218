/** How a pending release waits: what it asks again, when, and what it keeps. What is looked for is in find-artefacts.test.ts. */
import { beforeEach, describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { NO_GATES } from '../../src/domain/gate-summary.ts'
import { type ModelName, parseDigest } from '../../src/domain/ids.ts'
import { completeRelease } from '../../src/services/complete-release.ts'
import type { Deps } from '../../src/services/deps.ts'
import type { ReleaseRecord } from '../../src/services/ledger.ts'
import type { Mlflow, MlflowVersion } from '../../src/services/ports.ts'
import { silentLog } from '../support/log.ts'
import { HEAD, repository } from './comparison-world.ts'

const MINUTE = 60_000
const IMAGE = '{ image: "ghcr.io/acme/churn:{{ commit.sha }}" }'
const VERSION = '{ model: { mlflow: churn, uri: "hf://acme/churn-{{ model.version }}" } }'
const BEGUN = Date.parse('2026-03-03T10:00:00Z')

let now: number
let record: ReleaseRecord
let isPushed: boolean
let versions: MlflowVersion[]
let config: string
/** What was done, in order. */
let done: string[]
beforeEach(() => {
  now = BEGUN
  isPushed = false
  versions = []
  done = []
  record = {
    repository,
    model: 'churn' as ModelName,
    commit: HEAD,
    pullRequest: undefined,
    begunAt: new Date(BEGUN).toISOString(),
    sequence: 1,
    state: { kind: 'pending', missing: [] },
  }
})

const configured = (release: string): string => `version: 1
models: { churn: { release: ${release} } }
environments:
  prod:
    repository: acme/config
    edit: [{ file: prod/values.yaml, yaml: { a: "{{ commit.sha }}" } }]
    sync: { argocd: { application: churn, namespace: argocd } }
`

const digest = parseDigest(`sha256:${'a'.repeat(64)}`)
const mlflow: Partial<Mlflow> = {
  versionsOfRuns: async (_, __, runs) => {
    done.push(`versions of ${runs.join()}`)
    return versions
  },
}
const ledger: Partial<Deps['ledger']> = {
  release: async () => record,
  saveRelease: async (saved) => {
    record = saved
  },
  knownFile: async () => ({ oid: 'o', text: config }),
}
const deps: Partial<Deps> = {
  ledger: ledger as Deps['ledger'],
  mlflow: mlflow as Mlflow,
  registries: {
    resolve: async () => {
      done.push('registry')
      return isPushed && digest !== undefined ? { kind: 'found', digest } : { kind: 'absent' }
    },
  },
  hints: {
    hint: async () => undefined,
    wakeAt: async (_, at) => void done.push(`wake in ${(at.getTime() - now) / 1000} s`),
  },
  clock: { now: () => new Date(now) },
  log: silentLog,
  parseConfig: parseRepoConfig,
  mayUse: () => ({ allowed: true }),
  compareModel: async () => {
    done.push('judge')
    return {
      model: record.model,
      verdict: 'after_merge',
      comparison: undefined,
      gates: NO_GATES,
      candidate: undefined,
      baseline: undefined,
      runs: ['r1'],
      metrics: {},
      dataDigests: [],
      baselineDataDigests: [],
      parametersChanged: [],
      waiting: undefined,
      failedChecks: [],
      notes: [],
      outside: [],
      trend: [],
      problem: undefined,
    }
  },
}

/** A look after this much time; what was done. */
async function look(after: number): Promise<readonly string[]> {
  now += after
  done = []
  await completeRelease({ kind: 'release', repository, model: record.model, sha: HEAD }, deps as Deps)
  return done
}

describe('a release whose image is missing', () => {
  beforeEach(() => {
    config = configured(IMAGE)
  })

  it('is judged once, then again when everything is there', async () => {
    expect(await look(0)).toEqual(['judge', 'registry', 'wake in 20 s'])
    expect(await look(20_000)).toEqual(['registry', 'wake in 20 s'])
    expect(await look(60 * MINUTE)).toEqual(['registry', 'wake in 300 s'])
    isPushed = true
    expect(await look(5 * MINUTE)).toEqual(['registry', 'judge', 'registry'])
    expect(record.state.kind).toBe('complete')
  })

  it('woken by an event is not judged again either, but looked for at once', async () => {
    await look(0)
    expect(await look(1000)).toEqual(['registry', 'wake in 20 s'])
  })

  it('is judged once more at the last look, and given up', async () => {
    await look(0)
    expect(await look(119 * MINUTE)).toEqual(['registry', 'wake in 60 s'])
    expect(await look(MINUTE)).toEqual(['judge', 'registry'])
    expect(record.state).toMatchObject({
      kind: 'given-up',
      missing: [`the image \`ghcr.io/acme/churn:${HEAD}\``],
      remedies: ['Push it with exactly this tag.'],
    })
    expect(await look(MINUTE)).toEqual([])
  })

  it('once complete stays so: nothing is asked any more', async () => {
    isPushed = true
    await look(0)
    const before = record
    isPushed = false
    config = configured('{ image: "ghcr.io/acme/other:{{ commit.sha }}" }')
    expect(await look(MINUTE)).toEqual([])
    expect(record).toBe(before)
  })
})

describe('a release whose version is missing', () => {
  beforeEach(() => {
    config = configured(VERSION)
  })

  it('is judged again after ten minutes, and after an event: another run may have it', async () => {
    expect(await look(0)).toEqual(['judge', 'versions of r1', 'wake in 20 s'])
    expect(await look(20_000)).toEqual(['versions of r1', 'wake in 20 s'])
    expect(await look(1000)).toEqual(['versions of r1', 'judge', 'versions of r1', 'wake in 20 s'])
    expect(await look(9 * MINUTE)).not.toContain('judge')
    expect(await look(2 * MINUTE)).toContain('judge')
    versions = [{ model: 'churn', version: '3', runId: 'r1', status: 'READY', source: undefined, url: '' }]
    await look(2 * MINUTE)
    expect(record.state).toMatchObject({
      kind: 'complete',
      release: { modelVersion: '3', modelUri: 'hf://acme/churn-3' },
    })
  })
})

describe('a configuration that cannot be read', () => {
  it('is waited for like an artefact, and named when the time is over', async () => {
    config = 'version: 1\nmodels: 7\n'
    expect(await look(0)).toEqual(['wake in 20 s'])
    config = configured(IMAGE)
    expect(await look(MINUTE)).toContain('judge')
    config = 'version: 1\nmodels: 7\n'
    await look(2 * 60 * MINUTE)
    expect(record.state).toMatchObject({
      kind: 'given-up',
      missing: [expect.stringContaining('a configuration that can be read')],
    })
  })
})
