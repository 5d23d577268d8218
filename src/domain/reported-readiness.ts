/** Is our commit live, as commit statuses or deployment statuses on the config repository's commits tell it? Pure. Read by src/clients/github/read-reports.ts; asked by src/services/look-at-reported.ts. */
import { GITHUB_CLOCK_MS } from './github-clock.ts'
import { type Readiness, waiting } from './sync-readiness.ts'

/** The newest word of one reporter on one commit. */
export type CommitReport = {
  readonly sha: string
  /** `queued`: nothing was begun. `inactive`: a later deployment took its place. */
  readonly state: 'queued' | 'pending' | 'success' | 'failure' | 'inactive'
  /** As the reporter's status has it: `pending`, `error`, `in_progress`. */
  readonly word: string
  /** The login, `argocd[bot]` for an App; undefined for accounts that are gone. */
  readonly by: string | undefined
  /** In whole seconds, by GitHub's clock. */
  readonly at: Date
  readonly description: string | undefined
  readonly url: string | undefined
}

/**
 * The reports that count, the newest first: by that reporter, and not from before the merge (a merge queue's commit is there
 * before it is merged). `reports`: of later commits first. Whoever may write can report anything, also under this name.
 * Values that Git held already may have been reported live, once and for all, before they were adopted; a failure from then may be what is tried again.
 */
export function countedReports(
  reports: readonly CommitReport[],
  { by, mergedAt, revision, isAdopted = false }: Counting,
): readonly CommitReport[] {
  const isSince = ({ at }: CommitReport): boolean => at.getTime() >= mergedAt.getTime() - GITHUB_CLOCK_MS
  const isLiveAlready = ({ sha, state }: CommitReport): boolean => isAdopted && sha === revision && state === 'success'
  return reports
    .filter((report) => isBy(report, by) && (isSince(report) || isLiveAlready(report)))
    .toSorted((a, b) => b.at.getTime() - a.at.getTime())
}

type Counting = Pick<ReportsAbout, 'by' | 'mergedAt' | 'revision' | 'isAdopted'>

export type ReportsAbout = {
  /** As people know it: `status argocd/churn-prod`. */
  readonly name: string
  readonly by: string
  readonly revision: string
  readonly mergedAt: Date
  /** No pull request brought it: Git held its values already. */
  readonly isAdopted?: boolean
  /** More people can read what is told than the config repository: the reporter's own words stay there. */
  readonly isHidden?: boolean
  /** Whether a commit holds our values: ours, or a later one that left them alone. */
  readonly isOurs: (sha: string) => boolean
}

/** The newest word wins, on whichever of the commits: what is told of a later one is told of the cluster as it is now. */
export function assessReports(reports: readonly CommitReport[], about: ReportsAbout): Readiness {
  const { name, by, revision, isOurs } = about
  const [newest] = countedReports(reports, about)
  if (newest === undefined) {
    const foreign = reports.find((report) => report.sha === revision && !isBy(report, by))
    if (foreign === undefined) return waiting('not-seen', `there is no ${name} by ${by} on ${short(revision)} yet`)
    return waiting('not-seen', `the ${name} on ${short(revision)} is by ${foreign.by ?? 'nobody known'}, not by ${by}`)
  }
  if (!isOurs(newest.sha))
    return waiting('not-seen', `the newest ${name} is on ${short(newest.sha)}, without our values`)
  switch (newest.state) {
    case 'success':
      return { kind: 'ready', revision: newest.sha }
    case 'failure':
      // Whether the sync failed or the health, the reporter's own words tell.
      return { kind: 'failed', because: 'degraded', detail: said(newest, about) }
    case 'pending':
      return waiting('operation-running', said(newest, about))
    case 'queued':
      return waiting('not-synced', said(newest, about))
    case 'inactive':
      return waiting('out-of-sync', `the ${name} on ${short(newest.sha)} is inactive: another one took its place`)
  }
}

function said({ word, description, url }: CommitReport, { name, by, isHidden = false }: ReportsAbout): string {
  if (isHidden) return `the ${name} by ${by} is ${word}`
  const words = description === undefined || description === '' ? '' : `: ${description}`
  return `the ${name} by ${by} is ${word}${words}${url === undefined ? '' : ` (${url})`}`
}

const isBy = ({ by }: CommitReport, login: string): boolean => by?.toLowerCase() === login.toLowerCase()
const short = (sha: string): string => sha.slice(0, 7)
