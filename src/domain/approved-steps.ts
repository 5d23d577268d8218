/** Which steps of a canary the approval of its first one covers. Asked by src/services/approved-by.ts. */
import { isTrafficPath } from './canary.ts'
import type { Change, Promotion } from './promotion.ts'

/**
 * Who had approved the promotion's first step, where that covers this one: it moves the share that they saw, or writes what they saw into a file that
 * they saw. The edits of the model repository may have changed since, and whatever else they write has been approved by nobody.
 */
export function approvedBefore({ canary, changes }: Pick<Promotion, 'canary' | 'changes'>): readonly string[] {
  const { live, approvedBy = [] } = canary ?? {}
  return live !== undefined && changes.every((change) => wasSeen(change, live.changes)) ? approvedBy : []
}

function wasSeen(change: Change, seen: readonly Change[]): boolean {
  const inFile = seen.filter(({ file }) => file === change.file)
  const isThere = inFile.some(({ document, path }) => document === change.document && path === change.path)
  if (isThere && (isTrafficPath(change.path) || change.removed === true)) return true
  return change.removed !== true && inFile.some(({ after }) => after === change.after)
}
