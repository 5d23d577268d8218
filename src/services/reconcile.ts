/** reconcile(subject): which service looks at which subject. A refusal that nobody asked for is logged; what would wait for it for ever looks again by itself. */
import { UserError } from '../domain/failure.ts'
import { parseSubject, type Subject, subjectKey } from '../domain/subject.ts'
import { advancePromotion } from './advance-promotion.ts'
import { answerCommand } from './answer-command.ts'
import { beginReleases } from './begin-releases.ts'
import { completeRelease } from './complete-release.ts'
import type { DecidableCommand } from './decide-command.ts'
import type { Deps } from './deps.ts'
import { followMergeGroup, wakeMergeGroups } from './follow-merge-group.ts'
import { refreshComparison } from './refresh-comparison.ts'

export type ReconcilerOptions = {
  readonly deps: Deps
  readonly commands: readonly DecidableCommand[]
}

/** What the queue's workers call. Throws on outages and bugs, so that the queue runs the subject again. */
export function createReconciler({ deps, commands }: ReconcilerOptions): (key: string) => Promise<void> {
  return async (key) => {
    const subject = parseSubject(key)
    if (subject === undefined) {
      deps.log.error({ key }, 'a subject that cannot be read was left')
      return
    }
    try {
      switch (subject.kind) {
        case 'pull-request':
          await refreshComparison(subject, deps)
          return await wakeMergeGroups(subject, deps)
        case 'command':
          return await answerCommand(subject, commands, deps)
        case 'push':
          return await beginReleases(subject, deps)
        case 'release':
          return await completeRelease(subject, deps)
        case 'environment':
          await advancePromotion(subject, wokenByCluster(subject, deps))
          return await wakeMergeGroups(subject, deps)
        case 'merge-group':
          return await followMergeGroup(subject, deps)
        case 'sweep':
          return
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      deps.log.warn(
        { subject: key, code: error.code, reason: error.message, hint: error.hint },
        'reconcile was refused',
      )
      await lookAgain(subject, deps)
    }
  }
}

/** What is read of clusters in this run wakes the subject when it changes. */
function wokenByCluster(subject: Subject, deps: Deps): Deps {
  const wake = () => {
    deps.hints.hint(subject).catch((error: unknown) => {
      deps.log.error({ subject: subjectKey(subject), err: error }, 'a change in a cluster was not taken')
    })
  }
  const reader = subjectKey(subject)
  return { ...deps, cluster: deps.cluster.readBy(reader, wake), argocd: deps.argocd.readBy(reader, wake) }
}

const AGAIN_MS = 60_000
const LONGEST_MS = 3_600_000
/** A push and a pull request read GitHub at each look: they are given up after a day. */
const READ_MS = 24 * LONGEST_MS

/** What no event may ever wake again. Commands are for people to repeat. */
async function lookAgain(subject: Subject, { hints, ledger, clock }: Deps): Promise<void> {
  const now = clock.now().getTime()
  if (subject.kind === 'release' || subject.kind === 'environment')
    return hints.wakeAt(subject, new Date(now + AGAIN_MS))
  if (subject.kind !== 'push' && subject.kind !== 'pull-request') return
  const key = `refused:${subjectKey(subject)}`
  const first = (await ledger.publication(key))?.intendedAt
  // What was refused long ago was another refusal.
  const isKnown = first !== undefined && now - Date.parse(first) < 2 * READ_MS
  const since = isKnown ? first : new Date(now).toISOString()
  await ledger.savePublication({ key, nodeId: undefined, hash: undefined, intendedAt: since })
  const waited = now - Date.parse(since)
  if (waited < READ_MS) await hints.wakeAt(subject, new Date(now + Math.min(Math.max(waited, AGAIN_MS), LONGEST_MS)))
}
