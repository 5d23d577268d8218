/** Everything that a release is made of, looked for once: version, address, image. All that is missing is named, not only the first. Part of complete-release.ts. */
import type { MissingArtefact, Release, ReleaseContent } from '../domain/release.ts'
import type { EnvironmentSettings, ModelSettings, RepoSettings } from '../domain/settings.ts'
import { mentions, type TemplateValues } from '../domain/template.ts'
import type { Deps } from './deps.ts'
import { findArtefact } from './find-artefact.ts'
import { findImage } from './find-image.ts'
import { findModelVersion } from './find-model-version.ts'
import type { ReleaseRecord } from './ledger.ts'
import type { Sought, Wanted } from './wanted-artefacts.ts'

export type Artefacts = Pick<ReleaseContent, 'modelVersion' | 'registeredModel' | 'modelUri' | 'image'> &
  Pick<Release, 'unseen'>

export type ArtefactsQuestion = Pick<Wanted, 'record' | 'model' | 'runs' | 'gates'> & {
  readonly settings: RepoSettings
  /** Whether a version may be made, where the configuration asks for it. */
  readonly mayCreate: boolean
}

export type SoughtArtefacts =
  | { readonly kind: 'found'; readonly artefacts: Artefacts }
  | { readonly kind: 'missing'; readonly missing: readonly MissingArtefact[]; readonly isVersionMissing: boolean }

/** Costs no call of GitHub. Throws SystemUnavailable, and UserError where a person has to change something. */
export async function findArtefacts(question: ArtefactsQuestion, deps: Deps): Promise<SoughtArtefacts> {
  const { record, model, settings, mayCreate } = question
  const wanted: Wanted = { ...question, values: valuesOf(record, model) }
  const version = await findModelVersion(wanted, { mayCreate }, deps)
  const known = 'found' in version ? version.found : undefined
  const isVersionMissing = 'missing' in version
  const places = placesOf(record, { ...wanted.values, 'model.version': known?.version })
  const isNeeded = environmentsOf(model, settings).some((environment) => mentions(environment, 'model.uri'))
  const { uri: template, registry } = model.release.model ?? {}
  const waitsForVersion = isVersionMissing && (template === undefined || mentions(template, 'model.version'))
  const artefact = waitsForVersion
    ? { found: undefined }
    : await first(places, (values) => findArtefact({ ...wanted, values }, { version: known, isNeeded }, deps))
  const image =
    isVersionMissing && mentions(model.release.image, 'model.version')
      ? { found: undefined }
      : await first(places, (values) => findImage({ ...wanted, values }, deps))
  if ('missing' in version || 'missing' in artefact || 'missing' in image) {
    const missing = [version, artefact, image].flatMap((each) => ('missing' in each ? [each.missing] : []))
    return { kind: 'missing', missing, isVersionMissing }
  }
  const { uri, unseen } = artefact.found ?? {}
  return {
    kind: 'found',
    artefacts: {
      modelVersion: known?.version,
      registeredModel: known === undefined ? undefined : registry?.name,
      modelUri: uri,
      image: image.found,
      ...(unseen === undefined ? {} : { unseen }),
    },
  }
}

function valuesOf({ commit, pullRequest }: ReleaseRecord, model: ModelSettings): TemplateValues {
  return {
    'model.name': model.name,
    'commit.sha': commit,
    'pull_request.sha': pullRequest?.headSha ?? commit,
    'pull_request.number': pullRequest && String(pullRequest.number),
  }
}

/** CI of a pull request builds GitHub's test merge of its head. */
function placesOf({ origin, pullRequest }: ReleaseRecord, values: TemplateValues): readonly TemplateValues[] {
  const tested = origin === 'pull_request' ? pullRequest?.testMergeCommit : undefined
  return tested === undefined ? [values] : [values, { ...values, 'commit.sha': tested }]
}

const environmentsOf = (model: ModelSettings, { environments }: RepoSettings): readonly EnvironmentSettings[] =>
  model.environments.flatMap((name) => environments.get(name) ?? [])

/** What is found at the first place that has it, else what is missing at the first. */
async function first<Found>(
  [place = {}, ...others]: readonly TemplateValues[],
  look: (place: TemplateValues) => Promise<Sought<Found>>,
): Promise<Sought<Found>> {
  const answer = await look(place)
  if ('found' in answer) return answer
  for (const other of others) {
    const found = await look(other)
    if ('found' in found) return found
  }
  return answer
}
