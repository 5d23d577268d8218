/** Renders an Application's manifests at the head of its branch: plain YAML files, read from the GitHub stand-in. Used by argocd.ts. */
import { loadAll } from 'js-yaml'
import type { ApplicationSpec } from './argocd.ts'
import { type Draft, isJsonObject, type Json } from './kubernetes-objects.ts'

/** The config repository, as the GitHub stand-in gives it. */
export type ConfigSource = {
  headOf(repository: string, branch: string): string | undefined | Promise<string | undefined>
  read(repository: string, sha: string, path: string): string | undefined | Promise<string | undefined>
}

/** `text` identifies the content; `error` is the message of a ComparisonError. */
export type Manifests =
  | {
      readonly revision: string
      readonly objects: readonly Draft[]
      readonly text: string
      readonly type: 'Directory' | 'Kustomize'
    }
  | { readonly revision: string; readonly error: string }

const PREFIX =
  'Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc ='

/** `at`: a commit to read instead of the branch's head. */
export async function loadManifests(source: ConfigSource, spec: ApplicationSpec, at?: string): Promise<Manifests> {
  const { repository, branch = 'main', path, files = ['inference.yaml'] } = spec
  const revision = at ?? (await source.headOf(repository, branch))
  if (revision === undefined) return { revision: '', error: `${PREFIX} unable to resolve '${branch}' to a commit SHA` }
  const read = (file: string) => source.read(repository, revision, `${path}/${file}`)
  const objects: Draft[] = []
  for (const file of files) {
    const text = await read(file)
    if (text === undefined) return { revision, error: `${PREFIX} ${path}: app path does not exist` }
    try {
      objects.push(...parse(text, spec.destination))
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
      return { revision, error: `${PREFIX} Failed to unmarshal "${file}": ${reason}` }
    }
  }
  const type = (await read('kustomization.yaml')) === undefined ? 'Directory' : 'Kustomize'
  return { revision, objects, text: JSON.stringify(objects), type }
}

function parse(text: string, namespace: string): readonly Draft[] {
  return loadAll(text).flatMap((document) => {
    if (document === null || document === undefined) return []
    if (!isJsonObject(document)) throw new Error('a document is not an object')
    const { apiVersion, kind, metadata, spec } = document
    if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isJsonObject(metadata)) {
      throw new Error("Object 'Kind' is missing")
    }
    const place = { name: String(metadata['name']), namespace: stringOf(metadata['namespace']) ?? namespace }
    const maps = { ...mapOf('annotations', metadata['annotations']), ...mapOf('labels', metadata['labels']) }
    return [{ apiVersion, kind, metadata: { ...place, ...maps }, ...(isJsonObject(spec) ? { spec } : {}) }]
  })
}

const stringOf = (value: Json | undefined) => (typeof value === 'string' ? value : undefined)

function mapOf(key: 'annotations' | 'labels', value: Json | undefined) {
  if (!isJsonObject(value)) return {}
  return { [key]: Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)])) }
}
