/** What `lockkeeper simulate` says is what the comment brings about: random commands in prepared worlds, first simulated (which changes nothing), then written. Its printing: simulate.test.ts. */
import fc from 'fast-check'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { optionsOf } from '../../src/domain/command-grammar.ts'
import type { CommandOutcome } from '../../src/domain/command-outcome.ts'
import { parseRepoName } from '../../src/domain/ids.ts'
import { COMMANDS } from '../../src/handlers/commands/index.ts'
import { type Decision, outcomeOf } from '../../src/services/decide-command.ts'
import { simulate } from '../../src/simulation.ts'
import { startStory } from '../support/bot.ts'
import { commitDev, DEV_WORLD, ready } from '../support/preview-story.ts'
import { HOUR, MINUTE, type Tale, tale } from '../support/story.ts'

type Prepared = { readonly name: string; readonly prepare: (story: Tale) => Promise<unknown> }

const WORLDS: readonly Prepared[] = [
  { name: 'nothing is released', prepare: (story) => story.proposes('better') },
  { name: 'staging is verified, prod soaks', prepare: (story) => story.releases('better') },
  { name: 'a promotion waits for its approval', prepare: (story) => story.waitsForApproval() },
  {
    name: 'prod is live, and held',
    prepare: async (story) => {
      await story.releases('better')
      await story.deploys()
      await story.verifies()
      await story.says('/lock prod until somebody has looked', { by: 'carol' })
    },
  },
  {
    name: 'prod is frozen',
    prepare: async (story) => {
      await story.releases('better')
      // Friday evening.
      await story.pass(81 * HOUR, 27 * HOUR)
    },
  },
  { name: 'its gates fail', prepare: (story) => story.releases('regression') },
  {
    name: 'an open pull request may be deployed',
    prepare: async (story) => {
      commitDev(story.world)
      await story.settle()
      await story.pass(MINUTE)
      await ready(story, 'better')
    },
  },
]

type Written = { readonly body: string; readonly by: string; readonly onPromotion: boolean }

/** One of these, as often as their numbers say. */
const often = (weights: Readonly<Record<string, number>>): fc.Arbitrary<string> =>
  fc.oneof(...Object.entries(weights).map(([value, weight]) => ({ weight, arbitrary: fc.constant(value) })))

const environment = often({ prod: 12, staging: 8, dev: 3, stagin: 1, PROD: 1 })
const model = often({ churn: 6, fraud: 1, chrun: 1 })
const release = often({ v12: 4, 12: 1, v11: 2, v99: 1, 'rel-0000000000000000': 1, abcdef1: 1, 'as-found': 1 })
const VALUES: { readonly [kind: string]: fc.Arbitrary<string> } = {
  ...{ environment, model, release },
  gate: often({ auc: 3, log_loss: 3, 'churn/auc': 1, nothing: 1 }),
  duration: often({ '2h': 3, '30m': 1, soon: 1 }),
  baseline: often({ champion: 1, main: 1, v11: 1, prod: 1 }),
  text: often({ 'moving the store': 1, '"in quotes"': 1, 'a `tick` and @bob': 1 }),
}

const perhaps = (there: number, missing: number, part: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: there, arbitrary: part }, { weight: missing, arbitrary: fc.constant('') })

const OFTEN: Readonly<Record<string, number>> = { deploy: 6, rollback: 3, approve: 2, cancel: 2, lock: 2, unlock: 2 }

/** Each argument there, missing or wrong, with and without the word before it; each option there, and one that is not. */
const command: fc.Arbitrary<string> = fc.oneof(
  ...COMMANDS.map((one) => {
    const parts = one.arguments.map(({ kind, after, optional }) => {
      const value = (VALUES[kind] ?? fc.constant('word')).map((word) =>
        after === undefined ? word : `${after} ${word}`,
      )
      return optional && kind !== 'environment' ? perhaps(1, 4, value) : perhaps(12, 1, value)
    })
    const options = [...optionsOf(one), { name: 'forse' }].map((option) =>
      perhaps(
        1,
        option.name === 'forse' ? 30 : 5,
        fc.constant('value' in option ? `--${option.name} "a reason"` : `--${option.name}`),
      ),
    )
    const arbitrary = fc
      .tuple(...parts, ...options)
      .map((words) => [`/${one.name}`, ...words].filter((part) => part !== '').join(' '))
    return { weight: OFTEN[one.name] ?? 1, arbitrary }
  }),
)

