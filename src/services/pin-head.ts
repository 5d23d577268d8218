/** Which head of an unmerged pull request a `/deploy` means: the one it had when the comment was written, by GitHub's own push times. Commit dates are whatever their author says. Part of deploy-release.ts. */
import { UserError } from '../domain/failure.ts'
import { type CommitSha, type EnvironmentName, type ModelName, parseCommitSha } from '../domain/ids.ts'
import { awaitHead, awaitMerge } from './ahead-of-events.ts'
import type { CommandPlace } from './command-target.ts'
import type { ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import type { PullRequestView } from './ports.ts'
import { touchedModels } from './refresh-comparison-settings.ts'

/** A head as the command pinned it. Commits pushed later change nothing of it. */
export type PinnedHead = {
  readonly sha: CommitSha
  readonly view: PullRequestView
  /** The models that the pull request touches. */
  readonly touched: readonly ModelName[]
}

export type HeadQuestion = {
  readonly command: CommandRecord
  readonly place: CommandPlace
  readonly environment: EnvironmentName
  /** What the command names besides environment and model. */
  readonly wanted: string | undefined
}

const ABBREVIATED = /^[0-9a-f]{7,40}$/

/**
 * The head that is meant; undefined where a release of the default branch is. At most two calls. Throws UserError
 * `not_merged`, `fork_refused` and `head_moved`: where the head at that moment cannot be told, nothing is deployed; `AheadOfEvents` right behind a merge.
 */
export async function pinHead(question: HeadQuestion, deps: ReadDeps): Promise<PinnedHead | undefined> {
  const { place, environment, wanted } = question
  const { modelRepository: repository, pullRequest, settings } = place
  const takesHeads = settings.environments.get(environment)?.from === 'pull_request'
  if (pullRequest === undefined || (wanted !== undefined && !takesHeads)) return undefined
  const text = wanted?.toLowerCase()
  if (text !== undefined && !ABBREVIATED.test(text)) return undefined
  if (await isLanded(question, text, deps)) return undefined
  const view = await deps.github.readPullRequest(repository, pullRequest)
  if (view?.state === 'merged') {
    if (text === undefined) awaitMerge(view, question, deps)
    return undefined
  }
  if (!takesHeads || view === undefined) throw notMerged(pullRequest, environment)
  refuseClosed(view, environment)
  refuseForeign(view, text, question)
  await awaitHead(view, question, deps)
  const sha = await headMeant(view, text, { question, deps })
  return { sha, view, touched: touchedModels({ settings }, view).map(({ name }) => name) }
}

/** A release of the default branch is meant: the pull request's own, or one that the text names. */
async function isLanded({ place }: HeadQuestion, text: string | undefined, { ledger }: ReadDeps): Promise<boolean> {
  const { modelRepository: repository, pullRequest } = place
  const own = pullRequest === undefined ? {} : { pullRequest }
  const records = await ledger.releasesOf({ repository, ...(text === undefined ? own : { commit: text }) })
  return records.some(({ origin }) => origin !== 'pull_request')
}

const notMerged = (pullRequest: number, environment: EnvironmentName): UserError =>
  new UserError(
    'not_merged',
    `pull request ${pullRequest} is not merged: only releases of the default branch go to ${environment}`,
    'Merge it first; its release is made then.',
  )

function refuseClosed({ number, state }: PullRequestView, environment: EnvironmentName): void {
  if (state !== 'closed') return
  throw new UserError(
    'not_merged',
    `pull request ${number} was closed without a merge: nothing of it goes to ${environment}`,
    'Reopen it, or comment on the pull request that is meant.',
  )
}

/** GitHub does not tell when a fork's branch was pushed to: nothing but the whole commit id says what somebody looked at. */
function refuseForeign(
  { number, isFork, headSha }: PullRequestView,
  text: string | undefined,
  { environment, place }: HeadQuestion,
): void {
  if (!isFork) return
  const isAllowed = place.settings.environments.get(environment)?.forks === 'allow'
  if (isAllowed && parseCommitSha(text ?? '') !== undefined) return
  throw new UserError(
    'fork_refused',
    `pull request ${number} comes from a fork: GitHub does not tell when its branch was pushed to, and its code runs with the rights of ${environment}`,
    isAllowed
      ? `Look at what is there, and name it whole: \`/deploy ${environment} ${headSha}\`.`
      : 'Push the commits to a branch of this repository, and open a pull request from there.',
  )
}

type Asked = { readonly question: HeadQuestion; readonly deps: ReadDeps }

/** A whole commit id says what is meant by itself. Fewer digits can be made to fit another commit, so that the moment has to fit as well. */
async function headMeant(view: PullRequestView, text: string | undefined, asked: Asked): Promise<CommitSha> {
  const { headSha, number } = view
  if (text !== undefined && !headSha.startsWith(text)) {
    throw headMoved(asked.question, view, `\`${text.slice(0, 7)}\` is not the head of pull request ${number}`)
  }
  if (parseCommitSha(text ?? '') === headSha) return headSha
  const { command, place } = asked.question
  const then = await asked.deps.github.headAt(place.modelRepository, view.headRef, new Date(command.createdAt))
  if (then === headSha) return headSha
  const why =
    then === undefined
      ? `GitHub does not tell what the head of pull request ${number} was when this was written`
      : `pull request ${number} was at \`${then.slice(0, 7)}\` when this was written, and has moved on to \`${headSha.slice(0, 7)}\``
  throw headMoved(asked.question, view, why)
}

function headMoved({ environment }: HeadQuestion, { headSha }: PullRequestView, why: string): UserError {
  return new UserError(
    'head_moved',
    why,
    `To deploy what is there now, look at it and write \`/deploy ${environment} ${headSha}\`.`,
  )
}
