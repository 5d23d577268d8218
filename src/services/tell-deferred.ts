/** Says on the check run that a comparison waits, and until when, where nothing could be read of its pull request. Part of refresh-comparison.ts. */
import { renderComparisonDeferred } from '../comments/comparison-check.ts'
import { Deferred, SystemUnavailable } from '../domain/failure.ts'
import type { RepoName } from '../domain/ids.ts'
import type { Subject } from '../domain/subject.ts'
import type { Deps } from './deps.ts'
import { heardHead } from './heard-head.ts'
import type { Publication } from './ledger.ts'
import type { ComparisonStore } from './ports.ts'
import { checkWrite, comparisonCheckKey, recordCheck } from './publish-check.ts'
import { COMPARISON_CHECK } from './refresh-comparison-publish.ts'
import { CONFIG_FILE } from './repo-settings.ts'

type Needs = Pick<Deps, 'ledger' | 'github' | 'clock' | 'parseConfig' | 'log'> & {
  readonly comparisons: ComparisonStore
}

/** A shorter wait is over before anybody looks. */
const WORTH_TELLING_MS = 60_000

/**
 * One write, once per head; none where the head has its verdict, or the repository may want nothing from us. Throws Deferred when even
 * that has to wait, and less long than the comparison.
 */
export async function tellDeferred(
  { repository, number }: Extract<Subject, { kind: 'pull-request' }>,
  { until }: Deferred,
  deps: Needs,
): Promise<void> {
  if (until.getTime() - deps.clock.now().getTime() < WORTH_TELLING_MS) return
  const head = await heardHead({ repository, number }, deps)
  if (head?.repositoryId === undefined) return
  const key = comparisonCheckKey({ repository, number, headSha: head.sha })
  const known = await deps.ledger.publication(key)
  if (known?.said?.status === 'completed' || !(await isConcerned({ repository, number }, deps))) return
  const output = renderComparisonDeferred(until)
  const { repositoryId, sha: headSha } = head
  const publishing = { key, repository, repositoryId, headSha, name: COMPARISON_CHECK, output }
  try {
    const writes = await checkWrite(publishing, deps)
    const [result] = writes.length === 0 ? [] : await deps.github.write(repository, writes)
    await recordCheck(publishing, result, deps)
  } catch (error) {
    // Nothing was sent: there is nothing to look for.
    if (error instanceof Deferred && isBlank(known))
      await deps.ledger.savePublication({ key, nodeId: undefined, hash: undefined, intendedAt: undefined })
    const isSooner = error instanceof Deferred && error.until < until
    if (isSooner || !(error instanceof SystemUnavailable)) throw error
    deps.log.info({ repository, number, reason: error.message }, 'nobody could be told that a comparison waits')
  }
}

/** Nothing is there, and nothing was on its way. */
const isBlank = (known: Publication | undefined): boolean =>
  known?.nodeId === undefined && known?.intendedAt === undefined

async function isConcerned(
  { repository, number }: { readonly repository: RepoName; readonly number: number },
  { comparisons, ledger, parseConfig }: Needs,
): Promise<boolean> {
  if ((await comparisons.get(repository, number)) !== undefined) return true
  const known = await ledger.knownFile(repository, CONFIG_FILE)
  const parsed = known && parseConfig(known.text, { file: CONFIG_FILE })
  return parsed?.ok === true && parsed.settings.models.size > 0
}
