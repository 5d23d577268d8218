/** `GitHub.readReports`: commit statuses of one context, or deployment statuses of one environment, on a commit and the later ones of the default branch. */
import type { RepoName } from '../../domain/ids.ts'
import type { CommitReport } from '../../domain/reported-readiness.ts'
import type { ReportQuestion } from '../../services/ports.ts'
import type { Answer } from '../answer.ts'
import type { Caller } from './call.ts'
import { reportsRequest } from './documents/reports.ts'
import { actorLogin, commitSha } from './parse.ts'

/** Later commits first. One call. */
export async function readReports(
  caller: Caller,
  repository: RepoName,
  question: ReportQuestion,
): Promise<readonly CommitReport[]> {
  const { data } = await caller.graphql(repository, reportsRequest(repository, question))
  const found = data.maybe('repository')
  const branch = found?.maybe('defaultBranchRef')?.maybe('target')?.maybe('history')?.list('nodes') ?? []
  const at = branch.findIndex((commit) => commitSha(commit, 'oid') === question.revision)
  const ours = found?.maybe('object')
  const commits = [...(at < 0 ? branch : branch.slice(0, at)), ...(ours === undefined ? [] : [ours])]
  return commits.flatMap((commit) => reportOn(commit, question.kind) ?? [])
}

function reportOn(commit: Answer, kind: ReportQuestion['kind']): CommitReport | undefined {
  const sha = commitSha(commit, 'oid')
  if (kind === 'commit_status') {
    const status = commit.maybe('status')?.maybe('context')
    return status && { ...reportOf(status), sha, url: webUrl(status.maybeText('targetUrl')) }
  }
  const deployment = commit.maybe('deployments')?.list('nodes').at(-1)
  if (deployment === undefined) return undefined
  const status = deployment.maybe('latestStatus')
  // Its first status comes a moment after it.
  if (status === undefined) {
    const { by, at } = whoAndWhen(deployment)
    return { sha, by, at, state: 'queued', word: 'queued', description: undefined, url: undefined }
  }
  const url = status.maybeText('logUrl') ?? status.maybeText('environmentUrl')
  return { ...reportOf(status), sha, url: webUrl(url) }
}

const reportOf = (status: Answer): Omit<CommitReport, 'sha' | 'url'> => {
  const word = status.text('state')
  return {
    ...whoAndWhen(status),
    state: STATES[word] ?? 'queued',
    word: word.toLowerCase(),
    description: status.maybeText('description'),
  }
}

const whoAndWhen = (made: Answer): Pick<CommitReport, 'by' | 'at'> => ({
  by: actorLogin(made.maybe('creator')),
  at: made.date('createdAt'),
})

/** StatusState and DeploymentStatusState; WAITING and what is new say no more than that nothing was begun. */
const STATES: Readonly<Record<string, CommitReport['state']>> = {
  EXPECTED: 'queued',
  QUEUED: 'queued',
  WAITING: 'queued',
  PENDING: 'pending',
  IN_PROGRESS: 'pending',
  SUCCESS: 'success',
  FAILURE: 'failure',
  ERROR: 'failure',
  INACTIVE: 'inactive',
}

/** Reporters write what they like there. */
const webUrl = (text: string | undefined): string | undefined =>
  text !== undefined && /^https?:\/\/[^\s()<>]+$/.test(text) ? text : undefined
