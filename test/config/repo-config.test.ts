/** What a team hears about each kind of mistake in its configuration. Positions, YAML's own ways and hostile files: repo-config-yaml.test.ts. */
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { environment, model, problemsOf } from './mistakes.ts'

describe('a file that is no YAML', () => {
  it.each([
    ['', '1:1  | the file is empty | the least that loads is `version: 1`'],
    ['# nothing\n', '1:1  | the file is empty | the least that loads is `version: 1`'],
    ['version: 1\n---\nversion: 1\n', '3:1  | the file has a second document | remove the `---` between them'],
    [
      'version: 1\nmodels:\n\tchurn: {}\n',
      '3:1  | not valid YAML: tab characters must not be used in indentation | indent with spaces; YAML allows no tabs',
    ],
    [
      'version: "1\n',
      '2:1  | not valid YAML: deficient indentation | check the indentation and the quotes here and in the line before',
    ],
    [
      'version: 1\nmodels: { churn: { paths: [*.py] } }',
      '2:28 models.churn.paths[0] | `*.py` refers to nothing | put `&.py` before the value that it stands for, further up; or quote it if it is a pattern',
    ],
    ['version: 1\nversion: 1\n', '2:1 version | this key is there twice | keep one of the two; this one is not used'],
    ['version: !!binary aGk=\n', '1:19 version | this tag has no meaning here | remove the tag (`!…`)'],
    ['version: 1\n? [a]\n: b\n', '1:1  | a key must be plain text | write `key: value`'],
    [
      'just text',
      '1:1  | expected a mapping, found text | its keys: `version`, `extends`, `nothing_to_compare`, `models`, `environments`, `accepts`, `operations`, `retrain`',
    ],
    ['version: 1\n__proto__: { x: 1 }\n', '1:1  | a key must be plain text | write `key: value`'],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem])
  })

  it('never quotes the source, which may hold what readers of a check run must not see', () => {
    const parsed = parseRepoConfig('version: 1\npassword: "hunter2\n  x: y\n', { file: 'f' })
    expect(JSON.stringify(parsed)).not.toContain('hunter2')
  })
})

