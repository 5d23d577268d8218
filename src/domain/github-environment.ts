/**
 * GitHub's own environments of the model repository as a rule: reviewers, wait timer and branches hold for what Lockkeeper deploys, too, although
 * GitHub asks them of workflows only. Read by src/clients/github/read-environments.ts, judged among the others in rules.ts.
 */

import { matchesBranch } from './branch-pattern.ts'
import { formatDuration } from './duration.ts'
import type { EnvironmentSettings, Principal } from './settings.ts'
import { WRITERS_OF_BOTH } from './standing.ts'

export type GitHubReviewer =
  | { readonly kind: 'user'; readonly login: string }
  | { readonly kind: 'team'; readonly organization: string; readonly slug: string }

/** Which branches may be deployed: those with rules of their own (everything, where no branch has any), or those that a pattern matches. */
export type BranchPolicy =
  | { readonly kind: 'protected'; readonly names: readonly string[] }
  | { readonly kind: 'patterns'; readonly patterns: readonly string[] }

export type GitHubEnvironment = {
  readonly name: string
  /** One of them has to approve; absent where nobody has to. Those that the App cannot see are left out. */
  readonly reviewers: readonly GitHubReviewer[] | undefined
  /** Milliseconds from the command to the deployment. */
  readonly wait: number
  readonly branches: BranchPolicy | undefined
}

/** What could be read of them. `branch`: where the release comes from, undefined where that cannot be told. */
export type GitHubProtection =
  | { readonly kind: 'unreadable'; readonly name: string }
  | { readonly kind: 'read'; readonly environments: readonly GitHubEnvironment[]; readonly branch: string | undefined }

/** The names under which the environments of a model are looked for. Deployments carry the first. */
export const githubEnvironmentNames = (environment: string, model: string): readonly string[] => [
  `${environment}/${model}`,
  environment,
]

/** All reviewers that any of the environments names. */
export const reviewersOf = (protection: GitHubProtection | undefined): readonly GitHubReviewer[] =>
  protection?.kind === 'read' ? protection.environments.flatMap(({ reviewers = [] }) => reviewers) : []

/**
 * The environment with GitHub's reviewers among its approvers. What the config repository insists on stays: a model repository's settings never say
 * whose approval counts there.
 */
export function withReviewers(
  environment: EnvironmentSettings,
  protection: GitHubProtection | undefined,
): EnvironmentSettings {
  const reviewers = reviewersOf(protection).map(asPrincipal)
  if (reviewers.length === 0) return environment
  const own = environment.approvers ?? environment.deployers ?? WRITERS_OF_BOTH
  return { ...environment, approvers: [...own, ...reviewers] }
}

const asPrincipal = (reviewer: GitHubReviewer): Principal =>
  reviewer.kind === 'user'
    ? { kind: 'user', login: reviewer.login.toLowerCase() }
    : { kind: 'team', organization: reviewer.organization.toLowerCase(), slug: reviewer.slug.toLowerCase() }

type Person = { readonly login: string; readonly teams: ReadonlySet<string> }

/** Whether the person is one of the reviewers. A member of a child team is a member of its parents. */
const isReviewer = (person: Person | undefined, reviewers: readonly GitHubReviewer[]): boolean =>
  person !== undefined &&
  reviewers.some((reviewer) =>
    reviewer.kind === 'user'
      ? reviewer.login.toLowerCase() === person.login.toLowerCase()
      : person.teams.has(teamOf(reviewer)),
  )

/** `org/slug`, as standings name teams. */
const teamOf = ({ organization, slug }: Extract<GitHubReviewer, { readonly kind: 'team' }>): string =>
  `${organization}/${slug}`.toLowerCase()

export type EnvironmentFacts = {
  readonly protection: GitHubProtection
  /** People who approved the promotion, neither its requester nor its author among them. */
  readonly approvers: readonly Person[]
  /** When it was asked for. */
  readonly since: Date
  readonly now: Date
}

/** What the rule says. `later`: it may begin although this is open. No force skips it: it is not Lockkeeper's. */
type EnvironmentVerdict = {
  readonly state: 'pass' | 'open' | 'refused'
  readonly detail: string
  readonly evidence: readonly { readonly text: string; readonly until?: Date | undefined }[]
  readonly act?: string
  readonly later?: true
  readonly unforceable: true
  readonly earliest: Date | undefined
}

type Finding = Pick<EnvironmentVerdict, 'state' | 'detail' | 'earliest'> & { readonly act?: string }

