/** The tables as kysely sees them. Columns are what is searched by; the record itself is `data` (JSON of the types in src/services/ledger.ts). */
import type { ColumnType, Generated } from 'kysely'
import type { SaidOfCheck } from '../services/ledger.ts'

type Json<T> = ColumnType<T, string, string>

export type ReleasesTable = {
  sequence: Generated<string>
  repository: string
  model: string
  commit_sha: string
  /** `default_branch`, or `pull_request 7`: the head of that one, unmerged. */
  origin: string
  pull_request: number | null
  release_id: string | null
  state: string
  data: Json<unknown>
}

export type PromotionsTable = {
  sequence: Generated<string>
  id: string
  repository: string
  model: string
  environment: string
  stage: string
  active: boolean
  thread: number | null
  config_pull_request: number | null
  /** Counts savings, so that a stale one is noticed. */
  edition: Generated<number>
  /** It has ended, and GitHub has not been told all of it. */
  untold: Generated<boolean>
  data: Json<unknown>
}

export type ApprovalsTable = {
  promotion: string
  /** Empty where the promotion has no pull request. */
  head: string
  login: string
  repository: string
  comment_id: string
  at: Date
}

export type HoldsTable = {
  sequence: Generated<string>
  id: string
  repository: string
  /** Empty: all that goes into the config repository `repository`. */
  environment: string
  /** Empty: every model. */
  model: string
  kind: 'lock' | 'rollback'
  /** null while it holds, or would if its time were not over; else the cause that lifted it, the id of its successor, or `time`. */
  ended_by: string | null
  data: Json<unknown>
}

export type CommandsTable = {
  repository: string
  comment_id: string
  state: string
  data: Json<unknown>
}

export type PublicationsTable = {
  key: string
  node_id: string | null
  hash: string | null
  intended_at: string | null
  said: ColumnType<SaidOfCheck | null, string | null, string | null>
}

export type ComparisonsTable = {
  repository: string
  number: number
  data: Json<unknown>
}

export type WaiversTable = {
  sequence: Generated<string>
  repository: string
  number: number
  head_sha: string
  model: string
  gate: string
  /** The command that gave it, and the one that took it back. */
  given_by: string
  revoked_by: string | null
  data: Json<unknown>
}

export type MergeGroupsTable = {
  repository: string
  sha: string
  /** Head of the pull request that it stands for. */
  pull_request_sha: string | null
  asked_at: Date
  data: Json<unknown>
}

export type KnownFilesTable = { repository: string; path: string; oid: string; content: string }

export type InstallationsTable = { owner: string; installation_id: string }

export type SweepsTable = { name: string; swept_until: Date }

export type AuditTable = {
  id: Generated<string>
  at: Date
  actor: string
  action: string
  subject: string
  detail: Json<unknown>
}

export type Tables = {
  releases: ReleasesTable
  promotions: PromotionsTable
  approvals: ApprovalsTable
  holds: HoldsTable
  commands: CommandsTable
  publications: PublicationsTable
  comparisons: ComparisonsTable
  waivers: WaiversTable
  merge_groups: MergeGroupsTable
  known_files: KnownFilesTable
  installations: InstallationsTable
  sweeps: SweepsTable
  audit: AuditTable
}
