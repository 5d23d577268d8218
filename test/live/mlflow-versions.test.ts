/** Every way to find and judge runs, against a real MLflow 2 and a real MLflow 3. Nothing is trained here: the numbers are written through MLflow's own API. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RealMlflow, type ServerOptions, startServer } from '../../sandbox/recordings/server.ts'
import { createMlflow } from '../../src/clients/mlflow.ts'
import type { CommitSha } from '../../src/domain/ids.ts'
import type { Need } from '../../src/domain/server-policy.ts'
import type { Mlflow } from '../../src/services/ports.ts'
import { silentLog } from '../support/log.ts'
import { COMMIT, compareWith, newCommit, type Sources } from './mlflow-comparison.ts'
import { createMlflowRest, type MlflowRest } from './mlflow-rest.ts'

const MLFLOW_2: ServerOptions['python'] = {
  name: 'mlflow2',
  requirements: fileURLToPath(new URL('./requirements-mlflow2.txt', import.meta.url)),
}

describe.each([
  ['2', { python: MLFLOW_2 }],
  ['3', {}],
] as const)('a real MLflow %s', (major, options: ServerOptions) => {
  let server: RealMlflow
  let rest: MlflowRest
  let mlflow: Mlflow
  let experiment: string
  beforeAll(async () => {
    server = await startServer(options)
    rest = createMlflowRest(server.url)
    mlflow = createMlflow({ servers: new Map([['default', server.url]]), credentials: new Map(), log: silentLog })
    experiment = await rest.experiment('churn')
  })
  afterAll(() => server?.close())

  const candidate = '{ experiment: churn }'
  const compare = (sources: Partial<Sources>, commit: CommitSha, more: readonly CommitSha[] = []) =>
    compareWith(mlflow, { candidate, ...sources }, { commits: [commit, ...more] })
  const trained = (commit: string, auc: number, tags: Record<string, string> = {}) =>
    rest.run({ experiment, tags: { [COMMIT]: commit, ...tags }, metrics: { auc } })

  it('is the version that this suite says', async () => {
    expect(await (await fetch(`${server.url}/version`)).text()).toMatch(new RegExp(`^${major}\\.`))
  })

  it('has nested seeds of a commit, their parent, and what failed', async () => {
    const commit = newCommit()
    const tags = { [COMMIT]: commit }
    const parent = await rest.run({ experiment, tags, metrics: { seconds: 7 } })
    const seeds = [0.9, 0.92, 0.94].map((auc) => rest.run({ experiment, tags, parent, metrics: { auc } }))
    const ids = await Promise.all(seeds)
    await rest.run({ experiment, tags, parent, status: 'FAILED', metrics: { auc: 0.1 } })
    const report = await compare({}, commit)
    expect(report.runs.toSorted()).toEqual(ids.toSorted())
    expect(report.candidate).toMatchObject({ failedRuns: 1, newerRunning: false, commit })
    expect(report.metrics).toEqual({ auc: expect.closeTo(0.92), seconds: 7 })
  })

  it('has seeds by a tag, of the newest group alone; and commits by a custom tag', async () => {
    const commit = newCommit()
    const of = (sweep: string, auc: number) =>
      rest.run({ experiment, tags: { git_sha: commit, sweep }, metrics: { auc } })
    await of('monday', 0.5)
    const ids = [await of('tuesday', 0.8), await of('tuesday', 0.82)]
    const custom = '{ experiment: churn, commit_tag: git_sha, group_by: sweep }'
    expect((await compare({ candidate: custom }, commit)).runs).toEqual(ids)
    expect(await compare({}, commit)).toMatchObject({ verdict: 'not_found' })
    // The same value of the tag at another commit is another group, also behind a version.
    const other = newCommit()
    await rest.run({ experiment, tags: { git_sha: other, sweep: 'tuesday' }, metrics: { auc: 0.1 } })
    const fixed = await compare({ candidate: custom, baseline: `{ run: "${ids[0]}", group_by: sweep }` }, commit)
    expect(fixed.baseline?.runs.map((run) => run.id)).toEqual(ids)
    expect(fixed.comparison?.rows[0]?.change).toBe('same')
  })

  it("takes the runs of GitHub's merge commit where the head has none", async () => {
    const [head, merge] = [newCommit(), newCommit()]
    const id = await trained(merge, 0.9)
    expect(await compare({}, head, [merge])).toMatchObject({ runs: [id], candidate: { commit: merge } })
  })

  it('tells unfinished, failed and deleted runs from none', async () => {
    const [running, failed, deleted] = [newCommit(), newCommit(), newCommit()]
    await rest.run({ experiment, tags: { [COMMIT]: running }, status: 'RUNNING', metrics: { auc: 1 } })
    await rest.run({ experiment, tags: { [COMMIT]: failed }, status: 'KILLED', metrics: { auc: 1 } })
    await rest.call('POST', 'runs/delete', { run_id: await trained(deleted, 0.9) })
    expect(await compare({}, running)).toMatchObject({
      verdict: 'pending',
      waiting: { for: { kind: 'runs', count: 1 } },
    })
    expect((await compare({}, failed)).problem?.message).toContain('failed')
    expect((await compare({}, deleted)).problem?.message).toContain('has no run of')
  })

  it('gives NaN and infinities as what they are, and their gates fail', async () => {
    const commit = newCommit()
    const metrics = { auc: 'NaN', up: 'Infinity', down: '-Infinity', zero: 0 } as const
    const id = await rest.run({ experiment, tags: { [COMMIT]: commit }, metrics })
    expect(Object.fromEntries((await mlflow.run('default', id))?.metrics ?? [])).toEqual({
      auc: Number.NaN,
      up: Number.POSITIVE_INFINITY,
      down: Number.NEGATIVE_INFINITY,
      zero: 0,
    })
    const gates = ['auc', 'up', 'down', 'zero'].map((name) => `${name}: { goal: maximize, min: 0 }`).join(', ')
    expect((await compare({ gates }, commit)).gates.missing).toEqual(['auc', 'up', 'down'])
  })

  it('gives every run of a commit, page by page', async () => {
    const commit = newCommit()
    const made = { experiment_id: experiment, tags: [{ key: COMMIT, value: commit }] }
    for (let done = 0; done < 510; done += 10) {
      await Promise.all(Array.from({ length: 10 }, () => rest.call('POST', 'runs/create', made)))
    }
    const search = { experimentId: experiment, commitTag: COMMIT, commit }
    const ids = (await mlflow.runsOfCommit('default', search)).map((run) => run.runId)
    expect([ids.length, new Set(ids).size]).toEqual([510, 510])
    expect(await mlflow.versionsOfRuns('default', 'churn', ids)).toEqual([])
  })

  it('has baselines by alias, version, stage and run', async () => {
    const [commit, old] = [newCommit(), newCommit()]
    await trained(commit, 0.9)
    const parent = await rest.run({ experiment, tags: { [COMMIT]: old } })
    const seeds = [
      await trained(old, 0.7, { 'mlflow.parentRunId': parent }),
      await trained(old, 0.72, { 'mlflow.parentRunId': parent }),
    ]
    const [run = ''] = seeds
    const version = await rest.version('staged', run)
    const stage = { name: 'staged', version, stage: 'Production', archive_existing_versions: false }
    const none = await compare({ baseline: '{ model: staged, stage: Production }' }, commit)
    expect(none).toMatchObject({ verdict: 'first', baseline: undefined })
    await rest.call('POST', 'model-versions/transition-stage', stage)
    await mlflow.setAlias('default', 'staged', 'champion', version)
    for (const [source, label] of [
      ['{ model: staged }', `champion v${version}`],
      ['{ model: staged, alias: champion }', `champion v${version}`],
      [`{ model: staged, version: "${version}" }`, `v${version}`],
      ['{ model: staged, stage: Production }', `Production v${version}`],
      [`{ run: "${run}" }`, /^run /],
    ] as const) {
      const report = await compare({ baseline: source }, commit)
      expect(report).toMatchObject({ verdict: 'better', gates: { verdict: 'pass' } })
      expect(report.baseline?.label).toMatch(label)
      expect(report.baseline?.runs.map(({ id }) => id)).toEqual(seeds)
    }
    expect(await compare({ baseline: '{ model: staged, alias: nobody }' }, commit)).toMatchObject({ verdict: 'first' })
    expect(await compare({ baseline: '{ model: nothing }' }, commit)).toMatchObject({ verdict: 'first' })
    for (const gone of ['{ model: staged, version: "99" }', `{ run: "${'f'.repeat(32)}" }`]) {
      expect(await compare({ baseline: gone }, commit)).toMatchObject({ verdict: 'refused' })
    }
  })

  it('keeps the baseline whose run somebody deleted: its numbers are still true', async () => {
    const commit = newCommit()
    await trained(commit, 0.9)
    const run = await trained(newCommit(), 0.7)
    const version = await rest.version('tidy', run)
    await rest.call('POST', 'runs/delete', { run_id: run })
    const report = await compare({ baseline: `{ model: tidy, version: "${version}" }` }, commit)
    expect(report).toMatchObject({ verdict: 'better', baseline: { runs: [{ id: run }] } })
  })

  it('moves an alias and reads it back; not to a version that is not there', async () => {
    const versions = [
      await rest.version('moved', await trained(newCommit(), 0.7)),
      await rest.version('moved', await trained(newCommit(), 0.8)),
    ]
    for (const version of versions) {
      await mlflow.setAlias('default', 'moved', 'champion', version)
      expect(await mlflow.version('default', 'moved', { by: 'alias', alias: 'champion' })).toMatchObject({ version })
    }
    await expect(mlflow.setAlias('default', 'moved', 'champion', '99')).rejects.toMatchObject({
      code: 'mlflow_refused',
    })
    await expect(mlflow.setAlias('default', 'moved', 'latest', '1')).rejects.toMatchObject({ code: 'mlflow_refused' })
  })

  it('finds versions by run, also by more runs than one address holds', async () => {
    const run = await trained(newCommit(), 0.7)
    const numbers = [await rest.version('many', run), await rest.version('many', run)]
    const others = Array.from({ length: 150 }, (_, index) => `${index}`.padStart(32, 'a'))
    const found = await mlflow.versionsOfRuns('default', 'many', [...others, run])
    expect(found.map(({ version }) => version)).toEqual(numbers.toReversed())
  })

  it('has experiments by id, for those whom the policy names it to, by name or by id', async () => {
    const commit = newCommit()
    const id = await trained(commit, 0.9)
    const byId = { candidate: `{ experiment_id: "${experiment}" }` }
    const permitted = (experimentName: string) => (need: Need) =>
      need.kind === 'mlflow' && 'experiment' in need && need.experiment === experimentName
    for (const name of ['churn', `id:${experiment}`]) {
      const report = await compareWith(mlflow, byId, { commits: [commit], mayUse: permitted(name) })
      expect(report.runs).toEqual([id])
    }
    const refused = await compareWith(mlflow, byId, { commits: [commit], mayUse: permitted('other') })
    expect(refused).toMatchObject({ verdict: 'refused', problem: { code: 'policy_missing' } })
    expect((await compare({ candidate: '{ experiment_id: "98765" }' }, commit)).problem?.message).toContain(
      'no experiment',
    )
  })

  it('has no experiment any more once it was deleted', async () => {
    const id = await rest.experiment('short-lived')
    const commit = newCommit()
    await rest.run({ experiment: id, tags: { [COMMIT]: commit }, metrics: { auc: 1 } })
    const source = { candidate: '{ experiment: short-lived }' }
    expect((await compare(source, commit)).runs).toHaveLength(1)
    await rest.call('POST', 'experiments/delete', { experiment_id: id })
    expect(await compare(source, commit)).toMatchObject({ verdict: 'not_found' })
    const fresh = createMlflow({ servers: new Map([['default', server.url]]), credentials: new Map(), log: silentLog })
    expect(await fresh.experimentId('default', 'short-lived')).toBeUndefined()
  })

  it.runIf(major === '2')('has no logged models, and the metrics of its runs count', async () => {
    const commit = newCommit()
    const run = await mlflow.run('default', await trained(commit, 0.9))
    if (run === undefined) throw new Error('no run')
    expect(run).not.toHaveProperty('logged')
    const asIfThree = { ...run, logged: { models: ['m-1'], latest: new Map() } }
    expect(await mlflow.loggedMetrics('default', [asIfThree])).toEqual({ metrics: [], unread: 0, refusal: undefined })
    expect(await compare({ candidate: '{ experiment: churn, dataset: holdout }' }, commit)).toMatchObject({
      metrics: { auc: 0.9 },
    })
  })
})
