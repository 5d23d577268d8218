/** MLflow stand-in: a real MLflow 3 server's recorded answers (../recordings) plus thin state. Its other half in the bot is src/clients/mlflow.ts. */
import type { SandboxClock } from '../clock.ts'
import type { SandboxHandler, SandboxRequest, SandboxResponse } from '../http.ts'
import type { Candidate } from '../recordings/candidates.ts'
import type { Answerer } from './mlflow-answers.ts'
import { answer as answerRequest } from './mlflow-routes.ts'
import { createMlflowState } from './mlflow-state.ts'
import { type RawObject, textAt } from './raw-json.ts'
import { type LoggedRequest, listenSwitchable, type Outage } from './switchable-server.ts'

export type AttachOptions = {
  /** The `mlflow.source.git.branch` tag; default `candidate`. */
  readonly branch?: string
  /** Whether the registered version exists already; default true. `register` makes it appear later. */
  readonly registered?: boolean
}

/** What the recording holds of one candidate. `version` is absent where nothing was registered (`running`, `failed`). */
export type CandidateRecord = { readonly runs: readonly string[]; readonly version?: string }

export type MlflowSandbox = {
  readonly url: string
  readonly requests: readonly LoggedRequest[]
  /** Requests outside what the stand-in knows (unknown routes, filters it cannot read). Tests assert that it is empty. */
  readonly violations: readonly string[]
  /** Makes the recorded runs (and version) of a candidate answer for `commit`. A second call moves them to another commit. */
  attach(candidate: Candidate, commit: string, options?: AttachOptions): CandidateRecord
  /** Makes the registered version of an attached candidate appear. Returns its number; throws for a candidate that has none. */
  register(candidate: Candidate): string
  /** Removes the candidate's runs and version again. */
  detach(candidate: Candidate): void
  /** Adds so many runs of other commits to the experiment. */
  crowd(count: number): void
  /** Adds a run of this commit, as good as the champion's, with a registered version of its own; gives its number. */
  train(commit: string): string
  record(candidate: Candidate): CandidateRecord
  /** The version that an alias points to, if any. */
  alias(name: string): string | undefined
  setAlias(name: string, version: string): void
  /** All that the registry holds, a line each: where every alias points, and each version with its run and tags. */
  registry(): readonly string[]
  /** There is no registered model any more, as before the first training: its versions and aliases are gone. */
  forgetModel(): void
  /** Every run has this folder among its artefacts, as of a model that was logged as files. */
  exports(folder: string): void
  /** The next so many moves of an alias are answered as if they were made, and are not: a replica that lags, or somebody who moves it back at once. */
  loseAliases(moves: number): void
  down(outage?: Outage): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

export type MlflowOptions = { readonly clock: SandboxClock; readonly port?: number }

/** Starts the stand-in: experiment `churn`, registered model `churn` with champion version 11, no candidate attached. */
export async function startMlflow(options: MlflowOptions): Promise<MlflowSandbox> {
  const state = createMlflowState()
  const violations: string[] = []
  const context: Answerer = { state, violations }
  const handler: SandboxHandler = (request) => guard(context, request) ?? answerRequest(context, request)
  const { clock, ...listening } = options
  const server = await listenSwitchable(handler, { ...listening, now: clock.now })
  const record = (candidate: Candidate): CandidateRecord => {
    const { runs, versions } = state.recordings.trained
    const version = versions[candidate]
    return { runs: runs[candidate] ?? [], ...(version === undefined ? {} : { version }) }
  }
  return {
    url: server.url,
    requests: server.requests,
    violations,
    attach: (candidate, commit, { branch = 'candidate', registered = true } = {}) => {
      if (!/^[0-9a-f]{40}$/.test(commit)) throw new Error(`not a full commit id: ${commit}`)
      state.attach(candidate, { commit, branch, registered })
      return record(candidate)
    },
    register: (candidate) => {
      const attachment = state.attachment(candidate)
      const { version } = record(candidate)
      if (attachment === undefined || version === undefined) throw new Error(`${candidate} has nothing to register`)
      state.attach(candidate, { ...attachment, registered: true })
      return version
    },
    detach: state.detach,
    crowd: state.crowd,
    train: state.train,
    record,
    alias: (name) => state.aliases.get(name),
    setAlias: (name, version) => {
      state.aliases.set(name, version)
    },
    registry: () => [
      ...[...state.aliases].map(([alias, version]) => `${alias} → ${version}`).toSorted(),
      ...state.versions().map(versionLine),
    ],
    forgetModel: state.forgetModel,
    exports: (folder) => void state.exported.add(folder),
    loseAliases: state.loseAliases,
    down: server.down,
    up: server.up,
    close: server.close,
  }
}

function versionLine(version: RawObject): string {
  const tags = Array.isArray(version['tags']) ? (version['tags'] as readonly RawObject[]) : []
  const words = tags.map((tag) => `${textAt(tag, 'key')}=${textAt(tag, 'value')}`).toSorted()
  return [`version ${textAt(version, 'version')} of run ${textAt(version, 'run_id')}`, ...words].join(', ')
}

const LOCAL_HOST =
  /^(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+)(:\d+)?$/

/** MLflow's own protection against DNS rebinding, with its default host list. `/health` and `/version` are exempt. */
function guard({ state }: Answerer, { path, method, headers }: SandboxRequest): SandboxResponse | undefined {
  if (path === '/health' || path === '/version') return undefined
  const host = headers.host ?? ''
  if (!LOCAL_HOST.test(host)) return recorded(state.recordings.answer('server', 'foreign Host'))
  const { origin } = headers
  const foreign = origin !== undefined && !LOCAL_HOST.test(origin.replace(/^https?:\/\//, ''))
  if (foreign && method !== 'GET') return recorded(state.recordings.answer('server', 'write with a foreign Origin'))
  return undefined
}

function recorded(answer: { status: number; contentType: string; text: string }): SandboxResponse {
  return { status: answer.status, headers: { 'content-type': answer.contentType }, body: answer.text }
}
