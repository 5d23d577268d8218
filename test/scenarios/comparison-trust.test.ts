/** The comparison where somebody could cheat or err: forks, and changes of the configuration itself. */
import { expect } from 'vitest'
import { MODELS } from '../../sandbox/world/index.ts'
import { scenario } from '../support/story.ts'

const SETTINGS = '.github/lockkeeper.yml'

scenario('a fork is compared by its head alone, and the comment says whose numbers these are', async (story) => {
  const { github, mlflow } = story.world
  const fork = github.forkRepository(MODELS, 'erin')
  const headSha = github.commit(fork, 'faster', {
    message: 'Faster',
    files: { 'models/churn/train.py': 'C = 3\n' },
    by: 'erin',
  })
  mlflow.attach('better', headSha)
  const number = github.openPullRequest(MODELS, { title: 'Faster', head: 'erin:faster', by: 'erin' })
  await story.settle()
  github.reportCheck(MODELS, headSha, { name: 'train', status: 'completed', conclusion: 'success' })
  await story.settle()
  expect(story.check({ headSha })).toMatchInlineSnapshot(`success: churn: better than champion v11, all 3 gates pass`)
  expect(story.comparison({ number })).toMatchInlineSnapshot(`
    <!-- lockkeeper:comparison:v1 -->
    ### 🔒 churn — ✅ better than champion v11, all 3 gates pass
    **Next:** review and merge; then \`/deploy <environment>\` promotes it and \`/status\` shows where it is. · \`/help\`

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9485 ±0.0024 (5) | +0.0408 (+4.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ✅ | \`log_loss\` ↓ | 0.3744 ±0.0125 (5) | 0.3426 ±0.0264 (5) | −0.0318 (−8.5%) | rise ≤ 2% |
    | ✅ | \`p95_latency_ms\` ↓ | 0.9902 ±0.1898 (5) | 0.8419 ±0.0916 (5) | −0.1483 (−15%) | ≤ 120 |

    <details><summary>2 slices</summary>

    |  | Metric | champion v11 | this PR | Δ | Gate |
    | :-: | --- | --: | --: | --: | --- |
    | ✅ | \`auc\` ↑ | 0.9077 ±0.0031 (5) | 0.9485 ±0.0024 (5) | +0.0408 (+4.5%) | ≥ 0.8, drop ≤ 0.5% |
    | ➖ | ↳ \`segment:eu\` | 0.9274 ±0.0036 (5) | 0.9475 ±0.0030 (5) | +0.0202 (+2.2%) | – |
    | ➖ | ↳ \`segment:us\` | 0.8782 ±0.0041 (5) | 0.9472 ±0.0076 (5) | +0.0690 (+7.9%) | – |

    </details>

    > Compared 5 seeds at \`<sha>\` ([\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>), [\`<run>\`](<mlflow>/#/experiments/1/runs/<run>)) with [\`models:/churn/11\`](<mlflow>/#/models/churn/versions/11) (5 seeds).
    >
    > ± is the 95% interval of the mean; in brackets, the number of seeds.

    <details><summary>1 parameter changed</summary>

    | Parameter | before | after |
    | --- | --- | --- |
    | \`features\` | \`3\` | \`5\` |

    </details>

    <details><summary>Training data changed</summary>

    \`churn-training:a26f30e2\` (before: \`churn-training:100fbf37\`)

    </details>

    > From a fork: metrics are looked up by the head commit only, and say what the fork measured.
  `)
})

scenario('mistakes in a proposed configuration are annotated on their lines', async (story) => {
  const { github } = story.world
  const text = github.file(MODELS, 'main', SETTINGS) ?? ''
  const wrong = text.replace('max_regression: 0.5%', 'max_regresion: 0.5%').replace('soak: 1h ', 'soak: 1 hour ')
  const headSha = github.commit(MODELS, 'stricter', { message: 'Stricter', files: { [SETTINGS]: wrong }, by: 'dave' })
  const number = github.openPullRequest(MODELS, { title: 'Stricter', head: 'stricter', by: 'dave' })
  await story.settle()
  expect(story.check({ headSha })).toMatchInlineSnapshot(`failure: This pull request breaks the configuration`)
  expect(story.checkRun({ headSha })).toMatchInlineSnapshot(`
    This pull request breaks the configuration

    \`.github/lockkeeper.yml\` is refused: 2 errors. The configuration of the default branch stays in force.

    |  | Line | Key | What is wrong | What to do |
    | --- | --: | --- | --- | --- |
    | ❌ | 15:52 | \`models.churn.gates.auc.max_regresion\` | there is no key \`max_regresion\` here | did you mean \`max_regression\`? |
    | ❌ | 60:11 | \`environments.prod.soak\` | \`1 hour\` is not a duration | write a whole number and a unit: \`90s\`, \`15m\`, \`2h\`, \`3d\` |
    | 💤 | 94:5 | \`environments.prod.notify\` | this key is understood, but not acted on yet | progress is told in the pull request |
    | 💤 | 97:1 | \`retrain\` | this key is understood, but not acted on yet | start the training workflow by hand |

    .github/lockkeeper.yml:15 failure models.churn.gates.auc.max_regresion: There is no key \`max_regresion\` here. Hint: did you mean \`max_regression\`?

    .github/lockkeeper.yml:60 failure environments.prod.soak: \`1 hour\` is not a duration. Hint: write a whole number and a unit: \`90s\`, \`15m\`, \`2h\`, \`3d\`

    .github/lockkeeper.yml:94 notice environments.prod.notify: This key is understood, but not acted on yet. Hint: progress is told in the pull request

    .github/lockkeeper.yml:97 notice retrain: This key is understood, but not acted on yet. Hint: start the training workflow by hand
  `)
  expect(github.comments(MODELS, number)).toEqual([])
})

scenario('a configuration on the default branch that does not load is said, and nothing is judged', async (story) => {
  await story.configures((text) => text.replace('goal: maximize', 'goal: maximise'))
  const pull = await story.proposes('better')
  expect(story.checkRun(pull)).toMatchInlineSnapshot(`
      Configuration invalid: models are not compared

      \`.github/lockkeeper.yml\` is refused: 1 error. Until it is corrected on the default branch, no model is compared or promoted.

      |  | Line | Key | What is wrong | What to do |
      | --- | --: | --- | --- | --- |
      | ❌ | 15:31 | \`models.churn.gates.auc.goal\` | \`maximise\` is not one of \`maximize\`, \`minimize\` | did you mean \`maximize\`? |
      | 💤 | 94:5 | \`environments.prod.notify\` | this key is understood, but not acted on yet | progress is told in the pull request |
      | 💤 | 97:1 | \`retrain\` | this key is understood, but not acted on yet | start the training workflow by hand |
    `)
  expect(story.world.github.comments(MODELS, pull.number)).toEqual([])
})
