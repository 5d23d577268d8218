/** What stands in the way on an Application, in words that name the resource, the reason and who can do something. Part of argocd-readiness.ts. */
import type { ManagedResource, ObservedApplication, Operation } from './argocd-application.ts'
import { type Readiness, waiting } from './sync-readiness.ts'

/** What keeps Argo CD from doing anything at all; undefined where nothing does. */
export function heldBy({ deletedAt, isFrozen, conditions }: ObservedApplication): Readiness | undefined {
  if (deletedAt !== undefined) return waiting('not-seen', `the Application is being deleted since ${timeOf(deletedAt)}`)
  if (isFrozen) {
    const detail =
      'Argo CD leaves the Application alone until somebody takes off its annotation argocd.argoproj.io/skip-reconcile'
    return { kind: 'blocked', detail }
  }
  const invalid = conditions.find(({ type }) => type === 'InvalidSpecError')
  return invalid && { kind: 'blocked', detail: `the Application is not valid: ${invalid.message}` }
}

/** As people read it. */
export const timeOf = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** At most so many are named. */
const NAMED = 3

/** Why a sync failed: its hooks and resources by name, where Argo CD tells, else its own message. */
export function failureOf({ phase, message, failures, retries }: Operation): string {
  const tried = retries > 0 ? ` (tried ${retries + 1} times)` : ''
  const own = message || `sync ${phase.toLowerCase()}`
  if (failures.length === 0) return `${own}${tried}`
  const named = failures.slice(0, NAMED).map(({ kind, name, hook, message: reason }) => {
    const what = hook === undefined ? `${kind}/${name}` : `the ${hook} hook ${kind}/${name}`
    return reason === '' ? what : `${what}: ${reason}`
  })
  return `the sync failed at ${named.join('; ')}${more(failures.length)}${tried}`
}

/** What a sync under way waits for. */
export function running({ message, retries, retryLimit }: Operation): string {
  const own = message || 'the sync runs'
  if (retries === 0) return own
  return `${own} (retry ${retries}${retryLimit === undefined ? '' : ` of ${retryLimit}`})`
}

/** With the resources that differ from Git. */
export function unsynced({ unwell }: ObservedApplication, sentence: string): string {
  const differing = unwell.filter(({ isSynced }) => !isSynced)
  if (differing.length === 0) return sentence
  const names = listed(differing)
  if (!differing.every(({ requiresPruning }) => requiresPruning)) return `${sentence}: ${names}`
  return `${sentence}: no longer in Git, and somebody has to prune or delete it: ${names}`
}

/** With the resources that have that health, and what somebody has to do about it. */
export function withNames({ health, unwell }: ObservedApplication): string {
  const those = unwell.filter((resource) => resource.health === health)
  const names = those.length === 0 ? '' : `: ${listed(those)}`
  const act = health === 'Suspended' ? '; somebody has to resume what is paused in it' : ''
  return `Application is ${health}${names}${act}`
}

/** A warning is no error. */
export const errorIn = (conditions: ObservedApplication['conditions']): string | undefined =>
  conditions.find(({ type }) => type.endsWith('Error'))?.message

const listed = (resources: readonly ManagedResource[]): string =>
  resources
    .slice(0, NAMED)
    .map(({ kind, name, message }) => (message === '' ? `${kind}/${name}` : `${kind}/${name} (${message})`))
    .join(', ') + more(resources.length)

const more = (count: number): string => (count > NAMED ? ` and ${count - NAMED} more` : '')
