/** `/override`: waives one gate of one model for one head, or takes that back. Counted by refresh-comparison.ts and judge-release.ts; kept by store/waivers.ts. */
import { renderRevoked, renderWaived, renderWaivedBefore } from '../comments/waiver.ts'
import type { SpokenCommand } from '../domain/command.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { UserError } from '../domain/failure.ts'
import type { RepoName } from '../domain/ids.ts'
import { modelOverriders } from '../domain/people-lists.ts'
import { mayDo } from '../domain/rights.ts'
import { mayVerdict } from '../domain/rules.ts'
import type { ModelSettings } from '../domain/settings.ts'
import { isCustomRole, type PersonStanding, teamKey } from '../domain/standing.ts'
import { type CommandPlace, placeOf } from './command-target.ts'
import type { Decision } from './decide-command.ts'
import type { Deps, ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import { refuseUnlessFailing, type SoughtGate, soughtGate } from './override-target.ts'
import { notWaivable, type PinnedComparison, pinComparison, takenComparison } from './pin-comparison.ts'
import type { StandingQuestion, WaiverRecord } from './ports.ts'
import { takeSettings } from './repo-settings.ts'

/** As much of a reason as is kept. */
const REASON_LENGTH = 500

/** Throws UserError `gate_unknown`, `not_waivable`, `not_allowed`, `head_moved`, `usage` and `ambiguous`. At most two calls. */
export async function decideOverride(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const place = await placeOf(command, deps)
  const isRevocation = spoken.options.has('revoke')
  const given = isRevocation ? undefined : await givenBefore({ command, spoken, place }, deps)
  if (given !== undefined) return given
  const record = await takenComparison(place, deps)
  const sought = soughtGate(spoken, record)
  const reason = sought.rest.join(' ').trim()
  if (!isRevocation && !/[\p{L}\p{N}]/u.test(reason)) {
    throw new UserError(
      'usage',
      'a waiver needs a reason: people read it before they promote',
      `Usage: \`${spoken.usage}\`.`,
    )
  }
  if (!isRevocation) refuseUnlessFailing(sought, record)
  await refuseUnlessMay({ command, place, record, sought }, deps)
  // Taking back gives nobody anything: it is of the head that was judged, whichever that is.
  const headSha = isRevocation ? record.headSha : await pinComparison({ command, spoken, record, sought, reason }, deps)
  const waiver: WaiverRecord = {
    ...{ repository: record.repository, number: record.number, headSha },
    ...{ model: sought.model, gate: sought.gate.name },
    ...{ by: command.author, reason: shortened(reason), at: deps.clock.now().toISOString() },
    said: saidBy(command, spoken),
  }
  return isRevocation ? revocation(waiver, spoken, { command }) : waiving(waiver, spoken, { command, record })
}

const shortened = (reason: string): string =>
  reason.length <= REASON_LENGTH ? reason : `${reason.slice(0, REASON_LENGTH - 1)}…`.toWellFormed()

const causeOf = ({ repository, commentId }: CommandRecord): string => `command ${repository} ${commentId}`

const saidBy = (command: CommandRecord, { line }: SpokenCommand): string => `${causeOf(command)}: ${line}`

type Said = { readonly command: CommandRecord; readonly spoken: SpokenCommand; readonly place: CommandPlace }

/** What this very comment waived in an earlier run, before a crash: the check run may be green for it since, and the pull request merged. */
async function givenBefore({ command, spoken, place }: Said, { comparisons }: ReadDeps): Promise<Decision | undefined> {
  const { modelRepository: repository, pullRequest, promotionOf } = place
  if (pullRequest === undefined || promotionOf !== undefined) return undefined
  const record = await comparisons.get(repository, pullRequest)
  const waivers = record === undefined ? [] : await comparisons.waivers(record)
  const own = waivers.find(({ said }) => said === saidBy(command, spoken))
  if (own === undefined) return undefined
  const markdown = renderWaived({ ...own, isOneOfSeveral: (record?.judged ?? []).length > 1 })
  const carryOut = async ({ hints }: Deps): Promise<CommandOutcome> => {
    await hints.hint({ kind: 'pull-request', repository, number: own.number })
    return { kind: 'answered', line: spoken.line, markdown }
  }
  return { kind: 'willing', rules: [], isBegun: true, would: () => markdown, carryOut }
}

type Given = { readonly command: CommandRecord; readonly record: PinnedComparison }

function waiving(waiver: WaiverRecord, spoken: SpokenCommand, { command, record }: Given): Decision {
  const isOneOfSeveral = (record.judged ?? []).length > 1
  const carryOut = async (deps: Deps): Promise<CommandOutcome> => {
    await refuseIfMoved(waiver, deps)
    const { kind, waiver: stands } = await deps.comparisons.addWaiver(waiver, causeOf(command))
    await deps.hints.hint({ kind: 'pull-request', repository: waiver.repository, number: waiver.number })
    const markdown = kind === 'added' ? renderWaived({ ...stands, isOneOfSeveral }) : renderWaivedBefore(stands)
    return { kind: 'answered', line: spoken.line, markdown }
  }
  const would = (): string =>
    `🔎 **Dry run**, nothing was done. Without \`--dry-run\`:\n\n${renderWaived({ ...waiver, isOneOfSeveral })}`
  return { kind: 'willing', rules: [mayVerdict(command.author)], would, carryOut }
}

function revocation(waiver: WaiverRecord, spoken: SpokenCommand, { command }: Pick<Given, 'command'>): Decision {
  const carryOut = async ({ comparisons, hints }: Deps): Promise<CommandOutcome> => {
    const { repository, number, headSha, gate, model, by, at } = waiver
    const revoked = { gate, model, by, at: new Date(at) }
    const isRevoked = await comparisons.revokeWaiver({ repository, number, headSha }, revoked, causeOf(command))
    if (isRevoked) await hints.hint({ kind: 'pull-request', repository, number })
    return { kind: 'answered', line: spoken.line, markdown: renderRevoked(waiver, isRevoked) }
  }
  const would = (): string =>
    `🔎 **Dry run**, nothing was done. Without \`--dry-run\`:\n\n${renderRevoked(waiver, true)}`
  return { kind: 'willing', rules: [mayVerdict(command.author)], would, carryOut }
}

/** A push that was heard of meanwhile: the waiver would be void, and nobody would know. */
async function refuseIfMoved({ repository, number, headSha }: WaiverRecord, { comparisons }: Deps): Promise<void> {
  const now = await comparisons.get(repository, number)
  if (now?.headSha === headSha && now.pull?.state === 'open') return
  throw new UserError(
    'head_moved',
    `pull request ${number} has moved on from \`${headSha.slice(0, 7)}\``,
    'Look at what is there now, and write the command again.',
  )
}

type Asked = {
  readonly command: CommandRecord
  readonly place: CommandPlace
  readonly record: PinnedComparison
  readonly sought: SoughtGate
}

async function refuseUnlessMay({ command, place, record, sought }: Asked, deps: ReadDeps): Promise<void> {
  const { author: login } = command
  const repository = place.modelRepository
  const { model, person } = await readOverrider({ repository, sought, place, login }, deps)
  const { author } = record.pull
  const { may, who, excluded } = mayDo('override', person, { model, repository, author })
  if (may) return
  if (excluded === undefined) {
    const message = `${login} may not waive gates of ${model.name}; these may: ${who}`
    throw new UserError('not_allowed', message, 'Ask one of them.')
  }
  throw new UserError(
    'not_allowed',
    `${excluded}, and waives none of its own gates; of others these may: ${who}`,
    `Ask one of them; or name \`user:${login}\` among the \`overriders\` of ${model.name}.`,
  )
}

type Overrider = {
  readonly repository: RepoName
  readonly sought: SoughtGate
  readonly place: CommandPlace
  readonly login: string
}

/** The list as the default branch has it now, and the person's standing, in one call; in two where the list has just changed. */
async function readOverrider(
  { repository, sought, place, login }: Overrider,
  deps: ReadDeps,
): Promise<{ readonly model: ModelSettings; readonly person: PersonStanding | undefined }> {
  const ask = (model: Pick<ModelSettings, 'overriders'>) => standingQuestion(repository, model, login)
  const asked = ask(place.settings.models.get(sought.model) ?? { overriders: [] })
  const world = await deps.github.readPromotionWorld({
    ...{ modelRepository: repository, configRepository: repository, branch: undefined },
    // Only the configuration and the person are of interest: no promotion has a branch of this name.
    ...{ headBranch: 'lockkeeper', pullRequestNumber: undefined, files: [], standing: asked },
  })
  const settings = await takeSettings(repository, world.modelConfigFile, deps)
  const model = settings.models.get(sought.model)
  if (model === undefined)
    throw notWaivable(`the configuration has no model \`${sought.model}\` any more`, 'There is nothing to waive.')
  const isSame = JSON.stringify(ask(model)) === JSON.stringify(asked)
  const standings = isSame ? world.standings : await deps.github.readStandings(ask(model))
  return { model, person: standings.get(login) }
}

function standingQuestion(
  repository: RepoName,
  model: Pick<ModelSettings, 'overriders'>,
  login: string,
): StandingQuestion {
  const principals = modelOverriders(model)
  const teams = principals.flatMap((principal) => {
    if (principal.kind !== 'team') return []
    const [organization = '', slug = ''] = teamKey(principal, repository).split('/')
    return [{ organization, slug }]
  })
  return { logins: [login], repositories: [repository], teams, roles: principals.some(isCustomRole) }
}
