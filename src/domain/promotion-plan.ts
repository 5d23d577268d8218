/** What a promotion writes: the environment's edits, rendered for one release, applied to the files as they are. Pure; src/services/open-promotion.ts does it. */
import type { ModelName } from './ids.ts'
import { type DocumentName, editManifest, type ManifestEdit, readManifest } from './manifest/index.ts'
import type { Change } from './promotion.ts'
import type { EditSettings, EnvironmentSettings } from './settings.ts'
import { renderTemplate, type Template, type TemplateName, type TemplateValues } from './template.ts'

/** The edits of one file, in the order of the configuration. */
export type FileEdits = { readonly file: string; readonly edits: readonly ManifestEdit[] }

/** A template that needs a value which this release does not have. */
export type MissingValue = { readonly kind: 'missing'; readonly value: TemplateName; readonly template: string }

/** The environment's edits for one model, files in order, each once. */
export function renderEdits(
  environment: EnvironmentSettings,
  model: ModelName,
  values: TemplateValues,
): { readonly kind: 'rendered'; readonly files: readonly FileEdits[] } | MissingValue {
  const files = new Map<string, ManifestEdit[]>()
  for (const settings of environment.edit) {
    if (settings.models !== undefined && !settings.models.includes(model)) continue
    const missing: MissingValue[] = []
    const text = (template: Template): string => {
      const rendered = renderTemplate(template, values)
      if (!rendered.ok) missing.push({ kind: 'missing', value: rendered.missing, template: template.source })
      return rendered.ok ? rendered.text : ''
    }
    const file = text(settings.file)
    const edit = renderEdit(settings.change, text)
    if (missing[0] !== undefined) return missing[0]
    files.set(file, [...(files.get(file) ?? []), edit])
  }
  return { kind: 'rendered', files: [...files].map(([file, edits]) => ({ file, edits })) }
}

function renderEdit(change: EditSettings['change'], text: (template: Template) => string): ManifestEdit {
  const optional = (template: Template | undefined) => (template === undefined ? undefined : text(template))
  switch (change.kind) {
    case 'kserve':
      return {
        kind: 'kserve',
        name: text(change.name),
        resource: change.resource,
        component: change.component,
        container: optional(change.container),
        mountPath: optional(change.mountPath),
        storageUri: optional(change.storageUri),
        storagePath: optional(change.storagePath),
        runtime: optional(change.runtime),
        runtimeVersion: optional(change.runtimeVersion),
        modelFormatVersion: optional(change.modelFormatVersion),
        image: optional(change.image),
        env: change.env?.map(({ name, value }) => ({ name, value: text(value) })),
        adapters: change.adapters?.map(({ name, uri }) => ({ name, uri: text(uri) })),
      }
    case 'helm':
      return {
        kind: 'helm',
        images: change.images.map(({ segments, path, image }) => ({ segments, path, image: text(image) })),
      }
    case 'deployment':
      return {
        kind: 'deployment',
        name: text(change.name),
        resource: change.resource,
        container: optional(change.container),
        image: text(change.image),
      }
    case 'kustomize_image':
      return {
        kind: 'kustomize_image',
        name: text(change.name),
        digest: optional(change.digest),
        newTag: optional(change.newTag),
        newName: optional(change.newName),
      }
    case 'argocd_parameters':
      return {
        kind: 'argocd_parameters',
        name: text(change.name),
        source: optional(change.source),
        parameters: change.parameters?.map(({ name, value }) => ({ name, value: text(value) })),
        values: change.values?.map(({ segments, path, value }) => ({ segments, path, value: text(value) })),
        images: change.images?.map(({ name, image }) => ({ name: text(name), image: text(image) })),
      }
    case 'yaml':
      return {
        kind: 'yaml',
        document: change.document && documentName(text(change.document)),
        values: change.values.map(({ segments, path, value }) => ({ segments, path, value: text(value) })),
      }
  }
}

