/** What a promotion asks of a manifest, and what comes back. The formats of formats.ts act on these; index.ts is the way in. */
import type { ArgocdParametersEdit, DeploymentEdit, HelmEdit, KserveEdit } from './object-edits.ts'

/** An edit names what to find and what it must say afterwards; never an offset or a line. */
export type ManifestEdit =
  | KserveEdit
  | KustomizeImageEdit
  | DeploymentEdit
  | HelmEdit
  | ArgocdParametersEdit
  | YamlEdit
  | RestoreEdit

/** The entry of a Kustomization's `images:` whose `name` is this one. At least one of the other three is set. */
export type KustomizeImageEdit = {
  readonly kind: 'kustomize_image'
  readonly name: string
  readonly digest?: string | undefined
  readonly newTag?: string | undefined
  readonly newName?: string | undefined
}

/** Scalars of any YAML file by key path. */
export type YamlEdit = {
  readonly kind: 'yaml'
  readonly values: readonly YamlValue[]
  /** The only object of the file whose values are meant; paths start at it, also where it is an item of a List. */
  readonly document?: DocumentName | undefined
}

/** A Kubernetes object by `kind` and, where the file has several of that kind, `metadata.name`. */
export type DocumentName = { readonly kind: string; readonly name?: string | undefined }

/** `segments` are the keys of `path`, which is kept as the team wrote it. A list item is its index or `[key=value]`. */
export type YamlValue = { readonly segments: readonly string[]; readonly path: string; readonly value: string }

/** What `edit` finds, but with values that stood there before, by `ManifestValue.field`; fields without one are left alone. */
export type RestoreEdit = {
  readonly kind: 'restore'
  readonly edit: ManifestEdit
  readonly values: ReadonlyMap<string, string>
}

/** One scalar that an edit names, as the file has it. */
export type ManifestValue = {
  /** Index of the edit in the list that was asked for. */
  readonly edit: number
  /** `storageUri`, `digest`, `image`, …; `env.NAME` of a variable; the path of a `yaml` value as written. Each once per edit. */
  readonly field: string
  /** Where it is, for people: `spec.predictor.model.storageUri`. */
  readonly path: string
  /** Kind and name of the Kubernetes object it belongs to, undefined for other files. */
  readonly document: string | undefined
  /** 1-based, in the text that was given. */
  readonly line: number
  /** The scalar's text (`11` for the number 11); undefined when the key is absent and an edit would add it. */
  readonly value: string | undefined
}

/** One scalar that changed. */
export type ManifestChange = {
  readonly file: string
  /** 1-based, in the edited text. */
  readonly line: number
  readonly path: string
  readonly document: string | undefined
  /** Empty when the key was absent or had no value. */
  readonly before: string
  readonly after: string
  /** The key was absent, and the edit added it. */
  readonly added?: true
  /** The edit took the key out; `after` is empty. */
  readonly removed?: true
}

/** Why a file is not edited. docs/errors.md explains `manifest_refused`, of which these are the cases. */
export type RefusalCode =
  | 'alias'
  | 'block_scalar'
  | 'conflicting_edits'
  | 'does_not_parse'
  | 'duplicate_key'
  | 'flux_marker'
  | 'merge_key'
  | 'not_a_scalar'
  | 'not_utf8'
  | 'tagged'
  | 'target_ambiguous'
  | 'target_missing'
  | 'template'
  | 'too_large'
  | 'unknown_tag'
  | 'unsupported_value'
  | 'would_change_more'
  | 'would_not_apply'

/** `line` and `column` are 1-based; a column counts UTF-16 units and does not count a byte-order mark. */
export type ManifestRefusal = {
  readonly code: RefusalCode
  readonly file: string
  readonly line: number
  readonly column: number
  readonly reason: string
  readonly hint: string
}

export type Refused = { readonly kind: 'refused'; readonly refusal: ManifestRefusal }
