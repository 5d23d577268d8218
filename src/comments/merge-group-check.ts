/** The check runs on a merge queue's head. They take over what the pull request's own check runs say; those are comparison-check.ts and promotion-check.ts. */

import { shortSha } from '../domain/ids.ts'
import type { CheckName, QueuedPullRequest, Unconcerned } from '../domain/merge-group.ts'
import { code, link, title } from './markdown.ts'

type Conclusion = 'success' | 'failure' | 'neutral' | 'action_required'

type Output = {
  readonly status: 'in_progress' | 'completed'
  readonly conclusion: Conclusion | undefined
  readonly title: string
  readonly summary: string
  readonly annotations: readonly never[]
  readonly actions: readonly never[]
  readonly detailsUrl: string | undefined
}

/** The check run that is followed, and where it is. */
export type Followed = {
  readonly name: CheckName
  readonly pullRequest: QueuedPullRequest
}

const NOTHING = { annotations: [], actions: [] } as const

/** The pull request's check run is completed: its conclusion is the group's. */
export function renderTakenOver(
  { name, pullRequest }: Followed,
  said: { readonly conclusion: Conclusion | undefined; readonly title: string },
): Output {
  return {
    ...NOTHING,
    status: 'completed',
    conclusion: said.conclusion,
    title: title(`#${pullRequest.number}: ${said.title}`),
    summary: `Taken over from ${place(pullRequest)}: what ${code(name)} concludes there counts here. The merge group is not judged by itself.`,
    detailsUrl: pullRequest.url,
  }
}

/** The pull request's check run is not completed, or not there yet. */
export function renderGroupWaits({ name, pullRequest }: Followed): Output {
  return {
    ...NOTHING,
    status: 'in_progress',
    conclusion: undefined,
    title: `Waits for the check run of #${pullRequest.number}`,
    summary: `${code(name)} is not completed on ${place(pullRequest)}. As soon as it is, its conclusion is taken over.`,
    detailsUrl: pullRequest.url,
  }
}

/** No queue waits as long as this: what was never judged does not pass. */
export function renderGroupGivenUp({ name, pullRequest }: Followed): Output {
  return {
    ...NOTHING,
    status: 'completed',
    conclusion: 'failure',
    title: `The check run of #${pullRequest.number} was not completed in time`,
    summary: `${code(name)} was not completed on ${place(pullRequest)} within six hours, the longest that a merge queue waits.`,
    detailsUrl: pullRequest.url,
  }
}

const TITLES: Readonly<Record<Unconcerned, string>> = {
  'no-pull-request': 'No pull request to judge',
  'no-promotion': 'Not a promotion',
  'is-promotion': 'A promotion is not compared',
}

const SENTENCES: Readonly<Record<Unconcerned, string>> = {
  'no-pull-request': 'The branch of this merge group names no pull request that can be read.',
  'no-promotion': 'This is no pull request of a promotion by Lockkeeper: the rules of promotions do not apply.',
  'is-promotion': 'This is the pull request of a promotion: its model was compared in its own repository.',
}

/** A required check run that has nothing to say is neutral, which lets the queue go on. */
export function renderUnconcerned(reason: Unconcerned, url: string | undefined): Output {
  return {
    ...NOTHING,
    status: 'completed',
    conclusion: 'neutral',
    title: TITLES[reason],
    summary: SENTENCES[reason],
    detailsUrl: url,
  }
}

const place = ({ number, headSha, url }: Followed['pullRequest']): string =>
  `${link(`#${number}`, url)} at ${code(shortSha(headSha))}`
