/**
 * Compares a model's answer with the right one: V1 (`predictions`), V2 (`outputs` by their names), or any other JSON.
 * The request is made by src/services/check-http.ts. Protocols: https://kserve.github.io/website/docs/concepts/architecture/data-plane
 */
import { fieldsOf, listOf } from './json-fields.ts'

/** `problem` says which output and index, what was seen, and what was wanted. */
export type SampleVerdict = { readonly ok: true } | { readonly ok: false; readonly problem: string }

/** How deep an answer may be nested. */
const MAX_DEPTH = 32
/** How many values a right answer may hold: a sample is no evaluation. */
const MAX_VALUES = 100_000

/** Whether two numbers are equal within `tolerance`: that share of what is wanted, or that difference where it is below 1. */
export const isClose = (seen: number, wanted: number, tolerance: number): boolean =>
  seen === wanted || Math.abs(seen - wanted) <= tolerance * Math.max(1, Math.abs(wanted))

/** Everything in `wanted` must be in `seen`: numbers within the tolerance, all else exactly. What `seen` holds besides does not matter. */
export function compareSample(seen: unknown, wanted: unknown, tolerance: number): SampleVerdict {
  const counted = { tolerance, values: 0 }
  const outputs = namedOutputs(wanted)
  const problem = outputs === undefined ? differs(seen, wanted, at('', counted)) : outputsDiffer(seen, outputs, counted)
  if (problem !== undefined) return { ok: false, problem }
  return counted.values === 0 ? { ok: false, problem: 'the right answer holds no value to compare' } : { ok: true }
}

type Output = { readonly name: string; readonly fields: Readonly<Record<string, unknown>> }
/** `values`: how many have been compared. */
type Counted = { readonly tolerance: number; values: number }
type Place = { readonly path: string; readonly depth: number; readonly counted: Counted }

const at = (path: string, counted: Counted): Place => ({ path, depth: 0, counted })

/** The outputs of a V2 answer; undefined where it is none. */
function namedOutputs(answer: unknown): readonly Output[] | undefined {
  const list = listOf(fieldsOf(answer)?.['outputs'])
  const outputs = list?.flatMap((each) => {
    const fields = fieldsOf(each)
    const name = fields?.['name']
    return fields === undefined || typeof name !== 'string' ? [] : [{ name, fields }]
  })
  return outputs === undefined || outputs.length === 0 || outputs.length !== list?.length ? undefined : outputs
}

/** All of these give what is wrong first, or undefined. */
function outputsDiffer(seen: unknown, wanted: readonly Output[], counted: Counted): string | undefined {
  const there = namedOutputs(seen)
  if (there === undefined) return `the answer has no outputs${keysOf(seen)}`
  const names = there.map((each) => each.name).join(', ')
  // By name, since an answer may hold tens of thousands.
  const byName = new Map(there.toReversed().map((each) => [each.name, each]))
  return firstOf(wanted, ({ name, fields }) => {
    const output = byName.get(name)
    return output === undefined
      ? `the answer has no output ${short(name)}, only ${short(names)}`
      : outputDiffers(output.fields, fields, at(short(name), counted))
  })
}

/** Shape and datatype where the right answer has them. Data may be written flat or nested, which means the same. */
function outputDiffers(seen: Output['fields'], wanted: Output['fields'], place: Place): string | undefined {
  const { path: name } = place
  const other = ['datatype', 'shape'].find((key) => wanted[key] !== undefined && text(seen[key]) !== text(wanted[key]))
  if (other !== undefined)
    return `the ${other} of output ${name} is ${text(seen[other])}, wanted ${text(wanted[other])}`
  const [is, should] = [listOf(seen['data']), listOf(wanted['data'])]
  if (should === undefined) return undefined
  if (is === undefined) return `output ${name} has no data as JSON`
  const [flat, right] = [flattened(is), flattened(should)]
  if (flat === undefined || right === undefined) return `output ${name} is nested too deep or too large`
  return differs(flat, right, place)
}

