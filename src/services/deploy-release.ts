/** `/deploy`: decides whether a release may go to an environment, and proposes the promotion. Everything after that is advance-promotion.ts; of heads that are not merged: pin-head.ts, deploy-head.ts. */
import type { SpokenCommand } from '../domain/command.ts'
import { UserError } from '../domain/failure.ts'
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
import { headLabel, type Release, releaseLabel } from '../domain/release.ts'
import { type CommandPlace, environmentOf, modelOf, namedRelease, placeOf, sortWords } from './command-target.ts'
import { type Decision, refusal } from './decide-command.ts'
import { deployHead } from './deploy-head.ts'
import type { ReadDeps } from './deps.ts'
import { answerDryRun } from './dry-run.ts'
import { judgePromotion } from './judge-promotion.ts'
import type { CommandRecord, ReleaseRecord } from './ledger.ts'
import { type PinnedHead, pinHead } from './pin-head.ts'
import { readContext } from './promotion-context.ts'
import { proposeAsked, withForce } from './propose-asked.ts'
import { refusalBy } from './stopping-rules.ts'

/** Throws UserError for every refusal that names one reason; several open rules are a decision with all of them. */
export async function decideDeploy(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const place = await placeOf(command, deps)
  const named = sortWords(spoken.words, place)
  const environment = environmentOf(named, place, spoken.usage)
  const cause = `command ${command.repository} ${command.commentId} ${spoken.line}`
  // A crash may have come between proposing and recording the answer, and the head may have moved since.
  const known = await proposedBefore(cause, { place, environment, deps })
  if (known !== undefined) return alreadyDone(known, spoken)
  const [wanted] = named.rest
  const head = await pinHead({ command, place, environment, wanted }, deps)
  const model = await modelOf(named, place, { environment, deps, touched: head?.touched })
  const key: EnvironmentKey = { repository: place.modelRepository, model, environment }
  const record = await recordMeant(named.rest, key, { place, head, usage: spoken.usage, deps })
  const release = record && completed(record, head)
  const history = await deps.ledger.history(key)
  const active = history.find(isActive)
  refuseWhileMoving(key, active)
  const takesHeads = place.settings.environments.get(environment)?.from === 'pull_request'
  if (release !== undefined) {
    const records = takesHeads ? [] : await deps.ledger.releasesOf({ repository: key.repository, model: key.model })
    refuseByHistory({ key, release, records, history })
  }
  const wish: Promotion = {
    ...key,
    id: promotionId(key, cause),
    kind: 'promotion',
    release: release?.id,
    label: release === undefined ? labelOf(head) : releaseLabel(release),
    ...(head === undefined ? {} : { head: head.sha }),
    via: viaOf(command.author, spoken),
    leaves: undefined,
    restore: [],
    thread: head?.view.number ?? release?.pullRequest?.number,
    asked: { repository: command.repository, commentId: command.commentId },
    createdAt: deps.clock.now().toISOString(),
    changes: [],
    pullRequest: undefined,
    stage: { at: 'proposed' },
  }
  if (head !== undefined && release === undefined)
    return deployHead({ wish, head, known: record, active, command, spoken }, deps)
  const context = await readContext(wish, deps, [command.author])
  const promotion = withForce(wish, context)
  const rules = await judgePromotion({ promotion, context, reviews: [] }, deps)
  const refused = refusalBy(rules, promotion)
  if (refused !== undefined) return refusal(refused, rules)
  return {
    kind: 'willing',
    rules,
    would: () => answerDryRun({ promotion, rules, context, answeredIn: command.repository }),
    carryOut: (writing) => proposeAsked({ spoken, promotion, active }, writing),
  }
}

/** An earlier run of the same command proposed it. */
const alreadyDone = (promotion: string, { line }: SpokenCommand): Decision => ({
  kind: 'willing',
  rules: [],
  would: () => 'It was proposed by this command already.',
  carryOut: async () => ({ kind: 'promotion', line, promotion }),
})

type Before = { readonly place: CommandPlace; readonly environment: EnvironmentName; readonly deps: ReadDeps }

/** The promotion that this command proposed in an earlier run, of whichever model it meant. */
async function proposedBefore(cause: string, { place, environment, deps }: Before): Promise<string | undefined> {
  const { modelRepository: repository, settings } = place
  for (const { name: model, environments } of settings.models.values()) {
    if (!environments.includes(environment)) continue
    const id = promotionId({ repository, model, environment }, cause)
    if ((await deps.ledger.promotion(id)) !== undefined) return id
  }
  return undefined
}

