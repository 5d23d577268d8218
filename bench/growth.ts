/** What grows with what is there already: one question asked in a small world and in a large one, its calls, time and memory. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { callsSince } from '../sandbox/demo/calls.ts'
import { finishTraining, openChurnPullRequest } from '../sandbox/world/acts.ts'
import { CONFIG, MODELS } from '../sandbox/world/index.ts'
import { INSPECTED, openInspector } from './inspector.ts'
import { quantile } from './numbers.ts'
import type { Section } from './page.ts'
import { type Bench, prepareBench, settle } from './process.ts'

const ROUNDS = 5

type Curve = {
  readonly what: string
  readonly sizes: readonly [small: number, large: number]
  /** What is asked on the pull request. */
  readonly command: string
  prepare(bench: Bench, size: number, pullRequest: number): Promise<void> | void
}

const CURVES: readonly Curve[] = [
  { what: 'comments on the pull request', sizes: [10, 1000], command: '/compare', prepare: comments },
  { what: 'models that the pull request touches', sizes: [1, 50], command: '/compare', prepare: models },
  {
    what: 'runs in the experiment',
    sizes: [10, 10_000],
    command: '/compare',
    prepare: (bench, size) => bench.world.mlflow.crowd(size),
  },
  {
    what: 'rows of other models in each table that grows',
    sizes: [10, 100_000],
    command: '/deploy prod --dry-run',
    prepare: ledgerRows,
  },
  { what: 'files in the config repository', sizes: [10, 1000], command: '/deploy prod --dry-run', prepare: files },
]

export async function growth(): Promise<Section> {
  const rows: (string | number)[][] = []
  for (const curve of CURVES) {
    const [small, large] = [await measure(curve, curve.sizes[0]), await measure(curve, curve.sizes[1])]
    const pair = (of: keyof Measured, digits = 0) => `${small[of].toFixed(digits)} → ${large[of].toFixed(digits)}`
    const sizes = curve.sizes.map((size) => size.toLocaleString('en-GB')).join(' → ')
    rows.push([
      curve.what,
      sizes,
      `\`${curve.command}\``,
      pair('github'),
      pair('others'),
      pair('milliseconds'),
      pair('megabytes'),
    ])
  }
  return {
    title: 'What grows, and what stays flat',
    about: `The same command in a world with little and in one with much: calls to GitHub and to MLflow, the middle of ${ROUNDS} times from the comment to its answer, and what the process holds afterwards once its garbage is collected. (Until then V8 lets it lie: resident it is some hundred MB more after large answers, and comes back.) The stand-ins share the machine; what they take for a larger world is in it.`,
    head: ['of what', 'how many', 'asked', 'calls to GitHub', 'to MLflow', 'ms', 'live heap MB'],
    rows,
  }
}

type Measured = {
  readonly github: number
  readonly others: number
  readonly milliseconds: number
  readonly megabytes: number
}

async function measure(curve: Curve, size: number): Promise<Measured> {
  const bench = await prepareBench({ logLevel: 'silent', nodeArguments: INSPECTED })
  try {
    const { world, bot } = bench
    await bot.start()
    const pull = openChurnPullRequest(world, 'better')
    finishTraining(world, pull)
    await settle(bench)
    await curve.prepare(bench, size, pull.number)
    await settle(bench)
    const times: number[] = []
    const calls: number[] = []
    const others: number[] = []
    for (let round = -1; round < ROUNDS; round += 1) {
      const [before, asked] = [world.github.requests.length, world.mlflow.requests.length]
      const begin = performance.now()
      world.github.comment(MODELS, pull.number, curve.command, { by: 'alice' })
      await answered(bench, pull.number)
      const took = performance.now() - begin
      await settle(bench)
      if (round < 0) continue
      times.push(took)
      calls.push(callsSince(world.github, before).names.length)
      others.push(world.mlflow.requests.length - asked)
    }
    const inspector = await openInspector(bench.logFile)
    const megabytes = await inspector.liveHeapMb()
    inspector.close()
    const middle = (values: readonly number[]) => quantile(values, 0.5)
    return {
      github: middle(calls),
      others: middle(others),
      milliseconds: middle(times),
      megabytes,
    }
  } finally {
    await bench.close()
  }
}

