/** Where a `/rollback` goes: the newest verified release that is not bad, or the named one; and what stands in its way. Part of rollback-environment.ts. */
import type { Beginning } from '../domain/beginning.ts'
import type { RepoName } from '../domain/ids.ts'
import { whyNoWayBack } from '../domain/no-way-back.ts'
import {
  type EnvironmentKey,
  type History,
  historyIn,
  isActive,
  isMerged,
  type Promotion,
  promotionId,
} from '../domain/promotion.ts'
import { releaseLabel } from '../domain/release.ts'
import { verifiedSince } from '../domain/verified-spans.ts'
import { planRollback, standingPromotion } from '../domain/way-back.ts'
import { namedRelease } from './command-target.ts'
import type { ReadDeps } from './deps.ts'
import type { CommandRecord, ReleaseRecord } from './ledger.ts'

export type RollbackCommand = {
  readonly command: CommandRecord
  readonly key: EnvironmentKey
  readonly cause: string
  /** The release that is named. */
  readonly to: string | undefined
  /** The config repository. */
  readonly into: RepoName
}

export type WayBack = {
  /** Where there is no way, one that goes nowhere: for the rules alone. */
  readonly rollback: Promotion
  readonly release: Beginning['release']
  /** What is under way, and whether the rollback takes its place. */
  readonly active: Promotion | undefined
  readonly isReplaced: boolean
  /** What it would go back to is what is live. */
  readonly isThere: boolean
}

/** As things stand in the ledger. Throws UserError where the named release is unknown or ambiguous. */
export async function findWayBack(wish: RollbackCommand, deps: ReadDeps): Promise<WayBack> {
  const { key, to, into } = wish
  const all = await deps.ledger.history(key)
  const active = all.find(isActive) ?? (to === undefined ? unseenRollback(all, wish) : undefined)
  // While another rollback is under way, only a named release is a clear wish: "back" would go a step too far.
  const isReplaced = active !== undefined && (active.kind !== 'rollback' || to !== undefined)
  const found = { active, isReplaced, isThere: false }
  if (active !== undefined && !isReplaced)
    return { ...found, rollback: nowhere(wish, active.label, deps), release: { kind: 'complete' } }
  const history = historyIn(all, into)
  const way = await wayIn(history, { wish, active, deps })
  if ('message' in way) return { ...found, rollback: nowhere(wish, way.label, deps), release: { kind: 'none', ...way } }
  const { rollback, leaving } = way
  const isThere =
    rollback.release !== undefined && rollback.release === leaving.release && leaving.stage.at === 'verified'
  return { ...found, rollback, release: { kind: 'complete', proof: proofOf(rollback, history) }, isThere }
}

/** One that began after the command was written, and may have ended since: whoever wrote it meant what was live before. */
const unseenRollback = (history: History, { command }: RollbackCommand): Promotion | undefined =>
  history.find(({ kind, createdAt }) => kind === 'rollback' && Date.parse(createdAt) >= Date.parse(command.createdAt))

type None = { readonly label: string; readonly message: string; readonly act: string }
type Way = { readonly rollback: Promotion; readonly leaving: Promotion }
type Search = {
  readonly wish: RollbackCommand
  readonly active: Promotion | undefined
  readonly deps: ReadDeps
}

async function wayIn(history: History, { wish, active, deps }: Search): Promise<Way | None> {
  const { command, key, cause, to, into } = wish
  const { environment } = key
  const target = to === undefined ? undefined : await verifiedPromotion(to, { key, history, deps })
  if (target !== undefined && 'message' in target) return target
  const label = to ?? 'an earlier release'
  const leaving = active !== undefined && isMerged(active) ? active : standingPromotion(history)
  const none = () => ({ label, ...whyNoWayBack(leaving, { history, environment, into }) })
  if (leaving === undefined) return none()
  const rollback = planRollback(
    {
      leaving,
      history,
      via: { kind: 'rollback', by: command.author },
      cause,
      into,
      to: target,
      asked: askedBy(command),
    },
    deps.clock.now().toISOString(),
  )
  const isFoundAlready = active === undefined && leaving.release === undefined && leaving.stage.at === 'verified'
  if (rollback === undefined || (isFoundAlready && rollback.release === undefined)) return none()
  return { rollback, leaving }
}

const askedBy = ({ repository, commentId }: CommandRecord): Promotion['asked'] => ({ repository, commentId })

function nowhere({ command, key, cause }: RollbackCommand, label: string, { clock }: ReadDeps): Promotion {
  return {
    ...key,
    id: promotionId(key, cause),
    kind: 'rollback',
    release: undefined,
    label,
    via: { kind: 'rollback', by: command.author },
    leaves: undefined,
    restore: [],
    thread: undefined,
    asked: askedBy(command),
    createdAt: clock.now().toISOString(),
    changes: [],
    pullRequest: undefined,
    stage: { at: 'proposed' },
  }
}

function proofOf({ release, environment }: Promotion, history: History) {
  const proof = history.find((one) => release !== undefined && one.release === release && one.stage.at === 'verified')
  if (proof?.stage.at !== 'verified') return undefined
  return { text: `verified in ${environment}`, since: new Date(proof.stage.verifiedAt), url: proof.pullRequest?.url }
}

type Past = { readonly key: EnvironmentKey; readonly history: History; readonly deps: ReadDeps }

/** Only what was proven here is a way back. */
async function verifiedPromotion(to: string, { key, history, deps }: Past): Promise<Promotion | None> {
  const proven = new Set(history.map(({ stage, release }) => (stage.at === 'verified' ? release : undefined)))
  const rather = ({ state }: ReleaseRecord) => state.kind === 'complete' && proven.has(state.release.id)
  const record = await namedRelease(to, key, deps, { rather })
  const release = record.state.kind === 'complete' ? record.state.release : undefined
  const found = history.find((promotion) => promotion.stage.at === 'verified' && promotion.release === release?.id)
  if (release !== undefined && found !== undefined) return found
  const verified = new Set(
    history.flatMap((one) =>
      one.release !== undefined && verifiedSince(history, one.release) !== undefined ? [one.label] : [],
    ),
  )
  const label = release === undefined ? to : releaseLabel(release)
  const act = verified.size === 0 ? 'No release was' : `These were: ${[...verified].join(', ')}`
  return { label, message: `${label} was never verified in ${key.environment}`, act }
}
