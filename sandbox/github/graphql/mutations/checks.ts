/** Mutations of check runs. The changes are made by ../../operations/checks.ts. */
import type {
  CheckAnnotationData,
  CheckRunOutput,
  CreateCheckRunInput,
  UpdateCheckRunInput,
} from '@octokit/graphql-schema'
import { GitHubFailure } from '../../failure.ts'
import type { CheckAnnotation, CheckConclusion, CheckStatus } from '../../model.ts'
import { type CheckEdit, type CheckOutput, createCheckRun, updateCheckRun } from '../../operations/checks.ts'
import { requireNode } from '../nodes.ts'
import { type Fields, Unmodelled, type ViewContext } from '../view.ts'
import { given, payload } from './payload.ts'

const STATUSES: Readonly<Record<string, CheckStatus>> = {
  QUEUED: 'queued',
  IN_PROGRESS: 'in_progress',
  COMPLETED: 'completed',
}

const CONCLUSIONS: Readonly<Record<string, CheckConclusion>> = {
  SUCCESS: 'success',
  FAILURE: 'failure',
  NEUTRAL: 'neutral',
  CANCELLED: 'cancelled',
  SKIPPED: 'skipped',
  TIMED_OUT: 'timed_out',
  ACTION_REQUIRED: 'action_required',
}

export function checkMutations(context: ViewContext): Fields {
  return {
    createCheckRun: ({ input }: { input: CreateCheckRunInput }) => {
      const repository = requireNode(context, input.repositoryId, ['Repository'])
      const run = createCheckRun(context, repository, { ...editOf(input), name: input.name, headSha: input.headSha })
      return payload(input, { checkRun: () => context.present(run) })
    },
    updateCheckRun: ({ input }: { input: UpdateCheckRunInput }) => {
      const repository = requireNode(context, input.repositoryId, ['Repository'])
      const run = requireNode(context, input.checkRunId, ['CheckRun'])
      if (run.repository !== repository)
        throw new GitHubFailure(404, `Could not resolve to a node with the global id of '${input.checkRunId}'.`)
      updateCheckRun(context, run, editOf(input))
      return payload(input, { checkRun: () => context.present(run) })
    },
  }
}

function editOf(input: Omit<UpdateCheckRunInput, 'checkRunId'>): CheckEdit {
  return {
    name: given(input.name),
    detailsUrl: given(input.detailsUrl),
    externalId: given(input.externalId),
    status: translate(STATUSES, input.status),
    conclusion: translate(CONCLUSIONS, input.conclusion),
    startedAt: given(input.startedAt),
    completedAt: given(input.completedAt),
    output: input.output == null ? undefined : outputOf(input.output),
    actions: input.actions?.map(({ label, description, identifier }) => ({ label, description, identifier })),
  }
}

function translate<T>(words: Readonly<Record<string, T>>, word: string | null | undefined): T | undefined {
  if (word == null) return undefined
  const known = words[word]
  if (known === undefined) throw new Unmodelled(`check runs that are ${word}`)
  return known
}

function outputOf(output: CheckRunOutput): CheckOutput {
  return {
    title: output.title,
    summary: output.summary,
    text: given(output.text),
    annotations: output.annotations?.map(annotationOf),
  }
}

function annotationOf(data: CheckAnnotationData): CheckAnnotation {
  const { location } = data
  return {
    path: data.path,
    startLine: location.startLine,
    endLine: location.endLine,
    startColumn: location.startColumn ?? null,
    endColumn: location.endColumn ?? null,
    level: data.annotationLevel.toLowerCase() as Lowercase<typeof data.annotationLevel>,
    title: data.title ?? null,
    message: data.message,
    rawDetails: data.rawDetails ?? null,
  }
}
