/** The database of a story is lost: another one is rebuilt from GitHub, with `lockkeeper rebuild`'s own code, and the bot goes on with that. */
import { type Rebuilt, rebuild } from '../../src/rebuilding.ts'
import type { BotSettings, Story } from './bot.ts'
import { freshDatabase } from './database.ts'
import { type LedgerState, ledgerState } from './ledger-state.ts'

export type Loss = {
  /** The ledger that is lost, and the one that took its place before the bot saw it. */
  readonly before: LedgerState
  readonly after: LedgerState
  readonly rebuilt: Rebuilt
}

/** Resolves when the bot runs on what was rebuilt, and nothing moves. `meanwhile`: what people do after the loss. */
export async function loseDatabase(story: Story, meanwhile: () => void = () => {}): Promise<Loss> {
  let loss: Loss | undefined
  await story.restart(async (settings) => {
    const before = await ledgerState(urlOf(settings), { exact: true })
    meanwhile()
    await story.world.github.delivered()
    const url = await freshDatabase()
    const rebuilt = await rebuildInto(url, story)
    loss = { before, after: await ledgerState(url, { exact: true }), rebuilt }
    return url
  })
  await story.settle()
  if (loss === undefined) throw new Error('nothing was rebuilt')
  return loss
}

/** The same beside a bot that runs. */
export function rebuildInto(url: string, { settings, world }: Pick<Story, 'settings' | 'world'>, isCheck = false) {
  const env = { ...settings.env, database: { url } }
  return rebuild({ env, isCheck, clock: world.clock, onRead: () => {} })
}

export function urlOf({ env }: BotSettings): string {
  if ('url' in env.database) return env.database.url
  throw new Error('the story has a database of its own')
}

/**
 * What a rebuild promises to restore. Not: the audit log, commands but for those that are under way, approvals, what never had a
 * pull request, and what only looking again tells: the alias' history and the incident.
 */
export function promised({ releases, promotions, environments, holds }: LedgerState) {
  return {
    releases,
    promotions: promotions
      .filter(({ stage }) => !['refused', 'cancelled', 'proposed'].includes(stage.at))
      .map(({ stage, incident: _, mergedPast: __, ...facts }) => ({
        ...facts,
        stage: stageOf(stage),
      })),
    environments,
    holds,
  }
}

/** What is merged is looked at again from its sync on. */
function stageOf(stage: LedgerState['promotions'][number]['stage']) {
  if (stage.at === 'verified') return { at: stage.at, revision: stage.revision }
  return stage.at === 'verifying' ? { ...stage, at: 'syncing' } : stage
}
