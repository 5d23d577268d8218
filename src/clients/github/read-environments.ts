/** What GitHub's environments demand (domain/github-environment.ts): from the query that is sent anyway; branch policies are in REST alone, asked for where there is one. Document: documents/environments.ts. */
import type {
  BranchPolicy,
  GitHubEnvironment,
  GitHubProtection,
  GitHubReviewer,
} from '../../domain/github-environment.ts'
import type { RepoName } from '../../domain/ids.ts'
import type { PromotionQuestion } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import type { Caller } from './call.ts'
import { environmentAlias } from './documents/environments.ts'
import { GitHubRefused } from './failures.ts'
import type { GraphqlAnswer } from './graphql.ts'

const MS_PER_MINUTE = 60_000

type Asked = NonNullable<PromotionQuestion['environments']>

/** undefined where none were asked for. One call more for an environment with a branch policy, and one for its branches. */
export async function protectionOf(
  caller: Caller,
  { repository, asked }: { readonly repository: RepoName; readonly asked: Asked | undefined },
  answer: GraphqlAnswer,
): Promise<GitHubProtection | undefined> {
  if (asked === undefined) return undefined
  const model = answer.data.maybe('model')
  const environments: GitHubEnvironment[] = []
  for (const [index, name] of asked.names.entries()) {
    const alias = environmentAlias(index)
    if (isRefused(answer, `model.${alias}`)) return { kind: 'unreadable', name }
    const found = model?.maybe(alias)
    if (found === undefined) continue
    const rules = found.maybe('protectionRules')?.list('nodes') ?? []
    const hasPolicy = rules.some((rule) => rule.text('type') === 'BRANCH_POLICY')
    const branches = hasPolicy ? await branchPolicy(caller, repository, name) : undefined
    if (branches === 'unreadable') return { kind: 'unreadable', name }
    environments.push({ name, reviewers: reviewersOf(rules), wait: waitOf(rules), branches })
  }
  return { kind: 'read', environments, branch: model && branchOf(model, asked) }
}

/** Not found is no refusal: GitHub has no environment of that name then. */
const isRefused = ({ problems }: GraphqlAnswer, path: string): boolean =>
  problems.some((each) => each.type !== 'NOT_FOUND' && (each.path === path || each.path.startsWith(`${path}.`)))

function reviewersOf(rules: readonly Answer[]): readonly GitHubReviewer[] | undefined {
  const asking = rules.filter((rule) => rule.text('type') === 'REQUIRED_REVIEWERS')
  if (asking.length === 0) return undefined
  return asking
    .flatMap((rule) => rule.maybe('reviewers')?.list('nodes') ?? [])
    .map((reviewer) => {
      if (reviewer.text('__typename') === 'User') return { kind: 'user', login: reviewer.text('login') }
      return { kind: 'team', organization: reviewer.child('organization').text('login'), slug: reviewer.text('slug') }
    })
}

const waitOf = (rules: readonly Answer[]): number =>
  Math.max(
    0,
    ...rules
      .filter((rule) => rule.text('type') === 'WAIT_TIMER')
      .map((rule) => rule.integer('timeout') * MS_PER_MINUTE),
  )

/** The default branch; the head branch of a pull request that was not merged, unless that is a fork's, whose branches are nobody's here. */
function branchOf(model: Answer, { pullRequest }: Asked): string | undefined {
  if (pullRequest === undefined) return model.maybe('defaultBranchRef')?.text('name')
  const source = model.maybe('source')
  return source?.flag('isCrossRepository') === false ? source.text('headRefName') : undefined
}

async function branchPolicy(
  caller: Caller,
  repository: RepoName,
  name: string,
): Promise<BranchPolicy | undefined | 'unreadable'> {
  try {
    const route = 'GET /repos/{owner}/{repo}/environments/{environment_name}'
    const { data } = await caller.rest(repository, route, { environment_name: name })
    const policy = answerOf('GitHub', data).maybe('deployment_branch_policy')
    if (policy === undefined) return undefined
    return policy.flag('protected_branches')
      ? { kind: 'protected', names: await protectedBranches(caller, repository) }
      : { kind: 'patterns', patterns: await patternsOf(caller, repository, name) }
  } catch (error) {
    // Private things that may not be read are said not to exist, and the query has just seen this one.
    if (error instanceof GitHubRefused && (error.status === 403 || error.status === 404)) return 'unreadable'
    throw error
  }
}

/** Ten pages bound an answer that never ends. */
const MAX_PAGES = 10
const PAGE = 100

async function protectedBranches(caller: Caller, repository: RepoName): Promise<readonly string[]> {
  const names: string[] = []
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const parameters = { protected: true, per_page: PAGE, page }
    const { data } = await caller.rest(repository, 'GET /repos/{owner}/{repo}/branches', parameters)
    const listed = answerOf('GitHub', { branches: data }).list('branches')
    names.push(...listed.map((branch) => branch.text('name')))
    if (listed.length < PAGE) break
  }
  return names
}

async function patternsOf(caller: Caller, repository: RepoName, name: string): Promise<readonly string[]> {
  const route = 'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies'
  const { data } = await caller.rest(repository, route, { environment_name: name, per_page: PAGE })
  const policies = answerOf('GitHub', data).list('branch_policies')
  // An older server knows patterns of branches only, and gives them no type.
  return policies.filter((policy) => policy.maybeText('type') !== 'tag').map((policy) => policy.text('name'))
}
