/** A repository itself: the record, activity, collaborators, branches, rules, labels. */
import { requireRead, roleOf, viewRepository } from '../../access.ts'
import { GitHubFailure, notFound } from '../../failure.ts'
import { grantsOf } from '../../grants.ts'
import type { Activity, Repository, Role, User } from '../../model.ts'
import { createLabel } from '../../operations/threads.ts'
import { branchRef } from '../../pull-request-facts.ts'
import { repositoryPage, repositoryUrl, simpleUser } from '../../serialise/accounts.ts'
import { commit } from '../../serialise/commits.ts'
import { activity, fullRepository, label } from '../../serialise/repository.ts'
import { findUser, fullName } from '../../state.ts'
import { fields, requiredText, text } from '../body.ts'
import { type Call, created, get, list, noContent, ok, param, post, type Reply, type Route } from '../call.ts'

const BRANCHES = 'refs/heads/'

export const REPO = '/repos/{owner}/{repo}'

/** The repository of the call's path, readable to the caller in that part. */
export function repositoryOf(call: Call, ...permissions: readonly string[]): Repository {
  const found = viewRepository(call.context, param(call, 'owner'), param(call, 'repo'))
  if (permissions.length > 0) requireRead(call.context, found, permissions)
  return found
}

export const repositoryRoutes: readonly Route[] = [
  get(REPO, (call) => ok(fullRepository(call.state, repositoryOf(call)))),
  get(`${REPO}/activity`, listActivity),
  get(`${REPO}/collaborators`, (call) => {
    const repository = repositoryOf(call, 'metadata')
    const people = collaborators(call, repository)
    return list(call, people, ({ user, role }) => ({
      ...simpleUser(call.state, user),
      permissions: rights(role),
      role_name: role,
    }))
  }),
  get(`${REPO}/collaborators/{username}`, (call) => {
    const user = findUser(call.state, param(call, 'username'))
    if (user === undefined || roleOf(repositoryOf(call, 'metadata'), user) === null) throw notFound()
    return noContent()
  }),
  get(`${REPO}/collaborators/{username}/permission`, readPermission),
  get(`${REPO}/branches`, (call) => {
    const repository = repositoryOf(call, 'contents')
    const wanted = call.query.get('protected')
    const names = [...repository.refs]
      .filter(([ref]) => ref.startsWith('refs/heads/'))
      .filter(([ref]) => wanted === null || String(repository.protection.has(ref.slice(BRANCHES.length))) === wanted)
      .sort()
    return list(call, names, ([ref, sha]) => {
      const name = ref.slice(BRANCHES.length)
      const url = `${repositoryUrl(call.state, repository)}/commits/${sha}`
      return { name, commit: { sha, url }, protected: repository.protection.has(name) }
    })
  }),
  get(`${REPO}/branches/{+branch}`, readBranch),
  get(`${REPO}/rules/branches/{+branch}`, listRules),
  get(`${REPO}/codeowners/errors`, (call) => {
    repositoryOf(call, 'contents')
    return ok({ errors: [] })
  }),
  get(`${REPO}/labels`, (call) => {
    const repository = repositoryOf(call, 'issues', 'pull_requests')
    return list(call, [...repository.labels.values()], (each) => label(call.state, repository, each))
  }),
  post(`${REPO}/labels`, (call) => {
    const repository = repositoryOf(call)
    const body = fields(call.body)
    const color = text(body, 'color')
    const made = createLabel(call.context, repository, {
      name: requiredText(body, 'name'),
      ...(color === undefined ? {} : { color }),
      description: text(body, 'description') ?? null,
    })
    return created(label(call.state, repository, made))
  }),
]

const MOVES: ReadonlyMap<string, Activity['type']> = new Map([
  ['push', 'push'],
  ['force_push', 'force_push'],
  ['branch_creation', 'branch_creation'],
  ['branch_deletion', 'branch_deletion'],
  ['pr_merge', 'pr_merge'],
  ['merge_queue_merge', 'merge_queue_merge'],
])

