/** The composition root: settings in, a running Lockkeeper out. Nothing is decided here; src/cli/serve.ts calls it. */
import type { Logger } from 'pino'
import { isHeard } from './app.ts'
import { type Bot, createBot } from './bot.ts'
import { type MovableClock, sandboxClock, systemClock } from './clients/clock.ts'
import { onBehalfOf } from './clients/github/on-behalf.ts'
import type { Env } from './config/env.ts'
import { createConfigReader } from './config/remembered-config.ts'
import type { Problem } from './domain/config-problem.ts'
import { mayUse, type ServerPolicy } from './domain/server-policy.ts'
import type { SignIn } from './domain/sign-in.ts'
import { parseSubject, releaseSubject, type Subject, subjectKey } from './domain/subject.ts'
import { createQueuePlaces, workOf } from './domain/work-priority.ts'
import { fenced } from './fenced-mlflow.ts'
import { COMMANDS } from './handlers/commands/index.ts'
import { startServer } from './intake/server.ts'
import { createIntake, WEBHOOK_PATH } from './intake/webhooks.ts'
import { createLog } from './log.ts'
import { createOutside, type Outside } from './outside.ts'
import { createCompareModel } from './services/compare-model.ts'
import type { Deps } from './services/deps.ts'
import { rememberHead } from './services/heard-head.ts'
import { rememberMerge } from './services/heard-merge.ts'
import { followedByReports } from './services/look-at-reported.ts'
import { isNamedBot } from './services/named-bot.ts'
import type { Clock, Hints } from './services/ports.ts'
import { hearClick } from './services/press-button.ts'
import { createReconciler } from './services/reconcile.ts'
import { recoverDeliveries } from './services/recover-deliveries.ts'
import { waitingAtHead, wakePromotions } from './services/wake-promotions.ts'
import { forgetOldPushes } from './services/without-models.ts'
import { createComparisonStore } from './store/comparisons.ts'
import { type Database, migrateToLatest, openDatabase } from './store/database.ts'
import { createLedger } from './store/ledger.ts'
import { createMergeGroups } from './store/merge-groups.ts'
import { MIGRATIONS } from './store/migrations/index.ts'
import { createQueue, type Queue } from './store/queue.ts'
import { ledgerRows } from './store/rebuilt.ts'
import { createInstallations, type Installations } from './store/records.ts'
import { createSweeps } from './store/sweeps.ts'
import type { Tables } from './store/tables.ts'
import { healthRoutes } from './web/health.ts'
import { metricsRoute } from './web/metrics.ts'

export type Lockkeeper = {
  readonly url: string
  readonly port: number
  /** Nothing could run now. For tests and the demo. */
  isIdle(): Promise<boolean>
  /** Takes no more work, lets what runs finish or gives it back, then ends. Safe to call twice. */
  stop(): Promise<void>
}

export type StartOptions = {
  readonly env: Env
  /** undefined: no repository may use any of the server's credentials. */
  readonly policy: ServerPolicy | undefined
  /** What readSignIns found for the policy; default: no server has any. */
  readonly signIns?: ReadonlyMap<string, SignIn<string>>
  readonly argocdTokens?: ReadonlyMap<string, string>
  /** What the policy's file holds that is odd, though not wrong; goes to the log. */
  readonly notices?: readonly Problem[]
  /** Called when it cannot go on, because its embedded database ended by itself: end the process, `stop` may wait for what is gone. */
  readonly onFatal?: (error: Error) => void
  readonly log?: Logger
  /** Replaces LOCKKEEPER_CLOCK_URL. */
  readonly clock?: Clock
}

const SWEEP_SECONDS = 300
/** A server that forgot its holds looks like a new one. */
const EMPTY =
  'Nothing to do for a new installation. If there was a database before: stop the server now, and run `lockkeeper rebuild` (docs/guides/rebuild.md).'
/** With the 5 s that requests have, well within the 30 s that container platforms wait. */
const GRACE_SECONDS = 15

/** Starts everything and resolves when webhooks are taken. Throws UserError when something outside is not as it must be. */
export async function startLockkeeper(options: StartOptions): Promise<Lockkeeper> {
  const { env } = options
  const log = options.log ?? createLog(env.logLevel)
  const clock = options.clock ?? (env.clockUrl === undefined ? systemClock : await sandboxClock(env.clockUrl))
  for (const { file, line, column, key, reason, hint } of options.notices ?? [])
    log.warn({ file, line, column, key, reason, hint }, 'the policy may not mean what it says')
  try {
    return await runOnStore(options, { log, clock })
  } catch (error) {
    if (isMovable(clock)) clock.close()
    throw error
  }
}

