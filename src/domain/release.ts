/** A release: the immutable bundle that promotions carry. Its id is derived from its content, so that the same content is the same release. */
import { createHash } from 'node:crypto'
import type { Waiver } from './gate.ts'
import type { CommitSha, Digest, ModelName, ReleaseId, RepoName } from './ids.ts'
import type { KeptComparison } from './kept-comparison.ts'
import type { TemplateValues } from './template.ts'

/** An image reference taken apart: `ghcr.io/acme/churn`, `3f9c2e1`, and the digest that the tag resolved to. */
export type ReleaseImage = {
  readonly repository: string
  /** undefined where the configuration names the image by its digest alone. */
  readonly tag: string | undefined
  readonly digest: Digest
}

/** An artefact that is not there: what it is (`the image …`), and what is to be done about it. Markdown code spans allowed. */
export type MissingArtefact = { readonly what: string; readonly remedy: string }

/** What was released: a commit of the default branch, or the head of a pull request that was not merged then. */
export type ReleaseOrigin = 'default_branch' | 'pull_request'

/** The artefacts and origin that make a release what it is. */
export type ReleaseContent = {
  readonly repository: RepoName
  readonly model: ModelName
  /** Absent: the default branch. */
  readonly origin?: ReleaseOrigin | undefined
  /** The commit on the default branch; of origin `pull_request` the head. */
  readonly commit: CommitSha
  /** The pull request it came from; absent for a direct push. */
  readonly pullRequest: { readonly number: number; readonly headSha: CommitSha } | undefined
  /** MLflow's registered version, as MLflow writes it (`"12"`). */
  readonly modelVersion: string | undefined
  /** The registry's name of the model, when it has a version. */
  readonly registeredModel: string | undefined
  readonly modelUri: string | undefined
  readonly image: ReleaseImage | undefined
  /** MLflow run ids, or `file@sha`. */
  readonly runs: readonly string[]
  /** The candidate's metrics when the release was made: mean over the runs. */
  readonly metrics: Readonly<Record<string, number>>
  /** Digests of the data it was trained on, where a source gives them. */
  readonly dataDigests: readonly string[]
}

export type Release = ReleaseContent & {
  readonly id: ReleaseId
  /** ISO instant of completion. */
  readonly completedAt: string
  /** Why nobody looked whether the artefact is at `modelUri`; absent: it was seen there. */
  readonly unseen?: string | undefined
  /** Gates at release time; a release whose gates fail is promoted by nobody. */
  readonly gates: {
    readonly verdict: 'pass' | 'fail' | 'none'
    readonly failing: readonly string[]
    /** Those that would fail and that people waived for the head that it was made of; absent: none. */
    readonly waived?: readonly string[]
    /** The same with who waived each, and why; absent in releases of older versions. */
    readonly waivers?: readonly Waiver[]
  }
  /** What the gates were judged on, for people; absent in releases of older versions. */
  readonly comparison?: KeptComparison | undefined
}

/** The id: SHA-256 over the content that deploys, written in a fixed order. Metrics are evidence, not content: they do not change the id. */
export function releaseId(content: ReleaseContent): ReleaseId {
  const parts = [
    content.repository,
    content.model,
    content.commit,
    content.modelVersion ?? '',
    // Version 12 of another registered model is another model.
    content.registeredModel ?? '',
    content.modelUri ?? '',
    content.image?.repository ?? '',
    content.image?.tag ?? '',
    content.image?.digest ?? '',
    // Lists of their own, so that no text of one part can be read as another.
    [...new Set(content.dataDigests)].toSorted(),
    // What was never merged is never the same as what was, even where both are one commit.
    content.origin === 'pull_request' ? ['pull_request', content.pullRequest?.number] : [],
  ]
  return `rel-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)}` as ReleaseId
}

/** The whole reference: `ghcr.io/acme/churn:v12@sha256:…`. */
export const imageReference = ({ repository, tag, digest }: ReleaseImage): string =>
  `${repository}${tag === undefined ? '' : `:${tag}`}@${digest}`

/** What templates may say about a release. */
export function releaseValues(release: Release, environment: string): TemplateValues {
  return {
    'model.name': release.model,
    'model.version': release.modelVersion,
    'model.uri': release.modelUri,
    'image.repository': release.image?.repository,
    'image.tag': release.image?.tag,
    'image.digest': release.image?.digest,
    'commit.sha': release.commit,
    'pull_request.sha': release.pullRequest?.headSha,
    'pull_request.number': release.pullRequest && String(release.pullRequest.number),
    'release.id': release.id,
    environment,
  }
}

/** How people call it: `v12` where a registry numbered it, else the short commit; `PR 7 at 3f9c2e1` what was not merged. */
export function releaseLabel(
  release: Pick<Release, 'modelVersion' | 'commit'> & Partial<Pick<Release, 'origin' | 'pullRequest'>>,
): string {
  if (release.origin === 'pull_request' && release.pullRequest !== undefined)
    return headLabel(release.pullRequest.number, release.commit)
  return release.modelVersion === undefined ? release.commit.slice(0, 7) : `v${release.modelVersion}`
}

/** The same of a head that has no release yet. */
export const headLabel = (pullRequest: number, head: CommitSha): string => `PR ${pullRequest} at ${head.slice(0, 7)}`
