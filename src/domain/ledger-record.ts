/**
 * What the ledger knows of a promotion, as it is written at GitHub: whole into the App's commit, and without the config
 * repository's content into the Deployment on the model repository. src/services/rebuild-ledger.ts reads both back.
 */
import type { CommitSha } from './ids.ts'
import { fieldsOf } from './json-fields.ts'
import type { Promotion } from './promotion.ts'
import type { ReleaseContent } from './release.ts'

const KEPT = [
  'id',
  'repository',
  'model',
  'environment',
  'kind',
  'release',
  'head',
  'headMovedTo',
  'label',
  'via',
  'leaves',
  'restore',
  'thread',
  'createdAt',
  'changes',
  'into',
  'ownBranch',
  'canary',
] as const satisfies readonly (keyof Promotion)[]

/** Everything but what is found out by looking: stage, pull request, settings. */
export type KeptPromotion = Pick<Promotion, (typeof KEPT)[number] | 'asked'>

/** What readers of the model repository must not learn of the config repository. */
const CONFIDED = ['restore', 'changes', 'canary'] as const satisfies readonly (keyof Promotion)[]

/** For the commit: one line that survives everything that trailers go through. */
export const commitRecord = (promotion: Promotion): string => oneLine(keptOf(promotion))

/** What the Deployment says beside it: its merge, and the release with all that the ledger has of it. */
export type DeploymentRecord = {
  readonly promotion: Omit<KeptPromotion, (typeof CONFIDED)[number]>
  readonly pullRequest: { readonly number: number; readonly headSha: CommitSha } | undefined
  readonly merge: { readonly revision: CommitSha; readonly mergedAt: string; readonly mergedBy: string | undefined }
  /** A `ReleaseRecord` that is complete. */
  readonly release: Readonly<Record<string, unknown>>
}

/** GitHub names no limit of a payload; evidence goes first where a release has much of it. */
const MOST = 20_000

/** For the Deployment; undefined before the merge. `release`: as the ledger has it. */
export function deploymentRecord(promotion: Promotion, release: object): string | undefined {
  const { pullRequest, asked, repository } = promotion
  const merge = mergeOf(promotion)
  if (merge === undefined) return undefined
  const kept = keptOf(promotion)
  for (const key of CONFIDED) Reflect.deleteProperty(kept, key)
  const { via } = promotion
  // Why somebody forced it is for those who can read where it was said.
  if (via.kind === 'force' && asked?.repository !== repository) Object.assign(kept, { via: { ...via, reason: '' } })
  const record = {
    promotion: kept,
    pullRequest: pullRequest && { number: pullRequest.number, headSha: pullRequest.headSha },
    merge,
    release,
  }
  const text = JSON.stringify(record)
  return text.length <= MOST ? text : JSON.stringify({ ...record, release: withoutEvidence(release) })
}

function mergeOf({ stage }: Promotion): DeploymentRecord['merge'] | undefined {
  if (stage.at === 'failed' && stage.revision !== undefined)
    return { revision: stage.revision, mergedAt: stage.failedAt, mergedBy: undefined }
  if (stage.at !== 'syncing' && stage.at !== 'verifying' && stage.at !== 'verified') return undefined
  const { revision, mergedAt } = stage
  return { revision, mergedAt, mergedBy: stage.at === 'syncing' ? stage.mergedBy : undefined }
}

function withoutEvidence(release: object): object {
  const state = fieldsOf(fieldsOf(release)?.['state'])
  const { comparison: _, ...content } = fieldsOf(state?.['release']) ?? {}
  const bare: Partial<ReleaseContent> = { ...content, metrics: {} }
  return { ...release, state: { ...state, release: bare } }
}

/** undefined of what is none, or not of this version. The caller has made sure who wrote it. */
export function parseCommitRecord(text: string): KeptPromotion | undefined {
  const kept = keptFrom(parsed(text))
  return kept !== undefined && Array.isArray(kept.changes) && Array.isArray(kept.restore) ? kept : undefined
}

/** The same of a Deployment's. */
export function parseDeploymentRecord(text: string): DeploymentRecord | undefined {
  const record = parsed(text)
  const promotion = keptFrom(fieldsOf(record?.['promotion']))
  const release = fieldsOf(record?.['release'])
  const merge = fieldsOf(record?.['merge']) as DeploymentRecord['merge'] | undefined
  const pullRequest = fieldsOf(record?.['pullRequest']) as DeploymentRecord['pullRequest']
  if (promotion === undefined || release === undefined || merge === undefined) return undefined
  // What this file wrote, and nobody but the App could change.
  return { promotion, release, merge, pullRequest }
}

/** `v12 failed in prod (verify_failed): …`, the description of a Deployment's status: its code tells a rebuild what the failure proves. */
export const failureWords = (
  label: string,
  environment: string,
  { code, message }: { readonly code: string; readonly message: string },
): string => `${label} failed in ${environment} (${code}): ${message}`

/** Code and message of such a description; GitHub keeps 140 characters of it. */
export function parseFailureWords(
  description: string,
): { readonly code: string; readonly message: string } | undefined {
  const [, code, message] = /\(([a-z_]{3,40})\): (.*)$/s.exec(description) ?? []
  return code === undefined || message === undefined ? undefined : { code, message }
}

/** The comment is written so that no number stands alone: what compares two playings knows it by its name. */
function keptOf(promotion: Promotion): Record<string, unknown> {
  const { asked } = promotion
  const kept: Record<string, unknown> = { v: 1 }
  for (const key of KEPT) kept[key] = promotion[key]
  if (asked !== undefined) kept['asked'] = `${asked.repository} comment=${asked.commentId}`
  return kept
}

function keptFrom(kept: Readonly<Record<string, unknown>> | undefined): KeptPromotion | undefined {
  if (kept?.['v'] !== 1) return undefined
  const texts = ['id', 'repository', 'model', 'environment', 'label', 'createdAt']
  if (!texts.every((key) => typeof kept[key] === 'string') || fieldsOf(kept['via']) === undefined) return undefined
  if (kept['kind'] !== 'promotion' && kept['kind'] !== 'rollback') return undefined
  const [, repository, comment] = /^(\S+) comment=(\d{1,16})$/.exec(String(kept['asked'])) ?? []
  const asked = repository === undefined ? undefined : { repository, commentId: Number(comment) }
  const { v: _, ...rest } = kept
  return { ...rest, asked } as KeptPromotion
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Printable ASCII without two blanks in a row: trailers take blanks together, and leave out what cannot be seen. */
const oneLine = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[^\x21-\x7e ]|(?<= ) /g, (one) =>
    Array.from({ length: one.length }, (_, at) => `\\u${one.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  )
