/** Starting a workflow by hand or by the API: the trigger `workflow_dispatch`, its inputs and its `run-name`. The run itself is workflow-runs.ts. */
import { load } from 'js-yaml'
import { type OperationContext, requireWrite } from '../access.ts'
import { GitHubFailure, notFound } from '../failure.ts'
import type { Repository } from '../model.ts'
import { seeFile } from '../reading.ts'
import { resolveCommit } from '../revisions.ts'
import type { WorkflowRun } from '../workflow-model.ts'
import { startWorkflowRun } from './workflow-runs.ts'

type Dispatch = {
  readonly workflow: string
  readonly ref: string
  readonly inputs: Readonly<Record<string, unknown>>
}

/** What a dispatch reads of a workflow file. */
type WorkflowFile = {
  readonly on?: unknown
  readonly 'run-name'?: string
}

/** Starts a workflow by hand. 404: not a workflow of the default branch; 422: unknown ref, no such trigger, inputs that it does not declare or that are missing. */
export function dispatchWorkflow(
  context: OperationContext,
  repository: Repository,
  { workflow, ref, inputs }: Dispatch,
): WorkflowRun {
  requireWrite(context, repository, { permissions: ['actions'], role: 'write' })
  const path = `.github/workflows/${workflow}`
  if (seeFile(repository, repository.defaultBranch, path) === undefined) throw notFound()
  const headSha = resolveCommit(repository, ref)
  if (headSha === undefined) throw new GitHubFailure(422, `No ref found for: ${ref}`)
  const file = load(seeFile(repository, ref, path) ?? '') as WorkflowFile | undefined
  const { required, declared } = declaredInputs(file?.on)
  const unexpected = Object.keys(inputs).filter((name) => !declared.includes(name))
  if (unexpected.length > 0) throw new GitHubFailure(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`)
  const missing = required.find((name) => !(name in inputs))
  if (missing !== undefined) throw new GitHubFailure(422, `Required input '${missing}' not provided`)
  const given = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]))
  const title = (file?.['run-name'] ?? workflow).replace(
    /\$\{\{\s*inputs\.([\w-]+)\s*\}\}/g,
    (_, name: string) => given[name] ?? '',
  )
  return startWorkflowRun(context.state, repository, {
    headSha,
    headRepository: repository,
    headBranch: ref,
    workflow,
    event: 'workflow_dispatch',
    actor: context.actor.user,
    title,
    inputs: given,
  })
}

function declaredInputs(on: unknown): { readonly declared: readonly string[]; readonly required: readonly string[] } {
  const triggers =
    typeof on === 'string'
      ? { [on]: null }
      : Array.isArray(on)
        ? Object.fromEntries(on.map((each) => [each, null]))
        : on
  if (typeof triggers !== 'object' || triggers === null || !('workflow_dispatch' in triggers))
    throw new GitHubFailure(422, "Workflow does not have 'workflow_dispatch' trigger")
  const dispatch = triggers.workflow_dispatch as {
    inputs?: Record<string, { required?: boolean; default?: unknown } | null>
  } | null
  const inputs = Object.entries(dispatch?.inputs ?? {})
  const required = inputs.filter(([, input]) => input?.required === true && input.default === undefined)
  return { declared: inputs.map(([name]) => name), required: required.map(([name]) => name) }
}