/** Newest first; `ref` is a full name or a branch. */
function listActivity(call: Call): Reply {
  const repository = repositoryOf(call, 'contents')
  const { query } = call
  const ref = query.get('ref')
  const wanted = (each: Activity): boolean =>
    (ref === null || each.ref === ref || each.ref === branchRef(ref)) &&
    (query.get('actor') === null || each.actor.login.toLowerCase() === query.get('actor')?.toLowerCase()) &&
    (query.get('activity_type') === null || each.type === MOVES.get(query.get('activity_type') ?? ''))
  const ordered = repository.activity.filter(wanted)
  if (query.get('direction') !== 'asc') ordered.reverse()
  return list(call, ordered, (each) => activity(call.state, each))
}

function collaborators({ state }: Call, repository: Repository): { readonly user: User; readonly role: Role }[] {
  return [...state.accounts.values()].flatMap((user) => {
    const role = user.kind === 'User' ? roleOf(repository, user) : null
    return user.kind === 'User' && role !== null ? [{ user, role }] : []
  })
}

const rights = (role: Role | null) => ({
  admin: role === 'admin',
  maintain: role === 'admin' || role === 'maintain',
  push: role !== null && ['admin', 'maintain', 'write'].includes(role),
  triage: role !== null && role !== 'read',
  pull: true,
})

/** The four old words in `permission`, the real role in `role_name`. */
const OLD_WORDS: Readonly<Record<Role, string>> = {
  admin: 'admin',
  maintain: 'write',
  write: 'write',
  triage: 'read',
  read: 'read',
}

function readPermission(call: Call): Reply {
  const repository = repositoryOf(call, 'metadata')
  const user = findUser(call.state, param(call, 'username'))
  if (user === undefined) throw new GitHubFailure(404, `${param(call, 'username')} is not a user`)
  const role = roleOf(repository, user) ?? (repository.private ? null : 'read')
  const name = grantsOf(repository, user).find((granted) => granted.role === role)?.name ?? role ?? 'none'
  return ok({
    permission: role === null ? 'none' : OLD_WORDS[role],
    role_name: name,
    user: { ...simpleUser(call.state, user), permissions: { ...rights(role), pull: role !== null }, role_name: name },
  })
}

function readBranch(call: Call): Reply {
  const repository = repositoryOf(call, 'contents')
  const name = param(call, 'branch')
  const sha = repository.refs.get(branchRef(name))
  if (sha === undefined) throw new GitHubFailure(404, 'Branch not found')
  const url = `${repositoryUrl(call.state, repository)}/branches/${name}`
  const rules = repository.protection.get(name)
  return ok({
    name,
    commit: commit(call.state, repository, sha),
    _links: { self: url, html: `${repositoryPage(call.state, repository)}/tree/${name}` },
    protected: rules !== undefined,
    protection: {
      enabled: rules !== undefined,
      required_status_checks: {
        enforcement_level: rules === undefined ? 'off' : 'everyone',
        contexts: rules?.checks ?? [],
        checks: (rules?.checks ?? []).map((context) => ({ context, app_id: null })),
      },
    },
    protection_url: `${url}/protection`,
  })
}

function listRules(call: Call): Reply {
  const repository = repositoryOf(call, 'metadata')
  const rules = repository.protection.get(param(call, 'branch'))
  if (rules === undefined) return list(call, [], () => undefined)
  const source = { ruleset_source_type: 'Repository', ruleset_source: fullName(repository), ruleset_id: repository.id }
  const pullRequest = {
    type: 'pull_request',
    parameters: {
      required_approving_review_count: rules.approvals,
      dismiss_stale_reviews_on_push: rules.dismissStale,
      require_code_owner_review: false,
      require_last_push_approval: false,
      required_review_thread_resolution: false,
    },
  }
  const checks = {
    type: 'required_status_checks',
    parameters: {
      required_status_checks: rules.checks.map((context) => ({ context })),
      strict_required_status_checks_policy: false,
    },
  }
  return list(call, [pullRequest, ...(rules.checks.length > 0 ? [checks] : [])], (rule) => ({ ...rule, ...source }))
}
