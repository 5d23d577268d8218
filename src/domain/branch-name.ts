/** What branches are called: that of a promotion PR in the config repository, whose name is deterministic, so that a retry finds what a crash left behind; and those of GitHub's merge queues. */
import {
  type EnvironmentName,
  type ModelName,
  nameOf,
  ownerOf,
  parseEnvironmentName,
  parseModelName,
  parseRepoName,
  type RepoName,
} from './ids.ts'

/** What a promotion branch is for: one per model repository, model and environment. */
export type PromotionSubject = {
  /** The model repository. */
  readonly repository: RepoName
  readonly model: ModelName
  readonly environment: EnvironmentName
}

const PREFIX = 'lockkeeper'

/** What no name can hold sets these branches apart from that of an environment called so. */
const ROLLBACK = '+rollback'
const TEMPORARY = '+next'

/**
 * `lockkeeper/<owner>/<repo>/<model>/<environment>`, without `refs/heads/`. Escaped where Git forbids what a name allows.
 * With `ownBranch` that of a rollback which cannot have it, because somebody pushed to it.
 */
export function promotionBranch(
  { repository, model, environment }: PromotionSubject,
  { ownBranch }: { readonly ownBranch?: true | undefined } = {},
): string {
  const names = [PREFIX, ownerOf(repository), nameOf(repository), model, environment]
  return `${names.map(toRefComponent).join('/')}${ownBranch === true ? ROLLBACK : ''}`
}

/** Where a promotion branch's next commit is made, before the branch is moved onto it. */
export const temporaryBranch = (branch: string): string => `${branch}${TEMPORARY}`

/** The subject of a promotion branch, a rollback's own and temporary ones included; undefined for every other branch. */
export function parsePromotionBranch(branch: string): PromotionSubject | undefined {
  const name = withoutSuffix(withoutSuffix(branch, TEMPORARY), ROLLBACK)
  const subject = parseSubject(name)
  return subject !== undefined && promotionBranch(subject) === name ? subject : undefined
}

const withoutSuffix = (text: string, suffix: string): string =>
  text.endsWith(suffix) ? text.slice(0, -suffix.length) : text

function parseSubject(branch: string): PromotionSubject | undefined {
  const [prefix, owner, name, modelPart, environmentPart, ...rest] = branch.split('/').map(fromRefComponent)
  if (prefix !== PREFIX || owner === undefined || name === undefined || rest.length > 0) return undefined
  const repository = parseRepoName(`${owner}/${name}`)
  const model = parseModelName(modelPart ?? '')
  const environment = parseEnvironmentName(environmentPart ?? '')
  if (repository === undefined || model === undefined || environment === undefined) return undefined
  return { repository, model, environment }
}

/**
 * Git refuses components that start or end with a dot, hold `..` or end in `.lock` (git-check-ref-format(1)), all of which
 * repository and model names may do. `%` is in neither kind of name, so `%2e` cannot be mistaken for one.
 */
function toRefComponent(name: string): string {
  return name.replace(/^\.|\.(?=\.)|\.$|\.(?=lock$)/g, '%2e')
}

function fromRefComponent(component: string): string {
  return component.replaceAll('%2e', '.')
}

/** `gh-readonly-queue/<base>/pr-<number>-<commit it is built on>`; a base may hold slashes, and such a name in it. */
const QUEUE_BRANCH = /^refs\/heads\/gh-readonly-queue\/.+\/pr-([1-9]\d{0,8})-[0-9a-f]{7,64}$/

/** The number of the pull request that a merge queue's branch (its full ref) stands for; undefined for every other ref. */
export function queuedPullRequest(ref: string): number | undefined {
  const number = QUEUE_BRANCH.exec(ref)?.[1]
  return number === undefined ? undefined : Number(number)
}
