/** Metrics that lie where training left them: in a bucket with a report of another tool beside them, or in the files of a DVC pipeline. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { scenario, type Tale } from '../support/story.ts'

const fixture = (path: string): string => readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8')

/** dave changes files of fraud; its training has begun. */
async function opens({ world, settle }: Tale, files: Readonly<Record<string, string>>) {
  const { github } = world
  const headSha = github.commit(MODELS, 'fraud-trees', { message: 'Deeper trees', files, by: 'dave' })
  const number = github.openPullRequest(MODELS, { title: 'fraud: deeper trees', head: 'fraud-trees', by: 'dave' })
  github.reportCheck(MODELS, headSha, { name: 'train', status: 'in_progress' })
  await settle()
  return { number, headSha }
}

scenario('metrics in a bucket are waited for, and the tests of a report beside them count as gates', async (story) => {
  const { bucket, github } = story.world
  await story.configures((text) =>
    text.replace(
      'file: models/fraud/metrics.json       # as written by DVC or any script, at the head commit',
      `s3: "s3://acme-models/metrics/{{ commit.sha }}/fraud.json"
    reports:
      drift: { format: evidently, s3: "s3://acme-models/metrics/{{ commit.sha }}/drift.json" }`,
    ),
  )
  const pull = await opens(story, { 'models/fraud/train.py': 'DEPTH = 9\n' })
  expect(story.check(pull)).toMatchInlineSnapshot(`in_progress: fraud: waiting for the first check to report`)
  bucket.put(`s3://acme-models/metrics/${pull.headSha}/fraud.json`, '{"f1": 0.83, "f1/segment=eu": 0.8}')
  bucket.put(`s3://acme-models/metrics/${pull.headSha}/drift.json`, fixture('reports/evidently-preset.json'))
  github.reportCheck(MODELS, pull.headSha, { name: 'train', status: 'completed', conclusion: 'success' })
  await story.settle()
  expect(story.check(pull)).toMatch(
    /^failure: fraud: better than main at \w+, but 3 gates fail \(drift\/Share of Drifted/,
  )
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 fraud — ❌ better than main at \`<sha>\`, but 3 gates fail
    **Next:** fix \`drift/Share of Drifted Columns: Less 0.500\`, \`drift/Value Drift for column tenure\`, \`drift/Value Drift for column charges\`, then push; the comparison runs again by itself. Or a maintainer may \`/override "drift/Share of Drifted Columns: Less 0.500" <reason>\`, \`/override "drift/Value Drift for column tenure" <reason>\`, \`/override "drift/Value Drift for column charges" <reason>\`. · \`/help\`

    |  | Metric | main at \`<sha>\` | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`f1\` ↑ | 0.8112 | 0.8300 | +0.0188 (+2.3%) | ≥ 0.7, drop ≤ 0.01 |
    | ➖ | \`precision\` | 0.8450 | – | gone | – |

    <details><summary>1 slice, 1 with a gate that passes</summary>

    |  | Metric | main at \`<sha>\` | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`f1\` ↑ | 0.8112 | 0.8300 | +0.0188 (+2.3%) | ≥ 0.7, drop ≤ 0.01 |
    | ✅ | ↳ \`segment=eu\` ↑ | 0.7904 | 0.8000 | +0.0096 (+1.2%) | drop ≤ 2% |

    </details>

    |  | Check | Result |
    | :-: | --- | --- |
    | ❌ | \`drift/Share of Drifted Columns: Less 0.500\` | **Actual value 0.667 \\>= 0.500** |
    | ❌ | \`drift/Value Drift for column tenure\` | **Drift score is 0.00. The drift detection method is K-S p\\_value. The drift threshold is 0.05.** |
    | ❌ | \`drift/Value Drift for column charges\` | **Drift score is 0.00. The drift detection method is K-S p\\_value. The drift threshold is 0.05.** |
    | ✅ | \`drift/Value Drift for column contract\` | Drift score is 0.92. The drift detection method is Z-test p\\_value. The drift threshold is 0.05. |

    > Compared \`s3://acme-models/metrics/<sha>/fraud.json\` at \`<sha>\` with \`models/fraud/metrics.json\`.
    >
    > One run on a side: changes are judged by tolerance alone, not against noise.
  `)
})

