/** Which of an Application's sources is the config repository's branch that promotions go into. Part of argocd-readiness.ts. */
import type { ApplicationSource } from './argocd-application.ts'
import { withoutEnd } from './without-end.ts'

/** Where promotions are written. */
export type WrittenInto = {
  /** `owner/name`. */
  readonly repository: string
  /** Its default branch; undefined where that is not known, and then any name of a branch may be it. */
  readonly branch: string | undefined
}

export type OurSources =
  | { readonly kind: 'here'; readonly indexes: readonly number[] }
  | { readonly kind: 'elsewhere'; readonly detail: string }

/**
 * The indexes of those that read that branch. By repository name alone, whatever the host: that a mirror serves our
 * commits is seen by their ids.
 */
export function ourSources(sources: readonly ApplicationSource[], written: WrittenInto): OurSources {
  const indexed = sources.map((source, index) => ({ source, index }))
  const ofRepository = indexed.filter(({ source }) => repositoryIn(source.repoUrl) === written.repository.toLowerCase())
  if (ofRepository.length === 0) {
    const urls = [...new Set(sources.map(({ repoUrl }) => withoutCredentials(repoUrl)))].join(', ') || 'nothing'
    return { kind: 'elsewhere', detail: `it reads ${urls}, and promotions go into ${written.repository}` }
  }
  const tracking = ofRepository.filter(({ source }) => tracks(source.targetRevision, written.branch))
  if (tracking.length > 0) return { kind: 'here', indexes: tracking.map(({ index }) => index) }
  const revisions = [...new Set(ofRepository.map(({ source }) => source.targetRevision))].join(', ')
  const branch = written.branch === undefined ? 'the default branch' : `the branch ${written.branch}`
  return {
    kind: 'elsewhere',
    detail: `it tracks ${revisions} of ${written.repository}, and promotions go into ${branch}`,
  }
}

/** `owner/name` in lower case, of `https://…`, `ssh://…` and `git@host:…`. */
function repositoryIn(repoUrl: string): string | undefined {
  const path = repoUrl
    .trim()
    .toLowerCase()
    .replace(/^[a-z+]+:\/\/[^/]+\//, '')
    .replace(/^[^/:]+:/, '')
  const [owner = '', name = ''] = withoutEnd(path, '/')
    .replace(/\.git$/, '')
    .split('/')
    .slice(-2)
  return owner === '' || name === '' ? undefined : `${owner}/${name}`
}

/** As people may read it. */
export const withoutCredentials = (repoUrl: string): string => repoUrl.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1')

function tracks(targetRevision: string | undefined, branch: string | undefined): boolean {
  const name = (targetRevision ?? '').replace(/^refs\/heads\//, '')
  if (name === '' || name === 'HEAD') return true
  return branch === undefined ? !/^[0-9a-f]{7,40}$|^refs\//.test(name) : name === branch
}

/** The revisions among these, one per source, that may be of the branch: all of them where no source is known to read it. */
export function revisionsThere(
  revisions: readonly string[],
  sources: readonly ApplicationSource[],
  written: WrittenInto,
): readonly string[] {
  const found = ourSources(sources, written)
  if (found.kind === 'elsewhere' || revisions.length !== sources.length) return revisions
  return revisions.filter((_, index) => found.indexes.includes(index))
}
