/** MLflow 2.x and 3.x over plain REST (no SDK): implements the port `Mlflow`. Requests and refusals: mlflow-http.ts; shapes: mlflow-parse.ts. */
import { PARENT_TAG } from '../domain/comparison-runs.ts'
import { UserError } from '../domain/failure.ts'
import type { VersionRef } from '../domain/settings.ts'
import type { GroupTags, Log, Mlflow, MlflowRun, MlflowVersion } from '../services/ports.ts'
import type { Answer } from './answer.ts'
import {
  callMlflow,
  DEFAULT_TRANSPORT,
  type MlflowCredentials,
  type MlflowRequest,
  type MlflowTransport,
} from './mlflow-http.ts'
import { searchLoggedModels } from './mlflow-logged-models.ts'
import { createVersion, locateVersion } from './mlflow-new-version.ts'
import { parseRun, parseVersion } from './mlflow-parse.ts'
import { openServers } from './mlflow-servers.ts'
import { presentOrThrow, refusal, type MlflowSession as Session } from './mlflow-session.ts'

export type { MlflowCredentials } from './mlflow-http.ts'

export type MlflowSettings = {
  /** Base address by name, as the policy and MLFLOW_TRACKING_URI give them. */
  readonly servers: ReadonlyMap<string, string>
  /** By the server's name: one server's credentials are never shown to another. */
  readonly credentials: ReadonlyMap<string, MlflowCredentials>
  readonly log: Log
  readonly transport?: Partial<MlflowTransport>
}

const PAGE = 500
// Newest first: a commit with more runs than this is a sweep, whose oldest runs matter to nobody.
const MAX_PAGES = 3
// Each id takes up to 41 bytes of an address; MLflow 2's server refuses one of more than 4094.
const IDS_PER_SEARCH = 50
const EXPERIMENT_MEMORY_MS = 5 * 60_000
// What may stand in a filter without escaping: MLflow has no escapes in them.
const PLAIN_VALUE = /^[\w.\-:/ ]{1,250}$/

type Tags = ReadonlyMap<string, string>

/** Every method throws SystemUnavailable and UserError `mlflow_refused` as the port says. */
export function createMlflow(settings: MlflowSettings): Mlflow {
  const transport = { ...DEFAULT_TRANSPORT, ...settings.transport }
  const serverNamed = openServers(settings)
  const session = (name: string): Session => {
    const server = serverNamed(name)
    return {
      server,
      base: server.url,
      call: async (request) => {
        const reply = await callMlflow(server, request, transport)
        if (!reply.ok)
          settings.log.info({ server: name, path: request.path, ...reply }, 'MLflow answered with an error')
        return reply
      },
    }
  }
  const experiments = new Map<string, { readonly id: string; readonly until: number }>()
  return {
    experimentId: async (server, name) => {
      const key = JSON.stringify([server, name])
      const known = experiments.get(key)
      if (known !== undefined && known.until > Date.now()) return known.id
      const id = await experimentId(session(server), name)
      if (id === undefined) experiments.delete(key)
      else experiments.set(key, { id, until: Date.now() + EXPERIMENT_MEMORY_MS })
      return id
    },
    experimentName: async (server, id) => experimentName(session(server), id),
    runsOfCommit: async (server, { experimentId: id, commitTag, commit }) =>
      searchRuns(session(server), id, new Map([[commitTag, commit]])),
    seedsOf: async (server, run, tags) => seedsOf(session(server), run, tags),
    run: async (server, runId) => readRun(session(server), runId),
    loggedMetrics: async (server, runs) => searchLoggedModels(session(server).call, runs),
    version: async (server, model, version) => readVersion(session(server), model, version),
    versionsOfRuns: async (server, model, runIds) => versionsOfRuns(session(server), model, runIds),
    locate: async (server, version) => locateVersion(session(server), version),
    createVersion: async (server, wish) => createVersion(session(server), wish),
    setAlias: async (server, model, alias, version) => setAlias(session(server), { model, alias, version }),
  }
}

async function experimentId(session: Session, name: string): Promise<string | undefined> {
  return experiment(session, { path: 'experiments/get-by-name', query: { experiment_name: name } }, 'experiment_id')
}

