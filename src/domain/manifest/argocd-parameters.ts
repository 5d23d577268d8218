/** `argocd_parameters:` edits: Helm parameters, Helm values and Kustomize images that an Argo CD Application gives its source. */
import { type Absent, type Cursor, follow, peek, refuseAbsent, refuseAt, step } from './cursor.ts'
import { splitImage } from './image-reference.ts'
import type { Refused } from './manifest-edit.ts'
import type { ArgocdParametersEdit } from './object-edits.ts'
import { type Manifest, refuse } from './parse.ts'
import { labelOf, type Resource, resourcesOf } from './resources.ts'
import type { Found, Target } from './target.ts'
import { scalarText } from './tree.ts'

/** Finds one asked thing in one source; `absent` where that source does not have it. */
type Find = (source: Cursor) => Cursor | Absent | Refused
type Asked = {
  readonly field: string
  readonly what: string
  readonly find: Find
  readonly value: (found: Cursor) => string
}

/** The scalars of all that the edit sets. */
export function argocdParametersTargets(manifest: Manifest, edit: ArgocdParametersEdit): Found {
  const application = applicationOf(manifest, edit.name)
  if ('refusal' in application) return application
  const sources = sourcesOf(application, edit)
  if ('kind' in sources) return sources
  const targets: Target[] = []
  for (const asked of askedBy(edit)) {
    const place = inOneSource(application.at, sources, asked)
    if (place.kind === 'refused') return place
    const { field } = asked
    targets.push({ kind: 'target', field, place, document: labelOf(application), value: asked.value(place) })
  }
  return targets
}

function askedBy({ parameters = [], values = [], images = [] }: ArgocdParametersEdit): readonly Asked[] {
  return [
    ...parameters.map(({ name, value }) => ({
      field: `parameters.${name}`,
      what: `Helm parameter \`${name}\``,
      find: (source: Cursor) => parameterIn(source, name),
      value: () => value,
    })),
    ...values.map(({ path, segments, value }) => ({
      field: `values.${path}`,
      what: `\`helm.valuesObject\` with \`${path}\``,
      find: (source: Cursor) => valueIn(source, segments),
      value: () => value,
    })),
    ...images.map(({ name, image }) => ({
      field: `images.${name}`,
      what: `Kustomize image \`${name}\``,
      find: (source: Cursor) => imageIn(source, name),
      value: (found: Cursor) => imageText(textOf(found), name, image),
    })),
  ]
}

function applicationOf(manifest: Manifest, wanted: string): Resource | Refused {
  const all = resourcesOf(manifest).filter(
    ({ kind, apiVersion }) =>
      (kind === 'Application' || kind === 'ApplicationSet') && apiVersion?.startsWith('argoproj.io/') === true,
  )
  const [application, second] = all.filter(({ name }) => name === wanted)
  if (second !== undefined) {
    return refuseAt(second.at, {
      code: 'target_ambiguous',
      reason: `the Application \`${wanted}\` is there more than once`,
      hint: 'Keep one object of that name in the file.',
    })
  }
  if (application !== undefined) return application
  return refuse(manifest, 0, {
    code: 'target_missing',
    reason: `there is no Application \`${wanted}\` in it`,
    hint:
      all.length === 0 ? 'Point `file` at its manifest.' : `It holds ${all.map((each) => labelOf(each)).join(', ')}.`,
  })
}

/** Argo CD ignores `source` where `sources` has any. */
function sourcesOf({ at, kind }: Resource, { source: wanted }: ArgocdParametersEdit): readonly Cursor[] | Refused {
  const spec = follow(at, kind === 'ApplicationSet' ? ['spec', 'template', 'spec'] : ['spec'])
  if (spec.kind !== 'cursor') return spec.kind === 'absent' ? refuseAbsent(spec) : spec
  const several = step(spec, 'sources')
  if (several.kind === 'refused') return several
  const items = several.kind === 'cursor' && several.node.kind === 'sequence' ? several.node.items : []
  if (several.kind === 'absent' || items.length === 0) {
    const only = step(spec, 'source')
    return only.kind === 'cursor' ? [only] : only.kind === 'absent' ? refuseAbsent(only) : only
  }
  const sources = items.map((_, index) => step(several, String(index))).filter((item) => item.kind === 'cursor')
  if (wanted === undefined) return sources
  const named = sources.filter(
    (source, index) =>
      String(index) === wanted || ['name', 'chart', 'path'].some((key) => peek(source, [key]) === wanted),
  )
  if (named.length === 1) return named
  return refuseAt(several, {
    code: named.length === 0 ? 'target_missing' : 'target_ambiguous',
    reason: `${named.length === 0 ? 'none' : 'more than one'} of its ${sources.length} sources is \`${wanted}\``,
    hint: 'Name a source by its name, chart, path or index.',
  })
}

