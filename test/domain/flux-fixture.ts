/** What the tables over Flux's objects have in common: commits, conditions, and the recorded objects of test/fixtures/flux. */
import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'

export const OURS = 'a'.repeat(40)
export const LATER = 'b'.repeat(40)
export const OLD = 'c'.repeat(40)
export const holdsOurs = (commit: string): boolean => commit === OURS || commit === LATER
export const at = (commit: string): string => `main@sha1:${commit}`

/** By its name in the file. */
export function recorded(file: string): Map<string, unknown> {
  const documents = loadAll(readFileSync(`test/fixtures/flux/${file}`, 'utf8')) as { metadata: { name: string } }[]
  return new Map(documents.map((document) => [document.metadata.name, document]))
}

export type Condition = readonly [type: string, status: string, reason: string, message?: string]

export const conditions = (list: readonly Condition[]) =>
  list.map(([type, status, reason, message = '']) => ({ type, status, reason, message }))