async function experimentName(session: Session, id: string): Promise<string | undefined> {
  return experiment(session, { path: 'experiments/get', query: { experiment_id: id } }, 'name')
}

async function experiment(
  session: Session,
  request: Omit<MlflowRequest, 'method'>,
  field: 'experiment_id' | 'name',
): Promise<string | undefined> {
  const found = presentOrThrow(session, await session.call({ method: 'GET', ...request }))?.maybe('experiment')
  return found === undefined || found.maybeText('lifecycle_stage') === 'deleted' ? undefined : found.text(field)
}

/** The run's group: its siblings under one parent (or tag), its children when it is a parent, itself in any case. */
async function seedsOf(session: Session, run: MlflowRun, tags: GroupTags): Promise<readonly MlflowRun[]> {
  const group = run.tags.get(tags.groupBy)
  const parent = run.tags.get(PARENT_TAG) ?? run.runId
  if (run.experimentId === '' || !PLAIN_VALUE.test(group ?? parent)) return [run]
  const wanted = group === undefined ? new Map([[PARENT_TAG, parent]]) : groupOf(run, group, tags)
  const siblings = await searchRuns(session, run.experimentId, wanted)
  return [...new Map([run, ...siblings].map((each) => [each.runId, each])).values()]
}

/** A value of the tag may be used for one commit after another. */
function groupOf(run: MlflowRun, group: string, { groupBy, commitTag }: GroupTags): Tags {
  const commit = run.tags.get(commitTag)
  const isPlain = commit !== undefined && PLAIN_VALUE.test(commit)
  return new Map([[groupBy, group], ...(isPlain ? [[commitTag, commit] as const] : [])])
}

/** Newest first. A filter that a server does not know must not make runs of other commits the candidate: each run is asked for its tags. */
async function searchRuns(session: Session, experimentId: string, wanted: Tags): Promise<readonly MlflowRun[]> {
  const filter = [...wanted].map(([tag, value]) => tagIs(tag, value)).join(' AND ')
  // Runs that start meanwhile move others to the next page.
  const runs = new Map<string, MlflowRun>()
  let pageToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const reply = await session.call({
      method: 'POST',
      path: 'runs/search',
      body: {
        experiment_ids: [experimentId],
        filter,
        run_view_type: 'ACTIVE_ONLY',
        max_results: PAGE,
        order_by: ['attributes.start_time DESC'],
        ...(pageToken === undefined ? {} : { page_token: pageToken }),
      },
    })
    const answer = presentOrThrow(session, reply)
    for (const run of (answer?.list('runs') ?? []).map((each) => parseRun(session.base, each))) {
      if (!runs.has(run.runId) && hasTags(run, wanted)) runs.set(run.runId, run)
    }
    pageToken = answer?.maybeText('next_page_token')
    if (pageToken === undefined || pageToken === '') break
  }
  return [...runs.values()]
}

/** MLflow on MySQL does not tell case. */
const hasTags = ({ tags }: MlflowRun, wanted: Tags): boolean =>
  [...wanted].every(([tag, value]) => tags.get(tag)?.toLowerCase() === value.toLowerCase())

async function readRun(session: Session, runId: string): Promise<MlflowRun | undefined> {
  const reply = await session.call({ method: 'GET', path: 'runs/get', query: { run_id: runId } })
  const run = presentOrThrow(session, reply)?.maybe('run')
  return run && parseRun(session.base, run)
}

async function versionByAlias(session: Session, model: string, alias: string): Promise<MlflowVersion | undefined> {
  const reply = await session.call({ method: 'GET', path: 'registered-models/alias', query: { name: model, alias } })
  // Open-source stores answer an unknown alias with 400; other causes of that code are errors.
  if (!reply.ok && reply.code === 'INVALID_PARAMETER_VALUE' && saysNoAlias(reply.message)) return undefined
  return withRun(session, presentOrThrow(session, reply)?.maybe('model_version'))
}

function saysNoAlias(message: string): boolean {
  const at = message.search(/alias\b/i)
  return at >= 0 && /\bnot found/i.test(message.slice(at))
}

