/** Registered models in Unity Catalog of Databricks (`registry: unity_catalog`): the version methods of the port `Mlflow`, at its own API. Runs stay in mlflow.ts. */
import { UserError } from '../domain/failure.ts'
import type { VersionRef } from '../domain/settings.ts'
import type { Mlflow, MlflowVersion } from '../services/ports.ts'
import type { Answer } from './answer.ts'
import {
  callMlflow,
  DEFAULT_TRANSPORT,
  type MlflowReply,
  type MlflowRequest,
  type MlflowServer,
  type MlflowTransport,
  refused,
} from './mlflow-http.ts'

export type UnityCatalogSettings = {
  /** Names of the servers whose models are there. */
  readonly servers: ReadonlySet<string>
  readonly serverNamed: (name: string) => MlflowServer
  readonly transport?: Partial<MlflowTransport>
}

const API = 'api/2.1/unity-catalog'
/** A page may be empty although more follow; this many are enough for twenty thousand versions. */
const MAX_PAGES = 20
const PAGE = 1000

type Session = { readonly server: MlflowServer; readonly call: (request: MlflowRequest) => Promise<MlflowReply> }

/** The same port, with versions and aliases of those servers from Unity Catalog. https://docs.databricks.com/api/workspace/modelversions */
export function withUnityCatalog(mlflow: Mlflow, settings: UnityCatalogSettings): Mlflow {
  const transport = { ...DEFAULT_TRANSPORT, ...settings.transport }
  const session = (name: string): Session | undefined => {
    if (!settings.servers.has(name)) return undefined
    const server = settings.serverNamed(name)
    return { server, call: (request) => callMlflow(server, request, transport) }
  }
  return {
    ...mlflow,
    version: async (server, model, ref) => {
      const catalog = session(server)
      return catalog === undefined ? mlflow.version(server, model, ref) : readVersion(catalog, model, ref)
    },
    versionsOfRuns: async (server, model, runIds) => {
      const catalog = session(server)
      return catalog === undefined
        ? mlflow.versionsOfRuns(server, model, runIds)
        : versionsOfRuns(catalog, model, runIds)
    },
    // `source` is where Unity Catalog keeps the files: nothing is to be followed.
    locate: async (server, version) =>
      session(server) === undefined ? mlflow.locate(server, version) : version.source,
    createVersion: async (server, wish) => {
      const catalog = session(server)
      if (catalog === undefined) return mlflow.createVersion(server, wish)
      throw refused(
        catalog.server,
        `a version of ${wish.model} cannot be made by Lockkeeper: Unity Catalog takes the files themselves`,
        'Register the model in training (`registered_model_name`), and remove `create` from the configuration.',
      )
    },
    setAlias: async (server, model, alias, version) => {
      const catalog = session(server)
      if (catalog === undefined) await mlflow.setAlias(server, model, alias, version)
      else await setAlias(catalog, { model, alias, version })
    },
  }
}

async function readVersion(session: Session, model: string, ref: VersionRef): Promise<MlflowVersion | undefined> {
  const { server } = session
  if (ref.by === 'stage')
    throw refused(
      server,
      `${model} is in Unity Catalog, which has no stages`,
      `Name the version by an alias: \`alias: champion\` instead of \`stage: ${ref.stage}\`.`,
    )
  const path =
    ref.by === 'alias' ? `aliases/${encodeURIComponent(ref.alias)}` : `versions/${versionNumber(ref.version)}`
  const reply = await session.call({ method: 'GET', api: API, path: `${modelPath(server, model)}/${path}` })
  const found = presentOrThrow(session, reply)
  return found && parseVersion(server, model, found)
}

