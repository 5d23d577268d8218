/** reconcile() of a pending release: looks for its artefacts (find-artefacts.ts) until all exist, then gives it its id, judges its gates and wakes its environments. Begun by begin-releases.ts. */
import { verdictWords } from '../comments/comparison-words.ts'
import type { ModelReport } from '../domain/comparison-report.ts'
import { UserError } from '../domain/failure.ts'
import type { Waiver } from '../domain/gate.ts'
import { keepComparison } from '../domain/kept-comparison.ts'
import { type MissingArtefact, type Release, type ReleaseContent, releaseId } from '../domain/release.ts'
import type { ModelSettings, RepoSettings } from '../domain/settings.ts'
import { releaseSubject, type Subject } from '../domain/subject.ts'
import type { Deps } from './deps.ts'
import { type Artefacts, findArtefacts } from './find-artefacts.ts'
import { judgeRelease, unjudged } from './judge-release.ts'
import type { JudgedRuns, ReleaseRecord } from './ledger.ts'
import { publishThread } from './publish-thread.ts'
import { knownSettings } from './repo-settings.ts'

/** What does not change while a complete one is told: the record is the only input. */
export async function completeRelease(subject: Extract<Subject, { kind: 'release' }>, deps: Deps): Promise<void> {
  const record = await deps.ledger.release(subject.repository, subject.model, subject.sha, subject.unmerged)
  if (record === undefined) return
  const isFirstLook = isUnseen(record)
  const { state } = record.state.kind === 'pending' ? await advance(record, deps) : record
  if (state.kind === 'complete') await wakeEnvironments(record, deps)
  else if (record.origin === 'pull_request') await wakeWaiting(record, deps)
  if (state.kind !== 'pending' || isFirstLook) await tellThread(record, deps)
}

/** No look at it has ended yet. */
const isUnseen = ({ state }: ReleaseRecord): boolean => state.kind === 'pending' && state.nextAt === undefined

/** A merge that touches fifty models is told once and not fifty times: by whichever release is looked at last, since each looks after it was saved. */
async function tellThread({ repository, pullRequest, commit }: ReleaseRecord, deps: Deps): Promise<void> {
  if (pullRequest === undefined) return
  const releases = await deps.ledger.releasesOf({ repository, pullRequest: pullRequest.number })
  if (releases.some((other) => other.commit === commit && isUnseen(other))) return
  await publishThread(repository, pullRequest.number, deps)
}

type Looked =
  | { readonly kind: 'found'; readonly release: Release }
  /** `judged`: only artefacts are missing. */
  | { readonly kind: 'missing'; readonly missing: readonly MissingArtefact[]; readonly judged?: JudgedRuns }

type Place = { readonly model: ModelSettings; readonly settings: RepoSettings }

/** One look; the record as it then is. */
async function advance(record: ReleaseRecord, deps: Deps): Promise<ReleaseRecord> {
  let within = record.within
  try {
    const settings = await knownSettings(record.repository, deps)
    const model = settings.models.get(record.model)
    if (model === undefined) {
      const what = `the model \`${record.model}\`, which the configuration no longer has`
      return await giveUp(record, [{ what, remedy: '' }], deps)
    }
    within = model.release.within
    const place = { model, settings }
    const waiting = { ...record, within }
    const looked = (await lookForRest(waiting, place, deps)) ?? (await lookForAll(waiting, place, deps))
    if (looked.kind === 'missing') return await wait(waiting, looked, deps)
    return await complete(waiting, looked.release, deps)
  } catch (error) {
    // A deadline must not wait for somebody to mend the configuration.
    if (!(error instanceof UserError)) throw error
    const { repository, model, commit } = record
    deps.log.warn(
      { repository, model, commit, code: error.code, reason: error.message },
      'a release cannot be looked at',
    )
    return wait({ ...record, within }, { missing: [refusalOf(error)] }, deps)
  }
}

const refusalOf = ({ code, message, hint }: UserError): MissingArtefact => ({
  what: code.startsWith('config_') ? `a configuration that can be read: ${message}` : message,
  remedy: hint,
})

