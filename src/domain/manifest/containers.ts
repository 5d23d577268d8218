/** Containers of a pod, by name. Used by the formats that write images and environment variables: deployment.ts and kserve*.ts. */
import { type Absent, type Cursor, peek, refuseAbsent, refuseAt, step } from './cursor.ts'
import type { Refused } from './manifest-edit.ts'
import { formatPath } from './path.ts'

/** What KServe calls the container that serves the model. */
const SERVING = ['kserve-container', 'main']

/** The container called `name`, also among the init containers; without a name the only one, or the one that serves the model. */
export function containerIn(pod: Cursor, name: string | undefined): Cursor | Refused {
  const found: Cursor[] = []
  for (const list of name === undefined ? ['containers'] : ['containers', 'initContainers']) {
    const items = itemsOf(pod, list)
    if ('kind' in items) return items
    found.push(...items)
  }
  const names = found.flatMap((item) => peek(item, ['name']) ?? [])
  const matching = name === undefined ? unnamed(found) : found.filter((item) => peek(item, ['name']) === name)
  const [container, second] = matching
  const listed = names.map((each) => `\`${each}\``).join(', ')
  if (second !== undefined) {
    return refuseAt(second, {
      code: 'target_ambiguous',
      reason: name === undefined ? `there are ${matching.length} containers` : `\`${name}\` is there more than once`,
      hint: name === undefined ? `Name one: ${listed}.` : 'Keep one container of that name.',
    })
  }
  if (container !== undefined) return container
  return refuseAt(pod, {
    code: 'target_missing',
    reason: name === undefined ? 'it has no container' : `it has no container \`${name}\``,
    hint: names.length === 0 ? 'Name the edit that fits this object.' : `It has ${listed}.`,
  })
}

/** The `image` of a container; its absence is refused, since then something else decides it. */
export function imageOf(container: Cursor): Cursor | Refused {
  const image = step(container, 'image')
  return image.kind === 'absent' ? refuseAbsent(image) : image
}

/** The value of an environment variable. A variable without `value` is the empty one, unless it comes from elsewhere. */
export function envOf(holder: Cursor, name: string): Cursor | Absent | Refused {
  const list = step(holder, 'env')
  if (list.kind === 'absent') return refuseAbsent(list)
  if (list.kind === 'refused') return list
  const variable = step(list, `[name=${name}]`)
  if (variable.kind === 'refused') return variable
  if (variable.kind === 'absent') return refuseAbsent(variable)
  const value = step(variable, 'value')
  if (value.kind !== 'absent' || typeof variable.value !== 'object') return value
  if (variable.value === null || !('valueFrom' in variable.value)) return value
  return refuseAt(variable, {
    code: 'would_not_apply',
    reason: `\`${formatPath(variable.path)}\` takes its value from elsewhere (\`valueFrom\`)`,
    hint: 'Give the variable a `value`, or edit where its value comes from.',
  })
}

function unnamed(containers: readonly Cursor[]): readonly Cursor[] {
  if (containers.length < 2) return containers
  const serving = containers.filter((item) => SERVING.includes(peek(item, ['name']) ?? ''))
  return serving.length === 1 ? serving : containers
}

function itemsOf(pod: Cursor, list: string): readonly Cursor[] | Refused {
  const at = step(pod, list)
  if (at.kind === 'refused') return at
  if (at.kind === 'absent') return []
  const count = at.node.kind === 'sequence' ? at.node.items.length : 1
  const items: Cursor[] = []
  for (let index = 0; index < count; index++) {
    const item = step(at, String(index))
    if (item.kind === 'refused') return item
    if (item.kind === 'cursor') items.push(item)
  }
  return items
}
