/** What a release is judged by: the pull request's own commits, baseline and waivers, and the checks of its head as they are now. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import type { ModelReport } from '../../src/domain/comparison-report.ts'
import type { ModelSettings } from '../../src/domain/settings.ts'
import type { CompareQuestion } from '../../src/services/compare-model.ts'
import { judgeRelease, unjudged } from '../../src/services/judge-release.ts'
import type { ReleaseRecord } from '../../src/services/ledger.ts'
import type { ComparisonRecord, GitHub, WaiverRecord } from '../../src/services/ports.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { BASE, CONFIG, check, createWorld, HEAD, repository } from './comparison-world.ts'

const LANDED = sha('1a')
const PARENT = sha('9a')

const model = (name: string, text = CONFIG): ModelSettings => {
  const parsed = parseRepoConfig(text, { file: 'lockkeeper.yml' })
  const found = parsed.ok ? [...parsed.settings.models.values()].find((each) => each.name === name) : undefined
  if (found === undefined) throw new Error(`no model ${name}: ${JSON.stringify(parsed)}`)
  return found
}

const record = (changes: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  repository,
  model: model('churn').name,
  commit: LANDED,
  parent: PARENT,
  pullRequest: { number: 1, id: 'PR', headSha: HEAD, testMergeCommit: sha('7e57'), headRef: 'better', author: 'bob' },
  begunAt: '2026-03-03T10:00:00Z',
  sequence: 1,
  state: { kind: 'pending', missing: [] },
  ...changes,
})

const waiver: WaiverRecord = {
  ...{ repository, number: 1, headSha: HEAD, model: model('fraud').name },
  ...{ gate: 'auc', by: 'alice', reason: 'outage', at: '2026-03-03T10:00:00Z' },
}
const compared: ComparisonRecord = {
  repository,
  number: 1,
  headSha: HEAD,
  headSeenAt: '2026-03-03T09:00:00Z',
  testMergeCommits: [sha('7e58')],
  mergeBase: { baseRef: 'main', commit: BASE },
  isCompleted: true,
  finished: undefined,
}

/** What the comparison is asked, and which calls GitHub gets. */
async function ask(of: { model?: ModelSettings; record?: ReleaseRecord; compared?: ComparisonRecord | undefined }) {
  const questions: CompareQuestion[] = []
  const calls: string[] = []
  const github: Partial<GitHub> = {
    appId: 7,
    mergeBase: async (_, base, head) => {
      calls.push(`mergeBase ${base.slice(0, 4)} ${head.slice(0, 4)}`)
      return sha('f0')
    },
    readChecks: async (_, commit) => {
      calls.push(`readChecks ${commit.slice(0, 4)}`)
      return [check('coverage', 'success')]
    },
  }
  await judgeRelease(of.record ?? record(), of.model ?? model('churn'), {
    github: github as GitHub,
    comparisons: {
      get: async () => of.compared,
      waivers: async ({ headSha }) =>
        [waiver, { ...waiver, model: model('churn').name }].filter((each) => each.headSha === headSha),
    },
    clock: { now: () => new Date('2026-11-24T10:00:00Z') },
    compareModel: async (question) => {
      questions.push(question)
      return {} as ModelReport
    },
  })
  return { question: questions[0], calls }
}

describe('a release of a merged pull request', () => {
  it('has the commits, the baseline and the waivers that its pull request had, without a call', async () => {
    const { question, calls } = await ask({ model: model('fraud'), compared })
    expect(question).toMatchObject({
      commits: [HEAD, sha('7e58'), sha('7e57'), LANDED],
      headRef: HEAD,
      baselineRef: BASE,
      waivers: [waiver],
      checks: undefined,
    })
    expect(calls).toEqual([])
  })

  it('asks where the branch began when nobody had asked before', async () => {
    const { question, calls } = await ask({ model: model('fraud') })
    expect(question).toMatchObject({ baselineRef: sha('f0'), waivers: [waiver] })
    expect(calls).toEqual(['mergeBase 9a00 3f9c'])
  })

  it('that was merged with another head than the compared one inherits nothing of that', async () => {
    const { question } = await ask({ compared: { ...compared, headSha: sha('01d') } })
    expect(question).toMatchObject({ commits: [HEAD, sha('7e57'), LANDED], waivers: [{ headSha: HEAD }] })
  })

  it('is judged by the checks of the head that was merged, read in one call', async () => {
    const text = CONFIG.replace('    gates:\n      auc', '    checks: [coverage]\n    gates:\n      auc')
    const { question, calls } = await ask({ model: model('churn', text), compared })
    expect(question?.checks).toMatchObject({ ownAppId: 7, checks: [{ name: 'coverage' }] })
    expect(calls).toEqual(['readChecks 3f9c'])
  })
})

