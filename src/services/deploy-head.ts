/** `/deploy` of a head that is not merged and has no release yet: begins one; the promotion goes on by itself once it is there (await-release.ts). Part of deploy-release.ts. */
import type { Promotion } from '../domain/promotion.ts'
import { releaseSubject } from '../domain/subject.ts'
import type { Deps } from './deps.ts'
import type { ReleaseRecord } from './ledger.ts'
import type { PinnedHead } from './pin-head.ts'

export type Begun = {
  readonly head: PinnedHead
  /** An earlier command began it: it is waited for, or was given up and is looked for again. */
  readonly known: ReleaseRecord | undefined
}

/** Begun before the promotion that waits for it, so that a crash in between leaves nobody waiting for nothing. */
export async function beginHead({ repository, model }: Promotion, { head, known }: Begun, deps: Deps): Promise<void> {
  const { ledger, clock, hints } = deps
  const { sha: commit, view } = head
  const { number, id, testMergeCommit, headRef, author, baseSha: parent } = view
  const begun = {
    repository,
    model,
    origin: 'pull_request',
    commit,
    pullRequest: { number, id, headSha: commit, testMergeCommit, headRef, author },
    parent,
    begunAt: clock.now().toISOString(),
  } as const
  await ledger.beginRelease(begun)
  if (known?.state.kind === 'given-up')
    await ledger.saveRelease({ ...begun, sequence: known.sequence, state: { kind: 'pending', missing: [] } })
  await hints.hint(releaseSubject(begun))
}