/** `KIND` or `KIND/NAME`. */
function documentName(text: string): DocumentName {
  const [kind = '', name] = text.split('/', 2)
  return { kind, name }
}

/** The same edits, but with the values that stood there before: how an environment goes back to "as found". */
export function restoringEdits(
  files: readonly FileEdits[],
  found: readonly Change[],
  texts: ReadonlyMap<string, string>,
): readonly FileEdits[] {
  return files.flatMap(({ file, edits }) => {
    const read = readManifest({ file, text: texts.get(file) ?? '', edits })
    if (read.kind !== 'read') return []
    const restored = edits.flatMap((edit, index): readonly ManifestEdit[] => {
      const values = read.values.flatMap((place) => {
        const before = found.find(
          (change) => change.file === file && change.path === place.path && change.document === place.document,
        )?.before
        return place.edit !== index || before === undefined ? [] : [[place.field, before] as const]
      })
      return values.length === 0 ? [] : [{ kind: 'restore', edit, values: new Map(values) }]
    })
    return [{ file, edits: restored }]
  })
}

/** Why the found values cannot all be put back: half a way back would be taken for the whole one. undefined when they can. */
export function unrestorable(
  files: readonly FileEdits[],
  found: readonly Change[],
  texts: ReadonlyMap<string, string>,
): Extract<Plan, { readonly kind: 'refused' }> | undefined {
  const places = new Set(
    files.flatMap(({ file, edits }) => {
      const read = readManifest({ file, text: texts.get(file) ?? '', edits })
      return read.kind === 'read' ? read.values.map(({ path, document }) => placeOf({ file, path, document })) : []
    }),
  )
  const refused = (message: string) =>
    ({
      kind: 'refused',
      code: 'manifest_refused',
      message,
      hint: 'Put the file back by hand in the config repository, as its history has it, then deploy a release.',
    }) as const
  const lost = found.find((change) => !places.has(placeOf(change)))
  if (lost !== undefined)
    return refused(`\`${lost.path}\` of \`${lost.file}\` cannot be put back as it was found: it is not there any more`)
  const inserted = found.find(({ added }) => added === true)
  if (inserted === undefined) return undefined
  return refused(
    `\`${inserted.path}\` of \`${inserted.file}\` cannot be put back as it was found: it was not there, and Lockkeeper takes no key out`,
  )
}

const placeOf = ({ file, path, document }: Pick<Change, 'file' | 'path' | 'document'>): string =>
  JSON.stringify([file, document ?? null, path])

/** What applying the edits comes to. `unchanged`: every value is there already. */
export type Plan =
  | {
      readonly kind: 'planned'
      readonly files: readonly { readonly path: string; readonly text: string }[]
      readonly changes: readonly Change[]
    }
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'refused'
      readonly code: 'manifest_missing' | 'manifest_refused'
      readonly message: string
      readonly hint: string
    }

/** Applies all edits or none. */
export function planEdits(files: readonly FileEdits[], texts: ReadonlyMap<string, string>): Plan {
  const edited: { path: string; text: string }[] = []
  const changes: Change[] = []
  for (const { file, edits } of files) {
    const text = texts.get(file)
    if (text === undefined) {
      return {
        kind: 'refused',
        code: 'manifest_missing',
        message: `\`${file}\` does not exist in the config repository`,
        hint: 'Add the file there first, or correct `file:` under `edit:` in the model repository’s configuration.',
      }
    }
    const result = editManifest({ file, text, edits })
    if (result.kind === 'refused') {
      const { line, column, reason, hint } = result.refusal
      return { kind: 'refused', code: 'manifest_refused', message: `\`${file}:${line}:${column}\`: ${reason}`, hint }
    }
    if (result.kind === 'unchanged') continue
    edited.push({ path: file, text: result.text })
    changes.push(...result.changes.map(({ line: _, ...change }) => ({ ...change, file })))
  }
  return edited.length === 0 ? { kind: 'unchanged' } : { kind: 'planned', files: edited, changes }
}