/** undefined where GitHub has no environment of these names, or none with a rule. */
export function judgeGitHubEnvironment(facts: EnvironmentFacts): EnvironmentVerdict | undefined {
  const { protection } = facts
  if (protection.kind === 'unreadable') {
    const act = 'Grant the Lockkeeper GitHub App "Actions: read" in the model repository'
    const detail = `GitHub does not tell what its environment \`${protection.name}\` demands`
    return { state: 'refused', detail, evidence: [], act, unforceable: true, earliest: undefined }
  }
  const findings = protection.environments.flatMap((environment) => [
    ...judgeBranches(environment, protection.branch),
    ...judgeReviewers(environment, facts),
    ...judgeWait(environment, facts),
  ])
  return findings.length === 0 ? undefined : summed(findings)
}

function summed(findings: readonly Finding[]): EnvironmentVerdict {
  const refused = findings.filter(({ state }) => state === 'refused')
  const open = findings.filter(({ state }) => state === 'open')
  const told = refused.length > 0 ? refused : open.length > 0 ? open : findings
  const act = told.find((finding) => finding.act !== undefined)?.act
  const times = open.map(({ earliest }) => earliest)
  const isTime = refused.length === 0 && open.length > 0 && !times.includes(undefined)
  // What the detail says is not said twice; but the end of a wait, where it is not that of the rule, nothing else tells.
  const others = findings.filter((finding) => !told.includes(finding) || (finding.earliest !== undefined && !isTime))
  return {
    state: refused.length > 0 ? 'refused' : open.length > 0 ? 'open' : 'pass',
    detail: told.map(({ detail }) => detail).join('; '),
    evidence: others.map(({ detail, earliest }) => ({ text: detail, until: earliest })),
    ...(act === undefined ? {} : { act }),
    ...(refused.length > 0 || open.length === 0 ? {} : { later: true }),
    unforceable: true,
    earliest: isTime ? new Date(Math.max(...times.map((time) => time?.getTime() ?? 0))) : undefined,
  }
}

function judgeReviewers({ name, reviewers }: GitHubEnvironment, { approvers }: EnvironmentFacts): readonly Finding[] {
  if (reviewers === undefined) return []
  const by = approvers.find((person) => isReviewer(person, reviewers))
  if (by !== undefined)
    return [{ state: 'pass', detail: `approved by ${by.login} for \`${name}\``, earliest: undefined }]
  const who = reviewers.map((each) => (each.kind === 'user' ? each.login : `team ${each.slug}`)).join(', ')
  const detail = `GitHub's environment \`${name}\` needs an approving review by ${who === '' ? 'people whom the App cannot see' : who}`
  return [{ state: 'open', detail, earliest: undefined }]
}

function judgeWait({ name, wait }: GitHubEnvironment, { since, now }: EnvironmentFacts): readonly Finding[] {
  if (wait === 0) return []
  const earliest = new Date(since.getTime() + wait)
  if (earliest <= now)
    return [{ state: 'pass', detail: `waited ${formatDuration(wait)} for \`${name}\``, earliest: undefined }]
  return [{ state: 'open', detail: `GitHub's environment \`${name}\` waits ${formatDuration(wait)}`, earliest }]
}

function judgeBranches({ name, branches }: GitHubEnvironment, branch: string | undefined): readonly Finding[] {
  if (branches === undefined) return []
  const which = branches.kind === 'protected' ? 'protected branches' : branches.patterns.map(quoted).join(', ')
  const from = branch === undefined ? 'a branch that cannot be told' : quoted(branch)
  if (branch !== undefined && isAllowed(branches, branch))
    return [{ state: 'pass', detail: `${from} may go to \`${name}\``, earliest: undefined }]
  return [
    {
      state: 'refused',
      detail: `GitHub's environment \`${name}\` takes ${which === '' ? 'no branch' : `only ${which}`}, and this is of ${from}`,
      earliest: undefined,
      act: `Deploy from such a branch, or change the deployment branches of \`${name}\` in the repository's settings`,
    },
  ]
}

const quoted = (text: string): string => `\`${text.replaceAll('`', "'")}\``

/** Where no branch of the repository is protected, GitHub takes every branch. */
const isAllowed = (policy: BranchPolicy, branch: string): boolean =>
  policy.kind === 'protected'
    ? policy.names.length === 0 || policy.names.includes(branch)
    : policy.patterns.some((pattern) => matchesBranch(pattern, branch))
