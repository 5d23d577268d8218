/** A ledger that was made from GitHub alone: services/rebuild-ledger.ts makes it, store/rebuilt.ts keeps it. */
import type { Hold } from '../../domain/hold.ts'
import type { RepoName } from '../../domain/ids.ts'
import type { Promotion } from '../../domain/promotion.ts'
import type { Subject } from '../../domain/subject.ts'
import type { CommandRecord, Publication, ReleaseRecord } from '../ledger.ts'

/** `endedBy`: as the ledger has it; undefined while it holds. */
export type RebuiltHold = { readonly hold: Hold; readonly endedBy: string | undefined }

/** One line of Markdown for the people of a pull request or an issue. */
export type Question = { readonly repository: RepoName; readonly number: number; readonly markdown: string }

export type RebuiltLedger = {
  readonly repositories: readonly RepoName[]
  readonly releases: readonly ReleaseRecord[]
  /** Oldest first. */
  readonly promotions: readonly Promotion[]
  readonly holds: readonly RebuiltHold[]
  readonly commands: readonly CommandRecord[]
  readonly publications: readonly Publication[]
  /** What people are to say again, and where. */
  readonly questions: readonly Question[]
  /** What is not in it, one clause each. */
  readonly lost: readonly string[]
  /** What is to be looked at first. */
  readonly subjects: readonly Subject[]
}

/** What of a ledger can be compared with a rebuilt one. */
export type LedgerExtract = Pick<RebuiltLedger, 'promotions' | 'holds'> & {
  /** Their ids. */
  readonly releases: readonly string[]
}
