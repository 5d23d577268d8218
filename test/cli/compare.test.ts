/** What a person, or a CI job, gets who compares on the command line. */
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { compare } from '../../src/cli/compare.ts'

const OLD = '{"auc": 0.905, "log_loss": 0.29, "auc/segment=eu": 0.90}'
const NEW = '{"auc": 0.910, "log_loss": 0.31, "auc/segment=eu": 0.88}'
const AUC = 'auc: { goal: maximize, min: 0.8, max_regression: 0.5% }'
const LOSS = 'log_loss: { goal: minimize, max_regression: 2% }'

const CONFIG = `version: 1
models:
  churn:
    candidate: { mlflow: { experiment: churn } }
    baseline: { mlflow: { model: churn, alias: champion } }
    gates:
      auc: { goal: maximize, max_regression: 0.5% }
  fraud:
    candidate: { file: metrics.json }
    gates:
      f1: { goal: maximize, min: 0.7 }
`

async function run(args: readonly string[], files: Readonly<Record<string, string>> = {}, isTty = false) {
  let stdout = ''
  let stderr = ''
  const code = await compare.run(args, {
    stdout: (text) => {
      stdout += text
    },
    stderr: (text) => {
      stderr += text
    },
    isTty,
    readFile: async (path) => {
      const text = { 'old.json': OLD, 'new.json': NEW, ...files }[path]
      if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' })
      return text
    },
  })
  return { code, stdout, stderr }
}

beforeEach(() => {
  nock.disableNetConnect()
  vi.stubEnv('MLFLOW_TRACKING_URI', 'http://mlflow.test')
})
afterEach(() => {
  nock.cleanAll()
  vi.unstubAllEnvs()
})

describe('two files', () => {
  it('are a table with the verdict above, and exit code 1 when a gate fails', async () => {
    const { code, stdout } = await run(['new.json', '--with', 'old.json', '--gate', AUC, '--gate', LOSS])
    expect(stdout).toBe(
      [
        '❌ model: better than old.json on 1 metric, worse on 1; 1 gate fails',
        '',
        '    metric          old.json  candidate            change  gate',
        '❌  log_loss ↓        0.2900     0.3100   +0.0200 (+6.9%)  rise ≤ 2%',
        '✅  auc ↑             0.9050     0.9100  +0.0050 (+0.55%)  ≥ 0.8, drop ≤ 0.5%',
        '➖  auc/segment=eu    0.9000     0.8800   −0.0200 (−2.2%)  –',
        '',
      ].join('\n'),
    )
    expect(code).toBe(1)
  })

  it('pass with exit code 0', async () => {
    expect((await run(['new.json', '--with', 'old.json', '--gate', AUC])).code).toBe(0)
  })

  it('have colours on a terminal only, and never a control character of a file', async () => {
    const files = { 'evil.json': '{"a\\u001b[2Jb": 1}' }
    expect((await run(['evil.json'], files)).stdout).toContain('a?[2Jb')
    expect((await run(['new.json'])).stdout).not.toContain('\u001b')
    expect((await run(['new.json', '--with', 'old.json', '--gate', AUC], {}, true)).stdout).toContain('\u001b[32m')
  })

  it('are JSON with every number, the verdict and the gates by name', async () => {
    const { stdout } = await run(['new.json', '--with', 'old.json', '--gate', LOSS, '--json'])
    const document = JSON.parse(stdout)
    expect(document).toMatchObject({ verdict: 'worse', gates: { verdict: 'fail', failing: ['log_loss'] } })
    expect(document.metrics[0]).toMatchObject({
      name: 'log_loss',
      candidate: { n: 1, mean: 0.31 },
      baseline: { n: 1, mean: 0.29 },
      gate: { verdict: 'fail', required: true },
    })
  })

  it('are Markdown for a job summary, without what only a pull request has', async () => {
    const { stdout } = await run(['new.json', '--with', 'old.json', '--gate', LOSS, '--markdown'])
    expect(stdout).toContain('| ❌ | `log_loss` ↓ | 0.2900 | 0.3100 | +0.0200 (+6.9%) | **rise ≤ 2%** |')
    expect(stdout).not.toMatch(/\/help|this PR/)
  })
})

describe('several files a side', () => {
  const seeds = (values: readonly number[], name: string) =>
    Object.fromEntries(values.map((auc, index) => [`${name}${index}.json`, JSON.stringify({ auc })]))

  it('are seeds: a drop within the noise passes, the same drop without noise fails', async () => {
    const gate = ['--gate', 'auc: { goal: maximize, max_regression: 0.001 }']
    const asked = ['a0.json', 'a1.json', 'a2.json', '--with', 'b0.json', '--with', 'b1.json', '--with', 'b2.json']
    const noisy = { ...seeds([0.8, 0.9, 0.85], 'a'), ...seeds([0.83, 0.91, 0.87], 'b') }
    const calm = { ...seeds([0.85, 0.8501, 0.8499], 'a'), ...seeds([0.87, 0.8701, 0.8699], 'b') }
    expect(await run([...asked, ...gate], noisy)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('within noise'),
    })
    expect((await run([...asked, ...gate], calm)).code).toBe(1)
  })
})

