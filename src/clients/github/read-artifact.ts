/** `GitHub.readArtifact`: the runs on a commit, the artifact of one of them, its download, and the file in it (read-zip-entry.ts). */
import { fetch } from 'undici'
import { SystemUnavailable } from '../../domain/failure.ts'
import type { CommitSha, RepoName } from '../../domain/ids.ts'
import type { ArtifactQuestion, ArtifactReading } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import { networkReason, sendTwiceIfBroken } from '../network-failure.ts'
import { AnswerTooLarge, readAtMost } from '../read-at-most.ts'
import type { Caller } from './call.ts'
import { GitHubRefused } from './failures.ts'
import { decodeText, readZipEntry, type TextReading } from './read-zip-entry.ts'

/** A commit with more runs than that (re-runs are attempts of one run) is not looked through to its end. */
const MAX_RUNS_ASKED = 10
const MAX_DOWNLOAD_BYTES = 16 * 1024 * 1024
const DOWNLOAD_TIMEOUT_MS = 60_000
/** Not begun: whatever artifact such a run has is of an earlier attempt. */
/**
 * Of runs that work on the commit GitHub names. Not those that outsiders start and GitHub puts on the default branch, whatever they check out:
 * the numbers of a fork (`pull_request_target`, `workflow_run`, `issue_comment`) would be the baseline of everybody.
 */
const EVENTS = new Set([
  'push',
  'pull_request',
  'merge_group',
  'workflow_dispatch',
  'repository_dispatch',
  'schedule',
  'create',
  'release',
  'deployment',
  'deployment_status',
  'dynamic',
])
const NOT_BEGUN = new Set(['queued', 'requested', 'waiting', 'pending'])

/** Gives `not_allowed` where GitHub refuses to let the App read workflow runs. Throws SystemUnavailable for outages. */
export async function readArtifact(
  caller: Caller,
  repository: RepoName,
  question: ArtifactQuestion,
): Promise<ArtifactReading> {
  let running = 0
  let ended = 0
  try {
    for (const commit of question.commits) {
      const search = await searchCommit({ caller, repository, question, commit })
      if (search.hit !== undefined) return await openArtifact(search.hit, { caller, repository, question, commit })
      running += search.running
      ended += search.ended
    }
  } catch (error) {
    if (error instanceof GitHubRefused && error.status === 403) return { kind: 'not_allowed' }
    throw error
  }
  return running > 0 ? { kind: 'running', count: running } : { kind: 'absent', runs: ended }
}

type Place = {
  readonly caller: Caller
  readonly repository: RepoName
  readonly question: ArtifactQuestion
  readonly commit: CommitSha
}

type Run = {
  readonly id: number
  readonly workflowId: number
  readonly path: string
  readonly url: string
  readonly status: string
  /** When its newest attempt began. */
  readonly startedAt: Date
}

type Hit = { readonly run: Run; readonly artifact: Answer; readonly newerRunning: boolean }
type Search = { readonly hit: Hit | undefined; readonly running: number; readonly ended: number }

/** Newest attempt first. A run at work counts once it has uploaded the artifact: it may go on for long, and may even wait for us. */
async function searchCommit(place: Place): Promise<Search> {
  const running: Run[] = []
  let ended = 0
  for (const run of await runsOf(place)) {
    const artifact = NOT_BEGUN.has(run.status) ? undefined : await artifactOf(run, place)
    const isDone = run.status === 'completed'
    if (artifact !== undefined && (isDone || artifact.date('created_at') >= run.startedAt)) {
      const newerRunning = running.some(({ workflowId }) => workflowId === run.workflowId)
      return { hit: { run, artifact, newerRunning }, running: running.length, ended }
    }
    if (isDone) ended += 1
    else running.push(run)
  }
  return { hit: undefined, running: running.length, ended }
}

/** GitHub gives runs for `pull_request` the head of the pull request as their commit, not the test merge that they check out. */
async function runsOf({ caller, repository, question, commit }: Place): Promise<readonly Run[]> {
  const { data } = await caller.rest(repository, 'GET /repos/{owner}/{repo}/actions/runs', {
    head_sha: commit,
    exclude_pull_requests: true,
    per_page: 100,
  })
  return answerOf('GitHub', data)
    .list('workflow_runs')
    .filter((run) => EVENTS.has(run.text('event')))
    .map(parseRun)
    .filter(({ path }) => question.workflow === undefined || isWorkflow(path, question.workflow))
    .toSorted((a, b) => b.startedAt.getTime() - a.startedAt.getTime() || b.id - a.id)
    .slice(0, MAX_RUNS_ASKED)
}

