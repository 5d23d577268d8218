/** A push to a config repository may change the very files that open promotions edit: those are looked at again, and made anew where they have to be (rebuild-promotion.ts). So are those whose rules a push changes, on either side. Heard by handlers/push.ts; of checks, by check-run.completed.ts and status.ts. */
import type { CommitSha, RepoName } from '../domain/ids.ts'
import { isMerged, type Promotion } from '../domain/promotion.ts'
import type { Subject } from '../domain/subject.ts'
import type { Deps } from './deps.ts'
import { forgetHandedOver } from './hand-over.ts'
import { repositoryOf } from './leave-pull-request.ts'
import { followPush } from './without-models.ts'

export type ConfigPush = {
  readonly repository: RepoName
  readonly before: CommitSha | undefined
  readonly sha: CommitSha
  /** What it changed on the default branch; undefined when GitHub did not list all of it. */
  readonly paths: ReadonlySet<string> | undefined
}

/** The rules of a model repository, and what a config repository accepts, stand here. */
const SETTINGS = '.github/lockkeeper.yml'

/** The environments to which an unmerged head with this commit is on its way, and not merged: the checks that its branch demands may have ended. */
export async function waitingAtHead(
  { repository, commit }: { readonly repository: RepoName; readonly commit: string },
  { ledger }: Pick<Deps, 'ledger'>,
): Promise<readonly Subject[]> {
  return (await ledger.activePromotions()).flatMap(({ repository: of, model, environment, head, stage }) =>
    of === repository && head === commit && (stage.at === 'proposed' || stage.at === 'opened')
      ? [{ kind: 'environment', repository, model, environment } as const]
      : [],
  )
}

/** No call to GitHub, and none follows a push that touches nothing of theirs. */
export async function wakePromotions(
  push: ConfigPush,
  { github, ledger, hints, clock, parseConfig }: Pick<Deps, 'github' | 'ledger' | 'hints' | 'clock' | 'parseConfig'>,
): Promise<void> {
  forgetHandedOver(github)
  await followPush(push, { ledger, clock, parseConfig })
  for (const promotion of await ledger.activePromotions()) {
    const { repository, model, environment } = promotion
    if (concerns(push, promotion)) await hints.hint({ kind: 'environment', repository, model, environment })
  }
}

function concerns({ repository, paths }: Pick<ConfigPush, 'repository' | 'paths'>, promotion: Promotion): boolean {
  const { stage, pullRequest, changes } = promotion
  const changesRules = paths === undefined || paths.has(SETTINGS)
  if (repository === promotion.repository && changesRules && !isMerged(promotion)) return true
  // What has no pull request waits for its rules while its values are in the files already.
  const opened = stage.at === 'opened' && pullRequest !== undefined ? repositoryOf(pullRequest) : undefined
  if ((stage.at === 'proposed' ? promotion.into : opened) !== repository) return false
  return changesRules || changes.some(({ file }) => paths.has(file))
}