it('a model that is trained after the merge is judged by the checks of the landed commit, too', async () => {
  const text = CONFIG.replace('    gates:\n      auc', '    checks: [coverage]\n    gates:\n      auc').replace(
    'within: 6h',
    'within: 6h, when: after_merge',
  )
  const { question, calls } = await ask({ model: model('churn', text), compared })
  expect(calls).toEqual(['readChecks 3f9c', 'readChecks 1a00'])
  expect(question?.checks?.checks).toHaveLength(2)
  expect((await ask({ model: model('churn', text), record: record({ pullRequest: undefined }) })).calls).toEqual([
    'readChecks 1a00',
  ])
})

it('a release whose branch began before there were numbers is compared with those that it landed on', async () => {
  const world = createWorld()
  for (const [commit, f1] of [
    [HEAD, 0.8],
    [PARENT, 0.9],
  ] as const)
    world.files.set(`${commit}:models/fraud/metrics.json`, JSON.stringify({ f1 }))
  const text = CONFIG.replace('min: 0.70', 'min: 0.70, max_regression: 0.01')
  const { question } = await ask({ model: model('fraud', text), compared })
  if (question === undefined) throw new Error('nothing asked')
  const report = await world.deps.compareModel(question)
  expect(report).toMatchObject({ verdict: 'worse', gates: { failing: ['f1'] }, baseline: { label: '9a00000' } })
  expect(unjudged(report, { model: question.model, head: HEAD })).toEqual([])
  expect(report.notes).toEqual([
    'There is no models/fraud/metrics.json at ba5e000, where this change began: it is compared with 9a00000, which it landed on.',
  ])
})

describe('a release of a direct push', () => {
  const pushed = record({ pullRequest: undefined })

  it('is compared with the commit before it', async () => {
    expect((await ask({ model: model('fraud'), record: pushed })).question).toMatchObject({
      commits: [LANDED],
      headRef: LANDED,
      baselineRef: PARENT,
    })
  })

  it('of which GitHub told no parent, by its name', async () => {
    const { question } = await ask({ model: model('fraud'), record: { ...pushed, parent: undefined } })
    expect(question?.baselineRef).toBe(`${LANDED}~1`)
  })
})

describe('a release waits', () => {
  it('for checks as for its metrics, and names them', async () => {
    const world = createWorld()
    const text = CONFIG.replace('    gates:\n      auc', '    checks: [coverage]\n    gates:\n      auc')
    const question = {
      repository,
      model: model('churn', text),
      commits: [HEAD],
      headRef: HEAD,
      baselineRef: BASE,
      waivers: [],
    }
    const report = await world.deps.compareModel({ ...question, checks: { checks: [], ownAppId: 7 } })
    expect(unjudged(report, { model: question.model, head: HEAD })).toEqual([
      '`check/coverage` of 3f9c2e1: not reported yet',
    ])
    world.mlflowDown = true
    const down = await world.deps.compareModel({ ...question, checks: { checks: [], ownAppId: 7 } })
    expect(unjudged(down, { model: question.model, head: HEAD })).toHaveLength(2)
  })

  it('for metrics that training writes, and not for a file, which comes with its commit or never', async () => {
    const world = createWorld()
    world.runs = []
    const question = { repository, commits: [HEAD], headRef: HEAD, baselineRef: BASE, waivers: [] }
    const asked = async (of: ModelSettings) =>
      unjudged(await world.deps.compareModel({ ...question, model: of }), { model: of, head: HEAD })
    expect(await asked(model('churn'))).toEqual(['the metrics of 3f9c2e1: The experiment churn has no run of 3f9c2e1'])
    expect(await asked(model('fraud'))).toEqual([])
    expect(await asked(model('churn', CONFIG.replace(/ {4}gates:\n {6}auc.*\n/, '')))).toEqual([])
  })
})
