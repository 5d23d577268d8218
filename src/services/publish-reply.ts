/** The one reply to a command comment, edited as what it asked for goes on; and the reaction that says how it ended. */
import { renderReply } from '../comments/reply.ts'
import { renderMarker } from '../domain/marker.ts'
import { isActive, type Promotion } from '../domain/promotion.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import type { Deps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import { commentWrite, type PlannedWrite } from './publish-comment.ts'

/** The reply of the command that asked for this promotion; nothing when automation did. */
export async function replyWrites(
  promotion: Promotion,
  rules: readonly RuleVerdict[],
  deps: Deps,
): Promise<readonly PlannedWrite[]> {
  if (promotion.asked === undefined) return []
  const command = await deps.ledger.command(promotion.asked.repository, promotion.asked.commentId)
  if (command === undefined) return []
  return commandReply(command, { promotion, rules }, deps)
}

/** The writes that bring the reply up to date. `current` is a promotion with rules that are fresher than the ledger's. */
export async function commandReply(
  command: CommandRecord,
  current: { readonly promotion: Promotion; readonly rules: readonly RuleVerdict[] } | undefined,
  deps: Deps,
): Promise<readonly PlannedWrite[]> {
  const promotions = await promotionsOf(command, current?.promotion, deps)
  const marker = renderMarker('reply', { comment: command.commentId })
  const rules = new Map(current === undefined ? [] : [[current.promotion.id, current.rules]])
  const marks = command.outcomes.flatMap((outcome) => ('marks' in outcome ? (outcome.marks ?? []) : []))
  const body = `${[marker, ...marks].join('\n')}\n${renderReply({ command, promotions, rules })}`
  const gist = renderReply({ command, promotions: promotions.map(withoutNumbers), rules })
  const key = `reply:${command.repository}:${command.commentId}`
  const written = await commentWrite(
    {
      key,
      repository: command.repository,
      number: command.pullRequestNumber,
      subjectId: command.pullRequestNodeId,
      marker,
      body,
      gist,
    },
    deps,
  )
  const reply = command.state === 'running' ? andNowhere(written, command, deps) : written
  const reaction = await reactionWrite(command, promotions, deps)
  // A click has nothing that could be reacted to: with its last words it is done.
  if (command.button !== undefined) return closing(reply, reaction)
  return reply === undefined || reaction === undefined
    ? [reply, reaction].filter((one) => one !== undefined)
    : behind(reply, reaction)
}

/** With its reaction a command is done: not while GitHub has not taken its last words. */
function behind(reply: PlannedWrite, reaction: PlannedWrite): readonly PlannedWrite[] {
  let isSaid = false
  return [
    {
      ...reply,
      record: async (result) => {
        isSaid = result.ok
        await reply.record(result)
      },
    },
    {
      ...reaction,
      record: async (result) => {
        if (isSaid) await reaction.record(result)
      },
      gone: async () => !isSaid || (await reaction.gone?.()) === true,
    },
  ]
}

/** Issues can be deleted, or moved to another repository: then nobody is left to be told, and it is not tried for ever. */
function andNowhere(
  reply: PlannedWrite | undefined,
  command: CommandRecord,
  { ledger }: Pick<Deps, 'ledger'>,
): PlannedWrite | undefined {
  if (reply?.write.kind !== 'add-comment') return reply
  return { ...reply, gone: () => done(command, ledger) }
}

async function closing(
  reply: PlannedWrite | undefined,
  reaction: PlannedWrite | undefined,
): Promise<readonly PlannedWrite[]> {
  const finish = reaction?.gone
  if (reply === undefined) await finish?.()
  if (reply === undefined || finish === undefined) return reply === undefined ? [] : [reply]
  const record: PlannedWrite['record'] = async (result) => {
    await reply.record(result)
    if (result.ok) await finish()
  }
  return [{ ...reply, record }]
}

/**
 * While checks hold, each look sees other numbers, and counts one more request: whoever is told of the reply's edits hears of what
 * fails and what does not. The last edit has them all.
 */
function withoutNumbers(promotion: Promotion): Promotion {
  const { stage } = promotion
  if (stage.at !== 'verifying') return promotion
  const evidence = stage.evidence.map((one) => ({
    ...one,
    seen: '',
    verdict: one.verdict === 'pending' ? ('holds' as const) : one.verdict,
  }))
  return { ...promotion, stage: { ...stage, evidence } }
}

async function promotionsOf(
  command: CommandRecord,
  current: Promotion | undefined,
  deps: Deps,
): Promise<readonly Promotion[]> {
  const ids = command.outcomes.flatMap((outcome) => (outcome.kind === 'promotion' ? [outcome.promotion] : []))
  const found = await Promise.all(ids.map((id) => (id === current?.id ? current : deps.ledger.promotion(id))))
  return found.filter((promotion) => promotion !== undefined)
}

/** Nothing more is to be said to it. */
async function done(command: CommandRecord, ledger: Pick<Deps['ledger'], 'saveCommand'>): Promise<true> {
  await ledger.saveCommand({ ...command, state: 'done' })
  return true
}

type Ending = 'ROCKET' | 'THUMBS_DOWN' | 'CONFUSED'

/** 🚀 done, 👎 refused or failed, 😕 not understood; nothing while something is under way. */
function endingOf(command: CommandRecord, promotions: readonly Promotion[]): Ending | undefined {
  if (command.outcomes.length === 0 || promotions.some(isActive)) return undefined
  if (command.outcomes.some(({ kind }) => kind === 'mistaken')) return 'CONFUSED'
  const failed = promotions.some(({ stage }) => stage.at !== 'verified')
  return failed || command.outcomes.some(({ kind }) => kind === 'refused') ? 'THUMBS_DOWN' : 'ROCKET'
}

async function reactionWrite(
  command: CommandRecord,
  promotions: readonly Promotion[],
  deps: Deps,
): Promise<PlannedWrite | undefined> {
  const content = endingOf(command, promotions)
  if (content === undefined || command.state === 'done') return undefined
  return {
    repository: command.repository,
    write: { kind: 'add-reaction', subjectId: command.commentNodeId, content },
    record: async (result) => {
      // GitHub keeps one reaction of a kind per user: repeating it after a crash changes nothing. The reply says what it says.
      if (result.ok || result.type === 'FORBIDDEN') await done(command, deps.ledger)
    },
    mayFail: 'for want of the right',
    gone: () => done(command, deps.ledger),
  }
}
