/** The report of a failed rollout: what was seen, where it was at, what is done about it. A comment of its own, since it needs a person. */
import { unlockCommand } from '../domain/hold.ts'
import { type Promotion, wasNeverApplied } from '../domain/promotion.ts'
import type { Release } from '../domain/release.ts'
import { code, plain, prose } from './markdown.ts'
import { renderEvidence, stageSentence, whenUnsynced } from './rollout.ts'

export type FailureReport = {
  readonly failed: Promotion
  readonly rollback: Promotion | undefined
  readonly release: Release | undefined
}

export function renderFailureReport({ failed, rollback, release }: FailureReport): string {
  const { stage, model, label, environment } = failed
  if (stage.at !== 'failed') throw new Error('only a failed promotion is reported')
  const sections = [
    `### ❌ ${plain(model)} ${plain(label)} failed in ${plain(environment)}\n${sentence(prose(stage.message, 600))}. ${answer(failed, rollback)}`,
    renderEvidence(stage.evidence),
    evidenceOfRollback(rollback),
    facts(failed, release),
  ]
  return sections.filter((section) => section !== '').join('\n\n')
}

function answer(failed: Promotion, rollback: Promotion | undefined): string {
  const { environment, kind, stage } = failed
  const held = `${code(environment)} is held until ${code(unlockCommand(failed))}.`
  if (kind === 'promotion' && wasNeverApplied(failed)) {
    const isBlocked = stage.at === 'failed' && stage.code === 'sync_blocked'
    const why = isBlocked ? 'the sync was blocked, which is nobody’s failure' : 'Argo CD never began to apply it'
    return `Nothing was rolled back: ${why}. ${whenUnsynced(failed)}${isBlocked ? '' : ` ${held}`}`
  }
  if (rollback === undefined) {
    if (kind === 'rollback' && stage.at === 'failed' && stage.revision === undefined)
      return `**Nothing was rolled back: what was to be left still runs in ${plain(environment)}.** ${mergeIt(failed)}${held} A person has to look.`
    if (kind === 'rollback')
      return `**This was a rollback: ${plain(environment)} now runs something unverified.** ${held} A person has to look.`
    return `Nothing was put back by itself. ${held} To go back: ${code(`/rollback ${environment}`)}.`
  }
  if (rollback.stage.at === 'verified')
    return `Rolled back to ${plain(rollback.label)}, ${stageSentence(rollback)}. ${held}`
  if (DID_NOT_WORK.includes(rollback.stage.at))
    return `**The rollback to ${plain(rollback.label)} did not work either**: ${stageSentence(rollback)}. ${mergeIt(rollback)}${held} A person has to look.`
  return `Rolling back to ${plain(rollback.label)}: ${stageSentence(rollback)}. ${held}`
}

const DID_NOT_WORK: readonly Promotion['stage']['at'][] = ['failed', 'refused', 'cancelled', 'superseded']

/** A rollback that nobody merged in time is left open for those who may. */
function mergeIt({ stage, pullRequest }: Promotion): string {
  if (stage.at !== 'failed' || stage.revision !== undefined || pullRequest === undefined) return ''
  return `[PR ${pullRequest.number}](${pullRequest.url}) is still open: merge it in the config repository. `
}

function evidenceOfRollback(rollback: Promotion | undefined): string {
  if (rollback?.stage.at !== 'failed' || rollback.stage.evidence.length === 0) return ''
  return `After the rollback to ${plain(rollback.label)}:\n\n${renderEvidence(rollback.stage.evidence)}`
}

function facts({ stage, pullRequest }: Promotion, release: Release | undefined): string {
  const revision = stage.at === 'failed' ? stage.revision : undefined
  const lines = [
    revision === undefined ? '' : `- config commit ${code(revision)}`,
    pullRequest === undefined ? '' : `- promotion [PR ${pullRequest.number}](${pullRequest.url})`,
    release === undefined ? '' : `- release ${code(release.id)}, commit ${code(release.commit.slice(0, 7))}`,
  ]
  return lines.filter((line) => line !== '').join('\n')
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
