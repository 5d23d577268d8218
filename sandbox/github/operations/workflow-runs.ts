/** Runs of GitHub Actions workflows and their artifacts. Only Actions itself makes them: nothing here asks for rights, and no webhook is sent. */
import { createHash } from 'node:crypto'
import { notFound } from '../failure.ts'
import type { CheckConclusion, CheckStatus, Repository, User } from '../model.ts'
import { bornNow, type GitHubState, timestamp } from '../state.ts'
import type { Artifact, WorkflowRun } from '../workflow-model.ts'
import { requireCommit } from './refs.ts'

export type WorkflowRunInput = {
  readonly headSha: string
  readonly headRepository: Repository
  readonly headBranch: string | null
  readonly workflow: string
  readonly event: string
  readonly actor: User
  readonly title?: string
  readonly inputs?: Readonly<Record<string, string>>
}

/** Begins a run, in progress at once. 422 for an unknown commit. */
export function startWorkflowRun(state: GitHubState, repository: Repository, input: WorkflowRunInput): WorkflowRun {
  requireCommit(repository, input.headSha)
  const now = timestamp(state)
  const id = state.nextId()
  const run: WorkflowRun = {
    id,
    nodeId: `WFR_${id}`,
    repository,
    title: input.workflow,
    inputs: {},
    ...input,
    attempt: 1,
    status: 'in_progress',
    conclusion: null,
    createdAt: now,
    startedAt: now,
    updatedAt: now,
    artifacts: [],
    born: bornNow(state),
  }
  repository.workflowRuns.set(run.id, run)
  return run
}

/** Moves a run on; a run that was completed begins its next attempt, and keeps the artifacts of the one before. */
export function updateWorkflowRun(
  state: GitHubState,
  run: WorkflowRun,
  { status, conclusion }: { readonly status: CheckStatus; readonly conclusion: CheckConclusion | null },
): void {
  run.updatedAt = timestamp(state)
  if (run.status === 'completed' && status !== 'completed') {
    run.attempt += 1
    run.startedAt = run.updatedAt
  }
  run.status = status
  run.conclusion = conclusion
}

/** Adds an artifact to a run. */
export function addArtifact(
  state: GitHubState,
  run: WorkflowRun,
  input: { readonly name: string; readonly content: Buffer; readonly contentType: string },
): Artifact {
  const id = state.nextId()
  const artifact: Artifact = {
    id,
    nodeId: `ART_${id}`,
    run,
    ...input,
    createdAt: timestamp(state),
    expired: false,
    born: bornNow(state),
  }
  run.artifacts.push(artifact)
  return artifact
}

/** The run by id; 404 when the repository has none. */
export function findWorkflowRun(repository: Repository, id: number): WorkflowRun {
  const run = repository.workflowRuns.get(id)
  if (run === undefined) throw notFound()
  return run
}

/** The artifact by id; 404 when the repository has none. */
export function findArtifact(repository: Repository, id: number): Artifact {
  const found = artifactsOf(repository).find((artifact) => artifact.id === id)
  if (found === undefined) throw notFound()
  return found
}

/** Every artifact of the repository, newest first. */
export const artifactsOf = (repository: Repository): readonly Artifact[] =>
  [...repository.workflowRuns.values()].flatMap(({ artifacts }) => artifacts).toSorted((a, b) => b.id - a.id)

/** The artifact by id, whatever its repository. */
export const artifactWithId = (state: GitHubState, id: number): Artifact | undefined =>
  [...state.repositories.values()].flatMap(artifactsOf).find((artifact) => artifact.id === id)

/** What the address of a download must carry. */
export const downloadSignature = ({ nodeId }: Artifact): string => createHash('sha256').update(nodeId).digest('hex')
