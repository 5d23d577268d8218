/** Where a promotion stands, in one sentence, and the evidence behind a verdict: used by replies, threads and reports. */

import { unlockCommand } from '../domain/hold.ts'
import { assertNever } from '../domain/ids.ts'
import {
  type Evidence,
  isActive,
  isMerged,
  type OpenedPullRequest,
  type Promotion,
  type Stage,
  wasNeverApplied,
} from '../domain/promotion.ts'
import { requester } from '../domain/promotion-trailers.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { engineName } from '../domain/sync-settings.ts'
import { sharePrefix, staysSentence } from './canary.ts'
import { code, hint, link, plain, prose, table } from './markdown.ts'
import { renderPullRequestLink } from './promotion-link.ts'
import { openRules, renderWaiting } from './rules.ts'
import { when } from './when.ts'

/** An icon that says good, bad or under way. */
export function stageIcon({ stage }: Promotion): string {
  switch (stage.at) {
    case 'verified':
      return '✅'
    case 'failed':
    case 'refused':
      return '❌'
    case 'superseded':
    case 'cancelled':
      return '➖'
    default:
      return '⏳'
  }
}

/** One sentence; `rules` as just judged, for a promotion without a pull request. */
export const stageSentence = (promotion: Promotion, rules: readonly RuleVerdict[] = []): string =>
  `${sharePrefix(promotion)}${outageSentence(promotion) ?? ownSentence(promotion, rules)}${staysSentence(promotion)}`

/** What it waited for before may be over: nobody knows. */
function outageSentence(promotion: Promotion): string | undefined {
  const { outage } = promotion
  if (!isOutage(promotion) || outage?.words === undefined) return undefined
  const where = renderPullRequestLink(promotion)
  const stands = where === '' ? 'it has no pull request yet' : `${where} is open`
  return `${stands}; since ${when(outage.since)} every look at it has failed: ${prose(outage.words, 300)}`
}

const isOutage = (promotion: Promotion): boolean =>
  promotion.outage?.words !== undefined && isActive(promotion) && !isMerged(promotion)

function ownSentence(promotion: Promotion, rules: readonly RuleVerdict[]): string {
  const { stage } = promotion
  const where = renderPullRequestLink(promotion)
  switch (stage.at) {
    case 'awaiting':
      return `its release is being made${stage.missing.length === 0 ? '' : `, and waits for ${prose(stage.missing.join('; '), 600)}`}${stage.until === undefined ? '' : `, until ${when(stage.until)} at most`}`
    case 'proposed':
      if (stage.waitsFor !== undefined) return waitsForPeople(stage.waitsFor)
      if (stage.waiting !== undefined)
        return `its values are in the files already; it waits: ${renderWaiting(stage.waiting)}`
      return rules.length === 0
        ? 'its promotion pull request is being opened'
        : `its values are in the files already; it waits: ${openRules(rules)}`
    case 'opened':
      if (stage.waiting !== undefined) return `${where} is open and waits: ${renderWaiting(stage.waiting)}`
      return `${where} is open${stage.githubWaits === undefined ? '' : `; GitHub does not merge it yet: ${prose(stage.githubWaits)}`}`
    case 'syncing':
      if (promotion.late !== undefined) return `${merged(promotion)}, ${lateWords(promotion.late)}; waits to get well`
      return stage.blocked === undefined
        ? `${merged(promotion)}, waits for ${engineOf(promotion)} to sync ${code(stage.revision.slice(0, 7))}`
        : `${merged(promotion)}, blocked: ${prose(stage.blocked)}`
    case 'verifying':
      return `synced ${when(stage.syncedAt)}, checks ${stage.holdingSince === undefined ? 'do not hold yet' : `have held since ${when(stage.holdingSince)}${undecided(promotion)}`}`
    case 'verified':
      return `verified ${when(stage.verifiedAt)} (${where === '' ? 'its values were in the files already' : where})${stage.alias === undefined ? '' : `, ${prose(stage.alias)}`}${flag(promotion)}`
    case 'failed':
      return `failed ${when(stage.failedAt)}: ${prose(stage.message)}${flag(promotion)}`
    case 'superseded':
      return `replaced ${when(stage.endedAt)}${replacement(promotion, stage.label)}`
    case 'cancelled':
      if (stage.act === 'command')
        return `${prose(stage.reason)} ${when(stage.endedAt)}${where === '' ? '' : ` (${where})`}`
      return `cancelled ${when(stage.endedAt)}: ${prose(stage.reason)}${where === '' ? '' : ` (${where})`}`
    case 'refused':
      return `refused (\`${stage.code}\`): ${prose(stage.message)}`
    default:
      return assertNever(stage)
  }
}

