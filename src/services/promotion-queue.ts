/**
 * A promotion whose config repository merges by a merge queue alone. The queue merges later, without asking: so it is
 * entered only where the branch demands our check run, which follow-merge-group.ts keeps on the queue's commits.
 */
import { asksUs, type MergeFacts, PROMOTION_CHECK } from '../domain/branch-rules.ts'
import { meaningOfRefusal, refusalWords } from '../domain/merge-refusal.ts'
import type { QueueEntries } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import type { GitHubWrite, GitHubWriteResult } from './ports.ts'
import { promotionCheckWrites, publishPromotionCheck } from './publish-promotion-check.ts'
import { type Decided, LATER_MS, later, type Merging, openedStage, waitForGitHub } from './wait-for-github.ts'

/** How often a promotion enters the queue without its own rules having closed in between. */
const MOST_ENTRIES = 5
/** A read may not show yet what was written a moment ago. */
const LAG_MS = 60_000

/** Entered, or waiting with the reason. `wanted`: what GitHub is known to want before. */
export async function throughQueue(decided: Decided, wanted: readonly string[], deps: Deps): Promise<Merging> {
  const { rules: branch } = decided.context.world.config
  const { queue } = openedStage(decided.promotion)
  const queued = decided.seen?.merging?.queued
  if (queued !== undefined) return wait(decided, { words: IN_QUEUE, queue: queue ?? found(decided, deps) }, deps)
  if (!asksUs(branch, deps.github.appId)) return wait(decided, { words: withoutCheck(branch.branch), queue }, deps)
  const out = queue && thrownOut(queue, decided, deps)
  if (out !== undefined) return wait(decided, out, deps)
  if (wanted.length > 0) return wait(decided, { words: wanted.join('; '), queue }, deps)
  return enter(decided, deps)
}

type Waits = { readonly words: string; readonly queue: QueueEntries | undefined; readonly until?: Date }

async function wait(decided: Decided, { words, queue, until = later }: WaitsOrLater, deps: Deps): Promise<Merging> {
  await publishPromotionCheck(decided, [words], deps)
  return waitForGitHub(decided, { words, queue, until: typeof until === 'function' ? until(deps) : until }, deps)
}

type WaitsOrLater = Omit<Waits, 'until'> & { readonly until?: Date | typeof later }

const IN_QUEUE = 'it is in the merge queue'

/** An entry whose answer was lost is known by who made it. */
function found({ seen }: Decided, deps: Deps): QueueEntries | undefined {
  return seen?.merging?.queued?.by === deps.github.appLogin ? entered({ seen }, 1, deps) : undefined
}

const entered = ({ seen }: Pick<Decided, 'seen'>, entries: number, { clock }: Deps): QueueEntries => ({
  entries,
  since: clock.now().toISOString(),
  removedBefore: seen?.merging?.dequeued?.at.toISOString(),
})

const withoutCheck = (branch: string): string =>
  `\`${branch}\` has a merge queue, which merges later without asking again: it enters only where \`${PROMOTION_CHECK}\` is a required check of \`${branch}\`. Add it to the rules of the branch, or put the pull request into the queue yourself`

/** What is told while it stays out of the queue that it was in; undefined once it may enter again. */
function thrownOut(queue: QueueEntries, { seen }: Decided, { clock }: Deps): Waits | undefined {
  const now = clock.now().getTime()
  const since = Date.parse(queue.since)
  const removed = removalFrom(queue, seen?.merging)
  if (removed === undefined && now - since < LAG_MS)
    return { words: 'it enters the merge queue', queue, until: new Date(since + LAG_MS) }
  const why = `the merge queue took it out${removed?.reason === undefined ? '' : ` (\`${removed.reason}\`)`}`
  const theirs = 'whoever may merge can put it in again'
  if (isByHand(removed)) return { words: `somebody took it out of the merge queue; ${theirs}`, queue }
  if (queue.entries >= MOST_ENTRIES) return { words: `${why} ${queue.entries} times; ${theirs}`, queue }
  const again = (removed?.at.getTime() ?? since) + LATER_MS * queue.entries
  if (now >= again) return undefined
  const minutes = Math.ceil((LATER_MS * queue.entries) / 60_000)
  return { words: `${why}; it enters again after ${minutes} minutes`, queue, until: new Date(again) }
}

/** Told apart from an earlier removal by GitHub's times alone: its clock may be behind ours, and what cannot be merged leaves the queue at once. */
const removalFrom = ({ removedBefore }: QueueEntries, merging: MergeFacts | undefined): MergeFacts['dequeued'] =>
  merging?.dequeued?.at.toISOString() === removedBefore ? undefined : merging?.dequeued

/** A person's act stands. */
const isByHand = (removed: MergeFacts['dequeued']): boolean => /manual/i.test(removed?.reason ?? '')

async function enter(decided: Decided, deps: Deps): Promise<Merging> {
  const { promotion, context } = decided
  const { repository } = context.environment
  const check = await promotionCheckWrites(decided, [], deps)
  const isUrgent = promotion.kind === 'rollback'
  const results = await deps.github.write(repository, [...check.writes, enqueueWrite(decided, isUrgent)])
  await check.record(results)
  let answer = results.at(-1)
  // To jump the queue takes an administrator's right, which the App need not have.
  if (isUrgent && answer?.ok !== true) [answer] = await deps.github.write(repository, [enqueueWrite(decided, false)])
  if (answer?.ok !== true) return refused(decided, answer, deps)
  const entries = (openedStage(promotion).queue?.entries ?? 0) + 1
  const queue = entered(decided, entries, deps)
  return waitForGitHub(decided, { words: IN_QUEUE, queue, until: later(deps) }, deps)
}

function enqueueWrite({ promotion }: Decided, jump: boolean): GitHubWrite {
  const { pullRequest } = openedStage(promotion)
  return { kind: 'enqueue-pull-request', pullRequestId: pullRequest.id, expectedHead: pullRequest.headSha, jump }
}

function refused(decided: Decided, result: GitHubWriteResult | undefined, deps: Deps): Merging {
  if (result === undefined || result.ok) throw new Error('GitHub gave no place in the merge queue')
  const { promotion } = decided
  const { queue } = openedStage(promotion)
  const { message } = result
  deps.log.warn({ promotion: promotion.id, message }, 'GitHub did not take the promotion into the merge queue')
  const words =
    meaningOfRefusal(result) === 'forbidden'
      ? `the App may not use the merge queue (it needs the permission Merge queues: write); whoever may merge can put it in`
      : refusalWords(message)
  return waitForGitHub(decided, { words, queue }, deps)
}
