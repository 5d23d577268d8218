/** Is our commit live in Argo CD? Pure: an Application as observed, and what is sought. The words of what failed are argocd-words.ts; the watch is src/clients/kubernetes/. */
import { isUnderWay, type ObservedApplication, type Operation } from './argocd-application.ts'
import { ourSources, type WrittenInto } from './argocd-source.ts'
import { errorIn, failureOf, heldBy, running, timeOf, unsynced, withNames } from './argocd-words.ts'
import { CLUSTER_CLOCK_MS } from './github-clock.ts'
import { type Readiness, waiting } from './sync-readiness.ts'

export type Sought = WrittenInto & {
  /** Whether a revision is our commit, or a later one that holds our values; of a hydrated Application, also what one of these became. */
  readonly isOurs: (revision: string) => boolean
  readonly mergedAt: Date
  /** Who starts the sync where auto-sync is off. */
  readonly sync: 'auto' | 'request' | 'manual'
}

/**
 * Live is: compared with our commit (or a later one that holds our values), Synced, no sync of it failed, and healthy
 * *after* it. Argo CD executes operations and assesses health in separate loops: right after an operation ends, `health`
 * may still be what it was before. It counts only when Argo CD has looked again since the operation finished.
 */
export function assessApplication(application: ObservedApplication, sought: Sought): Readiness {
  const held = heldBy(application)
  if (held !== undefined) return held
  const position = positionOf(application, sought)
  if (position.kind !== 'here') return position.readiness
  const { operation } = application
  const { ours } = position
  if (isFailed(ours) && application.isSyncAsked)
    return waiting('operation-running', 'a sync was asked for again, and has not begun')
  if (ours !== undefined && isFailed(ours)) return { kind: 'failed', because: 'sync-failed', detail: failureOf(ours) }
  // A requested sync in a deny window is "running" until the window lifts.
  if (operation?.phase === 'Running' && /sync window/i.test(operation.message))
    return { kind: 'blocked', detail: operation.message }
  if (ours !== undefined && isUnderWay(ours)) return waiting('operation-running', running(ours))
  if (position.revision === undefined) return notSeen(application, ours, sought)
  if (application.syncStatus !== 'Synced')
    return notSynced(application, { ...position, revision: position.revision }, sought)
  // Another commit's operation is not over: it may leave things as they are not yet shown.
  if (operation !== undefined && isUnderWay(operation)) return waiting('operation-running', anothers(operation))
  if (application.isSyncAsked) return waiting('operation-running', 'a sync was asked for, and has not begun')
  return assessHealth(application, position.revision)
}

/**
 * What Argo CD is to be asked for now. A refresh where it may not have compared since the merge, by its clock (once: ask-argocd.ts); a sync where that is ours to
 * start and none of this revision has begun: after one that ended, well or not, none is started again.
 */
export function requestFor(application: ObservedApplication, sought: Sought): 'refresh' | 'sync' | undefined {
  if (heldBy(application) !== undefined) return undefined
  const position = positionOf(application, sought)
  if (position.kind === 'elsewhere') return undefined
  const comparedAt = application.reconciledAt?.getTime() ?? 0
  if (position.kind === 'unhydrated' || position.revision === undefined)
    return comparedAt < sought.mergedAt.getTime() + CLUSTER_CLOCK_MS ? 'refresh' : undefined
  const { automated, syncStatus, operation, isSyncAsked } = application
  const isBusy = isSyncAsked || isUnderWay(operation)
  const isUntried = position.ours === undefined && !wasDeployed(application, sought)
  const isOpen = !automated && !isBusy && syncStatus === 'OutOfSync' && isUntried
  return sought.sync === 'request' && isOpen ? 'sync' : undefined
}

type Position =
  | {
      readonly kind: 'here'
      /** What it was compared with; undefined where that is not ours. */
      readonly revision: string | undefined
      /** The newest operation, where it is one of ours: of the whole Application, and since the merge. */
      readonly ours: Operation | undefined
    }
  | { readonly kind: 'elsewhere'; readonly readiness: Readiness }
  | { readonly kind: 'unhydrated'; readonly readiness: Readiness }

function positionOf(application: ObservedApplication, sought: Sought): Position {
  const { syncRevisions, operation, hydration } = application
  if (hydration !== undefined && !(hydration.drySha !== undefined && sought.isOurs(hydration.drySha)))
    return { kind: 'unhydrated', readiness: waiting('not-seen', unhydrated(hydration)) }
  const found = ourSources(application.sources, sought)
  const known = syncRevisions.flatMap((revision, index) => (sought.isOurs(revision) ? [index] : []))
  // Where only a mirror or a moved tag of it is read, our commit itself is the proof.
  if (found.kind === 'elsewhere' && known.length === 0 && application.sources.length > 0)
    return {
      kind: 'elsewhere',
      readiness: { kind: 'blocked', detail: `the Application cannot get it: ${found.detail}` },
    }
  const indexes = found.kind === 'here' && hydration === undefined ? found.indexes : known
  const at =
    indexes.length > 0 && indexes.every((index) => known.includes(index)) ? syncRevisions[indexes[0] ?? 0] : undefined
  const isOfOurs = operation !== undefined && isOperationOfOurs(operation, { indexes, sought })
  return { kind: 'here', revision: at, ours: isOfOurs ? operation : undefined }
}

