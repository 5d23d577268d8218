/** Registering a run's model as a new version, and where a version's files lie. Part of mlflow.ts; https://mlflow.org/docs/latest/api_reference/rest-api.html */

import { withoutEnd } from '../domain/without-end.ts'
import type { Mlflow, MlflowVersion } from '../services/ports.ts'
import type { Answer } from './answer.ts'
import type { MlflowReply } from './mlflow-http.ts'
import { parseRun, parseVersion } from './mlflow-parse.ts'
import { isAbsent, type MlflowSession, presentOrThrow, refusal } from './mlflow-session.ts'

type Wish = Parameters<Mlflow['createVersion']>[1]

/** What a version is made of. `model_id` is MLflow 3's. */
type Source = { readonly source: string; readonly model_id?: string }

/** A run logs few models; more than these are checkpoints. */
const MOST_MODELS = 20

/** See the port. */
export async function createVersion(session: MlflowSession, wish: Wish): Promise<MlflowVersion | undefined> {
  const source = await sourceOf(session, wish)
  if (source === undefined) return undefined
  const create = (): Promise<MlflowReply> =>
    session.call({
      method: 'POST',
      path: 'model-versions/create',
      body: {
        name: wish.model,
        run_id: wish.runId,
        ...source,
        tags: Object.entries(wish.tags).map(([key, value]) => ({ key, value })),
      },
      // Each makes another version.
      isOnce: true,
    })
  let reply = await create()
  if (isAbsent(reply)) {
    await createModel(session, wish.model)
    reply = await create()
  }
  if (!reply.ok) throw refusal(session, reply)
  return parseVersion(session.base, reply.body.child('model_version'))
}

/** Somebody else may make it in the same moment. */
async function createModel(session: MlflowSession, name: string): Promise<void> {
  const reply = await session.call({ method: 'POST', path: 'registered-models/create', body: { name } })
  if (!reply.ok && reply.code !== 'RESOURCE_ALREADY_EXISTS') throw refusal(session, reply)
}

/** MLflow 3's logged model of that name, else the folder of that name among the run's artefacts, as MLflow's own client takes `runs:/…`. */
async function sourceOf(session: MlflowSession, { runId, artifactPath }: Wish): Promise<Source | undefined> {
  const run = presentOrThrow(session, await session.call(getRun(runId)))?.child('run')
  if (run === undefined) return undefined
  const models = parseRun(session.base, run).logged?.models ?? []
  for (const id of models.slice(0, MOST_MODELS)) {
    const info = await loggedModel(session, id)
    if (info?.maybeText('name') !== artifactPath) continue
    const isReady = ['LOGGED_MODEL_READY', 'READY'].includes(info.maybeText('status') ?? '')
    return isReady ? { source: `models:/${id}`, model_id: id } : undefined
  }
  const root = run.child('info').maybeText('artifact_uri')
  if (root === undefined || root === '') return undefined
  const query = { run_id: runId, path: artifactPath }
  const listed = presentOrThrow(session, await session.call({ method: 'GET', path: 'artifacts/list', query }))
  return (listed?.list('files') ?? []).length === 0 ? undefined : { source: below(root, artifactPath) }
}

/** MLflow gives a version of a logged model where that one lies; one made with `runs:/` (by another client) is followed here. */
export async function locateVersion(session: MlflowSession, version: MlflowVersion): Promise<string | undefined> {
  const query = { name: version.model, version: version.version }
  const reply = await session.call({ method: 'GET', path: 'model-versions/get-download-uri', query, isOptional: true })
  const told = reply.ok ? reply.body.maybeText('artifact_uri') : undefined
  const uri = told === undefined || told === '' ? version.source : told
  const [, runId, path] = /^runs:\/+([\w-]+)\/(.+)$/.exec(uri ?? '') ?? []
  if (runId !== undefined && path !== undefined) {
    const run = presentOrThrow(session, await session.call(getRun(runId)))?.child('run')
    const root = run?.child('info').maybeText('artifact_uri')
    return root === undefined || root === '' ? uri : below(root, path)
  }
  const logged = /^models:\/(m-[\w-]+)$/.exec(uri ?? '')?.[1]
  if (logged === undefined) return uri
  return (await loggedModel(session, logged))?.maybeText('artifact_uri') ?? uri
}

const getRun = (runId: string) => ({ method: 'GET', path: 'runs/get', query: { run_id: runId } }) as const

/** undefined on servers without logged models, and for one that is gone. */
async function loggedModel(session: MlflowSession, id: string): Promise<Answer | undefined> {
  const reply = await session.call({ method: 'GET', path: `logged-models/${encodeURIComponent(id)}`, isOptional: true })
  return reply.ok ? reply.body.maybe('model')?.maybe('info') : undefined
}

const below = (root: string, path: string): string => `${withoutEnd(root, '/')}/${path}`