describe('one mistake in a model', () => {
  it.each([
    ['paths: models/**', '4:12 models.churn.paths | expected a list, found text | write `[models/**]`'],
    ['paths: []', '4:5 models.churn.paths | the list is empty | for example `["models/churn/**"]`'],
    [
      'paths: ["src/[ab]/**"]',
      '4:18 models.churn.paths[0] | `[` has no meaning in patterns | patterns know `*` (within a segment) and `**` (any segments)',
    ],
    [
      'paths: ["a/../b"]',
      '4:13 models.churn.paths[0] | a path pattern has no `..` | name the path from the root of the repository',
    ],
    [
      'gates: { auc: { min: 0.5 } }',
      '4:14 models.churn.gates.auc.goal | `goal` is missing | one of `maximize`, `minimize`',
    ],
    [
      'gates: { auc: { goal: maximize, min: "0.5" } }',
      '4:42 models.churn.gates.auc.min | expected a number, found text | write `0.5` without quotes',
    ],
    [
      'gates: { auc: { goal: maximize, min: .inf } }',
      '4:42 models.churn.gates.auc.min | expected a number, found the number `.inf` | write digits',
    ],
    [
      'gates: { auc: { goal: maximize, min: 2, max: 1 } }',
      '4:50 models.churn.gates.auc.max | `max` is less than `min`, so nothing can pass | swap the two',
    ],
    [
      'gates: { auc: { goal: maximize, max_regression: 5 %% } }',
      '4:53 models.churn.gates.auc.max_regression | `5 %%` is neither a percentage nor a number | write `0.5%` for a share of the baseline, or `0.01` for a difference',
    ],
    [
      'gates: { auc: { goal: maximize, max_regression: -1 } }',
      '4:53 models.churn.gates.auc.max_regression | must be at least 0 | ',
    ],
    [
      'candidate: {}',
      '4:5 models.churn.candidate | none of `mlflow`, `file`, `s3`, `artifact`, `dvc`, `wandb` is there | add one of them',
    ],
    [
      'candidate: { mlflow: { experiment: x }, file: y }',
      '4:45 models.churn.candidate.file | only one of `mlflow`, `file`, `s3`, `artifact`, `dvc`, `wandb` can be there | keep `mlflow` or `file`',
    ],
    ['significance: 0', '4:19 models.churn.significance | must be more than 0 | '],
    ['significance: 0.5', '4:19 models.churn.significance | must be less than 0.5 | '],
    [
      'checks: [coverage, { name: trivy, app: github-actions }, trivy, Coverage]',
      '4:69 models.churn.checks[3] | this check is there twice | keep one of them',
    ],
    [
      'checks: [lockkeeper]',
      "4:14 models.churn.checks[0] | Lockkeeper's own check is never waited for | name a check of your CI, or leave this out",
    ],
    [
      'training: { check: Lockkeeper }',
      "4:24 models.churn.training.check | Lockkeeper's own check is never waited for | name a check of your CI, or leave this out",
    ],
    [
      'checks: [{ name: trivy, app: GitHub Actions }]',
      '4:34 models.churn.checks[0].app | not the slug of an App | the last part of its page: `github.com/apps/<slug>`',
    ],
    [
      'candidate: { mlflow: { experiment: x, commit_tag: "x` = \'y\' --" } }',
      "4:55 models.churn.candidate.mlflow.commit_tag | `x' = 'y' --` is not the name of a tag | MLflow knows letters, digits, `_`, `-`, `.`, `:`, `/` and spaces, at most 250",
    ],
    [
      'candidate: { file: "/etc/passwd" }',
      '4:24 models.churn.candidate.file | the path must be relative to the root of the repository | name the file from the root of the repository, for example `environments/prod/values.yaml`',
    ],
    [
      'training: { within: 0s }',
      '4:25 models.churn.training.within | the limit must be longer than nothing | for example `15m`',
    ],
    [
      'training: { within: 1 hour }',
      '4:25 models.churn.training.within | `1 hour` is not a duration | write a whole number and a unit: `90s`, `15m`, `2h`, `3d`',
    ],
    [
      'training: { when: after-merge }',
      '4:23 models.churn.training.when | `after-merge` is not one of `pull_request`, `after_merge` | did you mean `after_merge`?',
    ],
    [
      'release: { image: churn }',
      '4:23 models.churn.release.image | not an image with a registry and a tag | for example `ghcr.io/acme/churn:{{ commit.sha }}`',
    ],
    [
      'release: { image: "ghcr.io/a/b:{{ image.tag }}" }',
      '4:36 models.churn.release.image | `{{ image.tag }}` is not known here | known here: `model.name`, `model.version`, `commit.sha`, `pull_request.sha`, `pull_request.number`',
    ],
    [
      'release: { model: { uri: "models:/churn/1" } }',
      '4:30 models.churn.release.model.uri | serving cannot pull a registry address | name where the artefact lies, for example `s3://acme-models/churn/{{ model.version }}`',
    ],
    [
      'release: { model: { uri: "s3://b/{{ model.version }}" } }',
      '4:30 models.churn.release.model.uri | `{{ model.version }}` needs a registered model | add `models.churn.release.model.mlflow`',
    ],
    [
      'release: { model: { mlflow: { name: churn, create: { artifact_path: ../model } } } }\ncandidate: { mlflow: { experiment: churn } }',
      '4:73 models.churn.release.model.mlflow.create.artifact_path | not a folder of a run | write what training logged the model as, for example `model`',
    ],
    [
      'release: { model: { mlflow: churn, uri_map: { "mlflow-artifacts:": "s3://b/" } } }',
      '4:51 models.churn.release.model.uri_map."mlflow-artifacts:" | not the beginning of an address that ends in `/` | for example `mlflow-artifacts:/`',
    ],
    [
      'release: { model: { mlflow: churn, uri_map: { "mlflow-artifacts:/": "models:/b/" } } }',
      '4:73 models.churn.release.model.uri_map."mlflow-artifacts:/" | serving cannot pull a registry address | name where the artefact lies, for example `s3://acme-models/churn/{{ model.version }}`',
    ],
    [
      'release: { model: { mlflow: churn, uri_map: { "mlflow-artifacts:/": "dbfs://b/" } } }',
      `4:73 models.churn.release.model.uri_map."mlflow-artifacts:/" | serving cannot pull from there | name the store behind MLflow's own address, for example \`s3://acme-mlflow/\``,
    ],
    [
      'release: { model: { mlflow: churn, uri_map: { "mlflow-artifacts:/": "s3://b/a" } } }',
      '4:73 models.churn.release.model.uri_map."mlflow-artifacts:/" | not the beginning of an address that ends in `/` | for example `s3://acme-mlflow/`',
    ],
    [
      'release: { model: { mlflow: { name: churn, create: {} } } }',
      '4:48 models.churn.release.model.mlflow.create | the candidate is no MLflow run that could be registered | name its experiment: `candidate: { mlflow: { experiment: … } }`',
    ],
    [
      'release: { model: { mlflow: churn, uri_map: {} } }',
      '4:40 models.churn.release.model.uri_map | this maps nothing | add a beginning and what it becomes, or remove the key',
    ],
    [
      'release: { model: { mlflow: churn, uri: "s3://b/x", uri_map: { "mlflow-artifacts:/": "s3://b/" } } }',
      '4:57 models.churn.release.model.uri_map | `uri` is written as it is, so that nothing is mapped | remove `uri` or `uri_map`',
    ],
    [
      'release: { model: {} }',
      '4:16 models.churn.release.model | a release model without `mlflow` and `uri` names no artefact | add `mlflow` or `uri`',
    ],
    [
      'environments: [prod]',
      '4:20 models.churn.environments[0] | there is no environment `prod` | this file names no environment',
    ],
    ['environments:', '4:5 models.churn.environments | expected a list, found nothing | for example `[churn]`'],
  ])('%s', (yaml, problem) => {
    const needed = yaml.startsWith('gates:') ? '\ncandidate: { file: m.json }\nbaseline: { file: m.json }' : ''
    expect(problemsOf(model(yaml + needed))).toEqual([problem])
  })

  it('a name with other characters', () => {
    expect(problemsOf('version: 1\nmodels: { "Churn Model": {} }')).toEqual([
      '2:11 models."Churn Model" | `Churn Model` is not a name | use a-z, 0-9, `.`, `_`, `-`, beginning with a letter or digit, at most 63',
    ])
  })

  it('gates without a source of metrics', () => {
    expect(problemsOf(model('gates: { auc: { goal: maximize, min: 1 } }'))).toEqual([
      '4:5 models.churn.gates | there are gates, but no `candidate` to take metrics from | add `candidate: { mlflow: { experiment: … } }` or `candidate: { file: … }`',
    ])
  })

  it('a relative gate without a baseline loads, with a warning', () => {
    expect(
      problemsOf(model('candidate: { file: m.json }\ngates: { auc: { goal: maximize, max_regression: 1% } }')),
    ).toEqual([
      '5:53 models.churn.gates.auc.max_regression | warning | there is no `baseline` to regress from, so this always passes | add `baseline: { mlflow: { model: …, alias: champion } }` or `baseline: { file: … }`',
    ])
  })
})

