/** Whether a merge brought what the promotion wrote: GitHub merges three ways, onto a base that may have moved since it was read, and people may change a pull request before they merge it. Asked by attempt-merge.ts and merged-by-people.ts. */
import { UserError } from '../domain/failure.ts'
import { gitBlobId } from '../domain/git-blob.ts'
import type { Promotion, Stage } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import type { RepoFile } from './ports.ts'
import { type PromotionContext, planOver } from './promotion-context.ts'

type Failed = Extract<Stage, { readonly at: 'failed' }>

/** The files that its pull request changes. */
export const filesOf = ({ changes }: Pick<Promotion, 'changes'>): readonly string[] => [
  ...new Set(changes.map(({ file }) => file)),
]

export type MergedContent = {
  /** As read before the merge where `merged` is given, else after it. */
  readonly context: PromotionContext
  /** Git's ids of the files in the merge commit, where the merge gave them. */
  readonly merged: ReadonlyMap<string, string> | undefined
}

/**
 * The stage of a promotion at `syncing` whose merge commit lacks some of its values; undefined where all are there. Costs
 * calls (two) only where the merged files are not, byte for byte, those that were written.
 */
export async function unlikeOurs(
  promotion: Promotion,
  { context, merged }: MergedContent,
  deps: Deps,
): Promise<Failed | undefined> {
  const { stage } = promotion
  if (stage.at !== 'syncing') return undefined
  const suspects = merged === undefined ? suspectsIn(promotion, context) : otherThanPlanned(context, merged)
  if (suspects.length === 0) return undefined
  const files = await deps.github.readFiles(context.environment.repository, stage.revision, filesOf(promotion))
  const unlike = merged === undefined ? await otherThanWritten(promotion, { context, files }, deps) : suspects
  if (unlike.length === 0) return undefined
  const names = unlike.map((path) => `\`${path}\``).join(', ')
  if (filesLacking(promotion, context, { files, paths: filesOf(promotion) }).length === 0) {
    deps.log.info(
      { promotion: promotion.id, files: unlike },
      'somebody else changed a file meanwhile; every value is there',
    )
    return undefined
  }
  return {
    at: 'failed',
    failedAt: deps.clock.now().toISOString(),
    code: 'merge_differs',
    message: `its merge commit ${stage.revision.slice(0, 7)} does not hold all that it was to write: somebody else changed ${names} too`,
    revision: stage.revision,
    evidence: [],
    rollback: undefined,
  }
}

/** As read after the merge: where the base branch holds every value, there is nothing to ask. */
const suspectsIn = (promotion: Promotion, { plan }: PromotionContext): readonly string[] =>
  plan.kind === 'unchanged' ? [] : filesOf(promotion)

function otherThanPlanned({ plan }: PromotionContext, merged: ReadonlyMap<string, string>): readonly string[] {
  if (plan.kind !== 'planned') return [...merged.keys()]
  return plan.files.flatMap(({ path, text }) => {
    const id = merged.get(path)
    return id === gitBlobId(Buffer.from(text), id?.length ?? 40) ? [] : [path]
  })
}

/** The configuration may have changed since it was written: what it wrote stands in its own commit. */
async function otherThanWritten(
  promotion: Promotion,
  { context, files }: { readonly context: PromotionContext; readonly files: ReadonlyMap<string, RepoFile> },
  { github }: Deps,
): Promise<readonly string[]> {
  const { pullRequest } = promotion
  const paths = filesOf(promotion)
  if (pullRequest === undefined) return paths
  const written = await github.readFiles(context.environment.repository, pullRequest.headSha, paths)
  return paths.filter((path) => files.get(path)?.oid !== written.get(path)?.oid)
}

/** Which of its files (`paths`), as they stand somewhere, lack a value that it writes; all of them where that cannot be told apart. `context`: as it was written. */
export function filesLacking(
  promotion: Promotion,
  context: Pick<PromotionContext, 'environment' | 'release'>,
  { files, paths }: { readonly files: ReadonlyMap<string, RepoFile>; readonly paths: readonly string[] },
): readonly string[] {
  try {
    const plan = planOver(promotion, context, files)
    if (plan.kind === 'unchanged') return []
    return plan.kind === 'planned' ? [...new Set(plan.changes.map(({ file }) => file))] : paths
  } catch (error) {
    if (error instanceof UserError) return paths
    throw error
  }
}
