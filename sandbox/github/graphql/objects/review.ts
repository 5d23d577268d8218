/** Reviews as GraphQL shows them, and a pull request's lists of them. */
import { roleOf, roleReaches } from '../../access.ts'
import { protectionOf } from '../../branch-rules.ts'
import type { PullRequest, Review, User } from '../../model.ts'
import { latestReviews } from '../../pull-request-facts.ts'
import { authorAssociation, repositoryPage } from '../../serialise/accounts.ts'
import { isReviewListed } from '../../state.ts'
import { connection, type PageArguments } from '../connection.ts'
import type { Fields, View, ViewContext } from '../view.ts'

type ReviewArguments = PageArguments & {
  readonly states?: readonly string[] | null
  readonly author?: string | null
}

type OpinionArguments = PageArguments & { readonly writersOnly?: boolean }

/** Fields of a pull request. */
export function reviewFields(context: ViewContext, record: PullRequest): Fields {
  const list = (items: readonly Review[], bounds: PageArguments, info: never) =>
    connection(bounds, info, {
      items: items.filter((review) => isReviewListed(context.state, review)),
      key: ({ nodeId }) => nodeId,
      view: (review) => context.present(review),
    })
  return {
    reviews: (given: ReviewArguments, info: never) => {
      const { states, author } = given
      const found = record.reviews
        .filter(({ state }) => states == null || states.includes(state))
        .filter((review) => author == null || review.author.login.toLowerCase() === author.toLowerCase())
      return list(found, given, info)
    },
    // Each person's newest review, whatever it says; none of people who are asked to review again.
    latestReviews: (bounds: PageArguments, info: never) => {
      const newest = [...new Map(record.reviews.map((review) => [review.author, review])).values()]
      return list(
        newest.filter(({ author }) => !record.requestedReviewers.includes(author)),
        bounds,
        info,
      )
    },
    // Each person's newest review that approves, blocks or was dismissed.
    latestOpinionatedReviews: (given: OpinionArguments, info: never) => {
      const { writersOnly } = given
      const found = latestReviews(record).filter(({ author }) => !writersOnly || canPush(record, author))
      return list(found, given, info)
    },
    reviewRequests: (bounds: PageArguments, info: never) =>
      connection(bounds, info, {
        items: record.requestedReviewers,
        key: ({ nodeId }) => nodeId,
        view: (user): View => ({
          __typename: 'ReviewRequest',
          asCodeOwner: protectionOf(record)?.codeOwners?.includes(user.login) ?? false,
          requestedReviewer: () => context.present(user),
        }),
      }),
  }
}

export function presentReview(context: ViewContext, review: Review): View {
  const { pullRequest, author, commitSha } = review
  const { repository } = pullRequest
  const page = `${repositoryPage(context.state, repository)}/pull/${pullRequest.number}`
  return {
    __typename: 'PullRequestReview',
    id: review.nodeId,
    databaseId: review.id,
    fullDatabaseId: String(review.id),
    state: review.state,
    body: review.body,
    submittedAt: review.submittedAt,
    createdAt: review.submittedAt,
    publishedAt: review.submittedAt,
    url: `${page}#pullrequestreview-${review.id}`,
    authorCanPushToRepository: canPush(pullRequest, author),
    author: () => context.present(author),
    authorAssociation: () => authorAssociation(repository, author),
    viewerDidAuthor: author === context.actor.user,
    commit: () =>
      repository.objects.has(commitSha) ? context.present({ kind: 'Commit', repository, oid: commitSha }) : null,
    pullRequest: () => context.present(pullRequest),
    repository: () => context.present(repository),
  }
}

function canPush({ repository }: PullRequest, user: User): boolean {
  const role = roleOf(repository, user)
  return role !== null && roleReaches(role, 'write')
}