/** Training may be repeated without any event: whose version is missing is judged anew after this time. */
const REJUDGE_MS = 10 * 60_000
/** Timers are as exact as the database. */
const SLACK_MS = 1000

/**
 * While only artefacts are missing, what was judged is not judged again: that would ask GitHub at every look. undefined: everything is to be looked at, since
 * nothing is missing any more, or other runs may have the version: after a while, after an event (which comes before the timer), and where it is made here.
 */
async function lookForRest(record: ReleaseRecord, place: Place, deps: Deps): Promise<Looked | undefined> {
  const { judged, nextAt } = record.state.kind === 'pending' ? record.state : {}
  const now = deps.clock.now().getTime()
  if (judged === undefined || nextAt === undefined || now >= deadlineOf(record).getTime()) return undefined
  const sought = await findArtefacts({ record, ...place, ...judged, mayCreate: false }, deps)
  if (sought.kind === 'found') return undefined
  const isOld = now - Date.parse(judged.at) >= REJUDGE_MS
  const isWoken = now + SLACK_MS < Date.parse(nextAt)
  const isToBeMade = place.model.release.model?.registry?.create !== undefined
  return sought.isVersionMissing && (isOld || isWoken || isToBeMade) ? undefined : { ...sought, judged }
}

/** Judges, and looks for every artefact. What training still owes hides what is missing besides only until the last look. */
async function lookForAll(record: ReleaseRecord, place: Place, deps: Deps): Promise<Looked> {
  const report = await judgeRelease(record, place.model, deps)
  const gates = gatesOf(report)
  const { pullRequest, commit } = record
  const remedy = report.problem?.hint ?? 'Let training end, or train again.'
  const open = unjudged(report, { model: place.model, head: pullRequest?.headSha ?? commit })
  const owed = open.map((what) => ({ what, remedy }))
  const now = deps.clock.now()
  if (owed.length > 0 && now < deadlineOf(record)) return { kind: 'missing', missing: owed }
  const judged: JudgedRuns = { runs: report.runs, gates: gates.verdict, at: now.toISOString() }
  const sought = await findArtefacts({ record, ...place, ...judged, mayCreate: owed.length === 0 }, deps)
  if (sought.kind === 'missing') return { kind: 'missing', missing: [...owed, ...sought.missing], judged }
  if (owed.length > 0) return { kind: 'missing', missing: owed }
  return { kind: 'found', release: releaseOf(record, { artefacts: sought.artefacts, report, gates, now }) }
}

type Parts = {
  readonly artefacts: Artefacts
  readonly report: ModelReport
  readonly gates: Release['gates']
  readonly now: Date
}

/** Content first, which is what the id is made of; then the evidence. */
function releaseOf(record: ReleaseRecord, { artefacts, report, gates, now }: Parts): Release {
  const { repository, model, commit, origin, pullRequest } = record
  const { unseen, ...found } = artefacts
  const content: ReleaseContent = {
    repository,
    model,
    ...(origin === 'pull_request' ? { origin } : {}),
    commit,
    pullRequest: pullRequest && { number: pullRequest.number, headSha: pullRequest.headSha },
    ...found,
    runs: report.runs,
    metrics: report.metrics,
    dataDigests: report.dataDigests,
  }
  return {
    ...content,
    id: releaseId(content),
    completedAt: now.toISOString(),
    ...(unseen === undefined ? {} : { unseen }),
    gates,
    comparison: keepComparison(report, verdictWords(report)),
  }
}

function gatesOf(report: ModelReport): Release['gates'] {
  const { gates } = report
  if (gates.verdict === 'none') return { verdict: 'none', failing: [] }
  const verdict = gates.verdict === 'pass' ? 'pass' : 'fail'
  const waived = gates.waived.length === 0 ? {} : { waived: gates.waived, waivers: waiversIn(report) }
  // Training that never finished judges no gate: closed, by name.
  return { verdict, failing: [...gates.failing, ...gates.pending], ...waived }
}