describe('MLflow', () => {
  const mlflowRun = (id: string, auc: number) => ({
    info: { run_id: id, experiment_id: '1', status: 'FINISHED', start_time: 1, run_name: id },
    data: { metrics: [{ key: 'auc', value: auc, step: 0, timestamp: 1 }], params: [], tags: [] },
  })
  const api = () => nock('http://mlflow.test').persist()

  it('compares a run with the champion of the configuration, as a pull request would', async () => {
    api()
      .get('/api/2.0/mlflow/runs/get')
      .query({ run_id: 'new' })
      .reply(200, { run: mlflowRun('new', 0.8) })
    api()
      .get('/api/2.0/mlflow/runs/get')
      .query({ run_id: 'old' })
      .reply(200, { run: mlflowRun('old', 0.9) })
    api()
      .get('/api/2.0/mlflow/experiments/get')
      .query(true)
      .reply(200, { experiment: { experiment_id: '1', name: 'churn' } })
    api().post('/api/2.0/mlflow/runs/search').reply(200, {})
    const version = { name: 'churn', version: '7', run_id: 'old', status: 'READY' }
    api().get('/api/2.0/mlflow/registered-models/alias').query(true).reply(200, { model_version: version })
    const { code, stdout, stderr } = await run(['runs:/new', '--config', 'lk.yml', '--model', 'churn'], {
      'lk.yml': CONFIG,
    })
    expect(stderr).toBe('')
    expect(stdout).toContain('❌ churn: worse than champion v7, and 1 gate fails')
    expect(code).toBe(1)
  })

  it('that is down, or set up nowhere, is said with what to do', async () => {
    api().get('/api/2.0/mlflow/runs/get').query(true).reply(401, 'no')
    expect(await run(['runs:/new'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('MLFLOW_TRACKING_USERNAME'),
    })
    vi.stubEnv('MLFLOW_TRACKING_URI', '')
    expect(await run(['models:/churn@champion'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('MLFLOW_TRACKING_URI'),
    })
  })
})

describe('a configuration', () => {
  const model = (keys: string) => `version: 1\nmodels:\n  fraud:\n    candidate: { file: metrics.json }\n${keys}`

  it('whose `checks` and `reports` nobody can judge here says so', async () => {
    const config = model(
      '    gates: { auc: { goal: maximize, min: 0.8 } }\n    checks: [coverage]\n    reports: { drift: { format: evidently, file: d.json } }\n',
    )
    const { code, stdout } = await run(['new.json', '--config', 'lk.yml'], { 'lk.yml': config })
    expect(code).toBe(0)
    expect(stdout).toContain('note: `checks` and `reports` of the model are judged on pull requests only.')
  })

  it('whose baseline is not in MLflow wants it by --with, instead of passing every regression', async () => {
    const config = model(
      '    baseline: { file: old.json }\n    gates: { auc: { goal: maximize, max_regression: 0.5% } }\n',
    )
    expect(await run(['new.json', '--config', 'lk.yml'], { 'lk.yml': config })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is nothing to compare with. Name the baseline by --with FILE'),
    })
    expect(await run(['new.json', '--with', 'old.json', '--config', 'lk.yml'], { 'lk.yml': config })).toMatchObject({
      code: 0,
    })
  })
})

it('names the errors of a configuration as why it is refused, and no warnings', async () => {
  const config =
    'version: 1\nmodels:\n  m:\n    candidate: { file: m.json }\n    gates: { loss: { goal: maximize, min: 1 }, auc: 3 }\n'
  const { code, stderr } = await run(['new.json', '--config', 'lk.yml'], { 'lk.yml': config })
  expect({ code, lines: stderr.trim().split('\n') }).toEqual({
    code: 2,
    lines: [expect.stringContaining('lk.yml:5:53')],
  })
})

it('warns of a gate whose goal its name contradicts, and judges by it', async () => {
  const { code, stderr } = await run(['new.json', '--gate', 'log_loss: { goal: maximize, min: 0.1 }'])
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('warning: --gate 1: by its name this metric is better when it is smaller'),
  })
})

describe('what cannot be', () => {
  it.each([
    [['new.json', '--gate', AUC], 'A gate has `max_regression`, and there is nothing to compare with'],
    [['new.json', '--gate', 'auc'], "--gate 1: it has no rules; write 'auc: { goal: maximize, min: 0.8 }'"],
    [['models:/churn'], 'In MLflow it is runs:/ID, models:/NAME/VERSION or models:/NAME@ALIAS'],
    [[], 'a CANDIDATE is needed'],
    [['new.json', '--json', '--markdown'], '--json and --markdown exclude each other'],
    [['new.json', '--gate', AUC, '--model', 'x'], 'gates come from one place'],
    [['new.json', '--gate', AUC, '--gate', 'f1: { goal: maximise, min: 1 }'], '--gate 2: `maximise` is not one of'],
    [['new.json', '--gate', 'f1:\n  goal: maximize'], '--gate 1: a gate is one line'],
    [['nothing.json'], 'nothing.json: there is no such file'],
    [['new.json', '--with', 'nothing.json'], 'nothing.json: there is no such file'],
    [['broken.json'], 'broken.json cannot be read'],
    [['new.json', '--config', 'lk.yml'], 'it has several models; choose one with --model: churn, fraud'],
    [['new.json', '--config', 'lk.yml', '--model', 'x'], 'there is no model x; there are: churn, fraud'],
    [['new.json', '--config', 'bad.yml'], 'bad.yml:1:1'],
    [['new.json', '--what'], "Unknown option '--what'"],
  ])('%j is refused with exit code 2', async (args, reason) => {
    const files = { 'lk.yml': CONFIG, 'bad.yml': 'version: 2\n', 'broken.json': '{"auc": ' }
    const { code, stderr, stdout } = await run(args, files)
    expect(stderr).toContain(reason)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})
