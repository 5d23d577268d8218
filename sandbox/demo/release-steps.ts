/** The steps that every release of the story goes through, from the pull request to production. script.ts puts them in order. */

import type { Candidate } from '../recordings/candidates.ts'
import {
  finishTraining,
  type ModelPullRequest,
  mergeModel,
  openChurnPullRequest,
  startTraining,
} from '../world/acts.ts'
import { CONFIG, MODELS } from '../world/index.ts'
import {
  both,
  championIs,
  checkIs,
  commentsMarked,
  deploymentIs,
  deploymentsTo,
  is,
  isSynced,
  mergedWords,
  newestPromotionTo,
  onlyThese,
  promotionIs,
  promotionsTo,
  reactionsAre,
  type Scalar,
  serves,
  uriOf,
} from './scene.ts'
import { StoryFailure, type Tale } from './tale.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** One release of the story. `replaces` is the version that staging and prod serve before it. */
export type Release = {
  readonly candidate: Candidate
  readonly version: string
  readonly replaces: { readonly staging: string; readonly prod: string }
  readonly title: string
  /** The how manieth promotion into staging, and into prod, it is. */
  readonly ordinal: { readonly staging: number; readonly prod: number }
  /** How bob approves its promotion to prod. */
  readonly approval: 'review' | 'comment'
}

/** dave opens a pull request; CI trains; the comparison and the check run say that it is better. */
export async function compare(tale: Tale, release: Release): Promise<ModelPullRequest> {
  const { world } = tale
  const from = tale.mark()
  const pull = await tale.act('dave', `opens a pull request: “${release.title}”`, () =>
    openChurnPullRequest(world, release.candidate, { title: release.title }),
  )
  await tale.see('the check run is in progress at once, before training has ended', () =>
    checkIs(world, pull.headSha, 'lockkeeper', 'in_progress'),
  )
  await tale.act('CI', 'trains: check run “train” in progress', () => startTraining(world, pull))
  await tale.act('CI', `has trained: runs and version ${release.version} are in MLflow, the artefact is in S3`, () =>
    finishTraining(world, pull),
  )
  await tale.see('the check run is green', () => checkIs(world, pull.headSha, 'lockkeeper', 'success'))
  await tale.see('there is exactly one comparison comment', () =>
    is('comparison comments', String(commentsMarked(world, pull.number, 'comparison').length), '1'),
  )
  tale.calls('pull request to comparison, training included', from)
  return pull
}

/** carol merges; Lockkeeper promotes to staging by itself and proves it there. */
export async function releaseToStaging(tale: Tale, release: Release, pull: ModelPullRequest): Promise<void> {
  const { world } = tale
  const { version, ordinal } = release
  const from = tale.mark()
  const sha = await tale.act('carol', `merges #${pull.number}; CI pushes the image of the merged commit`, () =>
    mergeModel(world, pull),
  )
  await tale.see(`a promotion pull request to staging was opened and merged by Lockkeeper`, () =>
    promotionIs(world, 'staging', { count: ordinal.staging, state: 'merged' }),
  )
  await tale.see(`KServe serves v${version} in staging, Argo CD is synced to the merge and healthy`, () =>
    both(serves(world, 'staging', version), isSynced(world, 'staging')),
  )
  await tale.see('GitHub Deployment staging/churn is a success', () =>
    deploymentIs(world, 'staging', { count: ordinal.staging, state: 'success' }),
  )
  const digest = world.registry.digest('acme/churn', sha) ?? ''
  await tellDiff(tale, 'staging', [
    scalar('staging/churn/inference.yaml', uriOf(release.replaces.staging), uriOf(version)),
    { path: 'environments/staging/churn/kustomization.yaml', before: /^sha256:[0-9a-f]{64}$/, after: exactly(digest) },
  ])
  tale.callsOfPromotion('promotion pull request to staging', from, 4)
  tale.calls('merge to verified in staging, everything', from)
}

/** alice is too early: refused, with the time from which on it passes. Gives that time. */
export async function deployTooEarly(tale: Tale, release: Release, pull: ModelPullRequest): Promise<Date> {
  const { world } = tale
  const command = await say(tale, pull, { by: 'alice', text: '/deploy prod' })
  await tale.see('the command got 👀 and 👎', () => reactionsAre(world, pull.number, command, 'eyes, -1'))
  await tale.see('no promotion pull request to prod, no deployment, prod still serves the old version', () =>
    both(
      is('promotions to prod', String(promotionsTo(world, 'prod').length), String(release.ordinal.prod - 1)),
      is('deployments to prod', String(deploymentsTo(world, 'prod').length), String(release.ordinal.prod - 1)),
      serves(world, 'prod', release.replaces.prod),
    ),
  )
  const verified = Date.parse(deploymentsTo(world, 'staging').at(-1)?.statuses.at(-1)?.at ?? '')
  const reply = world.github.comments(MODELS, pull.number).at(-1)?.body ?? ''
  const told = Date.parse(`${/(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d) UTC/.exec(reply)?.slice(1).join('T')}:00Z`)
  const passes = verified + HOUR
  await tale.see('the reply names the minute in which staging will have soaked for 1 h', () =>
    Math.abs(told - passes) <= MINUTE ? undefined : `${reply}\n(soaked at ${new Date(passes).toISOString()})`,
  )
  return new Date(told)
}

