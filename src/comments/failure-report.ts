/** The report of a failed rollout: what was seen, where it was at, what is done about it. A comment of its own, since it needs a person: in the model pull request's thread, and on the promotion pull request. */
import { mergedShare, WHOLE } from '../domain/canary.ts'
import { unlockCommand } from '../domain/hold.ts'
import { type Promotion, wasNeverApplied } from '../domain/promotion.ts'
import type { Release } from '../domain/release.ts'
import { commitLink } from './commit-link.ts'
import { overWords } from './incident.ts'
import { liveNow, type Unproven, whatToDo } from './live-now.ts'
import { code, plain, prose } from './markdown.ts'
import { lateWords, renderEvidence, stageIcon, stageSentence, whenUnsynced } from './rollout.ts'

export type FailureReport = {
  /** Failed, or applied after it had. */
  readonly failed: Promotion
  readonly rollback: Promotion | undefined
  readonly release: Release | undefined
  /** What is known of the environment, where the way back came to nothing. */
  readonly known?: Omit<Unproven, 'failed'> | undefined
  /** What was verified after nobody but a person could go on. */
  readonly over?: Promotion | undefined
  /** More people can read it than what was seen: only what happened is said. */
  readonly isPublic?: boolean | undefined
}

export function renderFailureReport(report: FailureReport): string {
  const { failed, rollback, release, isPublic = false } = report
  const { stage, model, label, environment, kind } = failed
  if (stage.at !== 'failed') return renderLate(report)
  const what =
    kind === 'rollback'
      ? `The rollback of ${plain(model)} in ${plain(environment)} to ${plain(label)}`
      : `${plain(model)} ${plain(label)}`
  const why = isPublic ? '' : `${sentence(prose(stage.message, 600))}. `
  const sections = [
    `### ❌ ${what} failed${kind === 'rollback' ? '' : ` in ${plain(environment)}${reach(failed)}`}\n${why}${answer(report)}`,
    toDo(report),
    isPublic ? '' : renderEvidence(stage.evidence),
    isPublic ? '' : evidenceOfRollback(rollback),
    facts(failed, release),
  ]
  return sections.filter((section) => section !== '').join('\n\n')
}

/** It had failed, and was applied after all: what it came to since, in place of what was said then. */
function renderLate({ failed, release, isPublic = false }: FailureReport): string {
  const { late, label, model, environment, kind } = failed
  if (late === undefined) throw new Error('only a failed promotion is reported')
  const what =
    kind === 'rollback' ? `The rollback of ${plain(model)} to ${plain(label)}` : `${plain(model)} ${plain(label)}`
  const why = isPublic ? 'It was not applied in time' : sentence(prose(late.because, 600))
  const now = isPublic ? lateWords(late) : `${lateWords(late)}, and is proven like any other: ${stageSentence(failed)}`
  return [
    `### ${stageIcon(failed)} ${what} was applied late in ${plain(environment)}\n${why}. It was ${now}.`,
    facts(failed, release),
  ].join('\n\n')
}

/** How much of the traffic saw it; empty where all of it did, or nothing divides it. */
function reach({ canary, stage }: Promotion): string {
  const share = canary && stage.at === 'failed' ? mergedShare(canary, stage.revision) : undefined
  return share === undefined || share === WHOLE ? '' : `, at ${share} % of the traffic`
}

function answer({ failed, rollback, known, over, isPublic = false }: FailureReport): string {
  const { environment, kind, stage } = failed
  const held = `${code(environment)} is held until ${code(unlockCommand(failed))}.`
  const stuck = (last: Promotion): string =>
    over === undefined ? `${liveNow({ ...unknown, ...known, failed: last })} ${held} A person has to look.` : ''
  if (kind === 'promotion' && wasNeverApplied(failed)) {
    const isBlocked = stage.at === 'failed' && stage.code === 'sync_blocked'
    const why = isBlocked ? 'the sync was blocked, which is nobody’s failure' : 'nothing began to apply it'
    return `Nothing was rolled back: ${why}. ${whenUnsynced(failed)}${isBlocked ? '' : ` ${held}`}`
  }
  if (rollback === undefined) {
    const isStuck = kind === 'rollback' || (stage.at === 'failed' && stage.rollback === 'nowhere')
    if (isStuck) return stuck(failed)
    return `Nothing was put back by itself. ${held} To go back: ${code(`/rollback ${environment}`)}.`
  }
  const to = plain(rollback.label)
  const where = isPublic ? 'its pull request says how that goes' : stageSentence(rollback)
  if (rollback.stage.at === 'verified') return `Rolled back to ${to}, ${stageSentence(rollback)}. ${held}`
  if (rollback.stage.at === 'failed' || rollback.stage.at === 'refused') {
    const how = isPublic ? '' : `: ${stageSentence(rollback)}`
    return `**The rollback to ${to} did not work either**${how}. ${stuck(rollback)}`
  }
  if (rollback.stage.at === 'cancelled' || rollback.stage.at === 'superseded')
    return `**The rollback to ${to} did not come to its end**: ${stageSentence(rollback)}. ${held}`
  return `Rolling back to ${to}: ${where}. ${held}`
}

const unknown = { left: undefined, others: [] }

/** Only where nobody but a person goes on. */
function toDo({ failed, rollback, known, over }: FailureReport): string {
  if (over !== undefined) return `✅ **Over:** ${overWords(over)}.`
  const last = rollback ?? failed
  const isStuck = last.stage.at === 'failed' && (last.kind === 'rollback' || last.stage.rollback === 'nowhere')
  if (!isStuck && last.stage.at !== 'refused') return ''
  return `**Do:**\n${whatToDo({ ...unknown, ...known, failed: last })}`
}

function evidenceOfRollback(rollback: Promotion | undefined): string {
  if (rollback?.stage.at !== 'failed' || rollback.stage.evidence.length === 0) return ''
  return `After the rollback to ${plain(rollback.label)}:\n\n${renderEvidence(rollback.stage.evidence)}`
}

function facts(failed: Promotion, release: Release | undefined): string {
  const { pullRequest } = failed
  const commit = commitLink(failed)
  const lines = [
    commit === '' ? '' : `- config commit ${commit}`,
    pullRequest === undefined ? '' : `- promotion [PR ${pullRequest.number}](${pullRequest.url})`,
    release === undefined ? '' : `- release ${code(release.id)}, commit ${code(release.commit.slice(0, 7))}`,
  ]
  return lines.filter((line) => line !== '').join('\n')
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
