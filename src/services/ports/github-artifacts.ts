/** Artifacts of GitHub Actions: what `GitHub.readArtifact` (github.ts) is asked and answers. */
import type { CommitSha } from '../../domain/ids.ts'

export type ArtifactQuestion = {
  /** In order of preference: the first commit whose runs have the artifact wins. */
  readonly commits: readonly CommitSha[]
  readonly name: string
  /** Path inside the archive; undefined: its only file. */
  readonly file: string | undefined
  /** The file name of the workflow, `train.yml`; undefined: any. */
  readonly workflow: string | undefined
}

export type ArtifactReading =
  | {
      readonly kind: 'found'
      readonly text: string
      /** Its path inside the archive. */
      readonly file: string
      /** The workflow run's page. */
      readonly url: string
      readonly runId: string
      readonly commit: CommitSha
      /** A later run of the same workflow is still at work. */
      readonly newerRunning: boolean
    }
  /** No run has it, and `count` of them may still upload it. */
  | { readonly kind: 'running'; readonly count: number }
  /** `runs` ended without it; 0: there is no run at all. */
  | { readonly kind: 'absent'; readonly runs: number }
  | { readonly kind: 'expired'; readonly url: string }
  /** `reason` completes "the artifact …"; plain text that may hold names from the archive. */
  | { readonly kind: 'refused'; readonly reason: string; readonly url: string }
  /** The App was not given `actions: read`, or not in this installation. */
  | { readonly kind: 'not_allowed' }
