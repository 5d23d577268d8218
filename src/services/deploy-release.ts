/** `/deploy`: decides whether a release may go to an environment, and proposes the promotion. Everything after that is advance-promotion.ts; of heads that are not merged: pin-head.ts, deploy-head.ts. */
import { renderAwaited } from '../comments/dry-run.ts'
import type { Beginning } from '../domain/beginning.ts'
import type { SpokenCommand } from '../domain/command.ts'
import { UserError } from '../domain/failure.ts'
import { type EnvironmentName, type RepoName, shortSha } from '../domain/ids.ts'
import { type EnvironmentKey, isActive, type Promotion, promotionId, type Via } from '../domain/promotion.ts'
import { headLabel, releaseLabel } from '../domain/release.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { awaitFirstLook } from './ahead-of-events.ts'
import { type CommandPlace, environmentOf, modelOf, namedRelease, placeOf, sortWords } from './command-target.ts'
import { type Decision, proposedAlready, refusal } from './decide-command.ts'
import { beginHead } from './deploy-head.ts'
import type { ReadDeps } from './deps.ts'
import { answerDryRun } from './dry-run.ts'
import { judgePromotion } from './judge-promotion.ts'
import type { CommandRecord, ReleaseRecord } from './ledger.ts'
import { type PinnedHead, pinHead } from './pin-head.ts'
import type { PromotionContext } from './promotion-context.ts'
import { proposeAsked, withForce } from './propose-asked.ts'
import { beginningOf, givesWay, readGround } from './read-beginning.ts'
import { refusalBy } from './stopping-rules.ts'

/** Throws UserError for every refusal that names one reason; several open rules are a decision with all of them. */
export async function decideDeploy(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const place = await placeOf(command, deps)
  const named = sortWords(spoken.words, place)
  const environment = environmentOf(named, place, spoken.usage)
  const cause = `command ${command.repository} ${command.commentId} ${spoken.line}`
  // A crash may have come between proposing and recording the answer, and the head may have moved since.
  const known = await proposedBefore(cause, { place, environment, deps })
  if (known !== undefined) return proposedAlready(known, spoken)
  const [wanted] = named.rest
  const head = await pinHead({ command, place, environment, wanted }, deps)
  const model = await modelOf(named, place, { environment, deps, touched: head?.touched })
  const key: EnvironmentKey = { repository: place.modelRepository, model, environment }
  const record = await recordMeant(named.rest, key, { place, head, usage: spoken.usage, deps })
  if (head === undefined) awaitFirstLook(record, command, deps)
  const wish = wishOf(key, { cause, command, spoken, head, record, deps })
  const active = (await deps.ledger.history(key)).find(isActive)
  const hasRelease = wish.release !== undefined
  const { context, whole, plan } = await readGround(wish, { by: command.author, hasRelease }, deps)
  const promotion = withForce(wish, context)
  const takesHeads = place.settings.environments.get(environment)?.from === 'pull_request'
  const beginning = await beginningOf(
    promotion,
    {
      release: releaseState(record, head),
      plan,
      sequence: takesHeads ? undefined : record?.sequence,
      active,
      isReplaced: givesWay(active),
    },
    deps,
  )
  const rules = await judgePromotion({ promotion, context, reviews: [], beginning, view: head?.view }, deps)
  const refused = refusalBy(rules, promotion)
  if (refused !== undefined) return refusal(refused, rules)
  return {
    kind: 'willing',
    rules,
    would: () => wouldDeploy(promotion, { rules, whole, answeredIn: command.repository }),
    carryOut: async (writing) => {
      if (head !== undefined && !hasRelease) await beginHead(promotion, { head, known: record }, writing)
      return proposeAsked({ spoken, promotion, active }, writing)
    },
  }
}

type Wish = {
  readonly cause: string
  readonly command: CommandRecord
  readonly spoken: SpokenCommand
  readonly head: PinnedHead | undefined
  readonly record: ReleaseRecord | undefined
  readonly deps: ReadDeps
}

/** The promotion that is meant. Without a release it waits for the one of its head; of anything else it is refused. */
function wishOf(key: EnvironmentKey, { cause, command, spoken, head, record, deps }: Wish): Promotion {
  const release = record?.state.kind === 'complete' ? record.state.release : undefined
  return {
    ...key,
    id: promotionId(key, cause),
    kind: 'promotion',
    release: release?.id,
    label: labelOf(record, head),
    ...(head === undefined ? {} : { head: head.sha }),
    via: viaOf(command.author, spoken),
    leaves: undefined,
    restore: [],
    thread: head?.view.number ?? record?.pullRequest?.number,
    asked: { repository: command.repository, commentId: command.commentId },
    createdAt: deps.clock.now().toISOString(),
    changes: [],
    pullRequest: undefined,
    stage: release === undefined ? { at: 'awaiting', missing: [], until: undefined } : { at: 'proposed' },
  }
}

function labelOf(record: ReleaseRecord | undefined, head: PinnedHead | undefined): string {
  if (head !== undefined) return headLabel(head.view.number, head.sha)
  if (record === undefined) return ''
  return record.state.kind === 'complete' ? releaseLabel(record.state.release) : shortSha(record.commit)
}

/** Of a head it is made, or looked for again, because of this command. */
function releaseState(record: ReleaseRecord | undefined, head: PinnedHead | undefined): Beginning['release'] {
  if (record?.state.kind === 'complete') return { kind: 'complete' }
  if (head !== undefined || record === undefined) return { kind: 'awaited' }
  return { kind: record.state.kind, missing: record.state.missing }
}

type Would = {
  readonly rules: readonly RuleVerdict[]
  readonly whole: PromotionContext | undefined
  readonly answeredIn: RepoName
}

/** The answer to a dry run. Nobody knows what a release would change that is not made yet. */
function wouldDeploy(promotion: Promotion, { rules, whole, answeredIn }: Would): string {
  if (whole === undefined) return renderAwaited(promotion)
  return answerDryRun({ promotion, rules, context: whole, answeredIn })
}

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

function viaOf(by: string, spoken: SpokenCommand): Via {
  const reason = spoken.options.get('force')
  if (typeof reason !== 'string') return { kind: 'deploy', by }
  return { kind: 'force', by, reason, rules: [] }
}
