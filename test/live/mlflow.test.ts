/** The MLflow client and the comparison against a real MLflow 3 server with really trained models. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PLACEHOLDERS } from '../../sandbox/recordings/candidates.ts'
import { createMlflow } from '../../src/clients/mlflow.ts'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { type CommitSha, parseCommitSha, parseModelName, parseRepoName } from '../../src/domain/ids.ts'
import { createCompareModel } from '../../src/services/compare-model.ts'
import type { Ledger } from '../../src/services/ledger.ts'
import type { Buckets, GitHub, Mlflow, Wandb } from '../../src/services/ports.ts'
import { silentLog } from '../support/log.ts'
import { startRealMlflow, type TrainedMlflow } from './mlflow-server.ts'

const CONFIG = `version: 1
models:
  churn:
    candidate: { mlflow: { experiment: churn } }
    baseline: { mlflow: { model: churn, alias: champion } }
    gates:
      auc: { goal: maximize, min: 0.80, max_regression: 0.5% }
      auc/segment=eu: { goal: maximize, min: 0.5 }
      log_loss: { goal: minimize, max_regression: 2% }
`
const CANDIDATES = ['better', 'regression', 'nan', 'running', 'failed'] as const

let server: TrainedMlflow
let mlflow: Mlflow

const shaOf = (text: string): CommitSha => {
  const sha = parseCommitSha(text)
  if (sha === undefined) throw new Error(`no sha: ${text}`)
  return sha
}

const compare = async (commit: CommitSha) => {
  const repository = parseRepoName('acme/models')
  const parsed = parseRepoConfig(CONFIG, { file: 'lockkeeper.yml' })
  const name = parseModelName('churn')
  const model = parsed.ok && name !== undefined ? parsed.settings.models.get(name) : undefined
  if (model === undefined || repository === undefined) throw new Error(`no model: ${JSON.stringify(parsed)}`)
  const github = { readFiles: () => Promise.reject(new Error('no file is read here')) } as unknown as GitHub
  const [wandb, buckets, ledger] = [{} as Wandb, {} as Buckets, {} as Ledger]
  const compareModel = createCompareModel({ github, mlflow, wandb, buckets, ledger, mayUse: () => ({ allowed: true }) })
  return compareModel({ repository, model, commits: [commit], headRef: commit, baselineRef: 'main', waivers: [] })
}

beforeAll(async () => {
  server = await startRealMlflow({ commits: Object.fromEntries(CANDIDATES.map((name) => [name, PLACEHOLDERS[name]])) })
  mlflow = createMlflow({ servers: new Map([['default', server.url]]), credentials: new Map(), log: silentLog })
})

afterAll(() => server?.close())

describe('a real MLflow', () => {
  it('gives five seeds a side, without their parents, and the slices', async () => {
    const report = await compare(shaOf(PLACEHOLDERS.better.commit))
    expect(report.candidate?.runs).toHaveLength(5)
    expect(report.baseline).toMatchObject({ label: 'champion v11', reference: 'models:/churn/11' })
    expect(report.baseline?.runs).toHaveLength(5)
    expect(report.runs.toSorted()).toEqual(server.runs.better?.slice(1).toSorted())
    expect(report.comparison?.rows.map((row) => row.name)).toContain('auc/segment=eu')
    expect(report.gates).toMatchObject({ verdict: 'pass', missing: [] })
    expect(report.dataDigests).toHaveLength(1)
  })

  it('gives what is worse, not a number, unfinished, failed or not there as what it is', async () => {
    expect(await compare(shaOf(PLACEHOLDERS.regression.commit))).toMatchObject({ gates: { verdict: 'fail' } })
    expect((await compare(shaOf(PLACEHOLDERS.nan.commit))).gates.missing).toEqual(['log_loss'])
    expect(await compare(shaOf(PLACEHOLDERS.running.commit))).toMatchObject({ verdict: 'pending' })
    expect((await compare(shaOf(PLACEHOLDERS.failed.commit))).problem?.message).toContain('failed')
    expect(await compare(shaOf('f'.repeat(40)))).toMatchObject({ verdict: 'not_found' })
  })

  it('finds versions by run, and moves an alias', async () => {
    const [version] = await mlflow.versionsOfRuns('default', 'churn', server.runs.better ?? [])
    expect(version?.version).toBe(server.versions.better)
    await mlflow.setAlias('default', 'churn', 'staging', version?.version ?? '')
    expect(await mlflow.version('default', 'churn', { by: 'alias', alias: 'staging' })).toMatchObject({
      version: version?.version,
    })
  })

  it('has no version of what does not exist', async () => {
    expect(await mlflow.version('default', 'churn', { by: 'alias', alias: 'nobody' })).toBeUndefined()
    expect(await mlflow.version('default', 'nothing', { by: 'alias', alias: 'champion' })).toBeUndefined()
    expect(await mlflow.version('default', 'churn', { by: 'version', version: '999' })).toBeUndefined()
    expect(await mlflow.run('default', '0'.repeat(32))).toBeUndefined()
    expect(await mlflow.experimentId('default', 'nothing')).toBeUndefined()
  })
})