describe('one mistake in an environment', () => {
  it.each([
    [
      'deploy: automatic',
      '7:13 environments.prod.deploy | `automatic` needs an environment to wait for | add `after: <environment>`, or use `deploy: on-merge`',
    ],
    [
      'deploy: on-comand',
      '7:13 environments.prod.deploy | `on-comand` is not one of `on-merge`, `on-command`, `automatic` | did you mean `on-command`?',
    ],
    [
      'after: prod',
      '7:12 environments.prod.after | `prod` after `prod`: nothing could ever go there | remove one `after`',
    ],
    [
      'after: { x: y }',
      '7:5 environments.prod.after | expected name or list of names, found a mapping | for example `after: staging`',
    ],
    [
      'approvals: 1.5',
      '7:16 environments.prod.approvals | expected a whole number, found the number `1.5` | write digits',
    ],
    ['approvals: 11', '7:16 environments.prod.approvals | must be at most 10 | '],
    [
      'approvers: ["@acme/leads"]',
      '7:17 environments.prod.approvers[0] | `@acme/leads` is neither a user nor a team nor a role | write `team:acme/leads`',
    ],
    [
      'force: { by: ["user:a"], rules: [soaks] }',
      '7:38 environments.prod.force.rules[0] | `soaks` is not one of `gates`, `after`, `soak`, `freeze`, `hold`, `approvals` | did you mean `soak`?',
    ],
    [
      'freeze: [{ from: "Fri 16:00", to: "Fri 16:00", zone: UTC }]',
      '7:39 environments.prod.freeze[0].to | the window ends when it begins | name a later time; a whole week is two windows',
    ],
    [
      'freeze: [{ from: "Friday 9:00", to: "Mon 08:00", zone: UTC }]',
      '7:22 environments.prod.freeze[0].from | `Friday 9:00` is not a time of the week | write `Fri 09:00`',
    ],
    [
      'freeze: [{ from: "Fri 24:00", to: "Mon 08:00", zone: "+01:00" }]',
      '7:22 environments.prod.freeze[0].from | `Fri 24:00` is not a time of the week | write a day of Mon, Tue, Wed, Thu, Fri, Sat, Sun and a time, as `Fri 16:00`',
    ],
    [
      'verify: { prometheus: [{ query: up }] }',
      '7:28 environments.prod.verify.prometheus[0] | this check has no bounds | add `min` or `max` or `max_regression`',
    ],
    [
      'verify: { http: [{ url: "ftp://x" }] }',
      '7:29 environments.prod.verify.http[0].url | not an http:// or https:// address | for example `https://churn.example.com/health`',
    ],
    [
      'verify: { http: [{ url: "https://u:p@x" }] }',
      '7:29 environments.prod.verify.http[0].url | an address here holds no user or password | remove the part before `@`',
    ],
    [
      'verify: { http: [{ url: "https://x", successes: 3, of: 2 }] }',
      '7:53 environments.prod.verify.http[0].successes | `successes` is more than `of` | ask for fewer successes, or more requests',
    ],
    [
      'verify: { kserve: { name: Churn, namespace: prod } }',
      '7:31 environments.prod.verify.kserve.name | not a name that Kubernetes allows | use a-z, 0-9, `-` and `.`',
    ],
    [
      'verify: { deployment: [{ name: churn, namespace: prod }, { name: churn, namespace: prod, containers: api }] }',
      '7:94 environments.prod.verify.deployment[1].containers | there is no key `containers` here | did you mean `container`?',
    ],
    [
      'verify: { rollout: { name: churn, ns: prod, namespace: prod } }',
      '7:39 environments.prod.verify.rollout.ns | there is no key `ns` here | known here: `name`, `namespace`, `cluster`, `container`',
    ],
    [
      'verify: { statefulset: churn }',
      '7:28 environments.prod.verify.statefulset | expected mapping or list of mappings, found text | its keys: `name`, `namespace`, `cluster`, `container`',
    ],
    [
      'verify: { statefulset: [] }',
      '7:15 environments.prod.verify.statefulset | the list is empty | its keys: `name`, `namespace`, `cluster`, `container`',
    ],
    [
      'verify: { llm_inference_service: { name: churn, namespace: prod, container: A_B } }',
      '7:81 environments.prod.verify.llm_inference_service.container | not a name that Kubernetes allows | use a-z, 0-9, `-` and `.`',
    ],
    ['rolback: automatic', '7:5 environments.prod.rolback | there is no key `rolback` here | did you mean `rollback`?'],
    [
      'branch: prod',
      '7:5 environments.prod.branch | there is no key `branch` here | known here: `deploy`, `from`, `after`, `soak`, `deployers`, `approvals`, `approvers`, `lockers`, `overriders`, `forks`, `force`, `freeze`, `expires`, `repository`, `edit`, `sync`, `url`, `verify`, `canary`, `on_verified`, `rollback`, `notify`',
    ],
  ])('%s', (yaml, problem) => {
    const found = problemsOf(environment(yaml))
    expect(found[0]).toBe(problem)
  })

  it('a circle of three environments is told once, where it can be cut', () => {
    const one = (name: string, after: string) =>
      `  ${name}: { after: ${after}, repository: a/b, edit: [{ file: f, yaml: { a: x } }], sync: { argocd: { application: a } } }`
    expect(
      problemsOf(['version: 1', 'environments:', one('a', 'b'), one('b', '[c]'), one('c', 'a')].join('\n')),
    ).toEqual([
      '3:15 environments.a.after | `a` after `b` after `c` after `a`: nothing could ever go there | remove one `after`',
    ])
  })

  it('the missing keys of an environment are told at its name', () => {
    expect(problemsOf('version: 1\nenvironments:\n  prod: {}\n')).toEqual([
      '3:3 environments.prod.repository | `repository` is missing | for example `repository: acme/ml-config`',
      '3:3 environments.prod.edit | `edit` is missing | a list; the keys of its items: `file`, `models`, `kserve`, `deployment`, `kustomize_image`, `helm`, `argocd_parameters`, `document`, `yaml`',
      '3:3 environments.prod.sync | `sync` is missing | its keys: `argocd`, `flux`, `fleet`, `reported`, `within`',
    ])
  })
})
