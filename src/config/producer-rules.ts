/** Templates that ask for an artefact that the model never makes: `{{ image.digest }}` for a model without `release.image`. */
import { EDIT_KINDS } from './edit-schema.ts'
import type { RuleReport } from './rules.ts'
import { formatKeyPath, type KeyPath } from './yaml-node.ts'

/** What a model makes and where it goes, read once, since every edit asks. */
type Producer = {
  readonly name: string
  readonly environments: ReadonlySet<string> | undefined
  readonly image: boolean
  readonly artefact: boolean
  readonly registry: boolean
}

/** A promotion of such a model would be refused; said here, long before. */
export function checkProducers(report: RuleReport): void {
  const producers = report.names(['models']).map((name) => toProducer(report, name))
  for (const environment of report.names(['environments'])) {
    const here = producers.filter((producer) => producer.environments?.has(environment) ?? true)
    for (const edit of report.items(['environments', environment, 'edit'])) checkEdit(report, here, edit)
    const alias: KeyPath = ['environments', environment, 'on_verified', 'mlflow_alias']
    if (report.has(alias) && here.length > 0 && !here.some((producer) => producer.registry)) {
      report.warn(
        alias,
        'no model that goes here has a registered version',
        'add `release: { model: { mlflow: … } }` to a model',
      )
    }
  }
}

function toProducer(report: RuleReport, name: string): Producer {
  const model: KeyPath = ['models', name]
  const release: KeyPath = [...model, 'release']
  const registry = report.has([...release, 'model', 'mlflow'])
  const uri: KeyPath = [...release, 'model', 'uri']
  if (!registry && /\{\{\s*model\.version/.test(report.scalar(uri)?.text ?? '')) {
    const key = formatKeyPath([...release, 'model', 'mlflow'])
    report.error(uri, '`{{ model.version }}` needs a registered model', `add \`${key}\``)
  }
  return {
    name,
    environments: report.has([...model, 'environments'])
      ? new Set(report.texts([...model, 'environments']).map(({ text }) => text))
      : undefined,
    image: report.has([...release, 'image']),
    artefact: report.has([...release, 'model']),
    registry,
  }
}

function checkEdit(report: RuleReport, here: readonly Producer[], edit: KeyPath): void {
  const models = report.has([...edit, 'models']) ? report.texts([...edit, 'models']).map(({ text }) => text) : undefined
  const concerned = here.filter((producer) => models?.includes(producer.name) ?? true)
  for (const kind of EDIT_KINDS) {
    for (const path of valuesIn(report, [...edit, kind])) {
      const text = report.scalar(path)?.text ?? ''
      if (/\{\{\s*image\./.test(text)) warnWithout(report, path, { concerned, part: 'image', key: 'release.image' })
      if (/\{\{\s*model\.(?:uri|version)/.test(text)) {
        warnWithout(report, path, { concerned, part: 'artefact', key: 'release.model' })
      }
    }
  }
}

/** Every value of an edit, those of its mappings and lists one by one. */
function valuesIn(report: RuleReport, at: KeyPath): readonly KeyPath[] {
  const inside = [...report.names(at).map((key) => [...at, key]), ...report.items(at)]
  return inside.length === 0 ? [at] : inside.flatMap((path) => valuesIn(report, path))
}

function warnWithout(
  report: RuleReport,
  path: KeyPath,
  need: { readonly concerned: readonly Producer[]; readonly part: 'image' | 'artefact'; readonly key: string },
): void {
  const without = need.concerned.filter((producer) => !producer[need.part]).map((producer) => `\`${producer.name}\``)
  if (without.length === 0) return
  report.warn(
    path,
    `this edit cannot be made for ${without.slice(0, 5).join(', ')}: no \`${need.key}\``,
    'add it, or name the models that this edit is for: `models: [ … ]`',
  )
}