type Meant = {
  readonly place: CommandPlace
  readonly head: PinnedHead | undefined
  readonly usage: string
  readonly deps: ReadDeps
}

/** undefined: the head was never deployed, and its release begins now. */
async function recordMeant(
  rest: readonly string[],
  key: EnvironmentKey,
  { place, head, usage, deps }: Meant,
): Promise<ReleaseRecord | undefined> {
  const [wanted, ...more] = rest
  if (more.length > 0)
    throw new UserError('usage', `\`${more.join(' ')}\` is more than /deploy takes`, `Usage: \`${usage}\`.`)
  if (head !== undefined) return deps.ledger.release(key.repository, key.model, head.sha, head.view.number)
  if (wanted !== undefined) {
    const among = { notHead: notHere(key, place), models: place.settings.models.keys() }
    return namedRelease(wanted, key, deps, among)
  }
  const { pullRequest } = place
  if (pullRequest === undefined) throw new UserError('no_release', 'which release?', `Name one: \`${usage}\`.`)
  const records = await deps.ledger.releasesOf({ repository: key.repository, model: key.model, pullRequest })
  const newest = records.find(({ origin }) => origin !== 'pull_request')
  if (newest !== undefined) return newest
  throw new UserError(
    'no_release',
    `pull request ${pullRequest} made no release of ${key.model}`,
    'It touched none of the paths of that model. Name a release, or comment on the pull request that made it.',
  )
}

/** A head that is not merged goes nowhere by its name alone: it is pinned on its own pull request, and only where the environment takes it. */
const notHere =
  ({ environment }: EnvironmentKey, { settings }: CommandPlace) =>
  ({ commit, pullRequest }: ReleaseRecord): UserError => {
    const takesHeads = settings.environments.get(environment)?.from === 'pull_request'
    return new UserError(
      'not_merged',
      `\`${commit.slice(0, 7)}\` is a head of pull request ${pullRequest?.number}, which was not merged${takesHeads ? '' : `: only releases of the default branch go to ${environment}`}`,
      takesHeads
        ? `Write \`/deploy ${environment}\` on pull request ${pullRequest?.number}.`
        : 'Merge it first; its release is made then.',
    )
  }

const labelOf = (head: PinnedHead | undefined): string =>
  head === undefined ? '' : headLabel(head.view.number, head.sha)

/** undefined: it is a head whose release is made or looked for again because of this command. */
function completed({ state, model }: ReleaseRecord, head: PinnedHead | undefined): Release | undefined {
  if (state.kind === 'complete') return state.release
  if (head !== undefined) return undefined
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

function refuseWhileMoving({ environment }: EnvironmentKey, active: Promotion | undefined): void {
  if (active === undefined || (!isMerged(active) && active.kind !== 'rollback')) return
  throw new UserError(
    'promotion_in_progress',
    `${active.label} is on its way to ${environment} (${active.stage.at})`,
    'Wait until it has ended, or `/rollback` it.',
  )
}

type Past = {
  readonly key: EnvironmentKey
  readonly release: Release
  /** Of the default branch, whose order counts; empty where heads go: they have no order. */
  readonly records: readonly ReleaseRecord[]
  readonly history: History
}

function refuseByHistory({ key, release, records, history }: Past): void {
  const { environment } = key
  const live = livePromotion(history)
  if (live === undefined) return
  if (live.release === release.id)
    throw new UserError('already_live', `${live.label} is already live in ${environment}`, 'There is nothing to do.')
  const sequenceOf = (id: string | undefined): number | undefined =>
    records.find(({ state }) => state.kind === 'complete' && state.release.id === id)?.sequence
  const [sequence, liveSequence] = [sequenceOf(release.id), sequenceOf(live.release)]
  if (sequence === undefined || liveSequence === undefined || sequence >= liveSequence) return
  const from = live.thread === undefined ? '' : ` (pull request ${live.thread})`
  throw new UserError(
    'older_than_live',
    `${releaseLabel(release)} is older than ${live.label}, which is live in ${environment}${from}`,
    `To go back: \`/rollback ${environment} to ${releaseLabel(release)}\`.`,
  )
}

function viaOf(by: string, spoken: SpokenCommand): Via {
  const reason = spoken.options.get('force')
  if (typeof reason !== 'string') return { kind: 'deploy', by }
  return { kind: 'force', by, reason, rules: [] }
}