const written: fc.Arbitrary<Written> = fc.record({
  body: fc.oneof(
    { weight: 6, arbitrary: command },
    { weight: 1, arbitrary: fc.tuple(command, command).map((lines) => lines.join('\n')) },
  ),
  by: often({ alice: 4, bob: 2, carol: 2, dave: 1, erin: 1 }),
  onPromotion: fc.oneof({ weight: 1, arbitrary: fc.constant(true) }, { weight: 3, arbitrary: fc.constant(false) }),
})

const isDeep = process.env['LOCKKEEPER_DEEP'] !== undefined
const ROUNDS = isDeep ? 15 : 6

describe.each(WORLDS)('where $name', ({ prepare }) => {
  test('a simulation changes nothing, and says what the comment brings about', { timeout: 3_600_000 }, async () => {
    const story = tale(await startStory(DEV_WORLD))
    try {
      await prepare(story)
      await fc.assert(
        fc.asyncProperty(written, (one) => compare(story, one)),
        { numRuns: ROUNDS, endOnFailure: true },
      )
      expect(story.world.violations()).toEqual([])
    } finally {
      await story.end()
    }
  })
})

async function compare(story: Tale, { body, by, onPromotion }: Written): Promise<void> {
  const { github } = story.world
  const promotion = onPromotion ? github.pullRequests(CONFIG).at(-1)?.number : undefined
  const where = promotion === undefined ? MODELS : CONFIG
  const number = promotion ?? github.pullRequests(MODELS).at(-1)?.number ?? 0
  const before = { requests: github.requests.length, ledger: await ledgerOf(story) }
  const repository = parseRepoName(where)
  if (repository === undefined) throw new Error(where)
  const simulated = await simulate({
    ...story.settings,
    signIns: new Map(),
    asked: { repository, number, body, as: by },
  })
  expect(
    github.requests
      .slice(before.requests)
      .filter(isWrite)
      .map(({ path }) => path),
  ).toEqual([])
  expect(await ledgerOf(story)).toEqual(before.ledger)
  await story.says(body, { by, on: number, in: where })
  const outcomes = await newestOutcomes(story)
  for (const [index, { line, decision }] of simulated.lines.entries()) {
    expect({ line, ...became(decision, line) }).toEqual({ line, ...kept(outcomes[index], decision, line) })
    // What it changed is there for the lines behind it.
    if (decision.kind === 'willing') return
  }
  expect(outcomes).toHaveLength(simulated.lines.length)
}

type Request = Tale['world']['github']['requests'][number]

/** Tokens are not of the world. */
function isWrite({ method, path, body, operation }: Request): boolean {
  if (operation === 'apps/create-installation-access-token' || method === 'GET') return false
  return !path.endsWith('/graphql') || !/"query":"\s*query\b/.test(JSON.stringify(body))
}

/** Every table of the server but its queue's, row for row. */
async function ledgerOf(story: Tale): Promise<Readonly<Record<string, readonly string[]>>> {
  return ask(story, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `select quote_ident(tablename) as name from pg_tables where schemaname = 'public' order by 1`,
    )
    const all: Record<string, readonly string[]> = {}
    for (const { name } of tables) {
      const { rows } = await client.query<{ text: string }>(`select t::text as text from ${name} t order by 1`)
      all[name] = rows.map(({ text }) => text)
    }
    return all
  })
}

async function newestOutcomes(story: Tale): Promise<readonly CommandOutcome[]> {
  return ask(story, async (client) => {
    const { rows } = await client.query<{ data: { readonly outcomes: readonly CommandOutcome[] } }>(
      'select data from commands order by comment_id::bigint desc limit 1',
    )
    return rows[0]?.data.outcomes ?? []
  })
}

async function ask<Result>({ settings }: Tale, run: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const { database } = settings.env
  const client = new pg.Client({ connectionString: 'url' in database ? database.url : '' })
  await client.connect()
  try {
    return await run(client)
  } finally {
    await client.end()
  }
}

/** As the bot keeps it with the comment. Of what is done it keeps what was done. */
function became(decision: Decision, line: string): object {
  if (decision.kind === 'willing') return isDry(line) ? outcomeOf(decision, line) : { kind: 'done' }
  return outcomeOf(decision, line)
}

function kept(outcome: CommandOutcome | undefined, decision: Decision, line: string): object {
  if (outcome?.kind === 'promotion') return { kind: 'done' }
  if (outcome?.kind === 'answered' && decision.kind === 'willing') return isDry(line) ? outcome : { kind: 'done' }
  return { ...outcome, line }
}

const isDry = (line: string): boolean => line.includes('--dry-run')
