/** From the pull request to the verified release, over the whole bot with a real MLflow 3 and a real PostgreSQL: models are trained for the very commits of the pull requests. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Candidate } from '../../sandbox/recordings/candidates.ts'
import { type ModelPullRequest, mergeModel, openChurnPullRequest, startTraining } from '../../sandbox/world/acts.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { type Story, startStory } from '../support/bot.ts'
import { createMlflowFacts, type MlflowFacts } from './mlflow-facts.ts'
import { startRealMlflow, type TrainedMlflow } from './mlflow-server.ts'
import { type RealPostgres, startRealPostgres } from './postgres-server.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let story: Story
let mlflow: TrainedMlflow
let facts: MlflowFacts
let postgres: RealPostgres
beforeAll(async () => {
  postgres = await startRealPostgres()
  mlflow = await startRealMlflow({ commits: {} })
  facts = createMlflowFacts(mlflow)
  story = await startStory({ mlflowUrl: mlflow.url, databaseServer: postgres.url })
})
afterAll(async () => {
  await story?.end()
  await mlflow?.close()
  await postgres?.close()
})

type Trained = ModelPullRequest & { readonly version: string; readonly runs: readonly string[] }

/** Opens the pull request, trains its commit for real and lets CI report it; the bot has said what it thinks. */
async function propose(candidate: Candidate): Promise<Trained> {
  const { world } = story
  const pullRequest = openChurnPullRequest(world, candidate)
  startTraining(world, pullRequest)
  await story.settle()
  expect(comparison(pullRequest).split('\n')[1]).toBe('### 🔒 churn — ⏳ waiting for train')
  expect(check(pullRequest)).toMatchObject({ status: 'in_progress', conclusion: null })
  const { versions, runs } = await mlflow.train({ [candidate]: pullRequest.headSha })
  const version = versions[candidate] ?? ''
  world.bucket.put(`s3://acme-models/churn/${version}/model.pkl`, `churn ${version}`)
  world.github.reportCheck(MODELS, pullRequest.headSha, { name: 'train', status: 'completed', conclusion: 'success' })
  await story.settle()
  return { ...pullRequest, version, runs: runs[candidate] ?? [] }
}

/** The one comparison comment. */
function comparison({ number }: ModelPullRequest): string {
  const own = story.world.github.comments(MODELS, number).filter(({ body }) => body.includes('lockkeeper:comparison:'))
  expect(own).toHaveLength(1)
  return own[0]?.body ?? ''
}

const check = ({ headSha }: ModelPullRequest) =>
  story.world.github.checkRuns(MODELS, headSha).find(({ name }) => name === 'lockkeeper')

const row = (text: string, metric: string): string[] => {
  const line = text.split('\n').find((each) => each.includes(`| \`${metric}\``)) ?? ''
  return line.split('|').map((cell) => cell.trim())
}
const deploymentsTo = (environment: string) =>
  story.world.github.deployments(MODELS).filter((each) => each.environment === `${environment}/churn`)

