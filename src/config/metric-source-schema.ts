/** The schema of what a model's metrics are read from: `candidate`, `baseline`, `reports` and `checks`. Part of model-schema.ts. */
import * as z from 'zod'
import { checkPath, environmentName, freeName, line, quoted, serverName, template, textOf } from './key-types.ts'

const server = serverName
  .optional()
  .describe(
    "The MLflow server, by its name in the operator's policy. Default: the model's `mlflow.server`, else `default`.",
  )

/** It stands in a filter, in which MLflow has no escapes; its own tags have no other characters either. */
const tag = (example: string) =>
  textOf({ title: 'tag', description: '', examples: [example] }, (text) =>
    /^[\w.\-:/ ]{1,250}$/.test(text)
      ? { ok: true, value: text }
      : {
          ok: false,
          reason: `${quoted(text)} is not the name of a tag`,
          hint: 'MLflow knows letters, digits, `_`, `-`, `.`, `:`, `/` and spaces, at most 250',
        },
  )

const groupBy = tag('sweep')
  .optional()
  .describe(
    'A tag: finished runs of one commit with equal values of it are seeds of one candidate. Default: `lockkeeper.group`.',
  )

const dataset = freeName('', 'holdout-2026')
  .optional()
  .describe(
    'MLflow 3: the dataset whose metrics are meant by their plain names. Others are slices, `auc/dataset=train`.',
  )

const PLACE_VALUES = ['model.name', 'commit.sha', 'pull_request.sha'] as const

const file = (description: string) =>
  template({ only: ['model.name'], check: checkPath, examples: ['models/fraud/metrics.json'] })
    .optional()
    .describe(description)

const s3 = template({
  only: PLACE_VALUES,
  check: checkObject,
  examples: ['s3://acme-metrics/{{ commit.sha }}/metrics.json'],
})
  .optional()
  .describe(
    "An object in S3 or a store that speaks its language, of at most 8 MiB. Each commit of the change is tried in turn: its head, GitHub's merge commit of it, where it landed.",
  )

const artifact = z
  .strictObject({
    name: freeName('The name of the artifact.', 'metrics'),
    file: line({ title: 'path', description: '', examples: ['metrics.json'] })
      .optional()
      .describe('The file in it. Default: the only one.'),
    workflow: freeName('', 'train.yml')
      .optional()
      .describe(
        'Only of runs of this workflow, by the name of its file in `.github/workflows/`: `train.yml`. Default: of any.',
      ),
  })
  .optional()
  .describe(
    'An artifact that a GitHub Actions run on the commit uploaded; the newest attempt that has it counts. On a fork, what its author measured.',
  )

const dvc = template({ only: ['model.name'], check: checkDvc, examples: ['models/churn/dvc.yaml'] })
  .optional()
  .describe(
    'A `dvc.yaml`: the metrics files it names, with the data digests and parameters of its `dvc.lock`. A metric that several files have carries its file: `train.auc`. What DVC keeps in its cache is not in Git: declare metrics with `cache: false`.',
  )

/** `candidate`. */
export const candidate = z
  .strictObject({
    mlflow: z
      .strictObject({
        experiment: freeName('The experiment, by its name.', 'churn').optional(),
        experiment_id: textOf({ title: 'text', description: '', examples: ['7'] }, (text) =>
          /^\w{1,64}$/.test(text)
            ? { ok: true, value: text }
            : {
                ok: false,
                reason: `${quoted(text)} is not an id of an experiment`,
                hint: 'copy it from the address of the experiment in MLflow, in quotes',
              },
        )
          .optional()
          .describe('The experiment, by its id (in quotes).'),
        commit_tag: tag('git_sha')
          .optional()
          .describe('The tag that holds the full commit id. Default: `mlflow.source.git.commit`, which MLflow sets.'),
        group_by: groupBy,
        dataset,
        server,
      })
      .optional()
      .describe("MLflow runs whose Git commit is the pull request's head, or GitHub's merge commit of it."),
    file: file(
      'A JSON, YAML or CSV file of metrics at the head commit. Nested names are joined by dots; a CSV file has a header and one row.',
    ),
    s3,
    artifact,
    dvc,
    wandb: z
      .strictObject({
        entity: freeName('The user or team.', 'acme'),
        project: freeName('The project.', 'churn'),
        group_by: z
          .enum(['group', 'sweep'])
          .optional()
          .describe('What makes finished runs of one commit seeds of one candidate. Default: each run for itself.'),
      })
      .optional()
      .describe('Weights & Biases runs of the commit.'),
  })
  .meta({ description: 'Where the metrics of the commit under review are. One of its keys.' })

