/** An entry of `edit:` (edit-schema.ts) as the rest of the program sees it. Part of repo-settings.ts. */
import type * as z from 'zod'
import type { EditSettings } from '../domain/settings.ts'
import type { edit as editSchema } from './edit-schema.ts'
import { parseKeyPath } from './key-path.ts'

type EditDocument = z.output<typeof editSchema>

/** The settings of one edit. */
export function toEdit(edit: EditDocument): EditSettings {
  return { file: edit.file, models: edit.models, change: toChange(edit) }
}

function toChange(edit: EditDocument): EditSettings['change'] {
  if (edit.kserve) return toKserve(edit.kserve)
  if (edit.deployment) {
    const { name, kind, container, image } = edit.deployment
    return { kind: 'deployment', name, resource: kind, container, image }
  }
  if (edit.kustomize_image) {
    const { name, digest, new_tag, new_name } = edit.kustomize_image
    return { kind: 'kustomize_image', name, digest, newTag: new_tag, newName: new_name }
  }
  if (edit.helm) {
    return { kind: 'helm', images: toValues(edit.helm).map(({ value, ...at }) => ({ ...at, image: value })) }
  }
  if (edit.argocd_parameters) return toArgocdParameters(edit.argocd_parameters)
  return { kind: 'yaml', document: edit.document, values: toValues(edit.yaml ?? {}) }
}

function toArgocdParameters(edit: NonNullable<EditDocument['argocd_parameters']>): EditSettings['change'] {
  return {
    kind: 'argocd_parameters',
    name: edit.name,
    source: edit.source,
    parameters: edit.parameters && Object.entries(edit.parameters).map(([name, value]) => ({ name, value })),
    values: edit.values_object && toValues(edit.values_object),
    images: edit.images,
  }
}

function toKserve(kserve: NonNullable<EditDocument['kserve']>): EditSettings['change'] {
  return {
    kind: 'kserve',
    name: kserve.name,
    resource: kserve.kind,
    component: kserve.component,
    container: kserve.container,
    mountPath: kserve.mount_path,
    storageUri: kserve.storage_uri,
    storagePath: kserve.storage_path,
    runtime: kserve.runtime,
    runtimeVersion: kserve.runtime_version,
    modelFormatVersion: kserve.model_format_version,
    image: kserve.image,
    env: kserve.env && Object.entries(kserve.env).map(([name, value]) => ({ name, value })),
    adapters: kserve.adapters && Object.entries(kserve.adapters).map(([name, uri]) => ({ name, uri })),
  }
}

function toValues<Value>(values: Readonly<Record<string, Value>>) {
  return Object.entries(values).map(([path, value]) => {
    const parsed = parseKeyPath(path)
    if (!parsed.ok) throw new Error(`the schema let a key path through: ${path}`)
    return { path, segments: parsed.segments, value }
  })
}
