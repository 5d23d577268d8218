/** One text document out of an artifact of a GitHub Actions run. Part of read-document.ts; the archive is opened by clients/github/read-artifact.ts. */
import { type CommitSha, shortSha } from '../domain/ids.ts'
import type { DocumentPlace } from '../domain/settings.ts'
import type { ArtifactReading } from './ports.ts'
import type { DocumentReading } from './read-document.ts'
import { type MetricsDeps, type MetricsQuestion, none, refusal } from './read-metrics.ts'

type ArtifactPlace = Extract<DocumentPlace, { kind: 'artifact' }>

/** Of the newest run of the first commit that has it. What a fork's run uploaded is read like any other: its author wrote the numbers. */
export async function readArtifactDocument(
  { repository, commits, final, label }: MetricsQuestion,
  place: ArtifactPlace,
  { github }: MetricsDeps,
): Promise<DocumentReading> {
  const { name, file, workflow } = place
  if (commits.length === 0) {
    return refusal('config_invalid', `Artifacts belong to commits, and ${label} is none`, 'Name a file or an object.')
  }
  const artifact = await github.readArtifact(repository, { commits, name, file, workflow })
  if (artifact.kind !== 'found') return withoutArtifact(artifact, place, { commit: commits[0], final })
  const reference = artifact.file === name ? name : `${name}/${artifact.file}`
  return {
    kind: 'document',
    text: artifact.text,
    name: `${reference} of ${shortSha(artifact.commit)}`,
    reference,
    id: `${reference}@run ${artifact.runId}`,
    url: artifact.url,
    commit: artifact.commit,
    notes: [],
    run: { id: artifact.runId, url: artifact.url },
    newerRunning: artifact.newerRunning,
  }
}

function withoutArtifact(
  artifact: Exclude<ArtifactReading, { kind: 'found' }>,
  { name, workflow }: ArtifactPlace,
  { commit, final }: { readonly commit: CommitSha | undefined; readonly final: boolean },
): DocumentReading {
  const sha = commit === undefined ? 'this commit' : shortSha(commit)
  const runs = workflow === undefined ? 'workflow run' : `run of ${workflow}`
  switch (artifact.kind) {
    case 'running':
      if (!final) return artifact
      return none(
        `${artifact.count === 1 ? `A ${runs}` : `${artifact.count} workflow runs`} on ${sha} did not upload the artifact ${name} in time`,
        'End or repeat the run; `training.within` in the configuration says how long is waited.',
      )
    case 'absent':
      return artifact.runs === 0
        ? none(`There is no ${runs} on ${sha}`, 'Let the workflow run on pull requests, or correct `workflow`.')
        : none(
            `No ${runs} on ${sha} uploaded the artifact ${name}`,
            'Upload it by actions/upload-artifact, under this name, or correct `name` in the configuration.',
          )
    // Not "there is none": a baseline whose numbers are gone would let every candidate pass.
    case 'expired':
      return refusal(
        'gates_failed',
        `The artifact ${name} of ${sha} has expired: ${artifact.url}`,
        'Run the workflow again; `retention-days` says how long GitHub keeps it.',
      )
    case 'refused':
      return refusal(
        'gates_failed',
        `The artifact ${name} of ${sha} ${artifact.reason}`,
        `Correct it where it is uploaded, or name the file: ${artifact.url}`,
      )
    case 'not_allowed':
      return refusal(
        'not_allowed',
        'GitHub does not let this App read workflow runs',
        'Whoever owns the installation accepts the permission "Actions: read-only".',
      )
  }
}
