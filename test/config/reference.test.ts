/** The reference configuration, value by value: what a team writes is what the rest of the program sees. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import type { RepoSettings } from '../../src/domain/settings.ts'
import { parseTemplate } from '../../src/domain/template.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

function template(text: string) {
  const parsed = parseTemplate(text)
  if (!parsed.ok) throw new Error(parsed.problem.reason)
  return parsed.template
}

function load(repository: string): RepoSettings {
  const file = `examples/reference/${repository}/.github/lockkeeper.yml`
  const parsed = parseRepoConfig(readFileSync(file, 'utf8'), { file })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.settings
}

describe('the reference model repository', () => {
  const settings = load('model-repo')

  it('has the model churn, with MLflow', () => {
    expect(settings.models.get('churn' as never)).toEqual({
      name: 'churn',
      paths: ['models/churn/**'],
      training: { check: 'train', within: 6 * HOUR, when: 'pull_request' },
      candidate: {
        kind: 'mlflow',
        server: 'default',
        experiment: { by: 'name', name: 'churn' },
        commitTag: 'mlflow.source.git.commit',
        groupBy: 'lockkeeper.group',
        dataset: undefined,
      },
      baseline: {
        kind: 'mlflow_version',
        server: 'default',
        model: 'churn',
        version: { by: 'alias', alias: 'champion' },
        groupBy: 'lockkeeper.group',
        dataset: undefined,
      },
      gates: [
        {
          metric: 'auc',
          goal: 'maximize',
          min: 0.8,
          max: undefined,
          maxRegression: { kind: 'percent', value: 0.005 },
          required: true,
        },
        {
          metric: 'log_loss',
          goal: 'minimize',
          min: undefined,
          max: undefined,
          maxRegression: { kind: 'percent', value: 0.02 },
          required: true,
        },
        {
          metric: 'p95_latency_ms',
          goal: 'minimize',
          min: undefined,
          max: 120,
          maxRegression: undefined,
          required: true,
        },
      ],
      significance: 0.05,
      reports: [],
      checks: [],
      release: {
        model: {
          registry: { server: 'default', name: 'churn' },
          uri: template('s3://acme-models/churn/{{ model.version }}'),
        },
        image: template('ghcr.io/acme/churn:{{ commit.sha }}'),
        within: 2 * HOUR,
      },
      environments: ['staging', 'prod'],
      overriders: undefined,
    })
  })

  it('has the model fraud, with files and without a registry', () => {
    expect(settings.models.get('fraud' as never)).toEqual({
      name: 'fraud',
      paths: ['models/fraud/**'],
      training: { check: undefined, within: 6 * HOUR, when: 'pull_request' },
      candidate: { kind: 'document', place: { kind: 'file', path: template('models/fraud/metrics.json') } },
      baseline: { kind: 'document', place: { kind: 'file', path: template('models/fraud/metrics.json') } },
      gates: [
        {
          metric: 'f1',
          goal: 'maximize',
          min: 0.7,
          max: undefined,
          maxRegression: { kind: 'absolute', value: 0.01 },
          required: true,
        },
        {
          metric: 'f1/segment=eu',
          goal: 'maximize',
          min: undefined,
          max: undefined,
          maxRegression: { kind: 'percent', value: 0.02 },
          required: true,
        },
      ],
      significance: 0.05,
      reports: [],
      checks: [],
      release: {
        model: { registry: undefined, uri: template('s3://acme-models/fraud/{{ pull_request.sha }}') },
        image: undefined,
        within: 2 * HOUR,
      },
      environments: ['staging'],
      overriders: undefined,
    })
  })

  it('has the environment staging, with what it does not say filled in', () => {
    expect(settings.environments.get('staging' as never)).toEqual({
      name: 'staging',
      deploy: 'on-merge',
      from: 'default_branch',
      after: [],
      soak: 0,
      deployers: undefined,
      approvals: 0,
      approvers: undefined,
      lockers: undefined,
      overriders: undefined,
      forks: 'refuse',
      force: { by: [], rules: [] },
      freeze: [],
      expires: 24 * HOUR,
      repository: 'acme/ml-config',
      edit: [
        {
          file: template('environments/staging/{{ model.name }}/inference.yaml'),
          models: undefined,
          change: { kind: 'kserve', name: template('{{ model.name }}'), storageUri: template('{{ model.uri }}') },
        },
        {
          file: template('environments/staging/{{ model.name }}/kustomization.yaml'),
          models: ['churn'],
          change: {
            kind: 'kustomize_image',
            name: template('ghcr.io/acme/{{ model.name }}'),
            digest: template('{{ image.digest }}'),
            newTag: undefined,
            newName: undefined,
          },
        },
      ],
      sync: {
        argocd: { application: template('{{ model.name }}-staging'), namespace: 'argocd', sync: 'auto' },
        within: 30 * MINUTE,
      },
      url: undefined,
      verify: {
        within: 15 * MINUTE,
        for: 0,
        every: 15_000,
        workloads: [{ kind: 'InferenceService', name: template('{{ model.name }}'), namespace: 'staging' }],
        http: [],
        prometheus: [],
        reports: [],
        workflows: [],
      },
      onVerified: { mlflowAlias: undefined },
      rollback: 'manual',
    })
  })

  it('has the environment prod, with every rule it names', () => {
    expect(settings.environments.get('prod' as never)).toEqual({
      name: 'prod',
      deploy: 'on-command',
      from: 'default_branch',
      after: ['staging'],
      soak: HOUR,
      deployers: [
        { kind: 'team', organization: undefined, slug: 'ml-leads' },
        { kind: 'user', login: 'alice' },
      ],
      approvals: 1,
      approvers: [
        { kind: 'team', organization: undefined, slug: 'ml-leads' },
        { kind: 'user', login: 'bob' },
      ],
      lockers: undefined,
      overriders: undefined,
      forks: 'refuse',
      force: { by: [{ kind: 'user', login: 'alice' }], rules: ['soak', 'freeze'] },
      freeze: [
        {
          kind: 'weekly',
          from: 4 * 1440 + 16 * 60,
          to: 8 * 60,
          zone: 'Europe/Berlin',
          reason: 'weekend',
        },
      ],
      expires: 24 * HOUR,
      repository: 'acme/ml-config',
      edit: [
        {
          file: template('environments/prod/{{ model.name }}/inference.yaml'),
          models: undefined,
          change: { kind: 'kserve', name: template('{{ model.name }}'), storageUri: template('{{ model.uri }}') },
        },
        {
          file: template('environments/prod/{{ model.name }}/values.yaml'),
          models: undefined,
          change: {
            kind: 'yaml',
            values: [
              {
                path: 'image.repository',
                segments: ['image', 'repository'],
                value: template('{{ image.repository }}'),
              },
              { path: 'image.tag', segments: ['image', 'tag'], value: template('{{ image.tag }}@{{ image.digest }}') },
              {
                path: 'podAnnotations."lockkeeper.dev/release"',
                segments: ['podAnnotations', 'lockkeeper.dev/release'],
                value: template('{{ release.id }}'),
              },
            ],
          },
        },
      ],
      sync: {
        argocd: { application: template('{{ model.name }}-prod'), namespace: 'argocd', sync: 'auto' },
        within: 30 * MINUTE,
      },
      url: template('https://{{ model.name }}.example.com'),
      verify: {
        within: 20 * MINUTE,
        for: 10 * MINUTE,
        every: 15_000,
        workloads: [{ kind: 'InferenceService', name: template('{{ model.name }}'), namespace: 'prod' }],
        http: [
          {
            url: template('https://{{ model.name }}.example.com/v2/health/ready'),
            method: 'GET',
            headers: [],
            expect: 200,
            json: [],
            successes: 5,
            of: 6,
          },
        ],
        prometheus: [
          {
            server: 'default',
            query: template(
              'histogram_quantile(0.95, sum(rate(request_latency_seconds_bucket{service="{{ model.name }}"}[5m])) by (le))',
            ),
            min: undefined,
            max: 0.12,
            noData: 'wait',
            noBaseline: 'pass',
          },
          {
            server: 'default',
            query: template(
              'sum(rate(request_errors_total{service="{{ model.name }}"}[5m])) / sum(rate(requests_total{service="{{ model.name }}"}[5m]))',
            ),
            min: undefined,
            max: 0.01,
            noData: 'wait',
            noBaseline: 'pass',
          },
        ],
        reports: [],
        workflows: [],
      },
      onVerified: { mlflowAlias: 'champion' },
      rollback: 'automatic',
    })
  })

  it('accepts nobody, being no config repository', () => {
    expect(settings.accepts).toEqual([])
  })
})

describe('the reference config repository', () => {
  it('accepts the two models with its own rules', () => {
    const settings = load('config-repo')
    expect(settings).toEqual({
      nothingToCompare: 'neutral',
      models: new Map(),
      environments: new Map(),
      accepts: [
        {
          from: 'acme/models',
          models: ['churn', 'fraud'],
          environments: ['staging', 'prod'],
          paths: [template('environments/{{ environment }}/{{ model.name }}/**')],
          pullRequests: [],
          images: ['ghcr.io/acme/*'],
          uris: [template('s3://acme-models/{{ model.name }}/**')],
          require: new Map([
            [
              'prod',
              {
                approvals: 1,
                soak: 30 * MINUTE,
                deployers: undefined,
                freeze: undefined,
                approvers: undefined,
                lockers: undefined,
                overriders: undefined,
              },
            ],
          ]),
        },
      ],
    })
  })
})
