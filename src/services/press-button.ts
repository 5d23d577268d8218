/** A click on a button of a check run is a command without a comment: heard once per delivery, said as the command that it stands for, and run by answer-command.ts. */
import { createHash } from 'node:crypto'
import { targetOfButton } from '../domain/deploy-button.ts'
import { UserError } from '../domain/failure.ts'
import type { CommitSha, RepoName } from '../domain/ids.ts'
import type { Deps, ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import { parseComparisonCheckKey } from './publish-check.ts'
import { knownSettings } from './repo-settings.ts'

export type Click = {
  /** GitHub's id of the delivery: a redelivery has the same, another click another one. */
  readonly delivery: string
  readonly repository: RepoName
  /** Of the check run, as we gave it. */
  readonly externalId: string
  readonly headSha: CommitSha
  readonly identifier: string
  readonly by: string
}

/** GitHub tells no time of a click: it is taken for the moment in which it was heard. */
export async function hearClick(
  { delivery, repository, externalId, headSha, identifier, by }: Click,
  { comparisons, ledger, hints, clock, log }: Pick<Deps, 'comparisons' | 'ledger' | 'hints' | 'clock' | 'log'>,
): Promise<void> {
  const number = parseComparisonCheckKey(externalId)
  const pull = number === undefined ? undefined : (await comparisons.get(repository, number))?.pull
  if (number === undefined || pull === undefined) {
    log.warn({ repository, externalId, identifier }, 'a click on a check run of no known pull request was left')
    return
  }
  const commentId = clickId(delivery)
  const now = clock.now().toISOString()
  await ledger.hearCommand({
    ...{ repository, commentId, commentNodeId: '' },
    ...{ pullRequestNumber: number, pullRequestNodeId: pull.id },
    button: { identifier, headSha },
    ...{ author: by, createdAt: now, heardAt: now, body: '', outcomes: [], state: 'received' },
  })
  await hints.hint({ kind: 'command', repository, commentId })
}

/** Below zero, where no comment is. */
const clickId = (delivery: string): number =>
  -1 - Number.parseInt(createHash('sha256').update(delivery).digest('hex').slice(0, 12), 16)

/** What the author of a command wrote, or what the button says that they clicked. Throws UserError `environment_unknown`. */
export async function bodyOf({ repository, button, body }: CommandRecord, deps: ReadDeps): Promise<string> {
  if (button === undefined) return body
  const target = targetOfButton(button.identifier, await knownSettings(repository, deps))
  if (target !== undefined) return `/deploy ${target.environment} ${target.model} ${button.headSha}`
  throw new UserError(
    'environment_unknown',
    'the environment of this button is in the configuration no more',
    '`/deploy <environment>` names one of those that are there; `/status` lists them.',
  )
}
