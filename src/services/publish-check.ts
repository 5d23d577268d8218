/** Keeps one check run current: written only when its content changed, found again after a crash between creating and recording. */
import { createHash } from 'node:crypto'
import type { CommitSha, RepoName } from '../domain/ids.ts'
import type { Deps } from './deps.ts'
import { intendedNow, requireListed } from './listed-yet.ts'
import type { CheckRunOutput, GitHubWrite, GitHubWriteResult } from './ports.ts'

export type Publishing = {
  readonly key: string
  readonly repository: RepoName
  readonly repositoryId: string
  readonly headSha: CommitSha
  readonly name: string
  readonly output: CheckRunOutput
}

/** The publication of the check run `lockkeeper` on a pull request's head. */
export const comparisonCheckKey = (head: {
  readonly repository: RepoName
  readonly number: number
  readonly headSha: CommitSha
}): string => `comparison-check ${head.repository}#${head.number} ${head.headSha}`

/** The number of the pull request in a key that `comparisonCheckKey` made; undefined for anything else. */
export function parseComparisonCheckKey(key: string): number | undefined {
  const [, number] = /^comparison-check [^ #]+#(\d{1,10}) [0-9a-f]{40,64}$/.exec(key) ?? []
  return number === undefined ? undefined : Number(number)
}

/** The publication of the check run `lockkeeper/promotion` on a promotion's head. */
export const promotionCheckKey = (headSha: CommitSha): string => `check:lockkeeper/promotion:${headSha}`

type Needs = Pick<Deps, 'ledger' | 'github' | 'clock'>

/** The write that makes the check run say this; empty when it does already. Pass its result to `recordCheck`. */
export async function checkWrite(
  publishing: Publishing,
  { ledger, github, clock }: Needs,
): Promise<readonly GitHubWrite[]> {
  const { key, repository, repositoryId, headSha, name, output } = publishing
  const known = await ledger.publication(key)
  // Versions before this one did not remember what they said, which merge queues follow: it is said once more.
  if (known?.hash === hashOf(output) && known.said !== undefined) return []
  const lost = known?.nodeId === undefined ? known?.intendedAt : undefined
  // GitHub reopens no completed check run, and takes no annotation back: a new one of the same name takes its place.
  const isReopened = output.status !== 'completed' && known?.said?.status !== output.status
  const annotated = known?.said?.annotations
  const isRewritten = annotated !== undefined && annotated !== annotationsHash(output)
  const knownId = isReopened || isRewritten ? undefined : known?.nodeId
  const found = lost === undefined ? undefined : await github.findCheckRun(repository, headSha, name)
  if (lost !== undefined && found === undefined) requireListed(lost, clock)
  // What is found completed was there before the one that was meant to open it again.
  const foundId = found?.isCompleted === true && output.status !== 'completed' ? undefined : found?.id
  const checkRunId = knownId ?? foundId
  if (checkRunId !== undefined) {
    // Each update adds its annotations to those that are there.
    const update = annotated === undefined ? output : { ...output, annotations: [] }
    return [{ kind: 'update-check-run', repositoryId, checkRunId, output: update }]
  }
  await ledger.savePublication({ key, nodeId: undefined, hash: undefined, intendedAt: intendedNow(clock) })
  return [{ kind: 'create-check-run', repositoryId, name, headSha, externalId: key, output }]
}

/** Remembers what was written. A failed write is left unrecorded and tried again by the next run. */
export async function recordCheck(
  { key, output }: Publishing,
  result: GitHubWriteResult | undefined,
  { ledger }: Pick<Deps, 'ledger'>,
): Promise<void> {
  if (result?.ok !== true) return
  const known = await ledger.publication(key)
  const { status, conclusion, title } = output
  const annotations = annotationsHash(output)
  const said = { status, conclusion, title, ...(annotations === undefined ? {} : { annotations }) }
  const nodeId = result.id ?? known?.nodeId
  await ledger.savePublication({ key, nodeId, hash: hashOf(output), intendedAt: undefined, said })
}

function annotationsHash({ annotations }: CheckRunOutput): string | undefined {
  return annotations.length === 0 ? undefined : hashOf(annotations)
}

/** A short content hash. */
export function hashOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32)
}