function differs(seen: unknown, wanted: unknown, place: Place): string | undefined {
  const { path, depth, counted } = place
  if (depth > MAX_DEPTH) return 'the right answer is nested too deep'
  const [list, fields] = [listOf(wanted), fieldsOf(wanted)]
  if (list !== undefined) return itemsDiffer(seen, list, place)
  if (fields !== undefined) return fieldsDiffer(seen, fields, place)
  counted.values += 1
  if (counted.values > MAX_VALUES) return `the right answer holds more than ${MAX_VALUES} values`
  const areNumbers = typeof seen === 'number' && typeof wanted === 'number'
  if (areNumbers ? isClose(seen, wanted, counted.tolerance) : seen === wanted) return undefined
  const margin = typeof wanted === 'number' && counted.tolerance > 0 ? ` ± ${counted.tolerance}` : ''
  return `${whatAt(path)} is ${text(seen)}, wanted ${text(wanted)}${margin}`
}

function itemsDiffer(seen: unknown, wanted: readonly unknown[], place: Place): string | undefined {
  const { path, depth, counted } = place
  const list = listOf(seen)
  if (list === undefined) return `${whatAt(path)} is ${text(seen)}, wanted a list of ${wanted.length}`
  if (list.length !== wanted.length) return `${whatAt(path)} holds ${list.length} values, wanted ${wanted.length}`
  return firstOf(wanted, (each, index) =>
    differs(list[index], each, { path: `${path}[${index}]`, depth: depth + 1, counted }),
  )
}

function fieldsDiffer(
  seen: unknown,
  wanted: Readonly<Record<string, unknown>>,
  { path, depth, counted }: Place,
): string | undefined {
  const fields = fieldsOf(seen)
  if (fields === undefined) return `${whatAt(path)} is ${text(seen)}, wanted a mapping`
  return firstOf(Object.entries(wanted), ([key, each]) => {
    if (!Object.hasOwn(fields, key)) return `${whatAt(path)} has no ${short(key)}${keysOf(fields)}`
    const below = path === '' ? short(key) : `${path}.${short(key)}`
    return differs(fields[key], each, { path: below, depth: depth + 1, counted })
  })
}

/** The first problem. Unlike `find`, it gives what was found out about the item, and looks no further. */
function firstOf<T>(
  items: readonly T[],
  problemOf: (item: T, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const problem = problemOf(item, index)
    if (problem !== undefined) return problem
  }
  return undefined
}

const whatAt = (path: string): string => path || 'the answer'

/** undefined: nested too deep, or too many. */
function flattened(list: readonly unknown[]): readonly unknown[] | undefined {
  const flat: unknown[] = []
  const add = (items: readonly unknown[], depth: number): boolean =>
    depth <= MAX_DEPTH &&
    items.every((item) => {
      const inner = listOf(item)
      if (inner !== undefined) return add(inner, depth + 1)
      flat.push(item)
      return flat.length <= MAX_VALUES
    })
  return add(list, 0) ? flat : undefined
}

const short = (value: string): string => (value.length > 60 ? `${value.slice(0, 59)}…` : value)

function keysOf(value: unknown): string {
  const keys = Object.keys(fieldsOf(value) ?? {})
  return keys.length === 0 ? '' : `; it has ${short(keys.join(', '))}`
}

/** A value as people read it: short, and never a whole answer. */
function text(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'string') return short(JSON.stringify(value))
  if (listOf(value) !== undefined) return shortList(value)
  return fieldsOf(value) === undefined ? String(value) : 'a mapping'
}

function shortList(value: unknown): string {
  const list = listOf(value) ?? []
  const isPlain = list.length <= 8 && list.every((each) => typeof each === 'number' || typeof each === 'string')
  return isPlain ? short(JSON.stringify(list)) : `a list of ${list.length}`
}
