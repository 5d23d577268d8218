/** The parsed document (repo-schema.ts) as the rest of the program sees it (src/domain/settings.ts): defaults filled in, names typed. */
import { type EnvironmentName, type ModelName, parseEnvironmentName, parseModelName } from '../domain/ids.ts'
import type {
  Acceptance,
  EnvironmentSettings,
  GateSpec,
  ModelSettings,
  RepoSettings,
  Requirement,
} from '../domain/settings.ts'
import { ofRepository } from '../domain/standing.ts'
import { toCanary } from './canary-settings.ts'
import { toEdit } from './edit-settings.ts'
import { toBaseline, toCandidate, toCheckGate, toReport } from './metric-source-settings.ts'
import type { RepoDocument } from './repo-schema.ts'
import { toSync } from './sync-schema.ts'
import { toVerify } from './verify-settings.ts'

type ModelDocument = RepoDocument['models'][string]
type EnvironmentDocument = RepoDocument['environments'][string]

/** Turns a document that has no problems into settings. */
export function toSettings(document: RepoDocument): RepoSettings {
  const environments = mapNamed(document.environments, parseEnvironmentName, toEnvironment)
  const every = [...environments.keys()]
  return {
    nothingToCompare: document.nothing_to_compare,
    models: mapNamed(document.models, parseModelName, (name, model) => toModel(name, model, every)),
    environments,
    accepts: document.accepts.map(toAcceptance),
    operations: document.operations,
  }
}

function mapNamed<Name extends string, From, To>(
  from: { readonly [name: string]: From },
  parse: (text: string) => Name | undefined,
  convert: (name: Name, value: From) => To,
): ReadonlyMap<Name, To> {
  const named = new Map<Name, To>()
  for (const [key, value] of Object.entries(from)) {
    const name = parse(key)
    if (name === undefined) throw new Error(`the schema let a name through: ${key}`)
    named.set(name, convert(name, value))
  }
  return named
}

function toModel(name: ModelName, model: ModelDocument, every: readonly EnvironmentName[]): ModelSettings {
  const server = model.mlflow?.server ?? 'default'
  return {
    name,
    paths: model.paths ?? ['**'],
    training: { check: model.training.check, within: model.training.within, when: model.training.when },
    candidate: toCandidate(model.candidate, server),
    baseline: toBaseline(model.baseline, server),
    gates: Object.entries(model.gates).map(
      ([metric, gate]): GateSpec => ({
        metric,
        goal: gate.goal,
        min: gate.min,
        max: gate.max,
        maxRegression: gate.max_regression,
        required: gate.required,
      }),
    ),
    significance: model.significance,
    reports: Object.entries(model.reports).map(([report, document]) => toReport(report, document)),
    checks: model.checks.map(toCheckGate),
    release: {
      model: toReleaseModel(model.release.model, server),
      image: model.release.image,
      within: model.release.within,
    },
    environments: model.environments ?? every,
    overriders: model.overriders?.map((principal) => ofRepository(principal, 'model')),
  }
}

function toReleaseModel(model: ModelDocument['release']['model'], server: string): ModelSettings['release']['model'] {
  if (model === undefined) return undefined
  const { mlflow, uri, uri_map: map } = model
  const uriMap = map && Object.entries(map).map(([from, to]) => ({ from, to }))
  if (mlflow === undefined) return { registry: undefined, uri, uriMap }
  const named = typeof mlflow === 'string' ? { name: mlflow } : mlflow
  const create = named.create && { artifactPath: named.create.artifact_path }
  return { registry: { server: named.server ?? server, name: named.name, create }, uri, uriMap }
}

function toEnvironment(name: EnvironmentName, from: EnvironmentDocument): EnvironmentSettings {
  const after = from.after ?? []
  return {
    name,
    deploy: from.deploy,
    from: from.from,
    after: typeof after === 'string' ? [after] : after,
    soak: from.soak,
    deployers: from.deployers,
    approvals: from.approvals,
    approvers: from.approvers,
    lockers: from.lockers,
    overriders: from.overriders,
    forks: from.forks,
    force: from.force ?? { by: [], rules: [] },
    freeze: from.freeze,
    expires: from.expires,
    repository: from.repository,
    edit: from.edit.map(toEdit),
    sync: toSync(from.sync),
    url: from.url,
    verify: toVerify(from.verify),
    ...(from.canary && { canary: toCanary(from.canary) }),
    onVerified: { mlflowAlias: from.on_verified.mlflow_alias },
    rollback: from.rollback,
  }
}

function toAcceptance(entry: RepoDocument['accepts'][number]): Acceptance {
  return {
    from: entry.from,
    models: entry.models,
    environments: entry.environments,
    pullRequests: entry.pull_requests,
    paths: entry.paths,
    images: entry.images,
    uris: entry.uris,
    values: entry.values,
    require: mapNamed(
      entry.require,
      parseEnvironmentName,
      (_, requirement): Requirement => ({
        approvals: requirement.approvals,
        soak: requirement.soak,
        deployers: requirement.deployers,
        freeze: requirement.freeze,
        approvers: requirement.approvers,
        lockers: requirement.lockers,
        overriders: requirement.overriders,
      }),
    ),
  }
}
