/** What GitHub Actions does in a story: runs of workflows, and the artifacts that they upload. Part of acting.ts. */
import type { CheckConclusion } from './model.ts'
import {
  addArtifact,
  findArtifact,
  findWorkflowRun,
  startWorkflowRun,
  updateWorkflowRun,
} from './operations/workflow-runs.ts'
import { asUser, repositoryNamed } from './people.ts'
import type { GitHubState } from './state.ts'
import { writeZip } from './zip.ts'

export type WorkflowReport = {
  /** Its file below `.github/workflows/`; default `train.yml`. */
  readonly workflow?: string
  /** Default `pull_request`. */
  readonly event?: string
  /** The repository of the commit, when it is a fork. */
  readonly from?: string
  readonly by: string
}

type Content =
  /** Zipped, by path. */
  | { readonly files: Readonly<Record<string, string>> }
  /** As it is: a zip of the test's own making, or a single file with its type. */
  | { readonly content: Buffer; readonly contentType?: string }

export const workflowActs = (state: GitHubState) => ({
  /** Begins a run of a workflow on a commit; gives its id. */
  startWorkflow: (name: string, sha: string, { workflow, event, from, by }: WorkflowReport): number => {
    const repository = repositoryNamed(state, name)
    const headRepository = from === undefined ? repository : repositoryNamed(state, from)
    const branch = [...headRepository.refs].find(([ref, tip]) => ref.startsWith('refs/heads/') && tip === sha)?.[0]
    return startWorkflowRun(state, repository, {
      headSha: sha,
      headRepository,
      headBranch: branch?.replace('refs/heads/', '') ?? null,
      workflow: workflow ?? 'train.yml',
      event: event ?? 'pull_request',
      actor: asUser(state, by).actor.user,
    }).id
  },
  /** A run uploads an artifact; gives its id. */
  uploadArtifact: (name: string, run: number, artifact: { readonly name: string } & Content): number => {
    const zipped = 'files' in artifact
    const content = zipped
      ? writeZip(Object.entries(artifact.files).map(([path, text]) => ({ path, text })))
      : artifact.content
    const contentType = zipped ? 'application/zip' : (artifact.contentType ?? 'application/zip')
    return addArtifact(state, findWorkflowRun(repositoryNamed(state, name), run), {
      name: artifact.name,
      content,
      contentType,
    }).id
  },
  /** Runs of the repository that were started by `workflow_dispatch`, oldest first. */
  dispatchedRuns: (
    name: string,
  ): readonly { readonly id: number; readonly workflow: string; readonly inputs: Readonly<Record<string, string>> }[] =>
    [...repositoryNamed(state, name).workflowRuns.values()].filter(({ event }) => event === 'workflow_dispatch'),
  finishWorkflow: (name: string, run: number, conclusion: CheckConclusion = 'success'): void =>
    updateWorkflowRun(state, findWorkflowRun(repositoryNamed(state, name), run), { status: 'completed', conclusion }),
  /** "Re-run": the next attempt of a run that has ended. */
  rerunWorkflow: (name: string, run: number): void =>
    updateWorkflowRun(state, findWorkflowRun(repositoryNamed(state, name), run), {
      status: 'in_progress',
      conclusion: null,
    }),
  /** Its retention is over. */
  expireArtifact: (name: string, id: number): void => {
    findArtifact(repositoryNamed(state, name), id).expired = true
  },
})
