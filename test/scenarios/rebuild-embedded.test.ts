/** The embedded database is lost with its disk: a new data directory gets the ledger, and the bot goes on with it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { rebuild } from '../../src/rebuilding.ts'
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts'
import { ledgerState } from '../support/ledger-state.ts'
import { silentLog } from '../support/log.ts'
import { promised, urlOf } from '../support/rebuilt.ts'
import { scenario } from '../support/story.ts'

scenario(
  'a new data directory gets the ledger, is compared while it is in use, and is not filled twice',
  async (story) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'lk-rebuild-'))
    // mkdtemp keeps others out; as root, the database runs as another user.
    chmodSync(dataDir, 0o711)
    const { world, settings } = story
    const run = (isCheck: boolean) =>
      rebuild({ env: { ...settings.env, database: { dataDir } }, isCheck, clock: world.clock, onRead: () => {} })
    const pull = await story.releases('better')
    await story.says('/lock staging churn an audit')
    const before = await ledgerState(urlOf(settings), { exact: true })
    await expect(run(true)).rejects.toThrow('is not running')
    await run(false)
    const embedded = await startEmbeddedPostgres({ dataDir, log: silentLog })
    try {
      expect(promised(await ledgerState(embedded.connectionString, { exact: true }))).toEqual(promised(before))
      await story.restart(async () => embedded.connectionString)
      expect((await run(true)).differences).toEqual([])
      await expect(run(false)).rejects.toThrow('the ledger is not empty')
      await story.deploys()
      await story.verifies()
      expect(story.thread(pull)).toContain('live in prod')
      await story.bot.stop()
    } finally {
      await embedded.stop()
      rmSync(dataDir, { recursive: true, force: true })
    }
  },
)
