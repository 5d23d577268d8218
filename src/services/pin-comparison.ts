/** Which head of a pull request an `/override` means: the one that its check run judged, if that was the head when the comment was written, by GitHub's own push times. Part of override-gate.ts; of `/deploy`: pin-head.ts. */
import type { SpokenCommand } from '../domain/command.ts'
import { UserError } from '../domain/failure.ts'
import { gatePhrase } from '../domain/gate-phrase.ts'
import type { CommitSha } from '../domain/ids.ts'
import type { JudgedModel } from '../domain/judged-gates.ts'
import type { CommandPlace } from './command-target.ts'
import type { ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import type { SoughtGate } from './override-target.ts'
import type { ComparisonRecord, KnownPullRequest } from './ports.ts'

/** The comparison of an open pull request whose check run has a verdict. */
export type PinnedComparison = ComparisonRecord & {
  readonly pull: KnownPullRequest
  readonly judged: readonly JudgedModel[]
}

export const notWaivable = (message: string, hint: string): UserError => new UserError('not_waivable', message, hint)

/** What is remembered of the pull request; no call. Throws UserError `not_waivable` where it has ended, or nothing was judged yet. */
export async function takenComparison(place: CommandPlace, { comparisons }: ReadDeps): Promise<PinnedComparison> {
  const { pullRequest, promotionOf, modelRepository } = place
  if (pullRequest === undefined || promotionOf !== undefined) {
    const where = pullRequest === undefined ? '' : ` (${pullRequest} of ${modelRepository})`
    throw notWaivable('gates are waived where they are judged', `Comment on the pull request of the model${where}.`)
  }
  const record = await comparisons.get(modelRepository, pullRequest)
  if (record?.pull?.state === 'merged') {
    throw notWaivable(
      `pull request ${pullRequest} is merged: its release was judged when it was made, and does not change any more`,
      'Where the environment lists `gates` under `force:`, `/deploy <environment> --force "<reason>"` passes it by; else mend it in a new pull request.',
    )
  }
  if (record?.pull?.state === 'closed') throw notWaivable(`pull request ${pullRequest} is closed`, 'Reopen it first.')
  const { pull, judged } = record ?? {}
  if (record?.isCompleted === true && pull !== undefined && judged !== undefined) return { ...record, pull, judged }
  throw notWaivable(
    `nothing was judged yet on pull request ${pullRequest}`,
    'Wait for its check run, and repeat the command for a gate that fails.',
  )
}

export type PinQuestion = {
  readonly command: CommandRecord
  readonly spoken: SpokenCommand
  readonly record: PinnedComparison
  readonly sought: SoughtGate
  readonly reason: string
}

/**
 * The head that was judged and is meant. A whole commit id says it by itself; fewer digits could be made to fit another commit. Throws UserError
 * `head_moved` where the head at that moment was another one, or cannot be told. At most one call.
 */
export async function pinComparison(question: PinQuestion, { github }: ReadDeps): Promise<CommitSha> {
  const { command, spoken, record } = question
  const { headSha, number, pull, repository } = record
  const text = headOption(spoken)
  if (text === headSha) return headSha
  const judged = `\`${headSha.slice(0, 7)}\``
  if (text !== undefined && (text.length < 7 || !headSha.startsWith(text)))
    throw moved(question, `the check run of pull request ${number} judges ${judged}, not \`${text.slice(0, 7)}\``)
  if (pull.isFork)
    throw moved(
      question,
      `pull request ${number} comes from a fork, and GitHub does not tell when its branch was pushed to`,
    )
  const then = await github.headAt(repository, pull.headRef, new Date(command.createdAt))
  if (then === headSha) return headSha
  throw moved(
    question,
    then === undefined
      ? `GitHub does not tell what the head of pull request ${number} was when this was written`
      : `pull request ${number} was at \`${then.slice(0, 7)}\` when this was written, and its check run judges ${judged}`,
  )
}

function headOption({ options }: SpokenCommand): string | undefined {
  const text = options.get('head')
  return typeof text === 'string' ? text.toLowerCase().replace(/[^0-9a-z]/g, '') : undefined
}

function moved({ record, sought, reason }: PinQuestion, why: string): UserError {
  const model = record.judged.length > 1 ? ` ${sought.model}` : ''
  const words = reason.replaceAll('`', "'")
  const repeat = `/override ${gatePhrase(sought.gate.name)}${model} --head ${record.headSha} ${words}`

  return new UserError('head_moved', why, `If the check run shows what you mean, write \`${repeat}\`.`)
}
