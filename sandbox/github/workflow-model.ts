/** The records of GitHub Actions. Part of model.ts; changed by operations/workflow-runs.ts only. */
import type { Born, CheckConclusion, CheckStatus, Repository, Timestamp, User } from './model.ts'

/** One run of a workflow. `startedAt` is that of its newest attempt; `repository` is the one that runs it, also for a fork's head. */
export type WorkflowRun = {
  readonly id: number
  readonly nodeId: string
  readonly repository: Repository
  readonly headRepository: Repository
  readonly headSha: string
  readonly headBranch: string | null
  /** Below `.github/workflows/`. */
  readonly workflow: string
  readonly event: string
  /** What its `run-name` made of it, else the file. */
  readonly title: string
  /** Of a `workflow_dispatch`. */
  readonly inputs: Readonly<Record<string, string>>
  readonly actor: User
  attempt: number
  status: CheckStatus
  conclusion: CheckConclusion | null
  readonly createdAt: Timestamp
  startedAt: Timestamp
  updatedAt: Timestamp
  readonly artifacts: Artifact[]
  readonly born: Born
}

/** What the storage serves, with the type it was uploaded with. */
export type Artifact = {
  readonly id: number
  readonly nodeId: string
  readonly run: WorkflowRun
  readonly name: string
  readonly content: Buffer
  readonly contentType: string
  readonly createdAt: Timestamp
  expired: boolean
  readonly born: Born
}
