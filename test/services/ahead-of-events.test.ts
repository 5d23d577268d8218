/** A command right behind a push waits until GitHub shows the head that the push's event named. */
import { expect, it } from 'vitest'
import { awaitHead } from '../../src/services/ahead-of-events.ts'
import type { CommandPlace } from '../../src/services/command-target.ts'
import { rememberHead } from '../../src/services/heard-head.ts'
import type { CommandRecord } from '../../src/services/ledger.ts'
import { sha } from '../comments/comparison-fixture.ts'
import { createWorld, HEAD, pullRequest, repository } from './comparison-world.ts'

const PUSHED = sha('beef')

/** The event of the push was heard `seconds` ago, the command just now. */
async function waits(seconds: number, shown: typeof HEAD): Promise<boolean> {
  const { deps, now } = createWorld()
  const ago = new Date(now.getTime() - seconds * 1000)
  await rememberHead({ repository, number: 1, sha: PUSHED }, { ...deps, clock: { now: () => ago } })
  const command = { heardAt: now.toISOString() } as CommandRecord
  const place = { modelRepository: repository } as CommandPlace
  return awaitHead(pullRequest({ headSha: shown }), { command, place }, deps).then(
    () => false,
    (error: Error) => error.message.includes('does not show yet'),
  )
}

it.each([
  ['pushed five seconds ago, and not shown yet', 5, HEAD, true],
  ['shown', 5, PUSHED, false],
  ['heard of for longer than reads lag: events came out of order', 90, HEAD, false],
] as const)('%s', async (_, seconds, shown, expected) => {
  expect(await waits(seconds, shown)).toBe(expected)
})

it('nothing was heard of', async () => {
  const question = { command: {} as CommandRecord, place: { modelRepository: repository } as CommandPlace }
  await expect(awaitHead(pullRequest(), question, createWorld().deps)).resolves.toBeUndefined()
})