async function runOnStore(options: StartOptions, parts: Omit<Parts, 'store'>): Promise<Lockkeeper> {
  const store = await openStore(options, parts)
  try {
    return await run(options, { ...parts, store })
  } catch (error) {
    // What was opened is closed again: an embedded server must not outlive a failed start.
    await store.close()
    throw error
  }
}

async function run(options: StartOptions, parts: Parts): Promise<Lockkeeper> {
  const { env } = options
  const { log, clock, store } = parts
  const { bot, outside, deps } = await assemble(options, parts)
  let stopping = false
  const server = await startServer({
    host: env.server.host,
    port: env.server.port,
    log,
    routes: {
      [`POST ${WEBHOOK_PATH}`]: createIntake({ queue: store.queue, secrets: env.app.webhookSecrets, log }),
      ...healthRoutes({
        checks: { database: () => store.database.check(), queue: () => store.queue.check() },
        isStopping: () => stopping,
      }),
      ...metricsRoute({ limits: () => outside.limits.all(clock.now().getTime()) }),
    },
  })
  const reconcile = accountable(createReconciler({ deps, commands: COMMANDS }))
  await store.queue.work({ delivery: (delivery) => bot.receive(delivery, store.installations), reconcile })
  const sweeps = createSweeps(store.database.db)
  await store.queue.every('recover-deliveries', SWEEP_SECONDS, async () => {
    await forgetOldPushes(deps)
    await recoverDeliveries({ github: deps.github, inbox: store.queue, sweeps, clock, log, isHeard })
  })
  await wakeUnfinished(deps)
  if ((await ledgerRows(store.database.db)).length === 0) log.warn({ hint: EMPTY }, 'the ledger is empty')
  const unfollow = followClock(clock, store.queue, deps)
  log.info({ url: server.url }, 'lockkeeper is ready')

  const stop = async () => {
    stopping = true
    unfollow()
    outside.close()
    await server.close()
    await store.close()
    log.info({}, 'lockkeeper has stopped')
  }
  let stopped: Promise<void> | undefined
  return {
    url: server.url,
    port: server.port,
    isIdle: () => store.queue.isIdle(),
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

type Store = {
  readonly database: Database<Tables>
  readonly queue: Queue
  readonly installations: Installations
  /** Gives unfinished work back, then ends the connections and the embedded server. */
  close(): Promise<void>
}

async function openStore(
  { env, onFatal }: StartOptions,
  { log, clock }: { readonly log: Logger; readonly clock: Clock },
): Promise<Store> {
  const where =
    'url' in env.database
      ? { url: env.database.url }
      : { embedded: { dataDir: env.database.dataDir, ...(onFatal && { onUnexpectedExit: onFatal }) } }
  const database = await openDatabase<Tables>({ log, ...where })
  try {
    await migrateToLatest(database.db, MIGRATIONS)
    const connectionString = database.connectionString
    const queue = await createQueue({ connectionString, log, clock, placeOf: createPlaces(clock) })
    const close = async () => {
      await queue.stop({ graceSeconds: GRACE_SECONDS })
      await database.close()
    }
    return { database, queue, installations: createInstallations(database.db), close }
  } catch (error) {
    await database.close()
    throw error
  }
}

type Parts = { readonly log: Logger; readonly clock: Clock; readonly store: Store }

/** The bot with its handlers loaded, the clients, and what the services are given. */
async function assemble(
  { env, policy, signIns = new Map(), argocdTokens }: StartOptions,
  { log, clock, store }: Parts,
): Promise<{ readonly bot: Bot; readonly outside: Outside; readonly deps: Deps }> {
  const bot = await createBot({ env, log })
  const outside = await createOutside({
    env,
    policy,
    signIns,
    argocdTokens,
    log,
    clock,
    probot: bot.probot,
    installations: store.installations,
  })
  const ledger = createLedger(store.database.db, store.database.locks)
  const comparisons = createComparisonStore(store.database.db)
  const hints = hintsOf(store.queue)
  const base = {
    ...outside.ports,
    mlflow: fenced(outside.ports.mlflow),
    ledger,
    comparisons,
    mergeGroups: createMergeGroups(store.database.db),
    hints,
    clock,
    log,
    parseConfig: createConfigReader(),
    mayUse: (repository, need) => mayUse(policy, repository, need),
  } satisfies Omit<Deps, 'compareModel'>
  const deps: Deps = { ...base, compareModel: createCompareModel(base) }
  const hearing = (of: Hearing['of']) => (subject: Subject) => hear(subject, { queue: store.queue, hints, clock, of })
  await bot.load({
    appLogin: outside.ports.github.appLogin,
    appId: env.app.id,
    clock,
    log,
    hint: hearing('event'),
    isNamedBot: (repository, login) => isNamedBot(repository, login, deps),
    hearCommand: (command) => ledger.hearCommand(command),
    clicked: (click) => hearClick(click, deps),
    configPushed: (push) => wakePromotions(push, { ...deps, hints: { ...hints, hint: hearing('push') } }),
    heardHead: (head) => rememberHead(head, deps),
    heardMerge: (merge) => rememberMerge(merge, deps),
    pullRequestsAt: (repository, sha) => comparisons.pullRequestsAt(repository, sha),
    followedByReports: (repository) => followedByReports(repository, deps),
    waitingFor: async (repository, commit) => [
      ...(await ledger.pendingReleases({ repository, commit })).map(releaseSubject),
      ...(await waitingAtHead({ repository, commit }, deps)),
    ],
  })
  return { bot, outside, deps }
}

/** One timer per subject: each run of a reconciler says anew when it wants to look again. */
function hintsOf(queue: Queue): Hints {
  return {
    hint: (subject) => queue.hint(subjectKey(subject)),
    wakeAt: (subject, at) => queue.wakeAt(subjectKey(subject), at, { name: 'next' }),
  }
}

/** After an event its environment is looked at once more, and again: GitHub's reads lag behind what it tells, and no later event need come. A push may concern many of them. */
const LAG_LOOKS_MS = { event: [5000, 20_000, 60_000], push: [20_000] } as const

type Hearing = { readonly queue: Queue; readonly hints: Hints; readonly clock: Clock; readonly of: 'event' | 'push' }

/** Comparisons and releases look again by themselves. */
async function hear(subject: Subject, { queue, hints, clock, of }: Hearing): Promise<void> {
  if (subject.kind === 'environment')
    for (const later of LAG_LOOKS_MS[of]) {
      const at = new Date(clock.now().getTime() + later)
      await queue.wakeAt(subjectKey(subject), at, { name: `lag ${later}` })
    }
  await hints.hint(subject)
}

/** What a run asks of GitHub is asked on its subject's account. */
function accountable(reconcile: (key: string) => Promise<void>): (key: string) => Promise<void> {
  return (key) => {
    const subject = parseSubject(key)
    return subject === undefined ? reconcile(key) : onBehalfOf(workOf(subject), () => reconcile(key))
  }
}

/** Where each run stands in the queue: repositories take turns. */
function createPlaces(clock: Clock): (key: string) => number {
  const places = createQueuePlaces()
  return (key) => {
    const subject = parseSubject(key)
    return subject === undefined ? 0 : places.next(workOf(subject), clock.now())
  }
}

/** After a crash between a record and its hint: everything unfinished is looked at once. Reconciling twice changes nothing. */
async function wakeUnfinished({ ledger, hints }: Deps): Promise<void> {
  const promotions = [...(await ledger.activePromotions()), ...(await ledger.untoldPromotions())]
  for (const { repository, model, environment } of promotions) {
    await hints.hint({ kind: 'environment', repository, model, environment })
  }
  for (const record of await ledger.pendingReleases()) await hints.hint(releaseSubject(record))
  for (const { repository, commentId } of await ledger.unansweredCommands()) {
    await hints.hint({ kind: 'command', repository, commentId })
  }
}

/** When a story moves the sandbox's clock, timers are set anew. */
function followClock(clock: Clock, queue: Queue, { log }: Deps): () => void {
  if (!isMovable(clock)) return () => {}
  const reset = () => {
    queue.wakeAll().catch((error: unknown) => log.error({ err: error }, 'timers could not be set anew'))
  }
  const stop = clock.onMove(reset)
  // It may have been moved while this was off.
  reset()
  return () => {
    stop()
    clock.close()
  }
}

const isMovable = (clock: Clock): clock is MovableClock => 'onMove' in clock