async function versionsOfRuns(
  session: Session,
  model: string,
  runIds: readonly string[],
): Promise<readonly MlflowVersion[]> {
  if (runIds.length === 0) return []
  const versions: MlflowVersion[] = []
  let pageToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const reply = await session.call({
      method: 'GET',
      api: API,
      path: `${modelPath(session.server, model)}/versions`,
      query: { max_results: String(PAGE), ...(pageToken === undefined ? {} : { page_token: pageToken }) },
    })
    const answer = presentOrThrow(session, reply)
    const listed = (answer?.list('model_versions') ?? []).map((each) => parseVersion(session.server, model, each))
    versions.push(...listed.filter(({ runId }) => runId !== undefined && runIds.includes(runId)))
    pageToken = answer?.maybeText('next_page_token')
    if (pageToken === undefined || pageToken === '') break
  }
  // The list has no order.
  return versions.toSorted((a, b) => Number(b.version) - Number(a.version))
}

/** There is no compare-and-set here either: read back, so that another mover is noticed. */
async function setAlias(
  session: Session,
  { model, alias, version }: { readonly model: string; readonly alias: string; readonly version: string },
): Promise<void> {
  const reply = await session.call({
    method: 'PUT',
    api: API,
    path: `${modelPath(session.server, model)}/aliases/${encodeURIComponent(alias)}`,
    body: { version_num: versionNumber(version) },
  })
  if (!reply.ok) throw refusal(session, reply)
  const now = await readVersion(session, model, { by: 'alias', alias })
  if (now?.version === version) return
  throw new UserError(
    'write_conflict',
    `The alias ${alias} of ${model} is at version ${now?.version ?? 'none'}, not at ${version}: somebody else moved it`,
    'Find out who moves the alias; Lockkeeper must be the only one.',
  )
}

/** `models/catalog.schema.model`. Throws UserError for a name that Unity Catalog cannot have. */
function modelPath(server: MlflowServer, model: string): string {
  const parts = model.split('.')
  if (parts.length === 3 && parts.every((part) => /^[^/\s]+$/.test(part))) return `models/${encodeURIComponent(model)}`
  throw refused(
    server,
    `${model} is not a name of a model in Unity Catalog`,
    'Write `catalog.schema.model`; or remove `registry: unity_catalog` from the server in LOCKKEEPER_POLICY if its models are in the workspace.',
  )
}

/** Versions are numbers; anything else would be another path. */
function versionNumber(version: string): number {
  const number = Number(version)
  if (/^\d{1,9}$/.test(version)) return number
  throw new UserError('mlflow_refused', `${version} is not a version of a model`, 'Write a whole number.')
}

function parseVersion(server: MlflowServer, model: string, version: Answer): MlflowVersion {
  const number = version.maybeText('version') ?? String(version.integer('version'))
  const runId = version.maybeText('run_id')
  const status = version.maybeText('status')
  return {
    model,
    version: number,
    runId: runId === '' ? undefined : runId,
    // MODEL_VERSION_STATUS_UNKNOWN is not one that can be used.
    status: status === 'READY' || status === 'FAILED_REGISTRATION' ? status : 'PENDING_REGISTRATION',
    // `source` is where training wrote it, which may be gone.
    source: version.maybeText('storage_location') ?? version.maybeText('source'),
    url: `${new URL(server.url).origin}/explore/data/models/${model.split('.').map(encodeURIComponent).join('/')}/version/${number}`,
  }
}

/** The answer; undefined for what does not exist (`RESOURCE_…`, `REGISTERED_MODEL_…`, `SCHEMA_DOES_NOT_EXIST`); throws for every other error. */
function presentOrThrow(session: Session, reply: MlflowReply): Answer | undefined {
  if (reply.ok) return reply.body
  if (reply.status === 404 && /(?:DOES_NOT_EXIST|NOT_FOUND)$/.test(reply.code)) return undefined
  throw refusal(session, reply)
}

function refusal({ server }: Session, { code, message }: Extract<MlflowReply, { ok: false }>): UserError {
  return refused(
    server,
    `Unity Catalog answers ${code}: ${message}`,
    'Check the names of catalog, schema, model and alias, and that the Lockkeeper user has USE CATALOG, USE SCHEMA and EXECUTE (to move an alias: be an owner of the model).',
  )
}