function parseRun(run: Answer): Run {
  return {
    id: run.integer('id'),
    workflowId: run.integer('workflow_id'),
    path: run.text('path'),
    url: run.text('html_url'),
    status: run.maybeText('status') ?? 'completed',
    startedAt: run.maybeDate('run_started_at') ?? run.date('created_at'),
  }
}

/** `.github/workflows/train.yml`, with `@refs/heads/main` behind it where another repository requires the workflow. */
function isWorkflow(path: string, workflow: string): boolean {
  return path.split('@', 1)[0]?.split('/').at(-1) === workflow.split('/').at(-1)
}

/** The newest one of that name: each attempt of a run may have uploaded it. */
async function artifactOf(run: Run, { caller, repository, question }: Place): Promise<Answer | undefined> {
  const { data } = await caller.rest(repository, 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts', {
    run_id: run.id,
    name: question.name,
    per_page: 100,
  })
  return answerOf('GitHub', data)
    .list('artifacts')
    .filter((artifact) => artifact.text('name') === question.name && artifact.has('created_at'))
    .toSorted((a, b) => b.date('created_at').getTime() - a.date('created_at').getTime())[0]
}

async function openArtifact({ run, artifact, newerRunning }: Hit, place: Place): Promise<ArtifactReading> {
  const { url } = run
  if (artifact.flag('expired')) return { kind: 'expired', url }
  if (artifact.integer('size_in_bytes') > MAX_DOWNLOAD_BYTES) return { kind: 'refused', reason: TOO_LARGE, url }
  const address = await downloadAddress(artifact.integer('id'), place)
  if (address === undefined) return { kind: 'expired', url }
  const reading = await readDownload(address, place.question)
  if (!reading.ok) return { kind: 'refused', reason: reading.reason, url }
  const { text, name: file } = reading
  return { kind: 'found', text, file, url, runId: String(run.id), commit: place.commit, newerRunning }
}

/** An address in GitHub's storage, signed for a minute: a secret. undefined: expired or deleted meanwhile. */
async function downloadAddress(id: number, { caller, repository }: Place): Promise<URL | undefined> {
  const route = 'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}'
  try {
    const { headers, data } = await caller.rest(repository, route, {
      artifact_id: id,
      archive_format: 'zip',
      // Followed by hand: the storage is another company's host, which is to see neither token nor headers of ours.
      request: { redirect: 'manual', parseSuccessResponseBody: false },
    })
    // A page that says "moved", which some servers send along.
    if (data instanceof ReadableStream) await data.cancel()
    const location = String(headers['location'] ?? '')
    const url = URL.canParse(location) ? new URL(location) : undefined
    if (url !== undefined && isProtected(url)) return url
    throw new SystemUnavailable('GitHub', `no usable address in the answer to ${route}`)
  } catch (error) {
    if (error instanceof GitHubRefused && (error.status === 404 || error.status === 410)) return undefined
    throw error
  }
}

/** As GHE_PROTOCOL: unencrypted only on this machine. */
const isProtected = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname))

async function readDownload(address: URL, { name, file }: ArtifactQuestion): Promise<TextReading> {
  try {
    const { bytes, type } = await sendTwiceIfBroken(() => download(address))
    // `archive: false` of actions/upload-artifact: the artifact is the file, and has its name.
    if (!isZip(bytes, type)) {
      if (file === undefined || file === name) return decodeText(bytes, name)
      return { ok: false, reason: `is a single file and no archive, so there is no ${file} in it` }
    }
    return await readZipEntry(bytes, file)
  } catch (error) {
    if (error instanceof AnswerTooLarge) return { ok: false, reason: TOO_LARGE }
    if (error instanceof SystemUnavailable) throw error
    // Without the cause, which may name the signed address.
    throw new SystemUnavailable(STORAGE, networkReason(error))
  }
}

const STORAGE = "GitHub's storage of artifacts"

async function download(address: URL): Promise<{ readonly bytes: Buffer; readonly type: string }> {
  const response = await fetch(address, {
    headers: { 'user-agent': 'lockkeeper' },
    redirect: 'manual',
    signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS),
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new SystemUnavailable(STORAGE, `it answers ${response.status}`)
  }
  return {
    bytes: await readAtMost(response.body, MAX_DOWNLOAD_BYTES),
    type: response.headers.get('content-type') ?? '',
  }
}

/** By its first bytes, too: storage of other makers names no type. */
const isZip = (bytes: Buffer, type: string): boolean =>
  /\bzip\b/i.test(type) || ['PK\x03\x04', 'PK\x05\x06'].includes(bytes.toString('latin1', 0, 4))

const TOO_LARGE = `is larger than ${MAX_DOWNLOAD_BYTES / 1024 / 1024} MiB`
