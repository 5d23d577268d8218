/** The first look at a merge queue's head: which check runs it needs, and what each of them follows. Kept up by follow-merge-group.ts. */
import type { RepoName } from '../domain/ids.ts'
import type { CheckName, GroupCheck, Unconcerned } from '../domain/merge-group.ts'
import type { Subject } from '../domain/subject.ts'
import type { Deps } from './deps.ts'
import type { MergeGroupRecord, PullRequestView } from './ports.ts'
import { comparisonCheckKey, promotionCheckKey } from './publish-check.ts'
import { isConcerned, readConfiguration } from './refresh-comparison-settings.ts'
import { CONFIG_FILE } from './repo-settings.ts'
import { requiredChecks } from './required-checks.ts'

type MergeGroupSubject = Extract<Subject, { kind: 'merge-group' }>

/** How long a head is remembered: longer than GitHub keeps what it could not deliver. */
const KEPT_MS = 7 * 86_400_000

/** Remembers what was found, in one read. undefined: no check run is wanted here, or the queue has done with the pull request. */
export async function lookAtMergeGroup(subject: MergeGroupSubject, deps: Deps): Promise<MergeGroupRecord | undefined> {
  const { repository, sha, number } = subject
  const view = number === undefined ? undefined : await deps.github.readPullRequest(repository, number)
  const found = view === undefined ? await lookWithout(repository, deps) : await lookAt(view, repository, deps)
  if (found === undefined || found.checks.length === 0) return undefined
  const now = deps.clock.now()
  const record: MergeGroupRecord = { repository, sha, ...found, askedAt: now.toISOString() }
  await deps.mergeGroups.remember(record, new Date(now.getTime() - KEPT_MS))
  return record
}

type Found = Pick<MergeGroupRecord, 'repositoryId' | 'pullRequest' | 'checks'>

async function lookAt(view: PullRequestView, repository: RepoName, deps: Deps): Promise<Found | undefined> {
  const configuration = readConfiguration(view, deps.parseConfig)
  if (view.state !== 'open' || configuration === undefined) return undefined
  const { repositoryId, number, headSha, url } = view
  const promotion = await deps.ledger.promotionOfPullRequest(number, repository)
  const required = requiredChecks(configuration)
  const checks: GroupCheck[] = []
  if (promotion?.pullRequest?.headSha === headSha) {
    if (required.has('lockkeeper')) checks.push(unconcerned('lockkeeper', 'is-promotion'))
    checks.push(follows('lockkeeper/promotion', promotionCheckKey(headSha)))
  } else {
    const key = comparisonCheckKey({ repository, number, headSha })
    const isCompared = isConcerned(configuration) || (await deps.comparisons.get(repository, number)) !== undefined
    if (isCompared || required.has('lockkeeper')) {
      checks.push(follows('lockkeeper', key))
      // Its own event may be lost, or still under way.
      if ((await deps.ledger.publication(key))?.said === undefined)
        await deps.hints.hint({ kind: 'pull-request', repository, number })
    }
    if (required.has('lockkeeper/promotion')) checks.push(unconcerned('lockkeeper/promotion', 'no-promotion'))
  }
  return { repositoryId, pullRequest: { number, headSha, url }, checks }
}

/** The branch names no pull request, or one that is not there. */
async function lookWithout(repository: RepoName, { github, parseConfig }: Deps): Promise<Found> {
  const { config } = await github.readPromotionWorld({
    modelRepository: repository,
    configRepository: repository,
    branch: undefined,
    headBranch: 'gh-readonly-queue',
    pullRequestNumber: undefined,
    files: [],
    standing: undefined,
  })
  const parsed = config.configFile && parseConfig(config.configFile.text, { file: CONFIG_FILE })
  const required = requiredChecks({
    settings: parsed?.ok === true ? parsed.settings : undefined,
    invalid: parsed?.ok === false ? parsed.problems : undefined,
  })
  const checks = [...required].map((name) => unconcerned(name, 'no-pull-request'))
  return { repositoryId: config.repositoryId, pullRequest: undefined, checks }
}

const follows = (name: CheckName, publication: string): GroupCheck => ({ name, kind: 'follows', publication })
const unconcerned = (name: CheckName, reason: Unconcerned): GroupCheck => ({ name, kind: 'unconcerned', reason })
