/** Mutations of reactions and labels. The changes are made by ../../operations/reactions.ts and threads.ts. */
import type {
  AddLabelsToLabelableInput,
  AddReactionInput,
  RemoveLabelsFromLabelableInput,
  RemoveReactionInput,
} from '@octokit/graphql-schema'
import { GitHubFailure } from '../../failure.ts'
import type { Label } from '../../model.ts'
import { addReaction, type Reactable, removeReaction } from '../../operations/reactions.ts'
import { addLabels, removeLabel } from '../../operations/threads.ts'
import { requireNode } from '../nodes.ts'
import { reactionContent, reactionFields } from '../objects/thread.ts'
import type { Fields, ViewContext } from '../view.ts'
import { payload } from './payload.ts'

export function reactionMutations(context: ViewContext): Fields {
  const subjectOf = (id: string): Reactable => requireNode(context, id, ['Issue', 'PullRequest', 'IssueComment'])
  const after = (subject: Reactable): Fields => ({
    subject: () => context.present(subject),
    reactionGroups: reactionFields(context, subject.reactions)['reactionGroups'],
  })
  return {
    addReaction: ({ input }: { input: AddReactionInput }) => {
      const subject = subjectOf(input.subjectId)
      const { reaction } = addReaction(context, subject, reactionContent(input.content))
      return payload(input, { ...after(subject), reaction: () => context.present(reaction) })
    },
    removeReaction: ({ input }: { input: RemoveReactionInput }) => {
      const subject = subjectOf(input.subjectId)
      const content = reactionContent(input.content)
      const own = subject.reactions.find((each) => each.user === context.actor.user && each.content === content)
      if (own === undefined) throw new GitHubFailure(404, 'Could not find reaction')
      removeReaction(context, subject, own.id)
      return payload(input, { ...after(subject), reaction: () => context.present(own) })
    },
  }
}

export function labelMutations(context: ViewContext): Fields {
  const labels = (ids: readonly string[]): Label[] => ids.map((id) => requireNode(context, id, ['Label']))
  return {
    addLabelsToLabelable: ({ input }: { input: AddLabelsToLabelableInput }) => {
      const thread = requireNode(context, input.labelableId, ['Issue', 'PullRequest'])
      addLabels(
        context,
        thread,
        labels(input.labelIds).map(({ name }) => name),
      )
      return payload(input, { labelable: () => context.present(thread) })
    },
    removeLabelsFromLabelable: ({ input }: { input: RemoveLabelsFromLabelableInput }) => {
      const thread = requireNode(context, input.labelableId, ['Issue', 'PullRequest'])
      for (const label of labels(input.labelIds))
        if (thread.labels.includes(label)) removeLabel(context, thread, label.name)
      return payload(input, { labelable: () => context.present(thread) })
    },
  }
}
