/** Every migration, oldest first. */
import type { NamedMigration } from '../database.ts'
import { ledger } from './0001_ledger.ts'
import { sweeps } from './0002_sweeps.ts'
import { editions } from './0003_editions.ts'
import { mergeGroups } from './0004_merge_groups.ts'
import { releaseOrigins } from './0005_release_origins.ts'
import { holds } from './0006_holds.ts'
import { approvals } from './0007_approvals.ts'
import { waivers } from './0008_waivers.ts'
import { byCommit } from './0009_by_commit.ts'
import { notedPushes } from './0010_noted_pushes.ts'

export const MIGRATIONS: readonly NamedMigration[] = [
  ledger,
  sweeps,
  editions,
  mergeGroups,
  releaseOrigins,
  holds,
  approvals,
  waivers,
  byCommit,
  notedPushes,
]