/** By what; the same release comes again when somebody asks for what automation had proposed. */
function replacement({ label }: Promotion, successor: string | undefined): string {
  if (successor === undefined) return ''
  return successor === label ? ' by a newer request for the same release' : ` by ${plain(successor)}`
}

/** Nothing of a person's is moved away. */
function waitsForPeople({ number, url }: Pick<OpenedPullRequest, 'number' | 'url'>): string {
  return `waits: somebody pushed to the branch of ${link(`promotion PR ${number}`, url)}, so that it is theirs; it goes on when they have merged or closed that`
}

/** That it was applied when nobody waited for it any more. */
export const lateWords = ({ since }: NonNullable<Promotion['late']>): string => `applied after all ${when(since)}`

/** What becomes of a commit that was not applied in time, and what a person can do about it. */
export function whenUnsynced(promotion: Promotion): string {
  const { environment, kind } = promotion
  const live = `goes live whenever ${engineOf(promotion)} syncs`
  if (kind === 'rollback') return `The way back is in Git and ${live}; it is proven then, by itself.`
  return `Its commit is in Git and ${live}; it is proven then, by itself. ${code(`/rollback ${environment}`)} takes it out.`
}

const engineOf = ({ watch }: Promotion): string => engineName(watch?.environment.sync)

function merged(promotion: Promotion): string {
  const where = renderPullRequestLink(promotion)
  return where === '' ? 'its values are in the files already' : `${where} is merged${flag(promotion)}`
}

/** What a person merged although Lockkeeper would not have. */
function flag({ mergedPast }: Promotion): string {
  if (mergedPast === undefined) return ''
  return ` — ⚠️ merged by ${plain(mergedPast.by)} although these rules did not hold: ${mergedPast.rules.join(', ')}`
}

/** That its pull request has moved on since it was asked for; empty where it has not. */
export function movedSentence({ head, headMovedTo, thread }: Promotion): string {
  if (head === undefined || headMovedTo === undefined) return ''
  return `Pull request ${thread} has moved on to ${code(headMovedTo.slice(0, 7))} since; this is ${code(head.slice(0, 7))}, as it was asked for.`
}

type Cancelled = Extract<Stage, { readonly at: 'cancelled' }>

/** What the reader can do now, in one sentence; empty where there is nothing. */
export function nextSentence(promotion: Promotion): string {
  const { stage, kind, environment } = promotion
  if (isOutage(promotion))
    return `It is tried again every few minutes, and goes on by itself. If it lasts: ${code('lockkeeper doctor')} on the server says what is wrong, and what to do.`
  switch (stage.at) {
    case 'awaiting':
      return 'It goes on by itself as soon as all is there; nobody has to repeat the command.'
    case 'opened':
      return stage.githubWaits === undefined
        ? 'It is merged by itself when nothing is open any more.'
        : 'It goes on by itself once that is settled.'
    case 'verified':
      return kind === 'rollback'
        ? `${code(environment)} is held until ${code(unlockCommand(promotion))}.`
        : `To go back: ${code(`/rollback ${environment}`)}.`
    case 'failed':
      if (wasNeverApplied(promotion)) return whenUnsynced(promotion)
      if (kind === 'rollback') return 'A person has to look: the report says what is live, and what to do.'
      if (stage.rollback === 'nowhere') return 'Nothing is known to go back to, so that a person has to look.'
      return stage.rollback === undefined || stage.rollback === 'none'
        ? `Nothing was put back by itself. To go back: ${code(`/rollback ${environment}`)}.`
        : 'It is rolled back by itself; the report in this thread says how that went.'
    case 'cancelled':
      return againSentence(promotion, stage.act)
    case 'refused':
      return hint(stage.hint)
    default:
      return ''
  }
}

