/** The schema of `canary: traffic:`, what divides the traffic; and the rules that tie it to `edit:` and `verify:`. Part of canary-schema.ts. */
import * as z from 'zod'
import type { CanaryTraffic } from '../domain/canary.ts'
import { objectName } from './edit-schema.ts'
import { checkPath, template } from './key-types.ts'
import type { RuleReport } from './rules.ts'
import type { KeyPath } from './yaml-node.ts'

const file = template({
  only: ['model.name', 'environment'],
  check: checkPath,
  examples: ['environments/prod/{{ model.name }}/inference.yaml'],
}).describe('The file in the config repository that holds it.')

const kserve = z
  .strictObject({
    file,
    name: objectName.describe('The InferenceService.'),
    canary: objectName
      .optional()
      .describe(
        'The name of the predictor under its `spec.canary` that takes the share (Standard mode, KServe 0.20 or newer). Default: `canaryTrafficPercent` divides the traffic (Knative mode).',
      ),
  })
  .meta({
    description:
      'A KServe InferenceService. In the Knative (serverless) mode its `spec.predictor.canaryTrafficPercent` is added, changed and, at the end, removed. With `canary:`, in the Standard mode, the model and the `trafficPercent` of that entry of `spec.canary` are changed, and it stays at 0.',
  })

const graph = z
  .strictObject({
    file,
    name: objectName.describe('The InferenceGraph.'),
    node: objectName.describe('Its node of `routerType: Splitter`.'),
    stable: objectName.describe('The InferenceService of the step that has all of the traffic between two releases.'),
    canary: objectName.describe('The InferenceService of the step that takes the share.'),
  })
  .meta({
    description:
      'A Splitter of a KServe InferenceGraph, which divides the requests between two InferenceServices. The `weight` of their two steps is changed, 100 together.',
  })

export const traffic = z
  .strictObject({ kserve: kserve.optional(), inference_graph: graph.optional() })
  .describe('What holds the share of the traffic. Exactly one key.')

/** Of a document that has no problems. */
export function toTraffic({ kserve: service, inference_graph: splitter }: z.output<typeof traffic>): CanaryTraffic {
  if (service !== undefined) return { kind: 'kserve', ...service }
  if (splitter !== undefined) return { kind: 'inference_graph', ...splitter }
  throw new Error('the schema let a canary without traffic through')
}

/** One kind of it. What has a predictor or a service of its own for the canary is written and proven by name, so that nothing else may be written with it. */
export function checkTraffic(report: RuleReport, environment: KeyPath): void {
  const path = [...environment, 'canary', 'traffic']
  report.exactlyOne(path, ['kserve', 'inference_graph'])
  const service = [...path, 'kserve']
  const splitter = [...path, 'inference_graph']
  if (report.has([...service, 'canary'])) {
    onlyEdits(report, environment, [nameAt(report, [...service, 'name'])])
  } else if (report.has(splitter)) {
    const stable = nameAt(report, [...splitter, 'stable'])
    const canary = nameAt(report, [...splitter, 'canary'])
    if (stable !== undefined && stable === canary)
      report.error([...splitter, 'canary'], 'it is the stable service, too', 'name the other one')
    onlyEdits(report, environment, [stable, canary])
    onlyProven(report, environment, stable)
  }
}

/** Every edit is one of an InferenceService of `names`, and each of them has one. */
function onlyEdits(report: RuleReport, environment: KeyPath, names: readonly (string | undefined)[]): void {
  if (names.includes(undefined)) return
  const list = names.map((name) => `\`${name}\``).join(' and ')
  const found = new Set<string>()
  for (const edit of report.items([...environment, 'edit'])) {
    const at = [...edit, 'kserve']
    const name = nameAt(report, [...at, 'name'])
    const kind = report.scalar([...at, 'kind'])?.text ?? 'InferenceService'
    const component = report.scalar([...at, 'component'])?.text ?? 'predictor'
    if (kind === 'InferenceService' && component === 'predictor' && name !== undefined && names.includes(name))
      found.add(name)
    else
      report.errorAtKey(
        report.has(at) ? at : edit,
        'nothing of it could be given to the canary alone, while that has a part of the traffic',
        `with this \`traffic:\`, keep to edits of the predictor of the InferenceService ${list}, written the same way`,
      )
  }
  const missing = names.find((name) => name !== undefined && !found.has(name))
  if (missing !== undefined && report.has([...environment, 'edit']))
    report.errorAtKey(
      [...environment, 'edit'],
      `no edit gives the InferenceService \`${missing}\` its model`,
      'add one, with its name written the same way as under `traffic:`',
    )
}

/** The one that is proven is the stable one: while the canary has a part of the traffic, that is looked at in its place. */
function onlyProven(report: RuleReport, environment: KeyPath, stable: string | undefined): void {
  const kserve = [...environment, 'verify', 'kserve']
  const places = report.at(kserve)?.kind === 'sequence' ? report.items(kserve) : [kserve]
  const isProven = places.some((place) => nameAt(report, [...place, 'name']) === stable)
  if (stable === undefined || isProven) return
  report.errorAtKey(
    [...environment, 'canary', 'traffic', 'inference_graph'],
    'nothing proves that the release serves',
    `name the InferenceService \`${stable}\` under \`verify: kserve:\`, too; at a share the canary’s is looked at in its place`,
  )
}

/** A name, however its template is spaced. */
const nameAt = (report: RuleReport, path: KeyPath): string | undefined => report.scalar(path)?.text.replace(/\s/g, '')
