/** What `lockkeeper rebuild` works with: GitHub with the App's own credentials, and the server's database, running or not. Part of the composition root. */
import { createBot } from './bot.ts'
import { systemClock } from './clients/clock.ts'
import { createGitHub } from './clients/github/github.ts'
import { createGitHubPast } from './clients/github/read-past.ts'
import { REBUILT_MARKER, renderQuestions } from './comments/rebuilt.ts'
import type { Env } from './config/env.ts'
import { UserError } from './domain/failure.ts'
import type { RepoName } from './domain/ids.ts'
import { subjectKey } from './domain/subject.ts'
import { createLog } from './log.ts'
import { connectGitHub } from './outside.ts'
import { ledgerDifferences } from './services/compare-ledgers.ts'
import type { Clock, GitHub, Question, RebuiltLedger } from './services/ports.ts'
import { rebuildLedger } from './services/rebuild-ledger.ts'
import { type Database, migrateToLatest, openDatabase } from './store/database.ts'
import { MIGRATIONS } from './store/migrations/index.ts'
import { createQueue } from './store/queue.ts'
import { extractOf, refuseUnlessEmpty, storeRebuilt } from './store/rebuilt.ts'
import { addressOfEmbedded, requireCurrent } from './store/snapshot.ts'
import type { Tables } from './store/tables.ts'

export type RebuildOptions = {
  readonly env: Env
  /** Compares, and changes nothing. */
  readonly isCheck: boolean
  readonly onRead: (repository: RepoName) => void
  /** Default: the machine's. */
  readonly clock?: Clock
}

/** `differences`: of a check; `untold`: where nobody could be asked. */
export type Rebuilt = {
  readonly ledger: RebuiltLedger
  readonly differences: readonly string[] | undefined
  readonly untold: readonly string[]
}

/** Throws UserError where the ledger is not empty, or where something cannot be read; then nothing was changed. */
export async function rebuild({ env, isCheck, onRead, clock = systemClock }: RebuildOptions): Promise<Rebuilt> {
  const log = createLog('silent')
  const database = await openAnyDatabase(env, isCheck, log)
  try {
    if (isCheck) await requireCurrent(database.db, MIGRATIONS)
    else await migrateToLatest(database.db, MIGRATIONS)
    if (!isCheck) await refuseUnlessEmpty(database.db)
    const { probot } = await createBot({ env, log })
    const settings = await connectGitHub({ env, log, clock, probot, installations: NONE_KNOWN })
    const github = createGitHub(settings)
    const now = clock.now()
    const ledger = await rebuildLedger(createGitHubPast(settings), { now, onRead })
    if (isCheck) {
      return { ledger, differences: ledgerDifferences(await extractOf(database.db), ledger), untold: [] }
    }
    await storeRebuilt(database.db, await answerable(ledger, github), now)
    await wake(ledger, database)
    return { ledger, differences: undefined, untold: await ask(ledger.questions, github) }
  } finally {
    await database.close()
  }
}

const NONE_KNOWN = { installationOf: async () => undefined }

/** That of a server that runs, else the data directory's own, started for as long as this takes. */
async function openAnyDatabase(
  env: Env,
  isCheck: boolean,
  log: ReturnType<typeof createLog>,
): Promise<Database<Tables>> {
  if ('url' in env.database) return openDatabase<Tables>({ url: env.database.url, log, maxConnections: 3 })
  const { dataDir } = env.database
  const running = runningIn(dataDir)
  if (running !== undefined) return openDatabase<Tables>({ url: running, log, maxConnections: 3 })
  if (isCheck)
    throw new UserError(
      'system_unavailable',
      `The database in ${dataDir} is not running.`,
      'Start `lockkeeper serve`, and check beside it.',
    )
  return openDatabase<Tables>({ embedded: { dataDir }, log })
}

function runningIn(dataDir: string): string | undefined {
  try {
    return addressOfEmbedded(dataDir)
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

/** Replies that are still written need the thread that they stand in. */
async function answerable(ledger: RebuiltLedger, github: GitHub): Promise<RebuiltLedger> {
  const commands = []
  for (const command of ledger.commands) {
    const { state, repository, pullRequestNumber } = command
    const thread = state === 'running' ? await github.readThread(repository, pullRequestNumber) : undefined
    commands.push({ ...command, pullRequestNodeId: thread?.nodeId ?? '' })
  }
  return { ...ledger, commands }
}

/** A server that runs goes on with it at once; another one when it starts. */
async function wake({ subjects }: RebuiltLedger, { connectionString }: Database<Tables>): Promise<void> {
  const queue = await createQueue({ connectionString, log: createLog('silent') })
  for (const subject of subjects) await queue.hint(subjectKey(subject))
  await queue.stop({ graceSeconds: 1 })
}

/** One comment per thread, found again by its marker. Gives those that could not be written. */
async function ask(questions: readonly Question[], github: GitHub): Promise<readonly string[]> {
  const untold: string[] = []
  for (const [place, own] of Map.groupBy(questions, ({ repository, number }) => `${repository}#${number}`)) {
    const [first] = own
    if (first === undefined) continue
    const { repository, number } = first
    try {
      const body = renderQuestions(own.map(({ markdown }) => markdown))
      const before = await github.findComment(repository, number, REBUILT_MARKER)
      const thread = await github.readThread(repository, number)
      const [result] = await github.write(repository, [
        before === undefined
          ? { kind: 'add-comment', subjectId: thread?.nodeId ?? '', body }
          : { kind: 'update-comment', commentId: before.id, body },
      ])
      if (result?.ok !== true) untold.push(`${place}: ${result?.message ?? 'no answer'}`)
    } catch (error) {
      untold.push(`${place}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return untold
}
