/** The two patch formats that custom resources take: JSON Merge Patch (RFC 7386) and JSON Patch (RFC 6902). Used by kubernetes.ts. */
import { isJsonObject, type Json, type JsonObject } from './kubernetes-objects.ts'

/** A patch that cannot be applied; `message` is what the API server says. */
export class PatchError extends Error {}

/** RFC 7386: objects merge, `null` removes, everything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch
  const result: Record<string, Json> = isJsonObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = mergePatch(result[key], value)
  }
  return result
}

/** RFC 6902. Throws PatchError when a path does not exist or a `test` fails. */
export function jsonPatch(document: JsonObject, operations: readonly Json[]): Json {
  let result: Json = document
  for (const operation of operations) {
    if (!isJsonObject(operation)) throw new PatchError('the patch is not a list of operations')
    result = applyOperation(result, operation)
  }
  return result
}

function applyOperation(document: Json, operation: JsonObject): Json {
  const { op, path, from, value } = operation
  if (typeof path !== 'string') throw new PatchError('an operation has no path')
  const given = () => {
    if (value === undefined) throw new PatchError(`"${String(op)}" operation at "${path}" has no value`)
    return value
  }
  switch (op) {
    case 'add':
      return write(document, pointer(path), { value: given(), mode: 'add' })
    case 'replace':
      return write(document, pointer(path), { value: given(), mode: 'replace' })
    case 'remove':
      return write(document, pointer(path), { mode: 'remove' })
    case 'test':
      if (JSON.stringify(read(document, pointer(path))) === JSON.stringify(given())) return document
      throw new PatchError(`testing value ${path} failed`)
    case 'copy':
    case 'move': {
      const source = pointer(String(from))
      const moved = read(document, source)
      if (moved === undefined) throw new PatchError(`"from" path ${String(from)} does not exist`)
      const base = op === 'move' ? write(document, source, { mode: 'remove' }) : document
      return write(base, pointer(path), { value: moved, mode: 'add' })
    }
    default:
      throw new PatchError(`unexpected operation "${String(op)}"`)
  }
}

const pointer = (path: string): readonly string[] =>
  path === ''
    ? []
    : path
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

function read(document: Json, path: readonly string[]): Json | undefined {
  let found: Json | undefined = document
  for (const key of path) {
    if (Array.isArray(found)) found = found[Number(key)]
    else found = isJsonObject(found) ? found[key] : undefined
  }
  return found
}

type Write = { readonly mode: 'add' | 'replace'; readonly value: Json } | { readonly mode: 'remove' }

function write(document: Json, path: readonly string[], change: Write): Json {
  const [key, ...rest] = path
  if (key === undefined) return change.mode === 'remove' ? null : change.value
  if (Array.isArray(document)) return writeList(document, [key, ...rest], change)
  if (!isJsonObject(document)) throw new PatchError(`path does not exist at "${key}"`)
  const current = document[key]
  if (rest.length > 0) {
    if (current === undefined) throw new PatchError(`doc is missing path: "${path.join('/')}": missing value`)
    return { ...document, [key]: write(current, rest, change) }
  }
  if (change.mode !== 'add' && current === undefined) {
    throw new PatchError(`${change.mode} operation does not apply: doc is missing key: ${key}: missing value`)
  }
  if (change.mode !== 'remove') return { ...document, [key]: change.value }
  const { [key]: _, ...others } = document
  return others
}

function writeList(list: readonly Json[], [key = '', ...rest]: readonly string[], change: Write): Json {
  const index = key === '-' ? list.length : Number(key)
  const last = change.mode === 'add' && rest.length === 0 ? list.length : list.length - 1
  if (!Number.isInteger(index) || index < 0 || index > last) throw new PatchError(`invalid index ${key}`)
  const current = list[index]
  if (rest.length > 0 && current !== undefined) return list.with(index, write(current, rest, change))
  if (change.mode === 'remove') return list.toSpliced(index, 1)
  return list.toSpliced(index, change.mode === 'add' ? 0 : 1, change.value)
}