/** Until the newest comment is the bot's, and says more than that it has seen the command. */
async function answered({ world }: Bench, number: number): Promise<void> {
  for (;;) {
    const last = world.github.comments(MODELS, number).at(-1)
    if (last?.author.endsWith('[bot]') && !last.body.includes('👀 Looking at it.')) return
    await sleep(10)
  }
}

async function comments({ world }: Bench, size: number, number: number): Promise<void> {
  world.github.onDelivery(() => 'lose')
  for (let count = 0; count < size; count += 1) world.github.comment(MODELS, number, `Talk ${count}`, { by: 'dave' })
  // Deliveries are decided upon when their turn comes.
  await world.github.delivered()
  world.github.onDelivery(undefined)
}

/** Each has its metrics in a file of the pull request. */
function models({ world }: Bench, size: number): void {
  const names = Array.from({ length: size }, (_, index) => `m${index}`)
  const settings = names.map(
    (name) => `  ${name}:
    paths: ["models/${name}/**"]
    candidate: { file: models/${name}/metrics.json }
    gates: { f1: { goal: maximize, min: 0.5 } }
`,
  )
  world.github.commit(MODELS, 'main', {
    message: 'Many models',
    files: { '.github/lockkeeper.yml': `version: 1\nmodels:\n${settings.join('')}` },
    by: 'carol',
  })
  const metrics = names.map((name) => [`models/${name}/metrics.json`, `${JSON.stringify({ f1: 0.9 })}\n`])
  world.github.commit(MODELS, 'tune-regularisation', {
    message: 'Train all',
    files: Object.fromEntries(metrics),
    by: 'dave',
  })
}

function files({ world }: Bench, size: number): void {
  const paths = Array.from({ length: size }, (_, index) => [`apps/${index % 100}/${index}.yaml`, `n: ${index}\n`])
  world.github.commit(CONFIG, 'main', { message: 'Many files', files: Object.fromEntries(paths), by: 'carol' })
}

/** What years of a hundred other models leave: verified promotions, their releases, commands, publications, comparisons and the audit log. */
async function ledgerRows({ databaseUrl }: Bench, size: number): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  const statements = LEDGER.map((statement) => statement.replaceAll('$size', String(size)))
  try {
    for (const statement of statements) await pool.query(statement)
    await pool.query('analyze')
  } finally {
    await pool.end()
  }
}

const LEDGER = [
  `insert into releases (repository, model, commit_sha, release_id, state, data)
   select 'acme/models', 'other' || n % 100, lpad(to_hex(n), 40, 'b'), 'r' || n, 'complete', '{}' from generate_series(1, $size) n`,
  `insert into promotions (id, repository, model, environment, stage, active, data)
   select 'p' || n, 'acme/models', 'other' || n % 100, 'prod', 'verified', false, '{}' from generate_series(1, $size) n`,
  `insert into commands (repository, comment_id, state, data) select 'acme/models', 1000000000 + n, 'done', '{}' from generate_series(1, $size) n`,
  `insert into publications (key, node_id, hash) select 'bench ' || n, 'x', 'y' from generate_series(1, $size) n`,
  `insert into comparisons (repository, number, data)
   select 'acme/models', 1000000 + n, jsonb_build_object('headSha', lpad(to_hex(n), 40, 'c')) from generate_series(1, $size) n`,
  `insert into audit (at, actor, action, subject, detail) select now(), 'dave', 'status', 'acme/models#' || n, '{}' from generate_series(1, $size) n`,
]

/** For a look at one curve alone: `node bench/growth.ts ledger`. */
const [only] = process.argv.slice(2)
if (import.meta.main && only !== undefined) {
  for (const curve of CURVES.filter(({ what }) => what.includes(only)))
    for (const size of curve.sizes) console.log(curve.what, size, await measure(curve, size))
}
