/** One flow with the faults of a plan, and what it came to, compared with the same flow undisturbed. */
import pg from 'pg'
import { CONFIG, MODELS, type World } from '../../sandbox/world/index.ts'
import { ERROR_CODES } from '../../src/domain/failure.ts'
import { namesOf } from './call-catalogue.ts'
import { anonymous, endState } from './end-state.ts'
import type { PlannedFault } from './fault-cells.ts'
import type { FaultFlow } from './fault-flows.ts'
import { type FaultStage, raiseFaultStage } from './fault-stage.ts'
import type { Director, OutsideCall } from './outside-proxy.ts'

/** A fault that happened: every name of the call that met it, or the one write that it was about. */
export type MetFault = PlannedFault & { readonly rows: readonly string[] }

/** What a flow left behind. */
export type Left = {
  /** Whole and comparable. */
  readonly state: string
  /** Every call that was made, by name, in order. */
  readonly calls: readonly OutsideCall[]
  /** The faults that happened. */
  readonly met: readonly MetFault[]
  /** What people read of the bot: `where: text`. */
  readonly said: readonly string[]
  /** What is still under way. */
  readonly open: readonly string[]
  /** What is there twice and should be there once. */
  readonly doubled: readonly string[]
  readonly milliseconds: number
}

const COMPARED_AGAIN_MS = 15 * 60_000