/** Exactly one source must have it: that another has it too is a question, not an answer. */
function inOneSource(application: Cursor, sources: readonly Cursor[], { what, find }: Asked): Cursor | Refused {
  const ends = sources.map(find)
  const refused = ends.find((end) => end.kind === 'refused' && end.refusal.code !== 'target_missing')
  if (refused?.kind === 'refused') return refused
  const [place, second] = ends.filter((end) => end.kind === 'cursor')
  if (second !== undefined) {
    return refuseAt(second, {
      code: 'target_ambiguous',
      reason: `more than one source has the ${what}`,
      hint: 'Name the source by its name, chart, path or index.',
    })
  }
  if (place !== undefined) return place
  const isRevision = what.includes('`targetRevision`')
  const [only] = ends
  if (ends.length === 1 && only?.kind === 'refused' && !isRevision) return only
  return refuseAt(sources[0] ?? application, {
    code: 'target_missing',
    reason: isRevision
      ? '`targetRevision` is no parameter: it decides which commit Argo CD follows, and a promotion must not move that under itself'
      : `no source has the ${what}`,
    hint: isRevision ? 'Promote a value of the source instead.' : 'Add it once by hand, or correct the name.',
  })
}

function parameterIn(source: Cursor, name: string): Cursor | Absent | Refused {
  const item = follow(source, ['helm', 'parameters', `[name=${name}]`])
  return item.kind === 'cursor' ? step(item, 'value') : item
}

function valueIn(source: Cursor, segments: readonly string[]): Cursor | Absent | Refused {
  const name = segments.join('.')
  const parameter = follow(source, ['helm', 'parameters', `[name=${name}]`])
  if (parameter.kind === 'cursor') {
    return refuseAt(parameter, {
      code: 'would_not_apply',
      reason: `the parameter \`${name}\` goes before the value of that name`,
      hint: 'Edit the parameter, or remove it.',
    })
  }
  const text = follow(source, ['helm', 'values'])
  if (text.kind !== 'cursor' || follow(source, ['helm', 'valuesObject']).kind === 'cursor') {
    return follow(source, ['helm', 'valuesObject', ...segments])
  }
  return refuseAt(text, {
    code: 'block_scalar',
    reason: '`helm.values` is a block of text; what looks like keys inside it is not YAML of this file',
    hint: 'Write the values as `valuesObject`.',
  })
}

/** Items are `new:tag`, or `name=new:tag`, with a digest or without. */
function imageIn(source: Cursor, name: string): Cursor | Absent | Refused {
  const list = follow(source, ['kustomize', 'images'])
  if (list.kind !== 'cursor' || list.node.kind !== 'sequence') return list
  const items = list.node.items.map((_, index) => step(list, String(index))).filter((item) => item.kind === 'cursor')
  const found = items.filter((item) => nameOf(textOf(item)) === name)
  if (found[0] !== undefined && found[1] === undefined) return found[0]
  return refuseAt(found[1] ?? list, {
    code: found.length === 0 ? 'target_missing' : 'target_ambiguous',
    reason: `\`kustomize.images\` has ${found.length === 0 ? 'no' : 'more than one'} item for \`${name}\``,
    hint: found.length === 0 ? 'Add it once by hand.' : 'Leave one of them.',
  })
}

function nameOf(item: string): string {
  const equals = item.indexOf('=')
  return equals < 0 ? splitImage(item).name : item.slice(0, equals)
}

/** The item as it is written now, or with the name before it where the image would no longer say it. */
function imageText(old: string, name: string, image: string): string {
  return old.includes('=') || splitImage(image).name !== name ? `${name}=${image}` : image
}

function textOf(at: Cursor): string {
  return scalarText(at.manifest.text, at.node) ?? ''
}
