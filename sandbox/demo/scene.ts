/** What can be seen at the sandbox during the story: each look gives undefined when it is as expected, else what is there instead. */
import type { SeenComment, SeenDeployment, SeenPullRequest } from '../github/reading.ts'
import { APPLICATIONS, at } from '../systems/kubernetes-objects.ts'
import { CONFIG, MODELS, type World } from '../world/index.ts'
import { BOT } from './tale.ts'
import { type WordChange, wordDiff } from './word-diff.ts'

export type Environment = 'staging' | 'prod'

export type Look = string | undefined

/** All of several looks; the first that is not as expected counts. */
export const both = (...looks: readonly Look[]): Look => looks.find((look) => look !== undefined)

export const uriOf = (version: string): string => `s3://acme-models/churn/${version}`

export function is(what: string, actual: string | null | undefined, expected: string): Look {
  return actual === expected ? undefined : `${what}: ${actual ?? 'nothing'} (wanted: ${expected})`
}

/** The pods that answer requests. */
export const serves = ({ argocd }: World, environment: Environment, version: string): Look =>
  is(`KServe ${environment}/churn`, argocd.kserve.liveUri(environment, 'churn'), uriOf(version))

/** Argo CD runs the head of the config repository, and finds it healthy. */
export function isSynced({ kubernetes, github }: World, environment: Environment): Look {
  const status = kubernetes.store.get(APPLICATIONS, 'argocd', `churn-${environment}`)?.status
  const head = github.branches(CONFIG)['main']
  const name = `Application churn-${environment}`
  return both(
    is(`${name} revision`, String(at(status, 'sync', 'revision')), head ?? ''),
    is(`${name} sync`, String(at(status, 'sync', 'status')), 'Synced'),
    is(`${name} health`, String(at(status, 'health', 'status')), 'Healthy'),
  )
}

export const championIs = ({ mlflow }: World, version: string): Look =>
  is('MLflow alias champion', mlflow.alias('champion'), version)

/** Promotion pull requests into an environment, oldest first. */
export const promotionsTo = ({ github }: World, environment: Environment): SeenPullRequest[] =>
  github.pullRequests(CONFIG).filter(({ headRef }) => headRef.startsWith(`lockkeeper/acme/models/churn/${environment}`))

export const newestPromotionTo = (world: World, environment: Environment): SeenPullRequest | undefined =>
  promotionsTo(world, environment).at(-1)

/** How the newest promotion pull request into an environment stands, and how many there were. */
export function promotionIs(
  world: World,
  environment: Environment,
  expected: { readonly count: number; readonly state: 'open' | 'merged' },
): Look {
  const all = promotionsTo(world, environment)
  const newest = all.at(-1)
  const what = `promotion pull requests to ${environment}`
  return both(
    is(what, String(all.length), String(expected.count)),
    is(`${what}, the newest`, newest?.merged === true ? 'merged' : newest?.state, expected.state),
    is(`${what}, author`, newest?.author, BOT),
    expected.state === 'merged' ? is(`${what}, merged by`, newest?.mergedBy, BOT) : undefined,
  )
}

/** Deployments to an environment, oldest first. */
export const deploymentsTo = ({ github }: World, environment: Environment): SeenDeployment[] =>
  github.deployments(MODELS).filter((deployment) => deployment.environment === `${environment}/churn`)

/** How many deployments to an environment there are, and how the newest but `back` of them stands. */
export function deploymentIs(
  world: World,
  environment: Environment,
  { count, state, back = 0 }: { readonly count: number; readonly state: string; readonly back?: number },
): Look {
  const all = deploymentsTo(world, environment)
  const name = `deployment to ${environment}/churn`
  return both(
    is(`number of ${name}`, String(all.length), String(count)),
    is(name, all.at(-1 - back)?.statuses.at(-1)?.state, state),
  )
}

export function checkIs({ github }: World, sha: string, name: string, expected: string): Look {
  const runs = github.checkRuns(MODELS, sha).filter((run) => run.app === 'lockkeeper' && run.name === name)
  const newest = runs.at(-1)
  return is(`check run ${name}`, newest?.conclusion ?? newest?.status, expected)
}

/** The bot's comments in the thread that carry this marker. */
export const commentsMarked = ({ github }: World, number: number, marker: string): SeenComment[] =>
  github
    .comments(MODELS, number)
    .filter(({ author, body }) => author === BOT && body.startsWith(`<!-- lockkeeper:${marker}:`))

/** The bot's reactions on a comment of a model pull request, in order. */
export function reactionsAre({ github }: World, number: number, id: number, expected: string): Look {
  const comment = github.comments(MODELS, number).find((one) => one.id === id)
  const seen = comment?.reactions.filter(({ by }) => by === BOT).map(({ content }) => content)
  return is(`reactions on ${JSON.stringify(comment?.body)}`, seen?.join(', '), expected)
}

/** What the merge of a promotion changed in the config repository, word by word. */
export function mergedWords({ github }: World, { mergeCommitSha }: SeenPullRequest): WordChange[] {
  if (mergeCommitSha === null) return []
  const parent = github.log(CONFIG, mergeCommitSha)[0]?.parents[0]
  return parent === undefined ? [] : wordDiff(github.diff(CONFIG, parent, mergeCommitSha))
}

export type Scalar = { readonly path: string; readonly before: RegExp; readonly after: RegExp }

/** Exactly these words changed, in this order, and nothing else. */
export function onlyThese(words: readonly WordChange[], expected: readonly Scalar[]): Look {
  const isRight = (word: WordChange, scalar: Scalar | undefined) =>
    scalar !== undefined &&
    word.path === scalar.path &&
    scalar.before.test(word.before) &&
    scalar.after.test(word.after)
  if (words.length === expected.length && words.every((word, index) => isRight(word, expected[index]))) return undefined
  return `changed words:\n${words.map(({ path, line, shown }) => `  ${path}:${line}  ${shown}`).join('\n')}`
}
