/** Mutations of comments. The changes are made by ../../operations/comments.ts. */
import type {
  AddCommentInput,
  DeleteIssueCommentInput,
  MinimizeCommentInput,
  UnminimizeCommentInput,
  UpdateIssueCommentInput,
} from '@octokit/graphql-schema'
import { addComment, deleteComment, minimizeComment, updateComment } from '../../operations/comments.ts'
import { edgeOf } from '../connection.ts'
import { requireNode } from '../nodes.ts'
import type { Fields, ViewContext } from '../view.ts'
import { payload } from './payload.ts'

export function commentMutations(context: ViewContext): Fields {
  return {
    addComment: ({ input }: { input: AddCommentInput }) => {
      const subject = requireNode(context, input.subjectId, ['Issue', 'PullRequest'])
      const comment = addComment(context, subject, input.body)
      return payload(input, {
        commentEdge: edgeOf(comment.nodeId, () => context.present(comment)),
        subject: () => context.present(subject),
      })
    },
    updateIssueComment: ({ input }: { input: UpdateIssueCommentInput }) => {
      const comment = requireNode(context, input.id, ['IssueComment'])
      updateComment(context, comment, input.body)
      return payload(input, { issueComment: () => context.present(comment) })
    },
    deleteIssueComment: ({ input }: { input: DeleteIssueCommentInput }) => {
      deleteComment(context, requireNode(context, input.id, ['IssueComment']))
      return payload(input)
    },
    minimizeComment: ({ input }: { input: MinimizeCommentInput }) => {
      const comment = requireNode(context, input.subjectId, ['IssueComment'])
      minimizeComment(context, comment, input.classifier)
      return payload(input, { minimizedComment: () => context.present(comment) })
    },
    unminimizeComment: ({ input }: { input: UnminimizeCommentInput }) => {
      const comment = requireNode(context, input.subjectId, ['IssueComment'])
      minimizeComment(context, comment, null)
      return payload(input, { unminimizedComment: () => context.present(comment) })
    },
  }
}