export async function playUnder(flow: FaultFlow, faults: readonly PlannedFault[]): Promise<Left> {
  const started = Date.now()
  const met: MetFault[] = []
  const director = directorOf(faults, met, () => stage?.world.clock.now() ?? new Date())
  let stage: FaultStage | undefined
  const hangs = faults.some(({ fault }) => fault.hangs === true)
  stage = await raiseFaultStage(flow.stage ?? {}, { director, hangs })
  try {
    // A fault that stays is not waited for: what people do goes on.
    const stays = faults.some(({ nth }) => nth === 'every')
    stage.waitForRetries(!stays)
    await flow.play(stage).catch((error: unknown) => {
      // A gate that stays closed keeps people from merging, and there the story ends.
      if (!stays || !/Required status check/.test(String(error))) throw error
    })
    await stage.calm()
    const said = saidIn(stage.world)
    if (stays) {
      stage.proxy.direct(undefined)
      stage.waitForRetries(true)
      // A comparison is tried again after ten minutes; what could be proposed only now waits for an approval.
      await stage.pass(COMPARED_AGAIN_MS)
      await stage.calm()
      await stage.approves()
      await stage.calm()
    }
    return {
      state: comparable(stage.world),
      calls: stage.proxy.calls,
      met,
      said: stays ? said : saidIn(stage.world),
      open: await openIn(stage.databaseUrl),
      doubled: doubledIn(stage.world),
      milliseconds: Date.now() - started,
    }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.stack : String(error)}\n${stage.bot.logTail(20)}`)
  } finally {
    await stage.close()
  }
}

function directorOf(faults: readonly PlannedFault[], met: MetFault[], now: () => Date): Director {
  const counts = new Map<string, number>()
  return (call) => {
    const names = [...new Set(namesOf(call))]
    const count = new Map(names.map((name) => [name, counts.get(name) ?? 0]))
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
    const planned = faults.find(({ row, nth }) => count.has(row) && (nth === 'every' || nth === count.get(row)))
    if (planned === undefined) return undefined
    const { row, fault } = planned
    const rows = fault.on === 'GraphQL mutations' ? [row] : names
    if (!met.some((each) => each.row === row && each.fault === fault)) met.push({ ...planned, rows })
    return fault.decide(call, { now: now(), row })
  }
}

/** Without what a look more or less changes: counts of probes, how long things took, and which of several that go at the same time came first. */
function comparable(world: World): string {
  const { promotions, configCommits, deployments, models, ...others } = endState(world)
  const state = {
    ...others,
    models: models.map(({ comments, ...pull }) => ({ ...pull, comments: sorted(comments.map(withSortedItems)) })),
    // Labels are written when it costs nothing: nobody waits for one.
    promotions: sorted(
      promotions.map(({ number: _, labels: __, comments, ...pull }) => ({ ...pull, comments: sorted(comments) })),
    ),
    // A status that was over before it could be written is left out.
    deployments: sorted(deployments.map(({ statuses, ...deployment }) => ({ ...deployment, state: statuses.at(-1) }))),
    configCommits: configCommits.toSorted(),
    workflows: world.github.dispatchedRuns(MODELS).length,
  }
  return JSON.stringify(state, null, 1)
    .replaceAll(/promotion PR \d+\]\([^)]*\)/g, 'promotion PR')
    .replaceAll(/PR \d+\]\([^)]*ml-config[^)]*\)/g, 'PR')
    .replaceAll(/ \(#\d+\)(?=\\n|")/g, '')
    .replaceAll(/\d+ of \d+ \(last: HTTP \d+\)/g, '<probes>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d%3A\d\d%3A[\d.]+Z/g, '<time>')
    .replaceAll(/(%2F\w+%20)\d+(%20)/g, '$1<id>$2')
    .replaceAll(/"(id|nodeId)": [^,\n]+/g, '"$1": "<id>"')
    .replaceAll(/\bin \d+ ms/g, 'in <some> ms')
    .replaceAll(/(since|until)=\d{13}/g, '$1=<time>')
    .replaceAll(/(?:\d+h ?)?\d+m(?: \d+s)?\b/g, '<duration>')
}

/** The thread lists environments in the order in which they came; of several that go at the same time any may be first. */
const withSortedItems = <Said extends { readonly body: string }>(comment: Said): Said => ({
  ...comment,
  body: !comment.body.startsWith('<!-- lockkeeper:thread:')
    ? comment.body
    : comment.body.replaceAll(/(?:^- .*(?:\n|$)){2,}/gm, (items) => items.trimEnd().split('\n').toSorted().join('\n')),
})

const sorted = <Item>(items: readonly Item[]): readonly Item[] =>
  items.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))

/** Everything that the bot says, newest edition. */
export function saidIn({ github }: World): readonly string[] {
  return [MODELS, CONFIG].flatMap((repository) =>
    github.pullRequests(repository).flatMap((pull) => [
      ...github
        .comments(repository, pull.number)
        .filter(({ author }) => author.endsWith('[bot]'))
        .map(({ body }) => `${repository}#${pull.number}: ${body}`),
      ...github
        .checkRuns(repository, pull.headSha)
        .filter(({ app }) => app === 'lockkeeper')
        .map(
          (run) => `${repository}#${pull.number} check ${run.conclusion ?? run.status}: ${run.title}\n${run.summary}`,
        ),
    ]),
  )
}

async function openIn(databaseUrl: string): Promise<readonly string[]> {
  const db = new pg.Client({ connectionString: databaseUrl })
  await db.connect()
  try {
    const { rows } = await db.query<{ what: string }>(
      `select concat_ws(' ', 'promotion', model, environment, stage) as what from promotions where active
       union all select concat_ws(' ', 'command', state, data->'outcomes') from commands where state <> 'done'
       union all select concat_ws(' ', 'release', model, commit_sha) from releases where state = 'pending'`,
    )
    return rows.map(({ what }) => what)
  } finally {
    await db.end()
  }
}

function doubledIn({ github }: World): readonly string[] {
  const comments = [MODELS, CONFIG].flatMap((repository) =>
    github.pullRequests(repository).flatMap(({ number }) =>
      github
        .comments(repository, number)
        .filter(({ author }) => author.endsWith('[bot]'))
        .map(({ body }) => `${repository}#${number} ${body.split('\n')[0] ?? ''}`),
    ),
  )
  const deployments = github
    .deployments(MODELS)
    .map(({ environment, payload }) => `deployment ${environment} ${JSON.stringify(payload)}`)
  const open = github
    .pullRequests(CONFIG)
    .filter(({ state }) => state === 'open')
    .map(({ headRef }) => `promotion ${headRef}`)
  return [...comments, ...deployments, ...open].filter((one, index, all) => all.indexOf(one) !== index)
}

