/** Questions about commits that only REST answers: ancestry, changed paths of one commit, and where a branch was at a time. */
import type { CommitSha, RepoName } from '../../domain/ids.ts'
import { type Answer, answerOf } from '../answer.ts'
import type { Caller } from './call.ts'
import { GitHubRefused } from './failures.ts'
import { commitSha } from './parse.ts'

/** `GitHub.contains`: is `sha` the same as, or a descendant of, `ancestor`? undefined: GitHub does not know one of them (yet), or they have nothing in common. */
export async function contains(
  caller: Caller,
  repository: RepoName,
  commits: { readonly ancestor: CommitSha; readonly sha: CommitSha },
): Promise<boolean | undefined> {
  if (commits.ancestor === commits.sha) return true
  const compared = await compare(caller, repository, `${commits.ancestor}...${commits.sha}`)
  if (compared === undefined) return undefined
  const status = compared.text('status')
  return status === 'identical' || status === 'ahead'
}

/**
 * `GitHub.mergeBase`: the commit where two lines of history part; undefined where they have none in common, or GitHub does not know one.
 * GraphQL's `Comparison` does not tell it.
 */
export async function mergeBase(
  caller: Caller,
  repository: RepoName,
  { base, head }: { readonly base: CommitSha; readonly head: CommitSha },
): Promise<CommitSha | undefined> {
  const compared = await compare(caller, repository, `${base}...${head}`)
  return compared && commitSha(compared.child('merge_base_commit'), 'sha')
}

/** One commit of the listing is the least that GitHub sends, and none of it is used. undefined: 404. */
async function compare(caller: Caller, repository: RepoName, basehead: string): Promise<Answer | undefined> {
  try {
    const { data } = await caller.rest(repository, 'GET /repos/{owner}/{repo}/compare/{basehead}', {
      basehead,
      per_page: 1,
      page: 1,
    })
    return answerOf('GitHub', data)
  } catch (error) {
    if (error instanceof GitHubRefused && error.status === 404) return undefined
    throw error
  }
}

/** Paths that a commit changed against its first parent, old names of renamed files included. At most 3,000, GitHub's own bound. */
export async function changedPathsOf(caller: Caller, repository: RepoName, sha: CommitSha): Promise<readonly string[]> {
  const paths: string[] = []
  for (let page = 1; page <= 30; page += 1) {
    const { data } = await caller.rest(repository, 'GET /repos/{owner}/{repo}/commits/{ref}', {
      ref: sha,
      per_page: 100,
      page,
    })
    const files = answerOf('GitHub', data).list('files')
    paths.push(...files.flatMap(bothNames))
    if (files.length < 100) break
  }
  return paths
}

const bothNames = (file: Answer): readonly string[] =>
  [file.text('filename'), file.maybeText('previous_filename')].filter((name) => name !== undefined)

/** A comparison lists no more files than this, and does not say that it left some out. */
const COMPARED_FILES = 300

/** Paths that differ between two commits, in one call; undefined when there are too many to be listed. */
export async function pathsBetween(
  caller: Caller,
  repository: RepoName,
  { before, sha }: { readonly before: CommitSha; readonly sha: CommitSha },
): Promise<readonly string[] | undefined> {
  const compared = await compare(caller, repository, `${before}...${sha}`)
  const files = compared?.list('files')
  return files === undefined || files.length >= COMPARED_FILES ? undefined : files.flatMap(bothNames)
}

/**
 * `GitHub.headAt`: the branch head at `at` by GitHub's own push times, which are whole seconds. undefined when it cannot be told:
 * the branch did not exist then or was pushed to in that very second, or its activity does not reach back that far.
 */
export async function headAt(
  caller: Caller,
  repository: RepoName,
  question: { readonly branch: string; readonly at: Date },
): Promise<CommitSha | undefined> {
  let oldest: Answer | undefined
  let after: string | undefined
  for (let page = 0; page < 10; page += 1) {
    const answer = await caller.rest(repository, 'GET /repos/{owner}/{repo}/activity', {
      ref: `refs/heads/${question.branch}`,
      direction: 'desc',
      per_page: 100,
      ...(after === undefined ? {} : { after }),
    })
    const moves = activities(answer.data)
    const move = moves.find((each) => secondOf(each.date('timestamp')) <= secondOf(question.at))
    if (move !== undefined)
      return secondOf(move.date('timestamp')) === secondOf(question.at) ? undefined : existing(move, 'after')
    oldest = moves.at(-1) ?? oldest
    after = cursorOfNextPage(answer.headers['link'])
    // All known moves came later: before the first of them the branch was where that one started from.
    if (after === undefined) return oldest === undefined ? undefined : existing(oldest, 'before')
  }
  return undefined
}

const secondOf = (instant: Date): number => Math.floor(instant.getTime() / 1000)

const activities = (data: unknown): readonly Answer[] =>
  answerOf('GitHub', { activities: data }, 'activity').list('activities')

/** All zeros stand for "no branch". */
const existing = (move: Answer, key: 'before' | 'after'): CommitSha | undefined =>
  /^0+$/.test(move.text(key)) ? undefined : commitSha(move, key)

/** The `after` parameter of the `rel="next"` link. */
function cursorOfNextPage(link: unknown): string | undefined {
  const next = /<([^<>]+)>;\s*rel="next"/.exec(String(link ?? ''))?.[1]
  return next === undefined ? undefined : (new URL(next).searchParams.get('after') ?? undefined)
}