scenario('a bucket that the server may not read is said to be forbidden, not empty', async (story) => {
  const { bucket, github } = story.world
  await story.configures((text) =>
    text.replace(
      'file: models/fraud/metrics.json       #',
      's3: "s3://acme-models/metrics/{{ commit.sha }}/fraud.json" #',
    ),
  )
  bucket.deny('s3://acme-models/metrics/')
  const pull = await opens(story, { 'models/fraud/train.py': 'DEPTH = 9\n' })
  github.reportCheck(MODELS, pull.headSha, { name: 'train', status: 'completed', conclusion: 'success' })
  await story.settle()
  expect(story.comparison(pull)).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 fraud — ❌ no metrics found, 2 gates fail
    **Next:** write it in the training step; and let the credentials of this server list the bucket, to know which it is. · \`/help\`

    |  | Metric | main at \`<sha>\` | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ❌ | \`f1\` ↑ | 0.8112 | – | gone | ≥ 0.7, drop ≤ 0.01 — **missing**, fails |
    | ❌ | ↳ \`segment=eu\` ↑ | 0.7904 | – | gone | drop ≤ 2% — **missing**, fails |
    | ➖ | \`precision\` | 0.8450 | – | gone | – |

    > s3:⁠//acme-models/metrics/\`<sha>\`/fraud.json cannot be read: this server may not list the bucket acme-models (s3:⁠ListBucket), so absent and forbidden cannot be told apart (\`artefact_missing\`)
  `)
})

scenario(
  'the metrics of a DVC pipeline are compared with those of the base, with what was trained on what',
  async (story) => {
    const pipeline = (file: string): string => fixture(`dvc/pipeline/${file}`)
    const files = ['dvc.yaml', 'dvc.lock', 'reports/train.json', 'reports/test.yaml']
    const tree = (change: (text: string) => string): Record<string, string> => ({
      ...Object.fromEntries(files.map((file) => [`models/fraud/${file}`, change(pipeline(file))])),
      'models/fraud/reports/cached.json': '{"seconds": 12.5}',
    })
    story.world.github.commit(MODELS, 'main', { message: 'Train with DVC', files: tree((text) => text), by: 'dave' })
    await story.configures((text) =>
      text
        .replaceAll('file: models/fraud/metrics.json', 'dvc: models/fraud/dvc.yaml')
        .replace(
          'f1:            { goal: maximize, min: 0.70, max_regression: 0.01 }',
          'test.auc: { goal: maximize, min: 0.70 }',
        )
        .replace(
          'f1/segment=eu: { goal: maximize, max_regression: 2% }',
          'log_loss: { goal: minimize, max_regression: 2% }',
        ),
    )
    const retrained = (text: string): string =>
      text.replace('C: 1.5', 'C: 2.5').replace('auc: 0.8123', 'auc: 0.8423').replaceAll('5a3d02b4', '77aa02b4')
    const pull = await opens(story, tree(retrained))
    expect(story.comparison(pull)).toMatchInlineSnapshot(`
      <!-- lockkeeper:comparison:v1 -->
      ### 🔒 fraud — ✅ better than main at \`<sha>\`, both gates pass
      **Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

      |  | Metric | main at \`<sha>\` | this PR | Δ | Gate |
      | :-: | --- | --: | --: | --: | --- |
      | ✅ | \`test.auc\` ↑ | 0.8123 | 0.8423 | +0.0300 (+3.7%) | ≥ 0.7 |
      | ✅ | \`log_loss\` ↓ | 0.4100 | 0.4100 | 0 | rise ≤ 2% |
      | ➖ | \`by_segment.eu.auc\` | 0.7900 | 0.7900 | 0 | – |
      | ➖ | \`seconds\` | 12.50 | 12.50 | 0 | – |
      | ➖ | \`train.auc\` | 0.8405 | 0.8405 | 0 | – |

      > Compared \`models/fraud/dvc.yaml\` at \`<sha>\` with the same file of main at \`<sha>\`.
      >
      > One run on a side: changes are judged by tolerance alone, not against noise.
      >
      > Several metrics files have the same names, so these metrics carry their file: train.auc and 1 more.

      <details><summary>1 parameter changed</summary>

      | Parameter | before | after |
      | --- | --- | --- |
      | \`train.C\` | \`1.5\` | \`2.5\` |

      </details>

      <details><summary>Training data changed</summary>

      \`data/raw.csv:<run>\` (before: \`data/raw.csv:<run>\`)

      </details>
    `)
  },
)