/** `baseline`. */
export const baseline = z
  .strictObject({
    mlflow: z
      .strictObject({
        model: freeName('The registered model.', 'churn').optional(),
        alias: freeName('Its version with this alias; the default is `champion`.', 'champion').optional(),
        version: textOf({ title: 'text', description: '', examples: ['12'] }, (text) =>
          /^\d{1,9}$/.test(text)
            ? { ok: true, value: text }
            : { ok: false, reason: `${quoted(text)} is not a version`, hint: 'write a whole number in quotes' },
        )
          .optional()
          .describe('This version (in quotes).'),
        stage: z
          .enum(['Staging', 'Production', 'Archived'])
          .optional()
          .describe('The newest version in this stage. MLflow has deprecated stages in favour of aliases.'),
        run: textOf({ title: 'text', description: '', examples: ['0123456789abcdef0123456789abcdef'] }, (text) =>
          /^[\w-]{1,64}$/.test(text)
            ? { ok: true, value: text }
            : {
                ok: false,
                reason: `${quoted(text)} is not an id of a run`,
                hint: 'copy it from the address of the run in MLflow',
              },
        )
          .optional()
          .describe('This run, instead of a registered model.'),
        group_by: groupBy,
        dataset,
        server,
      })
      .optional()
      .describe('A version of a registered model, or one run.'),
    environment: environmentName.optional().describe('The release that is live in this environment.'),
    candidate_at: z
      .enum(['merge_base'])
      .optional()
      .describe("The candidate's own source, at the commit where the pull request left its base branch."),
    file: file('A file of metrics, at the commit where the pull request left its base branch.'),
    s3: s3.describe(
      'An object as under `candidate`; `{{ commit.sha }}` is the commit where the pull request left its base branch.',
    ),
    dvc: dvc.describe('As under `candidate`, at the commit where the pull request left its base branch.'),
  })
  .meta({ description: 'What the candidate is compared with. One of its keys.' })

const required = z
  .boolean()
  .prefault(true)
  .describe('`false`: judged and shown, but it does not fail the check run and may be missing.')

/** `reports`, by name. */
export const report = z
  .strictObject({
    format: z
      .enum(['evidently', 'great_expectations'])
      .describe(
        'The tool that wrote it, as JSON: a Report with tests or a TestSuite of Evidently, a validation or checkpoint result of Great Expectations. What Evidently only warns of passes.',
      ),
    file: file('In the repository, at the commit.'),
    s3,
    artifact,
    required,
  })
  .meta({
    description:
      'A report of another tool. Each of its tests counts as a gate, `<report>/<test>`. One of `file`, `s3`, `artifact`.',
  })

/** `checks`. */
export const checkGate = z
  .union([
    freeName('The name of the check run or status.', 'coverage'),
    z
      .strictObject({
        name: freeName('The name of the check run or status.', 'trivy'),
        app: freeName('', 'github-actions')
          .optional()
          .describe('The slug of the App that must report it. Default: whoever does.'),
        required,
      })
      .meta({ description: 'With who reports it.' }),
  ])
  .meta({ title: 'text or mapping' })

export function checkObject(shape: string): { reason: string; hint: string } | undefined {
  return /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^/]/.test(shape) && !/(?:^|\/)\.\.?(?:\/|$)/.test(shape)
    ? undefined
    : { reason: 'not the address of an object', hint: 'for example `s3://acme-metrics/{{ commit.sha }}/metrics.json`' }
}

function checkDvc(shape: string): { reason: string; hint: string } | undefined {
  const problem = checkPath(shape)
  if (problem !== undefined) return problem
  return /(?:^|\/)dvc\.yaml$/.test(shape)
    ? undefined
    : { reason: 'not a `dvc.yaml`', hint: 'name the file that DVC reads, for example `models/churn/dvc.yaml`' }
}