async function readVersion(session: Session, model: string, ref: VersionRef): Promise<MlflowVersion | undefined> {
  if (ref.by === 'alias') return versionByAlias(session, model, ref.alias)
  if (ref.by === 'stage') return versionInStage(session, model, ref.stage)
  const query = { name: model, version: ref.version }
  const reply = await session.call({ method: 'GET', path: 'model-versions/get', query })
  return withRun(session, presentOrThrow(session, reply)?.maybe('model_version'))
}

/** The newest version in a stage; stages are deprecated since MLflow 2.9 and still answered. */
async function versionInStage(session: Session, model: string, stage: string): Promise<MlflowVersion | undefined> {
  const body = { name: model, stages: [stage] }
  const reply = await session.call({ method: 'POST', path: 'registered-models/get-latest-versions', body })
  return withRun(session, presentOrThrow(session, reply)?.list('model_versions')[0])
}

/** MLflow 3 can leave `run_id` empty and name a logged model instead; that one knows its run. */
async function withRun(session: Session, answer: Answer | undefined): Promise<MlflowVersion | undefined> {
  if (answer === undefined) return undefined
  const version = parseVersion(session.base, answer)
  const logged = /^models:\/(m-[\w-]+)$/.exec(version.source ?? '')?.[1]
  if (version.runId !== undefined || logged === undefined) return version
  const reply = await session.call({ method: 'GET', path: `logged-models/${logged}`, isOptional: true })
  const source = reply.ok ? reply.body.maybe('model')?.maybe('info')?.maybeText('source_run_id') : undefined
  return source === undefined || source === '' ? version : { ...version, runId: source }
}

async function versionsOfRuns(
  session: Session,
  model: string,
  runIds: readonly string[],
): Promise<readonly MlflowVersion[]> {
  // Files have no runs: `path@sha` is no id.
  const ids = runIds.filter((id) => /^[\w-]{1,64}$/.test(id))
  const versions: MlflowVersion[] = []
  for (let start = 0; start < ids.length; start += IDS_PER_SEARCH) {
    versions.push(...(await searchVersions(session, ids.slice(start, start + IDS_PER_SEARCH))))
  }
  return versions.filter((version) => version.model === model).toSorted((a, b) => Number(b.version) - Number(a.version))
}

async function searchVersions(session: Session, runIds: readonly string[]): Promise<readonly MlflowVersion[]> {
  const versions: MlflowVersion[] = []
  let pageToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const reply = await session.call({
      method: 'GET',
      path: 'model-versions/search',
      query: {
        filter: `run_id IN (${runIds.map((id) => `'${id}'`).join(',')})`,
        max_results: '200',
        ...(pageToken === undefined ? {} : { page_token: pageToken }),
      },
    })
    const answer = presentOrThrow(session, reply)
    versions.push(...(answer?.list('model_versions') ?? []).map((version) => parseVersion(session.base, version)))
    pageToken = answer?.maybeText('next_page_token')
    if (pageToken === undefined || pageToken === '') break
  }
  return versions
}

/** MLflow has no compare-and-set: read back, so that another mover is noticed. */
async function setAlias(
  session: Session,
  { model, alias, version }: { readonly model: string; readonly alias: string; readonly version: string },
): Promise<void> {
  const reply = await session.call({
    method: 'POST',
    path: 'registered-models/alias',
    body: { name: model, alias, version },
  })
  if (!reply.ok) throw refusal(session, reply)
  const now = await versionByAlias(session, model, alias)
  if (now?.version === version) return
  throw new UserError(
    'write_conflict',
    `The alias ${alias} of ${model} is at version ${now?.version ?? 'none'}, not at ${version}: somebody else moved it`,
    'Find out who moves the alias; Lockkeeper must be the only one.',
  )
}

function tagIs(tag: string, value: string): string {
  // The configuration's schema lets no other tag through.
  if (!PLAIN_VALUE.test(tag)) throw new Error(`not a tag for a filter: ${JSON.stringify(tag)}`)
  if (!PLAIN_VALUE.test(value)) throw new Error(`not a value for a filter: ${JSON.stringify(value)}`)
  return `tags.\`${tag}\` = '${value}'`
}
