/** Mutations of issues. The changes are made by ../../operations/threads.ts. */
import type { CloseIssueInput, CreateIssueInput, UpdateIssueInput } from '@octokit/graphql-schema'
import { openIssue, updateIssue } from '../../operations/threads.ts'
import { requireNode } from '../nodes.ts'
import { type Fields, Unmodelled, type ViewContext } from '../view.ts'
import { given, payload } from './payload.ts'

export function issueMutations(context: ViewContext): Fields {
  return {
    createIssue: ({ input }: { input: CreateIssueInput }) => {
      const { clientMutationId: _, repositoryId, title, body, ...others } = input
      if (Object.values(others).some((value) => value != null))
        throw new Unmodelled('more of a new issue than its text')
      const repository = requireNode(context, repositoryId, ['Repository'])
      const issue = openIssue(context, repository, { title, body: body ?? null })
      return payload(input, { issue: () => context.present(issue) })
    },
    updateIssue: ({ input }: { input: UpdateIssueInput }) => {
      const issue = requireNode(context, input.id, ['Issue'])
      const state = input.state == null ? undefined : input.state === 'OPEN' ? 'open' : 'closed'
      updateIssue(context, issue, { title: given(input.title), body: given(input.body), state })
      return payload(input, { issue: () => context.present(issue) })
    },
    closeIssue: ({ input }: { input: CloseIssueInput }) => {
      const issue = requireNode(context, input.issueId, ['Issue'])
      updateIssue(context, issue, { state: 'closed' })
      return payload(input, { issue: () => context.present(issue) })
    },
  }
}
