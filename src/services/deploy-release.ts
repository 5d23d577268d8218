/** `/deploy`: decides whether a release may go to an environment, and proposes the promotion. Everything after that is advance-promotion.ts. */
import { refusalHint, renderRules } from '../comments/rules.ts'
import type { SpokenCommand } from '../domain/command.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { ERROR_CODES, UserError } from '../domain/failure.ts'
import type { EnvironmentName } from '../domain/ids.ts'
import {
  type EnvironmentKey,
  type History,
  isActive,
  isMerged,
  livePromotion,
  type Promotion,
  promotionId,
  type Via,
} from '../domain/promotion.ts'
import { type Release, releaseLabel } from '../domain/release.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { describePrincipals, isOneOf } from '../domain/standing.ts'
import { type CommandPlace, environmentOf, modelOf, namedRelease, placeOf, sortWords } from './command-target.ts'
import type { Deps } from './deps.ts'
import { answerDryRun } from './dry-run.ts'
import { judgePromotion } from './judge-promotion.ts'
import type { CommandRecord, ReleaseRecord } from './ledger.ts'
import { type PromotionContext, readContext } from './promotion-context.ts'

const USAGE = '/deploy <environment> [model] [<sha or release>] [--dry-run] [--force "<reason>"]'

/** Throws UserError for every refusal that names one reason; several open rules are an outcome with all of them. */
export async function deployRelease(
  command: CommandRecord,
  spoken: SpokenCommand,
  deps: Deps,
): Promise<CommandOutcome> {
  const place = await placeOf(command, deps)
  const named = sortWords(spoken.words, place)
  const environment = environmentOf(named, place, USAGE)
  if (named.rest.length === 0) await refuseUnmerged(place, environment, deps)
  const model = await modelOf(named, place, { environment, deps })
  const key: EnvironmentKey = { repository: place.modelRepository, model, environment }
  const id = promotionId(key, `command ${command.repository} ${command.commentId} ${spoken.line}`)
  // A crash may have come between proposing and recording the answer.
  if ((await deps.ledger.promotion(id)) !== undefined) return { kind: 'promotion', line: spoken.line, promotion: id }
  const record = await releaseMeant(named.rest, key, { place, deps })
  const release = completed(record)
  const history = await deps.ledger.history(key)
  const records = await deps.ledger.releasesOf({ repository: key.repository, model: key.model })
  const active = history.find(isActive)
  refuseByHistory({ key, release, record, records, history, active })
  const wish: Promotion = {
    ...key,
    id,
    kind: 'promotion',
    release: release.id,
    label: releaseLabel(release),
    via: viaOf(command.author, spoken),
    leaves: undefined,
    restore: [],
    thread: release.pullRequest?.number,
    asked: { repository: command.repository, commentId: command.commentId },
    createdAt: deps.clock.now().toISOString(),
    changes: [],
    pullRequest: undefined,
    stage: { at: 'proposed' },
  }
  const context = await readContext(wish, deps, [command.author])
  const promotion = withForce(wish, context)
  const rules = await judgePromotion({ promotion, context, reviews: [] }, deps)
  const stopping = rules.filter(({ rule, state }) => state === 'refused' || (state === 'open' && rule !== 'approvals'))
  if (stopping.length > 0) return refusal(spoken, { promotion, rules, stopping })
  if (spoken.options.has('dry-run')) {
    const markdown = answerDryRun({ promotion, rules, context, answeredIn: command.repository })
    return { kind: 'answered', line: spoken.line, markdown }
  }
  return propose({ spoken, promotion, active }, deps)
}

type Meant = { readonly place: CommandPlace; readonly deps: Deps }

async function releaseMeant(
  rest: readonly string[],
  key: EnvironmentKey,
  { place, deps }: Meant,
): Promise<ReleaseRecord> {
  const [wanted, ...more] = rest
  if (more.length > 0)
    throw new UserError('usage', `\`${more.join(' ')}\` is more than /deploy takes`, `Usage: \`${USAGE}\`.`)
  if (wanted !== undefined) return namedRelease(wanted, key, deps, place.settings.models.keys())
  const { pullRequest } = place
  const records =
    pullRequest === undefined
      ? []
      : await deps.ledger.releasesOf({ repository: key.repository, model: key.model, pullRequest })
  const newest = records[0]
  if (newest !== undefined) return newest
  if (pullRequest === undefined) throw new UserError('no_release', 'which release?', `Name one: \`${USAGE}\`.`)
  throw new UserError(
    'no_release',
    `pull request ${pullRequest} made no release of ${key.model}`,
    'It touched none of the paths of that model. Name a release, or comment on the pull request that made it.',
  )
}

/** Before anything else is asked about a pull request that has made no release: it may not be merged yet. */
async function refuseUnmerged(place: CommandPlace, environment: EnvironmentName, deps: Deps): Promise<void> {
  const { modelRepository: repository, pullRequest } = place
  if (pullRequest === undefined || (await deps.ledger.releasesOf({ repository, pullRequest })).length > 0) return
  const view = await deps.github.readPullRequest(repository, pullRequest)
  if (view?.state === 'merged') return
  throw new UserError(
    'not_merged',
    `pull request ${pullRequest} is not merged: only releases of the default branch go to ${environment}`,
    'Merge it first; its release is made then.',
  )
}

