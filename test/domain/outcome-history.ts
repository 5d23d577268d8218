/** Histories as tests of what follows a rollout's end write them: oldest first, each promotion in a few words. */
import type { ErrorCode } from '../../src/domain/failure.ts'
import { type CommitSha, parseCommitSha, parseRepoName, type ReleaseId } from '../../src/domain/ids.ts'
import type { Change, Promotion, Stage } from '../../src/domain/promotion.ts'
import { CHURN, known, PROD } from './reference-settings.ts'

const MODELS = known(parseRepoName('acme/models'))
export const CONFIG = known(parseRepoName('acme/ml-config'))
export const SHA: CommitSha = known(parseCommitSha('c'.repeat(40)))
export const at = (minutes: number): string =>
  new Date(Date.parse('2026-11-24T10:00:00Z') + minutes * 60_000).toISOString()

const CHANGE: Change = { file: 'f.yaml', path: 'a', document: undefined, before: 'found', after: 'new' }

/** One promotion of the reference's churn in prod. `name`: its id, label and release. */
export function promotion(name: string, stage: Stage, rest: Partial<Promotion> = {}): Promotion {
  return {
    repository: MODELS,
    model: CHURN,
    environment: PROD,
    id: `pro-${name}`,
    kind: 'promotion',
    release: `rel-${name}` as ReleaseId,
    label: name,
    via: { kind: 'automation' },
    leaves: undefined,
    restore: [],
    thread: 7,
    asked: undefined,
    createdAt: at(0),
    changes: [CHANGE],
    pullRequest: {
      id: `PR_${name}`,
      number: 3,
      url: 'https://github.com/acme/ml-config/pull/3',
      headSha: SHA,
      wider: 'neither',
    },
    into: CONFIG,
    stage,
    ...rest,
  }
}

export const verified = (minutes: number, rest: object = {}): Stage => ({
  at: 'verified',
  revision: SHA,
  mergedAt: at(minutes),
  verifiedAt: at(minutes),
  evidence: [],
  alias: undefined,
  ...rest,
})

export const failed = (code: ErrorCode = 'verify_failed', rest: object = {}): Stage => ({
  at: 'failed',
  failedAt: at(30),
  code,
  message: 'the model answers too slowly',
  revision: SHA,
  evidence: [],
  rollback: undefined,
  ...rest,
})

export const PROPOSED: Stage = { at: 'proposed' }
export const SYNCING: Extract<Stage, { readonly at: 'syncing' }> = {
  at: 'syncing',
  revision: SHA,
  mergedAt: at(31),
  mergedBy: undefined,
  blocked: undefined,
}
