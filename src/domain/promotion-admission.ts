/** What a promotion writes, and whether the config repository takes it: asked by the bot (src/services/promotion-context.ts) and by `lockkeeper plan` alike. Pure. */
import { type AcceptanceAnswer, accept, stricter } from './acceptance.ts'
import { editsAtShare, shareWritten, type TrafficShare, withTraffic } from './canary-edits.ts'
import { UserError } from './failure.ts'
import type { EnvironmentName, ModelName, RepoName } from './ids.ts'
import type { Change, Promotion } from './promotion.ts'
import { type FileEdits, type Plan, planEdits, renderEdits, restoringEdits, unrestorable } from './promotion-plan.ts'
import { type Release, releaseValues } from './release.ts'
import type { Acceptance, EnvironmentSettings, ModelSettings } from './settings.ts'
import type { TemplateValues } from './template.ts'
import { NOTHING_WRITTEN, writtenArtefacts } from './written-artefacts.ts'

export type AdmissionQuestion = {
  /** The model repository. */
  readonly from: RepoName
  readonly model: ModelName
  readonly environment: EnvironmentSettings
  readonly values: TemplateValues
  /** The release is made of the head of a pull request that nobody has merged. */
  readonly isUnmerged: boolean
  /** The values to put back as they were found; undefined for a promotion that carries a release. */
  readonly restore: readonly Change[] | undefined
  /** Absent where the environment moves all of its traffic at once. */
  readonly share?: TrafficShare | undefined
  /** The config repository's files with Git's mode (`100644`); absent ones are missing. */
  readonly files: ReadonlyMap<string, { readonly mode: string; readonly text: string }>
}

/**
 * The plan, and the environment with the stricter of both sides' rules. Throws UserError: `artefact_missing`, `manifest_refused` for what is no plain
 * file, `accepts_missing`, `accepts_refused`. What the editor refuses is in the plan.
 */
export function admitPromotion(
  asked: AdmissionQuestion,
  accepts: readonly Acceptance[],
): { readonly environment: EnvironmentSettings; readonly plan: Plan } {
  const { environment, values } = asked
  const { files, plan } = planPromotion(asked)
  refuseModes(files, asked.files)
  const verdict = accept(accepts, {
    from: asked.from,
    model: asked.model,
    environment: environment.name,
    isUnmerged: asked.isUnmerged,
    paths: files.map(({ file }) => file),
    // What is put back as it was found stood in this very repository: its owners wrote it.
    ...(asked.restore === undefined ? writtenArtefacts(files, values) : NOTHING_WRITTEN),
  })
  if (verdict.kind === 'refused') throw refusedBy(environment, verdict)
  return { environment: stricter(environment, verdict.require), plan }
}

/** What it writes, whether or not that is accepted. Throws UserError `artefact_missing`. */
export function planPromotion({ environment, model, values, restore, share, files: found }: AdmissionQuestion): {
  readonly files: readonly FileEdits[]
  readonly plan: Plan
} {
  const texts = new Map([...found].map(([path, file]) => [path, file.text]))
  const rendered = renderEdits(environment, model, values)
  if (rendered.kind === 'missing') {
    throw new UserError(
      'artefact_missing',
      `the release has no value for \`{{ ${rendered.value} }}\`, which \`${rendered.template}\` needs`,
      'Add the artefact under `release:` of the model, or correct the template.',
    )
  }
  const own = editsAtShare(rendered.files, share, values)
  const lost = restore === undefined ? undefined : unrestorable(own, restore, texts)
  if (lost !== undefined) return { files: own, plan: lost }
  const edits = restore === undefined ? own : restoringEdits(own, restore, texts)
  const files = withTraffic(edits, share, values)
  return { files, plan: planEdits(files, texts) }
}

/** The files that the environment's edits name for the promotion, changed by it or not. `release` undefined: it restores what was found. */
export function editedFiles(
  { model, environment: name, restore, canary }: Pick<Promotion, 'model' | 'environment' | 'restore' | 'canary'>,
  environment: EnvironmentSettings,
  release: Release | undefined,
): readonly string[] {
  const values = release === undefined ? { 'model.name': model, environment: name } : releaseValues(release, name)
  const rendered = renderEdits(environment, model, values)
  const edits = rendered.kind === 'rendered' ? rendered.files : restore.map(({ file }) => ({ file, edits: [] }))
  const share = shareWritten(canary, environment)
  const files = withTraffic(editsAtShare(edits, share, values), share, values)
  return [...new Set(files.map(({ file }) => file))]
}

/** The plan without what a refusal quotes of a file: for where people are told who cannot read the config repository. Place and code stay. */
export function withoutContent(plan: Plan, { repository }: EnvironmentSettings): Plan {
  if (plan.kind !== 'refused' || plan.code !== 'manifest_refused') return plan
  const [place] = /^`[^`]+`/.exec(plan.message) ?? ['a file']
  return {
    ...plan,
    message: `${place} of ${repository} cannot be edited safely`,
    hint: 'Why is not told here, since not everybody who reads this can read that repository: `lockkeeper plan` says it beside a checkout.',
  }
}

/** What the config repository said no to, with the lines that would let it through. */
export function refusedBy(
  { repository }: EnvironmentSettings,
  verdict: Extract<AcceptanceAnswer, { readonly kind: 'refused' }>,
): UserError {
  const add =
    verdict.missingLine === ''
      ? 'No entry can allow this.'
      : `\`.github/lockkeeper.yml\` of ${repository} would need this:\n\`\`\`yaml\n${verdict.missingLine}\n\`\`\``
  return new UserError(verdict.code, `${repository} does not accept this: ${verdict.reasons.join('; ')}`, add)
}

/** The API writes plain files only: an executable would silently become one, and a link would become its target's text. */
function refuseModes(edits: readonly FileEdits[], files: AdmissionQuestion['files']): void {
  for (const { file } of edits) {
    const mode = files.get(file)?.mode ?? PLAIN_FILE
    if (mode === PLAIN_FILE) continue
    throw new UserError(
      'manifest_refused',
      `${file} has the mode ${mode} in the config repository`,
      `Make it a plain file (mode ${PLAIN_FILE}): GitHub's API can write no other.`,
    )
  }
}

const PLAIN_FILE = '100644'

/** The environment of a model. Throws UserError `model_unknown` or `environment_unknown` with the names there are. */
export function findEnvironment(
  key: { readonly repository: RepoName; readonly model: ModelName; readonly environment: EnvironmentName },
  settings: {
    readonly models: ReadonlyMap<string, ModelSettings>
    readonly environments: ReadonlyMap<string, EnvironmentSettings>
  },
): { readonly model: ModelSettings; readonly environment: EnvironmentSettings } {
  const model = settings.models.get(key.model)
  if (model === undefined) {
    throw new UserError(
      'model_unknown',
      `there is no model \`${key.model}\` in ${key.repository}`,
      `It has: ${[...settings.models.keys()].join(', ')}.`,
    )
  }
  const environment = settings.environments.get(key.environment)
  if (environment === undefined || !model.environments.includes(key.environment)) {
    throw new UserError(
      'environment_unknown',
      `\`${key.model}\` has no environment \`${key.environment}\``,
      `It has: ${model.environments.join(', ')}.`,
    )
  }
  return { model, environment }
}
