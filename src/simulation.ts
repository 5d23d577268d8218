/** What `lockkeeper simulate` decides upon: GitHub with the App's own credentials, and the server's own database, both for reading only. Part of the composition root. */
import { createBot } from './bot.ts'
import { sandboxClock, systemClock } from './clients/clock.ts'
import type { Env } from './config/env.ts'
import { parseRepoConfig } from './config/repo-config.ts'
import { mayUse, type ServerPolicy } from './domain/server-policy.ts'
import type { SignIn } from './domain/sign-in.ts'
import { COMMANDS } from './handlers/commands/index.ts'
import { createLog } from './log.ts'
import { createOutside } from './outside.ts'
import { createCompareModel } from './services/compare-model.ts'
import type { ReadDeps } from './services/deps.ts'
import type { KnownFile, LedgerReads } from './services/ledger.ts'
import { type Simulation, type SimulationQuestion, simulateCommand } from './services/simulate-command.ts'
import { createComparisonStore } from './store/comparisons.ts'
import { openDatabase } from './store/database.ts'
import { createLedger } from './store/ledger.ts'
import { MIGRATIONS } from './store/migrations/index.ts'
import { createInstallations } from './store/records.ts'
import { addressOfEmbedded, inSnapshot, requireCurrent } from './store/snapshot.ts'
import type { Tables } from './store/tables.ts'

export type SimulationOptions = {
  readonly env: Env
  readonly policy: ServerPolicy | undefined
  readonly signIns: ReadonlyMap<string, SignIn<string>>
  /** `at` absent: now. */
  readonly asked: Omit<SimulationQuestion, 'at'> & { readonly at?: Date }
}

export type Simulated = Simulation & { readonly at: Date }

/** Throws UserError and SystemUnavailable as simulateCommand does, and where the database cannot be asked. */
export async function simulate(options: SimulationOptions): Promise<Simulated> {
  const { env, asked } = options
  const log = createLog('silent')
  const movable = env.clockUrl === undefined ? undefined : await sandboxClock(env.clockUrl)
  const at = asked.at ?? (movable ?? systemClock).now()
  movable?.close()
  const url = 'url' in env.database ? env.database.url : addressOfEmbedded(env.database.dataDir)
  const database = await openDatabase<Tables>({ url, log, maxConnections: 1 })
  try {
    await requireCurrent(database.db, MIGRATIONS)
    return await inSnapshot(database.db, async (snapshot) => {
      const deps = await assemble(options, { log, at, snapshot })
      return { at, ...(await simulateCommand({ ...asked, at }, COMMANDS, deps)) }
    })
  } finally {
    await database.close()
  }
}

type Parts = {
  readonly log: ReturnType<typeof createLog>
  readonly at: Date
  readonly snapshot: Parameters<typeof createLedger>[0]
}

/** As src/main.ts puts them together, without what writes. It is as late as is asked, and nothing passes meanwhile. */
async function assemble({ env, policy, signIns }: SimulationOptions, { log, at, snapshot }: Parts): Promise<ReadDeps> {
  const { probot } = await createBot({ env, log })
  const clock = { now: () => at }
  const installations = createInstallations(snapshot)
  const { ports } = await createOutside({ env, policy, signIns, log, clock, probot, installations })
  const base = {
    ...ports,
    ledger: rememberingNothing(createLedger(snapshot)),
    comparisons: createComparisonStore(snapshot),
    clock,
    log,
    parseConfig: parseRepoConfig,
    mayUse: (repository, need) => mayUse(policy, repository, need),
  } satisfies Omit<ReadDeps, 'compareModel'> & typeof ports
  return { ...base, compareModel: createCompareModel(base) }
}

/** What GitHub was found to have is known for the rest of the simulation, as if it were remembered. */
function rememberingNothing(ledger: LedgerReads): LedgerReads {
  const read = new Map<string, KnownFile>()
  return {
    ...ledger,
    knownFile: async (repository, path) => read.get(`${repository} ${path}`) ?? ledger.knownFile(repository, path),
    saveKnownFile: async (repository, path, file) => void read.set(`${repository} ${path}`, file),
  }
}
