/** What a pull request shows over its life, what it costs, and that neither crash nor repetition changes it. */
import { describe, expect, it } from 'vitest'
import { modelName, sha } from '../comments/comparison-fixture.ts'
import { CONFIG, check, createWorld, fileOf, HEAD, pullRequest, repository, run } from './comparison-world.ts'

const MINUTE = 60_000
const comment = (world: ReturnType<typeof createWorld>) => [...world.comments.values()].at(-1)
const lastCheck = (world: ReturnType<typeof createWorld>) => [...world.checks.values()].at(-1)
const HOLD = 'models:\n  churn:\n    paths: 7\n'

describe('a pull request', () => {
  it('gets its check run at once, then one comment and the conclusion, for one read and two writes', async () => {
    const world = createWorld()
    const states: string[] = []
    world.afterWrite = () => states.push(`${lastCheck(world)?.output.status}`)
    await world.refresh()
    expect(world.calls).toEqual([
      'readPullRequest',
      'write create-check-run',
      `runsOfCommit ${HEAD.slice(0, 7)}`,
      'write add-comment update-check-run',
    ])
    expect(states).toEqual(['in_progress', 'completed'])
    expect(comment(world)).toBe(`<!-- lockkeeper:comparison:v1 -->
### 🔒 churn — ✅ better than champion v11, its gate passes
**Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

|  | Metric | champion v11 | this PR | Δ | Gate |
| :-: | --- | --: | --: | --: | --- |
| ✅ | \`auc\` ↑ | 0.9000 | 0.9100 | +0.0100 (+1.1%) | ≥ 0.8, drop ≤ 0.5% |

> Compared run [\`better\`](http://mlflow.test/#/experiments/1/runs/better) at \`3f9c2e1\` with [\`models:/churn/11\`](http://mlflow.test/#/models/churn/versions/11).
>
> One run on a side: changes are judged by tolerance alone, not against noise.

<details><summary>Same training data</summary>

\`train:abc\`

</details>`)
    expect(lastCheck(world)).toMatchObject({ headSha: HEAD, output: { conclusion: 'success' } })
    expect(world.wakes).toEqual([])
  })

  it('is not written to when nothing changed', async () => {
    const world = createWorld()
    await world.refresh()
    world.calls.length = 0
    await world.refresh()
    expect(world.calls.filter((call) => call.startsWith('write'))).toEqual([])
  })

  it('waits for training, then is judged in the same comment and check run', async () => {
    const world = createWorld()
    world.runs = []
    world.view = pullRequest({ checks: [check('train', 'pending')] })
    await world.refresh()
    expect(comment(world)).toContain('⏳ waiting for train')
    expect(lastCheck(world)?.output).toMatchObject({ status: 'in_progress', title: 'churn: waiting for train' })
    expect(world.wakes).toEqual([new Date(world.now.getTime() + MINUTE)])
    world.runs = [run('better', HEAD, 0.91)]
    world.view = pullRequest()
    await world.refresh()
    expect([world.comments.size, world.checks.size]).toEqual([1, 1])
    expect(comment(world)).toContain('✅ better than champion v11')
  })

  it('is looked at ever more seldom while it waits, and at the deadline, when it fails', async () => {
    const world = createWorld()
    world.runs = []
    world.view = pullRequest({ checks: [check('train', 'pending')] })
    await world.refresh()
    const start = world.now.getTime()
    world.now = new Date(start + 60 * MINUTE)
    await world.refresh()
    world.now = new Date(start + 359 * MINUTE)
    await world.refresh()
    expect(world.wakes.map((wake) => (wake.getTime() - start) / MINUTE)).toEqual([1, 66, 360])
    world.now = new Date(start + 360 * MINUTE)
    await world.refresh()
    expect(lastCheck(world)?.output).toMatchObject({ status: 'completed', conclusion: 'failure' })
  })

  it('shows the old metrics as old while its moved head is pending', async () => {
    const world = createWorld()
    await world.refresh()
    world.view = pullRequest({ headSha: sha('beef'), checks: [] })
    await world.refresh()
    expect(comment(world)).toContain('⏳ waiting for train')
    expect(comment(world)).toContain('> ⚠️ The head has moved to `beef000`; below are the metrics of `3f9c2e1`.')
    expect(comment(world)).toContain('✅ better than champion v11')
    expect([...world.checks.values()].map(({ headSha, output }) => [headSha.slice(0, 4), output.status])).toEqual([
      ['3f9c', 'completed'],
      ['beef', 'in_progress'],
    ])
  })

  it('finds the runs of a test merge that has been replaced since', async () => {
    const world = createWorld()
    world.runs = []
    world.view = pullRequest({ checks: [check('train', 'pending')], testMergeCommit: sha('7e571') })
    await world.refresh()
    world.runs = [run('merge', sha('7e571'), 0.93)]
    world.view = pullRequest({ testMergeCommit: sha('7e572') })
    await world.refresh()
    expect(comment(world)).toContain('run [`merge`]')
  })

  it('of a fork is compared by its head only, and marked', async () => {
    const world = createWorld()
    world.view = pullRequest({ isFork: true, testMergeCommit: sha('7e57') })
    await world.refresh()
    expect(world.calls).toContain(`runsOfCommit ${HEAD.slice(0, 7)}`)
    expect(comment(world)).toContain('> From a fork')
    expect(world.record?.testMergeCommits).toEqual([])
  })

  it('has one section per model it touches, and fails if one fails', async () => {
    const world = createWorld()
    world.view = pullRequest({ changedPaths: ['models/churn/a.py', 'models/fraud/metrics.json'] })
    world.files.set(`${HEAD}:models/fraud/metrics.json`, '{"f1": 0.6}')
    await world.refresh()
    expect(comment(world)?.split('\n')[1]).toBe('## 🔒 ❌ 2 models: fraud fails')
    expect(lastCheck(world)?.output.conclusion).toBe('failure')
  })

  it('has its waivers for the head they were given for, and no other', async () => {
    const world = createWorld()
    world.runs = [run('worse', HEAD, 0.7), run('later', sha('beef'), 0.7)]
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('failure')
    const given = { gate: 'auc', by: 'alice', reason: 'outage', at: '2026-03-03T10:00:00Z' }
    const waiver = { ...given, repository, number: 1, headSha: HEAD, model: modelName('churn') }
    world.waivers = [{ ...waiver, model: modelName('fraud') }]
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('failure')
    world.waivers = [waiver]
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('success')
    expect(comment(world)).toContain('waived by `alice`')
    world.view = pullRequest({ headSha: sha('beef') })
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('failure')
  })

  it('whose models are trained after the merge is neutral', async () => {
    const world = createWorld()
    world.view = pullRequest({
      configFile: fileOf(CONFIG.replace('within: 6h', 'within: 6h, when: after_merge')),
      headConfigFile: undefined,
    })
    await world.refresh()
    expect(lastCheck(world)?.output).toMatchObject({ status: 'completed', conclusion: 'neutral' })
  })

  it.each([
    ['is closed', { state: 'closed' }],
    ['is merged', { state: 'merged' }],
    ['is in a repository without models', { configFile: fileOf('version: 1\n'), headConfigFile: undefined }],
    ['has no configuration', { configFile: undefined, headConfigFile: undefined }],
    ['is a promotion of ours', { headRef: 'lockkeeper/acme/models/churn/prod' }],
  ] as const)('is left alone when it %s', async (_, changes) => {
    const world = createWorld()
    world.view = pullRequest(changes)
    await world.refresh()
    expect(world.calls).toEqual(['readPullRequest'])
    expect(world.record).toBeUndefined()
  })

  it('says so when its models were taken out again', async () => {
    const world = createWorld()
    await world.refresh()
    world.view = pullRequest({ headSha: sha('beef'), changedPaths: ['README.md'] })
    await world.refresh()
    expect(comment(world)).toContain('No model is touched by this pull request any more')
    expect(lastCheck(world)).toMatchObject({ headSha: sha('beef'), output: { conclusion: 'neutral' } })
  })
})

