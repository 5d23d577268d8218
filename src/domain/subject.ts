/** What reconcile() works on. A subject's key is its identity in the queue: one run at a time per key, on all replicas together. */
import {
  type CommitSha,
  type EnvironmentName,
  type ModelName,
  parseCommitSha,
  parseEnvironmentName,
  parseModelName,
  parseRepoName,
  type RepoName,
} from './ids.ts'
import type { ReleaseContent } from './release.ts'

export type Subject =
  /** The comparison on a pull request of a model repository, and the check run on a promotion head. */
  | { readonly kind: 'pull-request'; readonly repository: RepoName; readonly number: number }
  /** One slash-command comment. */
  | { readonly kind: 'command'; readonly repository: RepoName; readonly commentId: number }
  /** A push to the default branch: which models did it touch, which releases begin? */
  | {
      readonly kind: 'push'
      readonly repository: RepoName
      readonly sha: CommitSha
      /** What the branch was at before; undefined: only the commit itself is meant. */
      readonly before?: CommitSha | undefined
      /** Who pushed, by GitHub's word; undefined where no event of a push says so. */
      readonly by?: string | undefined
    }
  /** One pending release: do its artefacts exist yet? */
  | {
      readonly kind: 'release'
      readonly repository: RepoName
      readonly model: ModelName
      readonly sha: CommitSha
      /** The pull request whose unmerged head it is of. */
      readonly unmerged?: number | undefined
    }
  /** All promotions of one model into one environment. */
  | {
      readonly kind: 'environment'
      readonly repository: RepoName
      readonly model: ModelName
      readonly environment: EnvironmentName
    }
  /** The head of a merge queue's entry; `number` undefined: nobody can tell which pull request it stands for. */
  | {
      readonly kind: 'merge-group'
      readonly repository: RepoName
      readonly sha: CommitSha
      readonly number: number | undefined
    }
  /** Deliveries that GitHub could not hand over. */
  | { readonly kind: 'sweep' }

/** The subject that completes a release. */
export const releaseSubject = ({
  repository,
  model,
  commit,
  origin,
  pullRequest,
}: Released): Subject & { kind: 'release' } => ({
  kind: 'release',
  repository,
  model,
  sha: commit,
  ...(origin === 'pull_request' ? { unmerged: pullRequest?.number } : {}),
})

type Released = Pick<ReleaseContent, 'repository' | 'model' | 'commit' | 'origin'> & {
  readonly pullRequest: { readonly number: number } | undefined
}

/** In the place of a word, where another one follows. */
const NOTHING = '-'

/** The subject as the queue keeps it. `parseSubject` reads it back. */
export function subjectKey(subject: Subject): string {
  switch (subject.kind) {
    case 'pull-request':
      return `pull-request ${subject.repository} ${subject.number}`
    case 'command':
      return `command ${subject.repository} ${subject.commentId}`
    case 'push':
      return `push ${subject.repository} ${subject.sha} ${subject.before ?? NOTHING} ${subject.by ?? ''}`
        .trimEnd()
        .replace(/ -$/, '')
    case 'release':
      return `release ${subject.repository} ${subject.model} ${subject.sha} ${subject.unmerged ?? ''}`.trimEnd()
    case 'environment':
      return `environment ${subject.repository} ${subject.model} ${subject.environment}`
    case 'merge-group':
      return `merge-group ${subject.repository} ${subject.sha} ${subject.number ?? ''}`.trimEnd()
    case 'sweep':
      return 'sweep'
  }
}

/** The subject of a key that `subjectKey` made; undefined for anything else. */
export function parseSubject(key: string): Subject | undefined {
  const [kind, repo = '', second = '', third = '', fourth = ''] = key.split(' ')
  if (kind === 'sweep') return { kind }
  const repository = parseRepoName(repo)
  if (repository === undefined) return undefined
  const model = parseModelName(second)
  switch (kind) {
    case 'pull-request':
      return { kind, repository, number: Number(second) }
    case 'command':
      return { kind, repository, commentId: Number(second) }
    case 'push': {
      const sha = parseCommitSha(second)
      const by = fourth === '' ? {} : { by: fourth }
      return sha && { kind, repository, sha, before: parseCommitSha(third), ...by }
    }
    case 'release': {
      const sha = parseCommitSha(third)
      const unmerged = fourth === '' ? {} : { unmerged: Number(fourth) }
      return model && sha && { kind, repository, model, sha, ...unmerged }
    }
    case 'environment': {
      const environment = parseEnvironmentName(third)
      return model && environment && { kind, repository, model, environment }
    }
    case 'merge-group': {
      const sha = parseCommitSha(second)
      return sha && { kind, repository, sha, number: third === '' ? undefined : Number(third) }
    }
    default:
      return undefined
  }
}
