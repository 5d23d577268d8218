/**
 * The ledger from GitHub alone, for a database that is lost: src/rebuilding.ts stores what comes of it. What people wrote is
 * believed nowhere; what nobody can know is asked again, and held meanwhile.
 */
import type { RepoName } from '../domain/ids.ts'
import type { Promotion } from '../domain/promotion.ts'
import type { Subject } from '../domain/subject.ts'
import type { GitHubPast, PastComment, PastDeployment, PastPullRequest, RebuiltLedger } from './ports.ts'
import { holdsOf } from './rebuilt-holds.ts'
import { commandsOf, openingsOf, publicationsOf, unansweredOf, waiversOf } from './rebuilt-openings.ts'
import {
  type Carrier,
  carriersOf,
  type Deployed,
  deployedOf,
  type Found,
  promotionsOf,
  releaseIdsOf,
  releasesOf,
} from './rebuilt-promotions.ts'

type Past = {
  readonly repositories: readonly RepoName[]
  readonly pulls: readonly Found<PastPullRequest>[]
  /** Pull requests of anybody. */
  readonly open: readonly { readonly repository: RepoName; readonly number: number }[]
  readonly deployments: readonly Found<PastDeployment>[]
  readonly comments: readonly PastComment[]
}

/** Reads everything, and changes nothing. `onRead` hears of each repository. Throws UserError where something cannot be read. */
export async function rebuildLedger(
  github: GitHubPast,
  { now, onRead }: { readonly now: Date; readonly onRead: (repository: RepoName) => void },
): Promise<RebuiltLedger> {
  const past = await readPast(github, onRead)
  return ledgerOf(past, now)
}

async function readPast(github: GitHubPast, onRead: (repository: RepoName) => void): Promise<Past> {
  const repositories = await github.repositories()
  const past = {
    pulls: [] as Found<PastPullRequest>[],
    open: [] as { repository: RepoName; number: number }[],
    deployments: [] as Found<PastDeployment>[],
    comments: [] as PastComment[],
  }
  for (const repository of repositories) {
    onRead(repository)
    const found = <Thing>(things: readonly Thing[]) => things.map((thing) => ({ ...thing, repository }))
    const { own, open } = await github.pullRequests(repository)
    past.pulls.push(...found(own))
    past.open.push(...open.map((number) => ({ repository, number })))
    past.deployments.push(...found(await github.deployments(repository)))
    past.comments.push(...(await github.comments(repository)))
  }
  return { repositories, ...past }
}

/** The same from the same. */
export function ledgerOf(past: Past, now: Date): RebuiltLedger {
  const { repositories, comments } = past
  const carriers = carriersOf(past.pulls)
  const deployed = deployedOf(past.deployments)
  const nowCalled = namesOf(deployed, carriers, repositories)
  const called = carriers.map(({ pull, kept }) => ({ pull, kept: { ...kept, repository: nowCalled(kept.repository) } }))
  const releases = releasesOf(deployed)
  const ids = releaseIdsOf(releases)
  const isKnown = ({ release, repository }: Pick<Promotion, 'release' | 'repository'>): boolean =>
    repositories.includes(repository) && (release === undefined || ids.has(release))
  const ended = promotionsOf(deployed, called)
    .filter(isKnown)
    .map((one) => ({ ...one, asked: renamed(one, nowCalled) }))
  const openings = openingsOf(
    called.filter(({ pull }) => pull.state === 'open'),
    { ended, comments, isKnown },
  )
  const promotions = [...ended, ...openings.promotions]
  const commands = commandsOf(comments, promotions)
  return {
    ...{ repositories, releases, promotions, commands },
    holds: holdsOf({ comments, promotions, nowCalled }),
    publications: publicationsOf({ comments, promotions, deployed }),
    questions: [...openings.questions, ...unansweredOf(comments, now), ...waiversOf(comments, past.open)],
    lost: lostOf(past, { carriers, deployed }),
    subjects: [...openings.subjects, ...subjectsOf(promotions), ...comparedOf(past)],
  }
}

const renamed = ({ asked }: Promotion, nowCalled: (name: RepoName) => RepoName): Promotion['asked'] =>
  asked && { ...asked, repository: nowCalled(asked.repository) }

/** Deployments and pull requests name their repositories as they were called then. A name that another repository has taken since stays that one's. */
function namesOf(
  deployed: readonly Deployed[],
  carriers: readonly Carrier[],
  repositories: readonly RepoName[],
): (name: RepoName) => RepoName {
  const names = new Map<RepoName, RepoName>()
  const learn = (then: RepoName | undefined, now: RepoName): void => {
    if (then !== undefined && then !== now && !repositories.includes(then)) names.set(then, now)
  }
  for (const { deployment, record } of deployed) learn(record.promotion.repository, deployment.repository)
  for (const { pull, kept } of carriers) learn(kept.into, pull.repository)
  return (name) => names.get(name) ?? name
}

function subjectsOf(promotions: readonly Promotion[]): readonly Subject[] {
  const keys = promotions.map(({ repository, model, environment }) => ({ repository, model, environment }))
  const once = new Map(keys.map((key) => [`${key.repository} ${key.model} ${key.environment}`, key]))
  return [...once.values()].map((key) => ({ kind: 'environment', ...key }))
}

/** Open pull requests where the App compares: what they are judged by is not remembered, nor when they are looked at again. */
function comparedOf({ open, pulls, comments }: Past): readonly Subject[] {
  const places = new Set(comments.flatMap(({ isOurs, repository }) => (isOurs ? [repository] : [])))
  const own = new Set(pulls.map(({ repository, number }) => `${repository}#${number}`))
  return open
    .filter(({ repository, number }) => places.has(repository) && !own.has(`${repository}#${number}`))
    .map((place) => ({ kind: 'pull-request', ...place }))
}

function lostOf(
  { pulls, deployments }: Past,
  { carriers, deployed }: { readonly carriers: readonly Carrier[]; readonly deployed: readonly Deployed[] },
): readonly string[] {
  const mute = pulls.length - carriers.length
  const old = deployments.filter(({ record }) => record === '').length
  const found = new Set(carriers.map(({ kept }) => kept.id))
  const apart = deployed.filter(
    ({ record }) => record.pullRequest !== undefined && !found.has(record.promotion.id),
  ).length
  return [
    ...(old === 0
      ? []
      : [`${old} Deployments of an earlier version say too little: what they deployed is not in the ledger`]),
    ...(mute === 0 ? [] : [`${mute} pull requests carry no record that GitHub signed for the App`]),
    ...(apart === 0 ? [] : [`of ${apart} promotions the pull request was not found: what they changed is not known`]),
    'the audit log, evidence of checks, approvals by /approve, waivers of heads that are not released, promotions that never had a pull request',
  ]
}
