/** One model compared: which runs and files count, and what is said when they do not. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { SystemUnavailable } from '../../src/domain/failure.ts'
import { parseModelName } from '../../src/domain/ids.ts'
import type { ModelSettings } from '../../src/domain/settings.ts'
import type { TrainingState } from '../../src/domain/training.ts'
import { createCompareModel } from '../../src/services/compare-model.ts'
import type { Buckets } from '../../src/services/ports.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { BASE, CONFIG, check, createWorld, HEAD, repository, run, type World } from './comparison-world.ts'

const model = (name: string, text = CONFIG): ModelSettings => {
  const parsed = parseRepoConfig(text, { file: 'lockkeeper.yml' })
  const key = parseModelName(name)
  const found = parsed.ok && key !== undefined ? parsed.settings.models.get(key) : undefined
  if (found === undefined) throw new Error(`no model ${name}: ${JSON.stringify(parsed)}`)
  return found
}
const until = new Date('2026-03-03T16:00:00Z')
const FINISHED: TrainingState = { kind: 'finished', failed: [], until, isLate: false }
const compare = (world: World, settings = model('churn'), training: TrainingState | undefined = FINISHED) =>
  world.deps.compareModel({
    repository,
    model: settings,
    commits: [HEAD, sha('7e57')],
    headRef: HEAD,
    baselineRef: BASE,
    baselineLabel: 'main',
    waivers: [],
    ...(training === undefined ? {} : { training }),
  })
const waiting: TrainingState = { kind: 'waiting', for: ['train'], until }

describe('a model with runs in MLflow', () => {
  it('is compared with the run behind the alias', async () => {
    const report = await compare(createWorld())
    expect(report).toMatchObject({
      verdict: 'better',
      gates: { verdict: 'pass' },
      runs: ['better'],
      metrics: { auc: 0.91 },
      dataDigests: ['train:abc'],
      candidate: { commit: HEAD, runs: [{ id: 'better' }] },
      baseline: { label: 'champion v11', reference: 'models:/churn/11', version: '11' },
      problem: undefined,
    })
  })

  it("takes the runs of GitHub's merge commit only where the head has none", async () => {
    const world = createWorld()
    world.runs = [run('merge', sha('7e57'), 0.95)]
    expect(await compare(world)).toMatchObject({ runs: ['merge'], candidate: { commit: sha('7e57') } })
    world.runs.push(run('head', HEAD, 0.91))
    expect(await compare(world)).toMatchObject({ runs: ['head'] })
  })

  it('is a first model while nobody has the alias', async () => {
    const world = createWorld()
    world.champion = undefined
    expect(await compare(world)).toMatchObject({ verdict: 'first', gates: { verdict: 'pass' }, baseline: undefined })
  })

  it('is refused, not a first model, when the champion lost its run', async () => {
    const world = createWorld()
    world.champion = run('champion', sha('c0'), 0.9, { status: 'FAILED' })
    expect(await compare(world)).toMatchObject({ verdict: 'refused', gates: { verdict: 'fail', failing: ['auc'] } })
  })

  it('is pending while training is at work, and missing when it has ended', async () => {
    const world = createWorld()
    world.runs = []
    expect(await compare(world, model('churn'), waiting)).toMatchObject({
      verdict: 'pending',
      gates: { verdict: 'pending', pending: ['auc'] },
      waiting: { for: { kind: 'checks', names: ['train'] }, until },
    })
    expect(await compare(world, model('churn'), { ...FINISHED, failed: ['train'] })).toMatchObject({
      verdict: 'not_found',
      gates: { verdict: 'fail', missing: ['auc'] },
      failedChecks: ['train'],
      problem: { message: `The experiment churn has no run of ${HEAD.slice(0, 7)}` },
    })
  })

  it('waits for runs that are at work, even when the check has ended, and not after the deadline', async () => {
    const world = createWorld()
    world.runs = [run('slow', HEAD, 0.9, { status: 'RUNNING' })]
    expect(await compare(world)).toMatchObject({ verdict: 'pending', waiting: { for: { kind: 'runs', count: 1 } } })
    expect(await compare(world, model('churn'), undefined)).toMatchObject({ verdict: 'pending' })
    expect(await compare(world, model('churn'), { ...FINISHED, isLate: true })).toMatchObject({
      verdict: 'not_found',
      problem: { message: `A run of ${HEAD.slice(0, 7)} in the experiment churn did not finish in time` },
    })
  })

  it('says when every run failed, and when there is no such experiment', async () => {
    const world = createWorld()
    world.runs = [run('broken', HEAD, 0.9, { status: 'FAILED' })]
    expect((await compare(world)).problem?.message).toContain('The only run of')
    const other = model('churn', CONFIG.replace('experiment: churn', 'experiment: chrun'))
    expect((await compare(world, other)).problem?.message).toBe(
      'There is no experiment chrun on the MLflow server default',
    )
  })

  it('is unavailable, its gates open, while MLflow is down', async () => {
    const world = createWorld()
    world.mlflowDown = true
    expect(await compare(world)).toMatchObject({
      verdict: 'unavailable',
      gates: { verdict: 'pending', pending: ['auc'] },
      problem: { code: 'mlflow_unavailable', message: 'MLflow server default: connection refused' },
    })
  })

  it.each(['experiment', 'model'] as const)(
    'is refused before MLflow is asked when the policy does not allow its %s',
    async (part) => {
      const world = createWorld()
      world.denied = (need) => need.kind === 'mlflow' && part in need
      expect(await compare(world)).toMatchObject({
        verdict: 'refused',
        gates: { verdict: 'fail' },
        problem: { code: 'policy_missing', hint: expect.stringContaining('LOCKKEEPER_POLICY') },
      })
      expect(world.calls).toEqual(part === 'experiment' ? [] : [expect.stringContaining('runsOfCommit')])
    },
  )
})

describe("others' checks as gates", () => {
  const checked = (checks: string) =>
    model('churn', CONFIG.replace('    gates:\n      auc', `    checks: ${checks}\n    gates:\n      auc`))
  const judged = (
    world: World,
    checks: Parameters<typeof reports>[0],
    training: TrainingState | undefined = FINISHED,
  ) =>
    world.deps.compareModel({
      repository,
      model: checked('[coverage]'),
      commits: [HEAD],
      headRef: HEAD,
      baselineRef: BASE,
      waivers: [],
      ...(training === undefined ? {} : { training }),
      checks: reports(checks),
    })
  const reports = (checks: readonly (readonly [string, Parameters<typeof check>[1]])[]) => ({
    checks: checks.map(([name, state]) => check(name, state)),
    ownAppId: 7,
  })

  it('count with those over metrics', async () => {
    const world = createWorld()
    expect(await judged(world, [['coverage', 'success']])).toMatchObject({
      verdict: 'better',
      gates: { verdict: 'pass' },
      outside: [{ name: 'check/coverage', verdict: 'pass' }],
      waiting: undefined,
    })
    expect(await judged(world, [['coverage', 'failure']])).toMatchObject({
      verdict: 'better',
      gates: { verdict: 'fail', failing: ['check/coverage'] },
    })
  })

  it('are waited for by name after training has finished, until its time is over', async () => {
    const world = createWorld()
    expect(await judged(world, [])).toMatchObject({
      verdict: 'better',
      gates: { verdict: 'pending', pending: ['check/coverage'] },
      waiting: { for: { kind: 'checks', names: ['coverage'] }, until },
    })
    expect(await judged(world, [], { ...FINISHED, isLate: true })).toMatchObject({
      gates: { verdict: 'fail', missing: ['check/coverage'] },
      waiting: undefined,
    })
  })

  it('are judged where the metrics are not there, or cannot be read', async () => {
    const world = createWorld()
    world.runs = []
    const failing = [['coverage', 'failure']] as const
    expect(await judged(world, failing, waiting)).toMatchObject({
      verdict: 'pending',
      gates: { verdict: 'fail', failing: ['check/coverage'], pending: ['auc'] },
    })
    world.mlflowDown = true
    expect(await judged(world, failing)).toMatchObject({ verdict: 'unavailable', outside: [{ verdict: 'fail' }] })
  })

  it('stand beside the tests of reports of other tools, which fail closed like them', async () => {
    const world = createWorld()
    const path = 'reports/{{ model.name }}.json'
    const text = CONFIG.replace(
      '    gates:\n      auc',
      `    reports: { drift: { format: evidently, file: "${path}" } }\n    gates:\n      auc`,
    )
    const question = {
      repository,
      model: model('churn', text),
      commits: [HEAD],
      headRef: HEAD,
      baselineRef: BASE,
      waivers: [],
    }
    expect(await world.deps.compareModel({ ...question, training: FINISHED })).toMatchObject({
      verdict: 'better',
      gates: { verdict: 'fail', missing: ['drift'] },
      outside: [{ name: 'drift', verdict: 'missing' }],
    })
  })

  it('of reports that an outage hides are open only until their time is over', async () => {
    const text = CONFIG.replace(
      '    gates:\n      auc',
      '    reports: { drift: { format: evidently, s3: "s3://acme/drift.json" } }\n    gates:\n      auc',
    )
    const away: Partial<Buckets> = {
      read: () => Promise.reject(new SystemUnavailable('S3', 'connection refused')),
    }
    const { deps } = createWorld()
    const { github, mlflow } = deps
    const judge = createCompareModel({
      ...{ github, mlflow, buckets: away, mayUse: () => ({ allowed: true }) },
    } as unknown as Parameters<typeof createCompareModel>[0])
    const question = { repository, model: model('churn', text), commits: [HEAD], headRef: HEAD, baselineRef: BASE }
    const drift = async (training: TrainingState) => (await judge({ ...question, waivers: [], training })).outside[0]
    expect(await drift(FINISHED)).toMatchObject({ name: 'drift', verdict: 'pending' })
    expect(await drift({ ...FINISHED, isLate: true })).toMatchObject({ name: 'drift', verdict: 'missing' })
  })

  it('that pass find no metrics for a model that should have some', async () => {
    const world = createWorld()
    world.runs = []
    expect(await judged(world, [['coverage', 'success']])).toMatchObject({
      verdict: 'not_found',
      gates: { verdict: 'fail', missing: ['auc'] },
    })
  })

  it('are all there is to judge of a model without a candidate', async () => {
    const only = { ...model('churn', `version: 1\nmodels: { churn: { checks: [coverage] } }\n`) }
    const world = createWorld()
    const question = {
      repository,
      model: only,
      commits: [HEAD],
      headRef: HEAD,
      baselineRef: BASE,
      waivers: [],
      training: FINISHED,
    }
    expect(await world.deps.compareModel({ ...question, checks: reports([['coverage', 'success']]) })).toMatchObject({
      verdict: 'unjudged',
      gates: { verdict: 'pass' },
      problem: undefined,
    })
  })
})

describe('a model with a metrics file', () => {
  const at = (world: World, ref: string, text: string) => world.files.set(`${ref}:models/fraud/metrics.json`, text)

  it('is compared with the same file on the base branch', async () => {
    const world = createWorld()
    at(world, HEAD, '{"f1": 0.75}')
    at(world, BASE, '{"f1": 0.72}')
    expect(await compare(world, model('fraud'))).toMatchObject({
      verdict: 'better',
      runs: [`models/fraud/metrics.json@${HEAD}`],
      metrics: { f1: 0.75 },
      baseline: { label: 'main', reference: 'models/fraud/metrics.json' },
    })
  })

  it('does not wait for a file: it comes with its commit or not at all', async () => {
    const world = createWorld()
    at(world, BASE, '{"f1": 0.72}')
    expect(await compare(world, model('fraud'), waiting)).toMatchObject({
      verdict: 'not_found',
      gates: { missing: ['f1'] },
    })
  })

  it('fails closed on a file that cannot be read, on either side', async () => {
    const world = createWorld()
    at(world, HEAD, '{"f1": 0.75}')
    at(world, BASE, '{"f1": ')
    expect(await compare(world, model('fraud'))).toMatchObject({ verdict: 'refused', gates: { verdict: 'fail' } })
  })
})