describe('an outage of MLflow', () => {
  it('ends the check run when its time is over, is asked again, and the verdict follows', async () => {
    const world = createWorld()
    world.mlflowDown = true
    await world.refresh()
    world.now = new Date(world.now.getTime() + 360 * MINUTE)
    await world.refresh()
    expect(lastCheck(world)?.output).toMatchObject({ status: 'completed', conclusion: 'failure' })
    expect(comment(world)).toContain('(`mlflow_unavailable`)')
    expect(comment(world)).toContain('at once by the button Re-evaluate')
    expect(world.wakes.at(-1)).toEqual(new Date(world.now.getTime() + 10 * MINUTE))
    world.mlflowDown = false
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('success')
    expect(world.checks.size).toBe(1)
  })

  it('fails nothing where no gate is set', async () => {
    const world = createWorld()
    const text = CONFIG.replace(/ {4}gates:\n {6}auc.*\n/, '')
    world.view = pullRequest({ configFile: fileOf(text), headConfigFile: undefined })
    world.mlflowDown = true
    await world.refresh()
    world.now = new Date(world.now.getTime() + 360 * MINUTE)
    await world.refresh()
    expect(lastCheck(world)?.output).toMatchObject({ status: 'completed', conclusion: 'neutral' })
  })

  it('is said, keeps the check run open, and is tried again', async () => {
    const world = createWorld()
    world.mlflowDown = true
    await world.refresh()
    expect(comment(world)).toContain('⚠️ the metrics cannot be read just now')
    expect(lastCheck(world)?.output.status).toBe('in_progress')
    expect(world.wakes).toEqual([new Date(world.now.getTime() + MINUTE)])
    world.mlflowDown = false
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('success')
  })

  it('takes back no verdict', async () => {
    const world = createWorld()
    await world.refresh()
    world.mlflowDown = true
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('success')
    expect(world.wakes).toHaveLength(1)
  })
})

