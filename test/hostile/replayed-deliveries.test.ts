/** Whoever recorded a signed delivery and sends it again, hours later and under whatever id, has nothing done by it. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openChurnPullRequest } from '../../sandbox/world/acts.ts'
import { MODELS } from '../../sandbox/world/index.ts'
import { type AttackedBot, type Postman, postman, sign, startAttackedBot } from './attacked-bot.ts'

const HOUR = 3_600_000

let attacked: AttackedBot
let mail: Postman
beforeAll(async () => {
  attacked = await startAttackedBot()
  mail = postman(attacked.bot.url, 4)
}, 120_000)
afterAll(async () => {
  mail?.close()
  await attacked?.close()
})

test('commands and pushes of this morning are not carried out again in the evening', { timeout: 240_000 }, async () => {
  const { world, settle } = attacked
  const pull = openChurnPullRequest(world, 'better')
  await settle()
  for (const body of ['/lock prod --reason "a drill"', '/unlock prod', '/lock staging', '/unlock staging', '/status']) {
    world.github.comment(MODELS, pull.number, body, { by: 'alice' })
    await settle()
  }
  const recorded = world.github.deliveries.filter(({ event }) => event !== 'ping')
  expect(recorded.filter(({ event }) => event === 'issue_comment').length).toBeGreaterThanOrEqual(5)
  world.clock.advance(9 * HOUR)
  await settle()
  const before = { effects: attacked.effects(), locks: await locks() }
  const statuses: string[] = []
  for (const { event, payload, guid } of recorded) {
    const body = JSON.stringify(payload)
    for (const id of [guid, guid.toUpperCase(), randomUUID(), randomUUID()]) {
      const answer = await mail.deliver({ body, event, id, signatures: ['X-Hub-Signature-256', sign(body)] })
      statuses.push(`${answer.status} ${Object(JSON.parse(answer.text))['code']}`)
    }
  }
  await settle()
  expect(
    Object.entries(Object.groupBy(statuses, (status) => status)).map(([status, all]) => [status, all?.length]),
  ).toEqual([
    ['202 duplicate', recorded.length * 2],
    ['202 stored', recorded.length * 2],
  ])
  expect(attacked.errors()).toEqual([])
  expect({ effects: attacked.effects(), locks: await locks() }).toEqual(before)
})

test('the same words in a new comment are carried out: the rig would notice', { timeout: 120_000 }, async () => {
  const { world, settle } = attacked
  const before = await locks()
  world.github.comment(MODELS, world.github.pullRequests(MODELS).at(-1)?.number ?? 0, '/lock prod', { by: 'alice' })
  await settle()
  expect(await locks()).not.toEqual(before)
})

async function locks(): Promise<unknown> {
  return (await attacked.db.query('select * from holds')).rows
}