function completed({ state, model }: ReleaseRecord): Release {
  if (state.kind === 'complete') return state.release
  const list = state.missing.length === 0 ? 'its artefacts' : state.missing.join('; ')
  if (state.kind === 'given-up') {
    throw new UserError(
      'artefact_missing',
      `the release of ${model} was given up: ${list} did not appear in time`,
      'Make what is missing, then merge a new commit.',
    )
  }
  throw new UserError(
    'release_pending',
    `the release of ${model} is not complete: it waits for ${list}`,
    'Lockkeeper keeps looking; repeat the command once it is there.',
  )
}

type Past = {
  readonly key: EnvironmentKey
  readonly release: Release
  readonly record: ReleaseRecord
  readonly records: readonly ReleaseRecord[]
  readonly history: History
  readonly active: Promotion | undefined
}

function refuseByHistory({ key, release, record, records, history, active }: Past): void {
  const { environment } = key
  if (active !== undefined && (isMerged(active) || active.kind === 'rollback')) {
    throw new UserError(
      'promotion_in_progress',
      `${active.label} is on its way to ${environment} (${active.stage.at})`,
      'Wait until it has ended, or `/rollback` it.',
    )
  }
  const live = livePromotion(history)
  if (live?.release === release.id)
    throw new UserError('already_live', `${live.label} is already live in ${environment}`, 'There is nothing to do.')
  const liveSequence = records.find(
    ({ state }) => state.kind === 'complete' && state.release.id === live?.release,
  )?.sequence
  if (live !== undefined && liveSequence !== undefined && record.sequence < liveSequence) {
    const from = live.thread === undefined ? '' : ` (pull request ${live.thread})`
    throw new UserError(
      'older_than_live',
      `${releaseLabel(release)} is older than ${live.label}, which is live in ${environment}${from}`,
      `To go back: \`/rollback ${environment} to ${releaseLabel(release)}\`.`,
    )
  }
}

function viaOf(by: string, spoken: SpokenCommand): Via {
  const reason = spoken.options.get('force')
  if (reason === undefined) return { kind: 'deploy', by }
  if (reason === true || reason.trim() === '')
    throw new UserError('usage', '`--force` needs a reason', 'For example `/deploy prod --force "fixes an outage"`.')
  return { kind: 'force', by, reason, rules: [] }
}

/** Who may force, and which rules, is the environment's to say; the promotion is given exactly those. */
function withForce(promotion: Promotion, { environment, world }: PromotionContext): Promotion {
  if (promotion.via.kind !== 'force') return promotion
  const { by, rules } = environment.force
  const repositories = { model: promotion.repository, config: environment.repository }
  if (!isOneOf(world.standings.get(promotion.via.by), by, repositories)) {
    throw new UserError(
      'not_allowed',
      `${promotion.via.by} may not force a promotion to ${promotion.environment}; these may: ${describePrincipals(by)}`,
      'Ask one of them, or wait until the rules hold.',
    )
  }
  return { ...promotion, via: { ...promotion.via, rules } }
}

type Stopped = {
  readonly promotion: Promotion
  readonly rules: readonly RuleVerdict[]
  readonly stopping: readonly RuleVerdict[]
}

function refusal(spoken: SpokenCommand, { promotion, rules, stopping }: Stopped): CommandOutcome {
  const first = stopping[0]
  return {
    kind: 'refused',
    line: spoken.line,
    code: ERROR_CODES.find((code) => code === first?.code) ?? 'internal',
    message: `${promotion.model} ${promotion.label} may not go to ${promotion.environment} now: ${stopping.map(({ detail }) => detail).join('; ')}`,
    hint: refusalHint(stopping, promotion.environment),
    details: renderRules(rules),
  }
}

async function propose(
  {
    spoken,
    promotion,
    active,
  }: { readonly spoken: SpokenCommand; readonly promotion: Promotion; readonly active: Promotion | undefined },
  deps: Deps,
): Promise<CommandOutcome> {
  const superseded: Promotion | undefined = active && {
    ...active,
    stage: {
      at: 'superseded',
      endedAt: promotion.createdAt,
      by: promotion.id,
      label: promotion.label,
      wasMerged: false,
    },
  }
  const answer = await deps.ledger.propose(promotion, superseded)
  if (answer === 'busy')
    throw new UserError(
      'promotion_in_progress',
      `another promotion to ${promotion.environment} began a moment ago`,
      'Look at `/status`, then repeat the command.',
    )
  const { model, environment } = promotion
  await deps.ledger.audit({
    at: deps.clock.now(),
    actor: 'by' in promotion.via ? promotion.via.by : 'lockkeeper',
    action: 'deploy',
    subject: promotion.id,
    detail: { model, environment, release: promotion.release ?? null, via: promotion.via },
  })
  return { kind: 'promotion', line: spoken.line, promotion: promotion.id }
}