describe('a pull request whose model was really trained', () => {
  let better: Trained

  it('is the first model where nothing is the champion yet', async () => {
    await facts.deleteAlias('champion')
    const first = await propose('better-3').finally(() => facts.setAlias('champion', '11'))
    const text = comparison(first)
    const [, headline, next] = text.split('\n')
    expect(headline).toBe('### 🔒 churn — ✅ first model, nothing to compare with yet, all 3 gates pass')
    expect(next).toMatch(/^\*\*Next:\*\* review and merge/)
    expect(row(text, 'auc').slice(1, 4)).toEqual(['✅', '`auc` ↑', await facts.shown(first.runs, 'auc')])
    expect(check(first)).toMatchObject({ status: 'completed', conclusion: 'success' })
  })

  it('is better with five seeds a side, with the means and intervals that MLflow holds', async () => {
    better = await propose('better')
    const text = comparison(better)
    const [, headline, next] = text.split('\n')
    expect(headline).toBe('### 🔒 churn — ✅ better than champion v11, all 3 gates pass')
    expect(next).toMatch(/^\*\*Next:\*\* review and merge; then `\/deploy <environment>`/)
    for (const metric of ['auc', 'log_loss']) {
      const [, mark, , baseline, candidate] = row(text, metric)
      expect([mark, baseline, candidate]).toEqual([
        '✅',
        await facts.shown(mlflow.runs.champion?.slice(1) ?? [], metric),
        await facts.shown(better.runs.slice(1), metric),
      ])
    }
    const seeds = better.runs.slice(1)
    expect(seeds).toHaveLength(5)
    for (const run of seeds) expect(text).toContain(`${mlflow.url}/#/experiments/${mlflow.experiment}/runs/${run}`)
    expect(text).not.toContain(better.runs[0])
    expect(text).toContain(`[\`models:/churn/11\`](${mlflow.url}/#/models/churn/versions/11) (5 seeds)`)
    expect(text).toContain(`\`churn-training:${(await facts.dataDigest(seeds[0] ?? '')).slice(0, 8)}\``)
    expect(text).toContain('| `features` | `3` | `5` |')
    expect(check(better)).toMatchObject({
      conclusion: 'success',
      title: 'churn: better than champion v11, all 3 gates pass',
    })
  })

  it('is worse, and told which gates fail', async () => {
    const regression = await propose('regression')
    const text = comparison(regression)
    const [, headline, next] = text.split('\n')
    expect(headline).toMatch(/^### 🔒 churn — ❌ .*worse (?:than champion v11, and|on \d;) 2 gates fail$/)
    expect(next).toMatch(/^\*\*Next:\*\* fix `auc`, `log_loss`, then push/)
    expect(row(text, 'auc').slice(1, 5)).toEqual([
      '❌',
      '`auc` ↑',
      await facts.shown(mlflow.runs.champion?.slice(1) ?? [], 'auc'),
      await facts.shown(regression.runs, 'auc'),
    ])
    expect(check(regression)).toMatchObject({ conclusion: 'failure' })
    expect(check(regression)?.title).toContain('(auc, log_loss)')
  })

  it('fails closed on a metric that is not a number', async () => {
    const nan = await propose('nan')
    const text = comparison(nan)
    expect(await facts.shown(nan.runs, 'log_loss')).toBe('NaN')
    expect(text.split('\n')[1]).toMatch(/^### 🔒 churn — ❌ .*1 gate fails$/)
    expect(text.split('\n')[2]).toMatch(/^\*\*Next:\*\* log a finite `log_loss`/)
    expect(row(text, 'log_loss').slice(1, 5)).toEqual(['❌', '`log_loss` ↓', expect.anything(), '**NaN**'])
    expect(row(text, 'auc')[1]).toBe('✅')
    expect(check(nan)).toMatchObject({ conclusion: 'failure' })
    expect(check(nan)?.title).toContain('(log_loss)')
  })

  it('becomes a release with the registered version after its merge, and goes to staging', async () => {
    const { world } = story
    mergeModel(world, better)
    await story.settle()
    await story.pass(MINUTE, 20_000)
    const uri = `s3://acme-models/churn/${better.version}`
    expect(await facts.versionOfRun(better.runs[1] ?? '')).toBe(better.version)
    expect(world.github.file(CONFIG, 'main', 'environments/staging/churn/inference.yaml')).toContain(uri)
    expect(world.argocd.kserve.liveUri('staging', 'churn')).toBe(uri)
    const thread = world.github.comments(MODELS, better.number).find(({ body }) => body.includes('lockkeeper:thread:'))
    expect(thread?.body.split('\n')[1]).toMatch(new RegExp(`^### 🚢 churn v${better.version} — .*live in staging$`))
    expect(deploymentsTo('staging').at(-1)?.statuses.at(-1)?.state).toBe('success')
    expect(await facts.alias('champion')).toBe('11')
  })

  it('is the champion at the real registry once it is verified in prod', async () => {
    const { world } = story
    await story.pass(HOUR)
    world.github.comment(MODELS, better.number, '/deploy prod', { by: 'alice' })
    await story.settle()
    const waiting = world.github.pullRequests(CONFIG).find(({ headRef }) => headRef.endsWith('/churn/prod'))
    expect(waiting?.state).toBe('open')
    world.github.review(CONFIG, waiting?.number ?? 0, { by: 'bob', state: 'APPROVED' })
    await story.settle()
    expect(await facts.alias('champion')).toBe('11')
    await story.pass(11 * MINUTE, MINUTE)
    expect(world.argocd.kserve.liveUri('prod', 'churn')).toBe(`s3://acme-models/churn/${better.version}`)
    expect(deploymentsTo('prod').at(-1)?.statuses.at(-1)?.state).toBe('success')
    expect(await facts.alias('champion')).toBe(better.version)
  })

  it('was told in words and calls that GitHub documents', () => {
    expect(story.world.violations()).toEqual([])
  })
})
