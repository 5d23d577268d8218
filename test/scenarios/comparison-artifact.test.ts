/** Metrics that CI uploads as an artifact of a GitHub Actions run: what a reviewer sees before and after they are there. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

const SETTING = 'candidate: { artifact: { name: metrics, file: metrics.json, workflow: train.yml } }'

/** dave changes how fraud is trained; CI has begun to. */
async function opens(story: Tale) {
  const { github } = story.world
  await story.configures((text) => text.replace(/candidate:\n\s+file: models\/fraud\/metrics\.json.*$/m, SETTING))
  const files = { 'models/fraud/train.py': 'DEPTH = 8\n' }
  const headSha = github.commit(MODELS, 'fraud-depth', { message: 'Train fraud', files, by: 'dave' })
  const number = github.openPullRequest(MODELS, { title: 'fraud: deeper trees', head: 'fraud-depth', by: 'dave' })
  const run = github.startWorkflow(MODELS, headSha, { workflow: 'train.yml', by: 'dave' })
  github.reportCheck(MODELS, headSha, { name: 'train', status: 'in_progress' })
  await story.settle()
  return {
    number,
    headSha,
    uploads: (metrics: Readonly<Record<string, number>>) => {
      const text = JSON.stringify(metrics)
      github.uploadArtifact(MODELS, run, { name: 'metrics', files: { 'metrics.json': text, 'roc.svg': '<svg/>' } })
    },
    ends: async () => {
      github.finishWorkflow(MODELS, run)
      github.reportCheck(MODELS, headSha, { name: 'train', status: 'completed', conclusion: 'success' })
      await story.settle()
    },
  }
}

scenario('metrics that CI uploads are compared when training has ended', async (story) => {
  const pull = await opens(story)
  expect(story.check(pull)).toBe('in_progress: fraud: a training run is still at work')
  pull.uploads({ f1: 0.83, 'f1/segment=eu': 0.8, precision: 0.85 })
  const calls = await story.calls(pull.ends)
  expect(story.check(pull)).toMatch(/^success: fraud: better than main.*, both gates pass$/)
  expect(story.comparison(pull)).toContain('| ✅ | `f1` ↑ | 0.8112 | 0.8300 | +0.0188 (+2.3%) | ≥ 0.7, drop ≤ 0.01 |')
  expect(story.comparison(pull)).toMatch(
    /Compared \[`metrics\/metrics\.json`\]\(<github>\/acme\/models\/actions\/runs\/\d+\) at `<sha>`/,
  )
  expect(calls.slice(0, 4)).toEqual([
    'ReadPullRequest',
    'actions/list-workflow-runs-for-repo',
    'actions/list-workflow-run-artifacts',
    'actions/download-artifact',
  ])
})

scenario(
  'an artifact that comes after the check run is waited for, and judged without anybody asking',
  async (story) => {
    const pull = await opens(story)
    story.world.github.reportCheck(MODELS, pull.headSha, { name: 'train', status: 'completed', conclusion: 'success' })
    await story.settle()
    expect(story.check(pull)).toBe('in_progress: fraud: a training run is still at work')
    pull.uploads({ f1: 0.6, 'f1/segment=eu': 0.8 })
    await story.pass(2 * MINUTE)
    expect(story.check(pull)).toMatch(/^failure: fraud: .*1 gate fails \(f1\)$/)
  },
)

scenario('a run that uploads nothing fails closed, and says what is missing', async (story) => {
  const pull = await opens(story)
  await pull.ends()
  expect(story.check(pull)).toBe('failure: fraud: no metrics found, 2 gates fail (f1, f1/segment=eu)')
  expect(story.comparison(pull)).toContain('upload it by actions/upload-artifact, under this name')
  expect(story.comparison(pull)).toContain('No run of train.yml on')
})

scenario('what is trained after the merge is judged before it goes anywhere', async (story) => {
  const { github } = story.world
  await story.configures((text) =>
    text.replace(
      /candidate:\n\s+file: models\/fraud\/metrics\.json.*$/m,
      `training: { when: after_merge }\n    ${SETTING}`,
    ),
  )
  const pull = await story.proposesFraud({ f1: 0.83, 'f1/segment=eu': 0.8 })
  expect(story.check(pull)).toBe('neutral: fraud: trained and judged after the merge')
  const landed = await story.merges(pull)
  const run = github.startWorkflow(MODELS, landed, { workflow: 'train.yml', by: 'dave' })
  await story.pass(MINUTE)
  expect(story.promotions()).toEqual([])
  const metrics = JSON.stringify({ f1: 0.83, 'f1/segment=eu': 0.8 })
  github.uploadArtifact(MODELS, run, { name: 'metrics', files: { 'metrics.json': metrics } })
  github.finishWorkflow(MODELS, run)
  await story.pass(MINUTE)
  expect(story.promotions()).toEqual([expect.stringContaining('Promote fraud')])
})
