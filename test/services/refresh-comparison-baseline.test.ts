/** What a pull request is compared with where its baseline stands at a commit, and what it shows when there is nothing to compare. */
import { describe, expect, it } from 'vitest'
import { sha } from '../comments/comparison-fixture.ts'
import { BASE, CONFIG, check, createWorld, fileOf, HEAD, pullRequest, run } from './comparison-world.ts'

/** Word joiners keep GitHub from making links of commits. */
const comment = (world: ReturnType<typeof createWorld>) => [...world.comments.values()].at(-1)?.replaceAll('\u2060', '')
const lastCheck = (world: ReturnType<typeof createWorld>) => [...world.checks.values()].at(-1)

describe('a pull request that touches no model', () => {
  const open = (changes: Parameters<typeof pullRequest>[0] = {}) => {
    const world = createWorld()
    world.view = pullRequest({ changedPaths: ['README.md'], ...changes })
    return world
  }
  const strict = { configFile: fileOf(`nothing_to_compare: action_required\n${CONFIG}`), headConfigFile: undefined }

  it('gets its check run, which branch rules may require, and no comment', async () => {
    const world = open()
    await world.refresh()
    await world.refresh()
    expect(world.calls.filter((call) => call.startsWith('write'))).toEqual(['write create-check-run'])
    expect(lastCheck(world)?.output).toMatchObject({
      status: 'completed',
      conclusion: 'neutral',
      title: 'No model is touched',
    })
    expect(world.comments.size).toBe(0)
  })

  it('concludes as the team chose', async () => {
    const world = open(strict)
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('action_required')
  })

  it('leaves that conclusion when it touches one', async () => {
    const world = open(strict)
    await world.refresh()
    world.view = pullRequest({ ...strict, headSha: sha('beef') })
    world.runs = [run('better', sha('beef'), 0.91)]
    await world.refresh()
    expect(lastCheck(world)).toMatchObject({ headSha: sha('beef'), output: { conclusion: 'success' } })
  })

  it('is not kept from being merged where its models are judged after the merge', async () => {
    const later = CONFIG.replace('within: 6h', 'within: 6h, when: after_merge')
    const world = open({ ...strict, configFile: fileOf(`nothing_to_compare: action_required\n${later}`) })
    world.view = pullRequest({ configFile: world.view?.configFile, headConfigFile: undefined })
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('neutral')
  })
})

describe('a baseline that stands at a commit', () => {
  const fork = sha('f0')
  const open = () => {
    const world = createWorld()
    world.mergeBase = fork
    world.view = pullRequest({ changedPaths: ['models/fraud/train.py'] })
    world.files.set(`${HEAD}:models/fraud/metrics.json`, '{"f1": 0.75}')
    world.files.set(`${fork}:models/fraud/metrics.json`, '{"f1": 0.72}')
    return world
  }

  it('is read where the branch began, which is asked once per head', async () => {
    const world = open()
    await world.refresh()
    await world.refresh()
    expect(world.calls.filter((call) => call === 'mergeBase')).toHaveLength(1)
    expect(comment(world)).toContain('✅ better than main at `f000000`')
    world.files.set(`${sha('beef')}:models/fraud/metrics.json`, '{"f1": 0.75}')
    world.view = pullRequest({ changedPaths: ['models/fraud/train.py'], headSha: sha('beef') })
    await world.refresh()
    expect(world.calls.filter((call) => call === 'mergeBase')).toHaveLength(2)
  })

  it('is sought again when the pull request gets another base branch', async () => {
    const world = open()
    await world.refresh()
    world.view = pullRequest({ changedPaths: ['models/fraud/train.py'], baseRef: 'release' })
    await world.refresh()
    expect(comment(world)).toContain('better than release at `f000000`')
  })

  it('is the tip of the base branch where the histories have nothing in common', async () => {
    const world = open()
    world.mergeBase = undefined
    world.files.set(`${BASE}:models/fraud/metrics.json`, '{"f1": 0.74}')
    await world.refresh()
    expect(comment(world)).toContain('better than main,')
  })

  it('is not asked for by a model that is compared with an alias', async () => {
    const world = createWorld()
    await world.refresh()
    expect(world.calls).not.toContain('mergeBase')
  })

  it('cannot be got rid of by a branch that begins before there were any numbers', async () => {
    const world = open()
    world.files.delete(`${fork}:models/fraud/metrics.json`)
    const gate = 'f1: { goal: maximize, min: 0.70, max_regression: 1% }'
    const text = CONFIG.replace('f1: { goal: maximize, min: 0.70 }', gate)
    world.view = pullRequest({
      ...{ changedPaths: ['models/fraud/train.py'], configFile: fileOf(text), headConfigFile: undefined },
    })
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('success')
    world.files.set(`${BASE}:models/fraud/metrics.json`, '{"f1": 0.9}')
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('failure')
    expect(comment(world)).toContain('update the branch')
  })

  it('where nobody trained lets regressions pass, and says so', async () => {
    const world = createWorld()
    const text = CONFIG.replace(
      'baseline: { mlflow: { model: churn, alias: champion } }',
      'baseline: { candidate_at: merge_base }',
    )
    world.view = pullRequest({ configFile: fileOf(text), headConfigFile: undefined })
    await world.refresh()
    expect(lastCheck(world)?.output.conclusion).toBe('success')
    expect(comment(world)).not.toContain('first model')
    expect(comment(world)).toContain(
      `The experiment churn has no run of \`${BASE.slice(0, 7)}\`: there is nothing to compare with, and limits on regressions pass.`,
    )
    world.runs.push(run('before', BASE, 0.95))
    await world.refresh()
    expect(comment(world)).toContain(`❌ worse than main at \`${BASE.slice(0, 7)}`)
  })
})

describe('a verdict that rests on checks of others', () => {
  it('is looked at twice more after each event, since the list of checks lags behind, and then left alone', async () => {
    const world = createWorld()
    const text = CONFIG.replace('    gates:\n      auc', '    checks: [coverage]\n    gates:\n      auc')
    const reported = (state: 'success' | 'failure') =>
      pullRequest({
        ...{ configFile: fileOf(text), headConfigFile: undefined },
        checks: [check('train', 'success'), check('coverage', state)],
      })
    world.view = reported('success')
    const start = world.now.getTime()
    const lookAfter = async (seconds: number) => {
      world.now = new Date(start + seconds * 1000)
      await world.refresh()
    }
    const wakes = () => world.wakes.map((wake) => (wake.getTime() - start) / 1000)
    await lookAfter(0)
    await lookAfter(15)
    // An event.
    await lookAfter(40)
    await lookAfter(55)
    expect(lastCheck(world)?.output.conclusion).toBe('success')
    world.view = reported('failure')
    await lookAfter(100)
    expect(lastCheck(world)?.output.conclusion).toBe('failure')
    expect(wakes()).toEqual([15, 60, 55, 100])
    await lookAfter(101)
    expect(wakes()).toEqual([15, 60, 55, 100, 116])
  })
})