/** It is on its way, and time alone does not bring it further: what it waits for may be up to the reader. */
export function waitsForSomebody({ stage }: Promotion): boolean {
  switch (stage.at) {
    case 'proposed':
      return stage.waitsFor !== undefined
    case 'opened':
      return stage.githubWaits !== undefined || (stage.waiting?.rules ?? []).some(({ until }) => until === undefined)
    case 'syncing':
      return stage.blocked !== undefined
    default:
      return false
  }
}

/** What the newest promotion came to. */
export function summary(newest: Promotion | undefined): string {
  if (newest === undefined) return '✅ released'
  const { stage, kind, label } = newest
  const environment = plain(newest.environment)
  switch (stage.at) {
    case 'verified':
      return kind === 'rollback' ? `⚠️ ${environment} was rolled back to ${plain(label)}` : `✅ live in ${environment}`
    case 'failed':
      return kind === 'rollback' ? `❌ the rollback in ${environment} failed` : `❌ failed in ${environment}`
    case 'refused':
      return `❌ not promoted to ${environment}`
    case 'cancelled':
      return `➖ not promoted to ${environment}`
    case 'superseded':
      return stage.wasMerged ? `⚠️ taken out of ${environment}` : `➖ replaced before it reached ${environment}`
    default:
      return kind === 'rollback' ? `⏳ ${environment} is being rolled back` : `⏳ on its way to ${environment}`
  }
}

/** One line of a list: icon, environment, who, and where it stands. */
export function promotionLine(promotion: Promotion): string {
  const back = promotion.kind === 'rollback' ? ` (back to ${plain(promotion.label)})` : ''
  return `- ${stageIcon(promotion)} **${plain(promotion.environment)}**${back} ${viaWords(promotion)}: ${stageSentence(promotion)}`
}

function againSentence({ environment }: Promotion, act: Cancelled['act']): string {
  const deploy = code(`/deploy ${environment}`)
  if (act === 'left') return `If it is still wanted: reopen the pull request, then ${deploy}.`
  if (act === 'closed') return `If it is still wanted: reopen its pull request, or ${deploy}.`
  if (act === 'taken') return `Merge its pull request, or close it; if it is still wanted then: ${deploy}.`
  return `If it is still wanted: ${deploy}.`
}

/** `by automation`, `by alice`, `forced by alice: outage`, `automatic rollback`. */
export function viaWords({ via }: Promotion): string {
  const by = requester(via)
  if (via.kind === 'automatic-rollback') return 'automatic rollback'
  if (via.kind === 'force') return `forced by ${plain(via.by)}: ${plain(via.reason)}`
  return by === undefined ? 'by automation' : `by ${plain(by)}`
}

/** The checks that alone are waited for, once all others have held for their time: before that, they change nothing. */
function undecided({ stage, watch }: Promotion): string {
  if (stage.at !== 'verifying' || stage.holdingSince === undefined || stage.lookedAt === undefined) return ''
  const until = Date.parse(stage.holdingSince) + (watch?.environment.verify.for ?? 0)
  const open = stage.evidence.filter(({ verdict }) => verdict === 'pending')
  if (open.length === 0 || Date.parse(stage.lookedAt) < until) return ''
  return `; not decided yet: ${open.map(({ check, seen }) => `${code(check, 80)} (${prose(seen, 120)})`).join(', ')}`
}

/** What was looked at, what was seen, what was wanted. Empty without evidence. */
export function renderEvidence(evidence: readonly Evidence[]): string {
  if (evidence.length === 0) return ''
  const icons = { holds: '✅', pending: '⏳', fails: '❌', no_data: '❓' } as const
  const rows = evidence.map(({ verdict, check, seen, wanted, url }) => [
    icons[verdict],
    link(code(check, 160), url),
    code(seen, 200),
    code(wanted),
  ])
  return table(['', 'Check', 'Seen', 'Wanted'], 'llll', rows)
}