/** alice deploys; the promotion pull request waits for an approval. Gives the command's comment. */
export async function deploy(tale: Tale, release: Release, pull: ModelPullRequest): Promise<number> {
  const { world } = tale
  const from = tale.mark()
  const command = await say(tale, pull, { by: 'alice', text: '/deploy prod' })
  await tale.see('a promotion pull request to prod is open and not merged: it waits for an approval', () =>
    both(
      promotionIs(world, 'prod', { count: release.ordinal.prod, state: 'open' }),
      serves(world, 'prod', release.replaces.prod),
      reactionsAre(world, pull.number, command, 'eyes'),
    ),
  )
  tale.calls('/deploy until it waits for the approval', from, 8)
  tale.callsOfPromotion('promotion pull request to prod', from, 4)
  return command
}

/** bob approves, by a review or by `/approve`: Lockkeeper merges, and the new version comes up. */
export async function approve(tale: Tale, release: Release, pull: ModelPullRequest): Promise<void> {
  const { world } = tale
  const { version, ordinal, replaces } = release
  const promotion = newestPromotionTo(world, 'prod')
  if (promotion === undefined) throw new StoryFailure('a promotion pull request to prod', 'none')
  const from = tale.mark()
  if (release.approval === 'comment') {
    // What is said in the second in which the head came may be about the one before, and does not count.
    await tale.pass(MINUTE)
    const comment = await say(tale, pull, { by: 'bob', text: '/approve prod' })
    await tale.see('the command got 🚀', () => reactionsAre(world, pull.number, comment, 'eyes, rocket'))
  } else
    await tale.act('bob', `approves promotion pull request ${CONFIG}#${promotion.number} by a review`, () =>
      world.github.review(CONFIG, promotion.number, { by: 'bob', state: 'APPROVED' }),
    )
  await tale.see('it was merged by Lockkeeper', () =>
    promotionIs(world, 'prod', { count: ordinal.prod, state: 'merged' }),
  )
  await tale.see(`KServe serves v${version} in prod, Argo CD is synced to the merge and healthy`, () =>
    both(serves(world, 'prod', version), isSynced(world, 'prod')),
  )
  await tale.see('GitHub Deployment prod/churn is in progress: the checks must hold for 10 min', () =>
    both(deploymentIs(world, 'prod', { count: ordinal.prod, state: 'in_progress' }), championIs(world, replaces.prod)),
  )
  const image = `${mergedSha(tale, pull)}@${imageDigest(tale, pull)}`
  await tellDiff(tale, 'prod', [
    scalar('prod/churn/inference.yaml', uriOf(replaces.prod), uriOf(version)),
    { path: 'environments/prod/churn/values.yaml', before: /^[0-9a-f]+@sha256:[0-9a-f]{64}$/, after: exactly(image) },
    { path: 'environments/prod/churn/values.yaml', before: /^"(rel-[0-9a-f]{16})?"$/, after: /^"rel-[0-9a-f]{16}"$/ },
  ])
  tale.calls('approval to merged and synced', from)
}

/** The checks hold for ten minutes: verified, and the registry's alias moves. */
export async function proveInProd(tale: Tale, release: Release, place: { pull: ModelPullRequest; command: number }) {
  const { world } = tale
  const { version, ordinal, replaces } = release
  const from = tale.mark()
  await tale.pass(9 * MINUTE)
  await tale.see('after 9 minutes nothing is called proven yet', () =>
    both(deploymentIs(world, 'prod', { count: ordinal.prod, state: 'in_progress' }), championIs(world, replaces.prod)),
  )
  await tale.pass(2 * MINUTE)
  await tale.see(
    `GitHub Deployment prod/churn is a success, MLflow's champion is v${version}, the command got 🚀`,
    () =>
      both(
        deploymentIs(world, 'prod', { count: ordinal.prod, state: 'success' }),
        championIs(world, version),
        serves(world, 'prod', version),
        reactionsAre(world, place.pull.number, place.command, 'eyes, rocket'),
      ),
  )
  tale.calls('verification until done', from)
}

type Words = { readonly by: string; readonly text: string }

/** Somebody comments on a model pull request; gives the comment's id. */
export const say = (tale: Tale, pull: Pick<ModelPullRequest, 'number'>, { by, text }: Words): Promise<number> =>
  tale.act(by, `comments on ${MODELS}#${pull.number}: ${text}`, () =>
    tale.world.github.comment(MODELS, pull.number, text, { by }),
  )

/** Shows what the newest promotion into an environment changed, and insists on exactly these scalars. */
export async function tellDiff(
  tale: Tale,
  environment: 'staging' | 'prod',
  expected: readonly Scalar[],
): Promise<void> {
  const promotion = newestPromotionTo(tale.world, environment)
  if (promotion === undefined) throw new StoryFailure(`a promotion to ${environment}`, 'none')
  const words = mergedWords(tale.world, promotion)
  tale.diff(`${CONFIG}#${promotion.number}`, words)
  await tale.see(`exactly the ${expected.length} intended values changed, and no other byte`, () =>
    onlyThese(words, expected),
  )
}

/** A quoted scalar: the quotes are the file's own and stay. */
export const scalar = (file: string, before: string, after: string): Scalar => ({
  path: `environments/${file}`,
  before: exactly(before),
  after: exactly(after),
})

const exactly = (text: string): RegExp => new RegExp(`^(["']?)${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\1$`)

const mergedSha = ({ world }: Tale, { number }: ModelPullRequest): string =>
  world.github.pullRequest(MODELS, number).mergeCommitSha ?? ''

const imageDigest = (tale: Tale, pull: ModelPullRequest): string =>
  tale.world.registry.digest('acme/churn', mergedSha(tale, pull)) ?? ''