export type Outcome =
  | { readonly kind: 'recovered' }
  /** Ended otherwise, and whoever asked was told, with these codes; `comment`: what a person reads of the first of them. */
  | {
      readonly kind: 'answered'
      readonly codes: readonly string[]
      readonly comment: string
      readonly said: readonly string[]
    }
  | { readonly kind: 'wrong'; readonly why: string; readonly said: readonly string[] }

export function outcomeOf(left: Left, undisturbed: Left): Outcome {
  const said = left.said.filter((one) => !undisturbed.said.includes(one))
  if (left.doubled.length > undisturbed.doubled.length)
    return { kind: 'wrong', why: `twice: ${left.doubled.join('; ')}`, said }
  const open = left.open.slice(undisturbed.open.length)
  if (open.length > 0) return { kind: 'wrong', why: `still under way: ${open.join('; ')}`, said }
  const codes = codesIn(said)
  if (codes.includes('internal')) return { kind: 'wrong', why: 'told as internal', said }
  const isSame = sameEnd(left, undisturbed)
  if (isSame && codes.length === 0) return { kind: 'recovered' }
  if (codes.length > 0) return { kind: 'answered', codes, comment: lineWith(codes[0] ?? '', said), said }
  // What lasts is told in words where nobody asked by a command: why a rollout or a release does not go on.
  const [line] = left.met.some(({ nth }) => nth === 'every') ? newLines(said, undisturbed.said) : []
  if (line !== undefined) return { kind: 'answered', codes, comment: anonymous(line).slice(0, 400), said }
  return {
    kind: 'wrong',
    why: `another end, and nobody was told why: ${difference(left.state, undisturbed.state)}`,
    said,
  }
}

/** What only repeats what is said in comments: whether GitHub takes it is not told. By call, with what it leaves in the state. */
const REPETITIONS: Readonly<Record<string, string>> = {
  'github mutation addReaction': 'reactions',
  'github mutation createIssue': 'issues',
  'github mutation updateIssue': 'issues',
  'github mutation closeIssue': 'issues',
  'github repos/create-deployment': 'deployments',
}

function sameEnd({ state, met }: Left, undisturbed: Left): boolean {
  const refused = met.filter(({ fault }) => fault.nature === 'refusal').map(({ row }) => REPETITIONS[row])
  const without = (text: string): string =>
    JSON.stringify(JSON.parse(text, (key, value: unknown) => (refused.includes(key) ? undefined : value)))
  return without(state) === without(undisturbed.state)
}

const CODES = new Set<string>(ERROR_CODES)

const codesIn = (said: readonly string[]): readonly string[] =>
  [...new Set(said.flatMap((one) => [...one.matchAll(/`([a-z_]+)`/g)].map(([, code = '']) => code)))]
    .filter((code) => CODES.has(code))
    .toSorted()

/** The line that names the code, as it is the same in every play. */
const lineWith = (code: string, said: readonly string[]): string =>
  anonymous(
    said
      .flatMap((one) => one.split('\n'))
      .find((line) => line.includes(`\`${code}\``))
      ?.trim()
      .slice(0, 400) ?? '',
  )

/** What people read that they would not have read otherwise: no row of a table, which says the same in numbers. */
function newLines(said: readonly string[], undisturbed: readonly string[]): readonly string[] {
  const known = new Set(undisturbed.flatMap((one) => one.split('\n')))
  const lines = said.flatMap((one) => one.split('\n')).map((line) => line.trim())
  return lines.filter((line) => line !== '' && !known.has(line) && !/^[|#<>]/.test(line))
}

/** The first lines that differ. */
function difference(one: string, other: string): string {
  const [lines, others] = [one.split('\n'), other.split('\n')]
  const at = lines.findIndex((line, index) => line !== others[index])
  return `\n  got      ${lines.slice(at, at + 3).join('\n           ')}\n  expected ${others.slice(at, at + 3).join('\n           ')}`
}
