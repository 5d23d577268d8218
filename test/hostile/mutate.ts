/** Real payloads of GitHub, changed as no serialiser would: other types, missing and poisoned keys, huge, deep and broken texts. */
import { createRequire } from 'node:module'
import { fieldsOf } from '../../src/domain/json-fields.ts'

export type Example = { readonly name: string; readonly payload: unknown }
type Draw = () => number

/** One per example of GitHub's own documentation: https://github.com/octokit/webhooks. */
export function examples(): readonly Example[] {
  const all = createRequire(import.meta.url)('@octokit/webhooks-examples') as { name: string; examples: unknown[] }[]
  return all.flatMap(({ name, examples: payloads }) => payloads.map((payload) => ({ name, payload })))
}

const pick = <T>(items: readonly T[], draw: Draw): T | undefined => items[Math.floor(draw() * items.length)]

/** A list of lists, this deep: `JSON.stringify` would overflow its stack, so that it is put in as text. */
const DEEP = 'put-the-deep-one-here'
const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

const VALUES: readonly ((draw: Draw) => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => Number.MAX_SAFE_INTEGER,
  () => 1e308,
  () => 0.5,
  () => '',
  () => [],
  () => ({}),
  () => [null],
  () => 'x'.repeat(200_000),
  () => '../'.repeat(200),
  () => '\ud800',
  () => 'a\u0000b',
  () => '\u202e\ufeff',
  () => '@acme/all',
  () => '{{ model.name }} $' + '{process.env.WEBHOOK_SECRET} <%= 1 %>',
  () => "'; drop table pgboss.job; --",
  () => '__proto__',
  () => 'constructor',
  () => 'toString',
  () => DEEP,
  () => Object.fromEntries(['constructor', 'length', 'toString', 'then', 'valueOf'].map((key) => [key, 1])),
  (draw) => Array.from({ length: 5000 }, () => draw()),
]

const POISONED = ['__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'then', 'hasOwnProperty', '\ud800', '']

/** One to four changes. The result is what is sent, which may be no JSON and no UTF-8. */
export function mutated(payload: unknown, draw: Draw): Buffer {
  const copy: unknown = structuredClone(payload)
  for (let changes = 1 + Math.floor(draw() * 4); changes > 0; changes -= 1) changeSomewhere(copy, draw)
  const text = JSON.stringify(copy).replaceAll(`"${DEEP}"`, () => deep(1000 + Math.floor(draw() * 99_000)))
  return draw() < 0.05 ? broken(Buffer.from(text), draw) : Buffer.from(text)
}

/** Cut off, or with a byte that no text has. */
function broken(bytes: Buffer, draw: Draw): Buffer {
  const at = Math.floor(draw() * bytes.length)
  if (draw() < 0.3) return bytes.subarray(0, at)
  const changed = Buffer.from(bytes)
  changed[at] = pick([0xff, 0xc0, 0x00, 0x22, 0x7b, 0xed], draw) ?? 0
  return changed
}

function changeSomewhere(root: unknown, draw: Draw): void {
  // Near the top is what handlers read.
  let place: Record<string, unknown> = Object(root)
  for (let depth = Math.floor(draw() * 4); depth > 0; depth -= 1) {
    const below = Object.values(place).filter((value) => fieldsOf(value) !== undefined || Array.isArray(value))
    place = Object(pick(below, draw) ?? place)
  }
  const key = pick(Object.keys(place), draw)
  if (key === undefined || draw() < 0.1) {
    const poisoned = pick(POISONED, draw) ?? ''
    // Assigning `__proto__` would set it instead.
    Object.defineProperty(place, poisoned, {
      value: { polluted: 1 },
      enumerable: true,
      configurable: true,
      writable: true,
    })
  } else if (draw() < 0.3) {
    Reflect.deleteProperty(place, key)
  } else {
    Reflect.set(place, key, pick(VALUES, draw)?.(draw))
  }
}