/** Before the merge there was nothing of ours to sync, but perhaps a sync of the very commit that our values were found in. */
function isOperationOfOurs(
  operation: Operation,
  { indexes, sought }: { readonly indexes: readonly number[]; readonly sought: Sought },
): boolean {
  const { revisions, isPartial, finishedAt } = operation
  const isOld = finishedAt !== undefined && finishedAt.getTime() < sought.mergedAt.getTime() - CLUSTER_CLOCK_MS
  if (isPartial || (isFailed(operation) && isOld)) return false
  const placed = indexes.filter((index) => index < revisions.length)
  if (placed.length === 0) return revisions.some(sought.isOurs)
  return placed.every((index) => sought.isOurs(revisions[index] ?? ''))
}

/** What it is compared with was synced since the merge: whoever rolled it back in Argo CD did so knowing it. */
const wasDeployed = ({ deployed, syncRevisions }: ObservedApplication, { mergedAt }: Sought): boolean =>
  deployed.some(
    ({ revisions, at }) =>
      at !== undefined &&
      at.getTime() >= mergedAt.getTime() - CLUSTER_CLOCK_MS &&
      revisions.join() === syncRevisions.join(),
  )

function unhydrated({ phase, message, drySha }: NonNullable<ObservedApplication['hydration']>): string {
  if (phase === 'Failed') return `Argo CD could not hydrate it: ${message || 'no reason is given'}`
  if (phase === 'Hydrating') return 'Argo CD hydrates its manifests'
  return `Argo CD has hydrated ${drySha?.slice(0, 7) ?? 'no revision'}`
}

function notSeen(
  { conditions, syncRevisions, reconciledAt }: ObservedApplication,
  ours: Operation | undefined,
  { mergedAt }: Sought,
): Readiness {
  const at = syncRevisions.map((revision) => revision.slice(0, 7)).join(', ') || 'no revision'
  if (ours !== undefined) return waiting('out-of-sync', `Argo CD is at ${at} again after the sync of our commit`)
  const isLate = reconciledAt !== undefined && reconciledAt < mergedAt
  const since = isLate ? ` and has not looked at Git since ${timeOf(reconciledAt)}` : ''
  return waiting('not-seen', errorIn(conditions) ?? `Argo CD is at ${at}${since}`)
}

type Compared = { readonly revision: string; readonly ours: Operation | undefined }

/**
 * A deny window that is closed to automation leaves no trace: Argo CD compares, says OutOfSync and does nothing, as it
 * does when it is slow. So it is not known to be blocked, and the words name what may be.
 */
function notSynced(application: ObservedApplication, { revision, ours }: Compared, sought: Sought): Readiness {
  const { automated, operation, syncStatus, conditions } = application
  if (operation !== undefined && isUnderWay(operation)) return waiting('not-synced', 'the sync of another commit runs')
  if (application.isSyncAsked) return waiting('not-synced', 'a sync was asked for, and has not begun')
  const isOfOthers = ours !== undefined && ours.revisions.join() !== application.syncRevisions.join()
  // What is live is ours; that a later commit, or another source, waits for somebody to sync it is nothing of ours.
  if (!automated && isOfOthers) return assessHealth(application, ours.revisions.find(sought.isOurs) ?? revision)
  if (ours !== undefined)
    return waiting('out-of-sync', unsynced(application, `Application is ${syncStatus} after its sync`))
  if (wasDeployed(application, sought))
    return waiting('out-of-sync', 'it was synced, and something else has been since')
  if (!automated && sought.sync === 'request')
    return waiting('not-synced', errorIn(conditions) ?? 'Lockkeeper asks for its sync')
  if (!automated) return { kind: 'blocked', detail: 'auto-sync is off: somebody has to press Sync in Argo CD' }
  const window = conditions.find(({ message }) => /sync window/i.test(message))
  if (window !== undefined) return { kind: 'blocked', detail: window.message }
  const idle = `Application is ${syncStatus} and Argo CD has not begun to sync it; a sync window may be closed`
  return waiting('not-synced', errorIn(conditions) ?? idle)
}

function assessHealth(application: ObservedApplication, revision: string): Readiness {
  const { health, operation, reconciledAt, healthChangedAt } = application
  const finishedAt = operation?.finishedAt
  const lookedAt = Math.max(reconciledAt?.getTime() ?? 0, healthChangedAt?.getTime() ?? 0)
  // Times have whole seconds, and the look that finds an Application Synced often falls into the second of its sync. That a
  // workload has not reacted by then shows only in the workload itself: verify-service.ts looks there.
  if (finishedAt !== undefined && lookedAt < finishedAt.getTime())
    return waiting('health-stale', 'health was assessed before the sync ended')
  if (health === 'Healthy') return { kind: 'ready', revision }
  if (health !== 'Degraded') return waiting('progressing', withNames(application))
  // What a sync repairs is Degraded until its controller has reacted: a rollback must not fail by what it undoes.
  if (finishedAt !== undefined && healthChangedAt !== undefined && healthChangedAt < finishedAt)
    return waiting('health-stale', 'Application has been Degraded since before its sync')
  return { kind: 'failed', because: 'degraded', detail: withNames(application) }
}

const anothers = ({ message }: Operation): string => message || 'the sync of another commit runs'

const isFailed = (operation: Operation | undefined): boolean =>
  operation?.phase === 'Failed' || operation?.phase === 'Error'
