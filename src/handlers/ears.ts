/** What event handlers are given: they hear which subject an event concerns, wake it, and decide nothing. */

import type { RepoName } from '../domain/ids.ts'
import type { Subject } from '../domain/subject.ts'
import type { HeardHead } from '../services/heard-head.ts'
import type { HeardMerge } from '../services/heard-merge.ts'
import type { CommandRecord } from '../services/ledger.ts'
import type { Clock, Log } from '../services/ports.ts'
import type { Click } from '../services/press-button.ts'
import type { ConfigPush } from '../services/wake-promotions.ts'

export type Ears = {
  /** The App's own login and id: what it did itself is no news. */
  readonly appLogin: string
  readonly appId: number
  readonly clock: Clock
  readonly log: Log
  hint(subject: Subject): Promise<void>
  /** Whether the repository's lists of people name this bot, `renovate[bot]`. */
  isNamedBot(repository: RepoName, login: string): Promise<boolean>
  /** False when the comment is known already. */
  hearCommand(command: CommandRecord): Promise<boolean>
  /** Somebody clicked a button of one of our check runs. */
  clicked(click: Click): Promise<void>
  /** An event says that this is the head of the pull request. */
  heardHead(head: HeardHead): Promise<void>
  /** An event says that this pull request was merged into the default branch as this commit. */
  heardMerge(merge: HeardMerge): Promise<void>
  /** The default branch of a repository that promotions may write to has moved. */
  configPushed(push: ConfigPush): Promise<void>
  /** The pull requests whose comparison was made for this head. */
  pullRequestsAt(repository: string, sha: string): Promise<readonly number[]>
  /** What may go on with what was reported on this commit: releases that wait for their artefacts, promotions of an unmerged head that wait for its checks. */
  waitingFor(repository: RepoName, sha: string): Promise<readonly Subject[]>
  /** Rollouts that are followed by what others report on the commits of this config repository. */
  followedByReports(repository: RepoName): Promise<readonly Subject[]>
}
