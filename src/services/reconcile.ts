/** reconcile(subject): which service looks at which subject. A refusal that nobody asked for is logged, not repeated: the next event looks again. */
import { UserError } from '../domain/failure.ts'
import { parseSubject } from '../domain/subject.ts'
import { advancePromotion } from './advance-promotion.ts'
import { answerCommand, type RunCommand } from './answer-command.ts'
import { beginReleases } from './begin-releases.ts'
import { completeRelease } from './complete-release.ts'
import type { Deps } from './deps.ts'
import { refreshComparison } from './refresh-comparison.ts'

export type ReconcilerOptions = {
  readonly deps: Deps
  readonly commands: ReadonlyMap<string, RunCommand>
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
          return await refreshComparison(subject, deps)
        case 'command':
          return await answerCommand(subject, commands, deps)
        case 'push':
          return await beginReleases(subject, deps)
        case 'release':
          return await completeRelease(subject, deps)
        case 'environment':
          return await advancePromotion(subject, deps)
        case 'sweep':
          return
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      deps.log.warn(
        { subject: key, code: error.code, reason: error.message, hint: error.hint },
        'reconcile was refused',
      )
    }
  }
}