/** By the names that people read, whatever the command called them. */
function waiversIn({ comparison, outside }: ModelReport): readonly Waiver[] {
  const ofMetrics = (comparison?.rows ?? []).flatMap(({ name, gate }) =>
    gate?.waived === undefined ? [] : [{ ...gate.waived, gate: name }],
  )
  const ofOthers = outside.flatMap(({ name, waived }) => (waived === undefined ? [] : [{ ...waived, gate: name }]))
  return [...ofMetrics, ...ofOthers].map(({ gate, by, reason }) => ({ gate, by, reason }))
}

async function complete(record: ReleaseRecord, release: Release, deps: Deps): Promise<ReleaseRecord> {
  const done: ReleaseRecord = { ...record, state: { kind: 'complete', release } }
  const detail = { model: release.model, commit: release.commit }
  const entry = { at: deps.clock.now(), actor: 'lockkeeper', action: 'release', subject: release.id, detail }
  await deps.ledger.saveRelease(done, entry)
  return done
}

/** Safe to repeat: hints coalesce. */
async function wakeEnvironments({ repository, model }: ReleaseRecord, deps: Deps): Promise<void> {
  const settings = await knownSettings(repository, deps)
  for (const environment of settings.models.get(model)?.environments ?? []) {
    await deps.hints.hint({ kind: 'environment', repository, model, environment })
  }
}

/** Who deployed a head is told at once what its release still lacks (await-release.ts). */
async function wakeWaiting({ repository, model, commit }: ReleaseRecord, deps: Deps): Promise<void> {
  for (const { stage, head, environment, ...key } of await deps.ledger.activePromotions()) {
    if (stage.at === 'awaiting' && key.repository === repository && key.model === model && head === commit)
      await deps.hints.hint({ kind: 'environment', repository, model, environment })
  }
}

const SHORTEST_MS = 20_000
const LONGEST_MS = 5 * 60_000
/** A look comes at most this share of the wait too late: 44 looks in two hours. */
const LATE = 0.15

/** How long until the next look, after this much waiting; both in milliseconds. */
export const pollDelay = (waited: number): number => Math.min(Math.max(waited * LATE, SHORTEST_MS), LONGEST_MS)

/** Looks again later, or gives up. */
async function wait(
  record: ReleaseRecord,
  { missing, judged }: Pick<Extract<Looked, { kind: 'missing' }>, 'missing' | 'judged'>,
  deps: Deps,
): Promise<ReleaseRecord> {
  const now = deps.clock.now().getTime()
  const deadline = deadlineOf(record).getTime()
  if (deadline <= now) return giveUp(record, missing, deps)
  const next = new Date(Math.min(deadline, now + pollDelay(now - Date.parse(record.begunAt))))
  const state = {
    kind: 'pending',
    missing: missing.map(({ what }) => what),
    nextAt: next.toISOString(),
    ...(judged === undefined ? {} : { judged }),
  } as const
  const waiting: ReleaseRecord = { ...record, state }
  await deps.ledger.saveRelease(waiting)
  await deps.hints.wakeAt(releaseSubject(record), next)
  return waiting
}

/** Where no configuration was ever seen that says how long. */
const WITHIN_MS = 2 * 3_600_000

const deadlineOf = ({ begunAt, within = WITHIN_MS }: ReleaseRecord): Date => new Date(Date.parse(begunAt) + within)

async function giveUp(record: ReleaseRecord, missing: readonly MissingArtefact[], deps: Deps): Promise<ReleaseRecord> {
  const given: ReleaseRecord = {
    ...record,
    state: {
      kind: 'given-up',
      missing: missing.map(({ what }) => what),
      remedies: missing.map(({ remedy }) => remedy),
      at: deps.clock.now().toISOString(),
    },
  }
  await deps.ledger.saveRelease(given)
  deps.log.warn({ repository: record.repository, model: record.model, missing }, 'release given up')
  return given
}
