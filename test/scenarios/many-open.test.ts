/** Many promotions are open at once in a busy config repository: what each push to it costs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createBotProcess } from '../../sandbox/demo/bot-process.ts'
import { callsSince } from '../../sandbox/demo/calls.ts'
import { STORY_START, settleAll } from '../../sandbox/demo/stage.ts'
import { CONFIG } from '../../sandbox/world/index.ts'
import { freshDatabase } from '../support/database.ts'
import { startManyModels } from '../support/many-models.ts'

const OPEN = Number(process.env['LOCKKEEPER_TEST_RUNS'] ?? 8)
const SETTLE_MS = 300_000
const MINUTE = 60_000
const SETTINGS = '.github/lockkeeper.yml'

const PROD: readonly string[] = [
  'deploy: on-merge',
  'approvals: 1',
  'sync:',
  '  argocd: { application: "{{ model.name }}-prod" }',
]

test(`a push to the config repository costs nothing where it concerns none of ${OPEN} open promotions`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-open-'))
  const models = await startManyModels(OPEN, STORY_START, PROD)
  const { world } = models
  const { github, clock } = world
  const bot = await createBotProcess(world, {
    databaseUrl: await freshDatabase(),
    logFile: join(directory, 'bot.log'),
  })
  const settle = () => settleAll({ world, bot }, SETTLE_MS)
  const calls = async (act: () => unknown) => {
    const before = github.requests.length
    await act()
    await settle()
    const { names } = callsSince(github, before)
    return Object.fromEntries(
      [...new Set(names)].sort().map((name) => [name, names.filter((each) => each === name).length]),
    )
  }
  const commit = (repository: string, path: string, text: string) =>
    github.commit(repository, 'main', { message: 'Change', files: { [path]: text }, by: 'carol' })
  try {
    await bot.start()
    await settle()
    models.push(1)
    for (let minute = 0; minute < 10; minute += 1) {
      await settle()
      clock.advance(MINUTE)
    }
    await settle()
    const open = github.pullRequests(CONFIG).filter(({ state }) => state === 'open')
    expect(open).toHaveLength(OPEN)
    // Nothing is known yet of a repository that was never pushed to; from then on its pushes are followed.
    await calls(() => commit(CONFIG, 'README.md', '# Elsewhere\n'))
    expect(await calls(() => commit(CONFIG, 'README.md', '# Once more\n'))).toEqual({})
    const burst = () => Array.from({ length: 30 }, (_, each) => commit(CONFIG, 'README.md', `# ${each}\n`))
    expect(await calls(burst)).toEqual({})
    const settings = await calls(() => commit(CONFIG, SETTINGS, `${github.file(CONFIG, 'main', SETTINGS)}# more\n`))
    expect(settings).toEqual({ ReadLanded: 1, 'repos/get-commit': 1, ReadPromotionWorld: OPEN })
    expect(await calls(burst)).toEqual({})
    // One of them is merged: nobody reads for the others.
    const merged = await calls(() => github.review(CONFIG, open[0]?.number ?? 0, { by: 'alice', state: 'APPROVED' }))
    expect(merged['ReadPromotionWorld']).toBe(1)
    expect(github.pullRequests(CONFIG).filter(({ state }) => state === 'open')).toHaveLength(OPEN - 1)
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.stack : String(error)}\n${bot.logTail(12)}`)
  } finally {
    await bot.close()
    await world.close()
    rmSync(directory, { recursive: true, force: true })
  }
})
