/** How many GitHub calls a pull request that touches many models takes: what is read for each of them is read together. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

/** The models m0…mn, of which each has its metrics in `what` under models/. */
async function configures(story: Tale, count: number, what: 'file' | 'dvc'): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => `m${index}`)
  const source = (name: string) =>
    what === 'file' ? `{ file: models/${name}/metrics.json }` : `{ dvc: models/${name}/dvc.yaml }`
  const models = names.map(
    (name) => `  ${name}:
    paths: ["models/${name}/**"]
    candidate: ${source(name)}
    baseline: { candidate_at: merge_base }
    gates: { f1: { goal: maximize, min: 0.5 } }
`,
  )
  await story.configures(() => `version: 1\nmodels:\n${models.join('')}`)
  return names
}

/** dave trains all of them in one commit. */
function trains(story: Tale, names: readonly string[], { f1 = 0.9 } = {}): void {
  const { github } = story.world
  const files = names.flatMap((name) => [
    [`models/${name}/metrics.json`, `${JSON.stringify({ f1 })}\n`],
    [`models/${name}/dvc.yaml`, 'metrics:\n  - metrics.json:\n      cache: false\n'],
  ])
  github.commit(MODELS, 'many', { message: 'Train all', files: Object.fromEntries(files), by: 'dave' })
}

/** Without what is read once more since two events of one act were heard one after the other. */
const distinct = (calls: readonly string[]): readonly string[] =>
  calls.filter((call, index) => call !== 'ReadPullRequest' || calls.indexOf(call) === index)

/** Requests of a hundred files each: both sides together, then what a pipeline's definition names; of a new head without the other side, which is known. */
const CASES = [
  ['file', 1, { first: 1, changed: 1 }],
  ['file', 10, { first: 1, changed: 1 }],
  ['file', 50, { first: 1, changed: 1 }],
  ['dvc', 1, { first: 2, changed: 2 }],
  ['dvc', 10, { first: 2, changed: 2 }],
  ['dvc', 50, { first: 3, changed: 2 }],
] as const

const compared = (reads: number): readonly string[] => [
  'ReadPullRequest',
  'Write',
  'repos/compare-commits-with-basehead',
  ...Array.from({ length: reads }, () => 'ReadFiles'),
  'Write',
]

for (const [what, count, reads] of CASES)
  scenario(
    `${count} models, their metrics in Git (${what}): compared, looked at again, changed, merged`,
    async (story) => {
      const { github } = story.world
      const names = await configures(story, count, what)
      await story.pass(MINUTE)
      let number = 0
      const first = await story.calls(() => {
        trains(story, names)
        number = github.openPullRequest(MODELS, { title: 'Many models', head: 'many', by: 'dave' })
      })
      expect(distinct(first)).toEqual(compared(reads.first))
      expect(github.comments(MODELS, number)).toHaveLength(1)
      const report = { name: 'lint', status: 'completed', conclusion: 'success' } as const
      const { headSha } = github.pullRequests(MODELS).at(-1) ?? { headSha: '' }
      expect(distinct(await story.calls(() => github.reportCheck(MODELS, headSha, report)))).toEqual([
        'ReadPullRequest',
      ])
      expect(distinct(await story.calls(() => trains(story, names, { f1: 0.8 })))).toEqual(compared(reads.changed))
      const merged = await story.calls(() => github.merge(MODELS, number, { by: 'carol', method: 'squash' }))
      expect(merged.filter((call) => call === 'Write')).toHaveLength(1)
      expect(merged.length).toBeLessThanOrEqual(4)
      expect(github.comments(MODELS, number)).toHaveLength(2)
    },
  )