describe('a changed configuration', () => {
  it('that does not load fails the check run, with annotations on its lines', async () => {
    const world = createWorld()
    world.view = pullRequest({
      changedPaths: ['.github/lockkeeper.yml'],
      headConfigFile: fileOf(`version: 1\n${HOLD}`),
    })
    await world.refresh()
    const output = lastCheck(world)?.output
    expect(output).toMatchObject({ conclusion: 'failure', title: 'This pull request breaks the configuration' })
    expect(output?.annotations[0]).toMatchObject({ path: '.github/lockkeeper.yml', startLine: 4, level: 'failure' })
    expect(world.comments.size).toBe(0)
  })

  it('that loads passes it', async () => {
    const world = createWorld()
    world.view = pullRequest({
      changedPaths: ['.github/lockkeeper.yml'],
      headConfigFile: fileOf(CONFIG.replace('0.70', '0.75')),
    })
    await world.refresh()
    expect(lastCheck(world)?.output).toMatchObject({ conclusion: 'success', title: 'The configuration is valid' })
  })

  it('does not judge by the rules it proposes', async () => {
    const world = createWorld()
    const proposed = fileOf(CONFIG.replace('min: 0.80', 'min: 0.99'))
    world.view = pullRequest({ changedPaths: ['.github/lockkeeper.yml', 'models/churn/x'], headConfigFile: proposed })
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('success')
  })

  it('on the default branch that does not load is named, neutrally', async () => {
    const world = createWorld()
    world.view = pullRequest({ configFile: fileOf(HOLD), headConfigFile: fileOf(HOLD) })
    await world.refresh()
    expect(lastCheck(world)?.output).toMatchObject({
      conclusion: 'neutral',
      title: 'Configuration invalid: models are not compared',
    })
    expect(world.comments.size).toBe(0)
  })
})

describe('whatever goes wrong', () => {
  it.each([1, 2])('a crash right after write %i leads to the same comment and check run', async (crash) => {
    const world = createWorld()
    let writes = 0
    world.afterWrite = () => {
      writes += 1
      if (writes === crash) throw new Error('killed')
    }
    await expect(world.refresh()).rejects.toThrow('killed')
    await world.refresh()
    await world.refresh()
    expect([world.comments.size, world.checks.size]).toEqual([1, 1])
    expect(comment(world)).toContain('✅ better than champion v11')
    expect(lastCheck(world)?.output.conclusion).toBe('success')
  })

  it('a comment that somebody deleted is made anew', async () => {
    const world = createWorld()
    await world.refresh()
    world.comments.clear()
    world.runs = [run('other', HEAD, 0.92)]
    await expect(world.refresh()).rejects.toThrow('NOT_FOUND')
    await expect(world.refresh()).rejects.toThrow('may not be listed yet')
    world.now = new Date(world.now.getTime() + MINUTE)
    await world.refresh()
    expect(comment(world)).toContain('`other`')
  })

  it('a comment that GitHub does not see for a moment is edited, and not made twice', async () => {
    const world = createWorld()
    await world.refresh()
    const kept = [...world.comments]
    world.comments.clear()
    world.runs = [run('other', HEAD, 0.92)]
    await expect(world.refresh()).rejects.toThrow('NOT_FOUND')
    for (const [id, body] of kept) world.comments.set(id, body)
    await world.refresh()
    expect([...world.comments]).toEqual([[kept[0]?.[0], expect.stringContaining('`other`')]])
  })

  it('a check run that is open again is a new one, since GitHub reopens none', async () => {
    const world = createWorld()
    await world.refresh()
    world.runs = [run('again', HEAD, 0.92, { status: 'RUNNING' })]
    await world.refresh()
    expect([...world.checks.values()].map(({ output }) => output.status)).toEqual(['completed', 'in_progress'])
  })
})
