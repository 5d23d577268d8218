/** The registered version made from the candidate's runs; made here where the configuration asks for that. Part of find-artefacts.ts. */
import type { ModelSettings } from '../domain/settings.ts'
import type { Deps } from './deps.ts'
import type { MlflowVersion } from './ports.ts'
import type { Sought, Wanted } from './wanted-artefacts.ts'

type VersionDeps = Pick<Deps, 'mayUse' | 'mlflow' | 'ledger' | 'clock'>
type Registry = NonNullable<NonNullable<ModelSettings['release']['model']>['registry']>

/** A sweep's runs are asked one by one for the model that they logged. */
const MOST_RUNS = 20

/**
 * The newest version of the runs that is ready. undefined where the model has no registry, and where a version would have to be made of a release whose
 * gates fail. `mayCreate`: make it if the configuration asks for it.
 */
export async function findModelVersion(
  wanted: Wanted,
  { mayCreate }: { readonly mayCreate: boolean },
  deps: VersionDeps,
): Promise<Sought<MlflowVersion | undefined>> {
  const { record, model, runs, gates } = wanted
  const registry = model.release.model?.registry
  if (registry === undefined) return { found: undefined }
  const { server, name, create } = registry
  const permit = deps.mayUse(record.repository, { kind: 'mlflow', server, model: name })
  if (!permit.allowed) return { missing: { what: permit.message, remedy: 'The operator can add the entry.' } }
  const [run] = runs
  if (run === undefined) {
    const commit = record.pullRequest?.headSha ?? record.commit
    return { missing: { what: `a finished MLflow run of ${commit}`, remedy: 'Train that commit.' } }
  }
  const known = await deps.mlflow.versionsOfRuns(server, name, runs)
  if (create !== undefined) await noteOwn(known, { record, server, name }, deps)
  if (known.length > 0 || create === undefined) return readyOf(known, { name, run })
  if (gates === 'fail') return { found: undefined }
  const made = mayCreate ? await createVersion(wanted, { ...registry, ...create }, deps) : []
  if (made.length > 0) return readyOf(made, { name, run })
  const what = `a model \`${create.artifactPath}\` in run ${run}, to register as \`${name}\``
  return { missing: { what, remedy: 'Log it in training, or correct `artifact_path`.' } }
}

function readyOf(
  versions: readonly MlflowVersion[],
  { name, run }: { readonly name: string; readonly run: string },
): Sought<MlflowVersion> {
  // It goes into titles and commit messages; MLflow numbers its versions.
  const ready = versions.find(({ status, version }) => status === 'READY' && /^\d{1,18}$/.test(version))
  if (ready !== undefined) return { found: ready }
  const [newest] = versions
  if (newest === undefined) {
    const what = `a registered version of \`${name}\` made from run ${run}`
    return { missing: { what, remedy: 'Register it in training, or let Lockkeeper do it: `create` beside the name.' } }
  }
  const what = `version ${newest.version} of \`${name}\``
  return newest.status === 'FAILED_REGISTRATION'
    ? { missing: { what: `${what}, whose registration failed`, remedy: 'Register the run once more.' } }
    : { missing: { what: `${what}, which is still being registered`, remedy: 'Look into the log of MLflow.' } }
}

/**
 * Of several seeds, the one that started first and logged the model is registered. Alone among all who would register this model, and after another
 * look: whoever was interrupted, or came first, has made it already.
 */
function createVersion(
  { record, runs }: Wanted,
  { server, name, artifactPath }: Creating,
  deps: VersionDeps,
): Promise<readonly MlflowVersion[]> {
  const { mlflow, ledger, clock } = deps
  return ledger.exclusively(`mlflow version ${server} ${name}`, async () => {
    const known = await mlflow.versionsOfRuns(server, name, runs)
    if (known.length > 0) return known
    const intendedAt = clock.now().toISOString()
    await ledger.savePublication({ key: keyOf(record, { server, name }), ...NOT_YET, intendedAt })
    // Metrics of files are `path@sha`.
    for (const runId of runs.filter((run) => !run.includes('@')).slice(0, MOST_RUNS)) {
      const made = await mlflow.createVersion(server, { model: name, runId, artifactPath, tags: tagsOf(record) })
      if (made === undefined) continue
      await noteOwn([made], { record, server, name }, deps)
      return [made]
    }
    return []
  })
}

const NOT_YET = { nodeId: undefined, hash: undefined }

type Creating = Registry & { readonly artifactPath: string }
type Own = Pick<Wanted, 'record'> & Pick<Registry, 'server' | 'name'>

const keyOf = ({ commit }: Wanted['record'], { server, name }: Pick<Registry, 'server' | 'name'>): string =>
  `model-version:${server} ${name} ${commit}`

const tagsOf = ({ repository, commit }: Wanted['record']) => ({
  'lockkeeper.repository': repository,
  'lockkeeper.commit': commit,
})

/** Audits the version that was to be made here, also where an earlier run made it and ended before it could say so. */
async function noteOwn([made]: readonly MlflowVersion[], own: Own, { ledger, clock }: VersionDeps): Promise<void> {
  const { record, server, name } = own
  const key = keyOf(record, own)
  if (made === undefined || (await ledger.publication(key))?.intendedAt === undefined) return
  const subject = `models:/${name}/${made.version}`
  const detail = { server, run: made.runId, repository: record.repository, commit: record.commit }
  const entry = { at: clock.now(), actor: 'lockkeeper', action: 'model version', subject, detail }
  await ledger.savePublication({ key, nodeId: made.version, hash: undefined, intendedAt: undefined }, entry)
}
