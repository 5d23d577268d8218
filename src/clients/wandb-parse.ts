/** One run of Weights & Biases, from its GraphQL node to the port's type. Part of wandb.ts. */
import { parseCommitSha } from '../domain/ids.ts'
import { fieldsOf, paramText } from '../domain/json-fields.ts'
import { flattenMetrics, flattenTree } from '../domain/metrics-file.ts'
import { parseJson } from '../domain/yaml-text.ts'
import type { WandbRun } from '../services/ports.ts'
import type { Answer } from './answer.ts'

const MAX_PARAMS = 2000

/** `crashed`: no heartbeat any more; it may come back, and is read anew then. A state that is not known counts as broken off. */
const STATUS: ReadonlyMap<string, WandbRun['status']> = new Map([
  ['finished', 'FINISHED'],
  ['running', 'RUNNING'],
  ['pending', 'SCHEDULED'],
  ['preempting', 'RUNNING'],
  ['preempted', 'SCHEDULED'],
  ['killed', 'KILLED'],
])

/** `project` is the page of its project. undefined: the run has no commit. */
export function parseWandbRun(node: Answer, project: string): WandbRun | undefined {
  const id = node.text('name')
  const commit = parseCommitSha(node.maybeText('commit')?.toLowerCase() ?? '')
  if (commit === undefined) return undefined
  return {
    id,
    commit,
    status: STATUS.get(node.text('state').toLowerCase()) ?? 'FAILED',
    startedAt: startOf(node),
    group: named(node.maybeText('group')),
    sweep: named(node.maybeText('sweepName')),
    metrics: flattenMetrics(measured(mappingOf(node.raw['summaryMetrics']))) ?? new Map(),
    params: paramsOf(mappingOf(node.raw['config'])),
    url: `${project}/runs/${encodeURIComponent(id)}`,
  }
}

/** UTC, of which W&B leaves the `Z` away. */
function startOf(node: Answer): Date {
  const text = node.maybeText('createdAt')
  const isBare = text !== undefined && !/(?:Z|[+-]\d\d:?\d\d)$/i.test(text)
  const date = new Date(isBare ? `${text}Z` : (text ?? ''))
  return Number.isNaN(date.getTime()) ? node.date('createdAt') : date
}

const named = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

/** JSON in a string, in which Python may have written a bare `NaN`; nothing that can be read is an empty mapping. */
function mappingOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'string') return fieldsOf(value) ?? {}
  return fieldsOf(parseJson(value)?.value) ?? {}
}

/** Without W&B's own values, and without what is no number but media: histograms, tables, images say their `_type`. */
function measured(summary: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(summary).filter(
      ([name, value]) => !name.startsWith('_') && fieldsOf(value)?.['_type'] === undefined,
    ),
  )
}

/** `{lr: {value: 0.1, desc: null}}` → `lr = 0.1`. */
function paramsOf(config: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const params = new Map<string, string>()
  for (const [name, entry] of Object.entries(config)) {
    if (name === '_wandb' || name === 'wandb_version') continue
    const wrapped = fieldsOf(entry)
    const value = wrapped !== undefined && 'value' in wrapped ? wrapped['value'] : entry
    for (const [path, leaf] of flattenTree(value, name)) {
      if (params.size === MAX_PARAMS) return params
      params.set(path, paramText(leaf))
    }
  }
  return params
}
