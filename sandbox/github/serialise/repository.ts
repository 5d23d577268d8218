/** Repositories, labels, installations and activity as GitHub prints them. Records are in ../model.ts. */
import type { Activity, Installation, Label, Repository } from '../model.ts'
import { covers, fullName, type GitHubState } from '../state.ts'
import { type Json, repositoryPage, repositoryUrl, simpleUser } from './accounts.ts'

const URL_SUFFIXES: Readonly<Record<string, string>> = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
}

/** `minimal-repository`: identity and addresses. */
export function minimalRepository(state: GitHubState, repository: Repository): Json {
  const url = repositoryUrl(state, repository)
  return {
    id: repository.id,
    node_id: repository.nodeId,
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
    owner: simpleUser(state, repository.owner),
    html_url: repositoryPage(state, repository),
    description: repository.description,
    fork: repository.parent !== null,
    url,
    ...Object.fromEntries(Object.entries(URL_SUFFIXES).map(([name, suffix]) => [name, url + suffix])),
  }
}

/** `repository`: as webhooks, pull requests and lists print it. */
export function repository(state: GitHubState, record: Repository): Json {
  const page = repositoryPage(state, record)
  const open = [...record.threads.values()].filter((thread) => thread.state === 'open').length
  const forks = [...state.repositories.values()].filter(({ parent }) => parent === record).length
  return {
    ...minimalRepository(state, record),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    pushed_at: record.pushedAt,
    git_url: `${page.replace(/^\w+/, 'git')}.git`,
    ssh_url: `git@${new URL(page).hostname}:${fullName(record)}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: forks,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: record.private ? 'private' : 'public',
    forks,
    open_issues: open,
    watchers: 0,
    default_branch: record.defaultBranch,
  }
}

/** `full-repository`: the answer of `GET /repos/{owner}/{repo}`. */
export function fullRepository(state: GitHubState, record: Repository): Json {
  const { settings } = record
  return {
    ...repository(state, record),
    network_count: 0,
    subscribers_count: 0,
    allow_merge_commit: settings.allowMergeCommit,
    allow_squash_merge: settings.allowSquashMerge,
    allow_rebase_merge: settings.allowRebaseMerge,
    allow_auto_merge: settings.allowAutoMerge,
    delete_branch_on_merge: settings.deleteBranchOnMerge,
    squash_merge_commit_title: 'COMMIT_OR_PR_TITLE',
    squash_merge_commit_message: settings.squashMessage,
    ...(record.parent === null
      ? {}
      : { parent: repository(state, record.parent), source: repository(state, record.parent) }),
  }
}

/** `label`. */
export function label(state: GitHubState, owner: Repository, record: Label): Json {
  return {
    id: record.id,
    node_id: record.nodeId,
    url: `${repositoryUrl(state, owner)}/labels/${encodeURIComponent(record.name)}`,
    name: record.name,
    color: record.color,
    default: record.isDefault,
    description: record.description,
  }
}

/** `activity`: one push. */
export function activity(state: GitHubState, record: Activity): Json {
  return {
    id: record.id,
    node_id: record.nodeId,
    before: record.before,
    after: record.after,
    ref: record.ref,
    timestamp: record.timestamp,
    activity_type: record.type,
    actor: simpleUser(state, record.actor),
  }
}

/** `installation`. */
export function installation(state: GitHubState, record: Installation): Json {
  const { web, rest } = state.urls
  return {
    id: record.id,
    client_id: record.app.clientId,
    account: simpleUser(state, record.account),
    repository_selection: record.repositorySelection,
    access_tokens_url: `${rest}/app/installations/${record.id}/access_tokens`,
    repositories_url: `${rest}/installation/repositories`,
    html_url: `${web}/organizations/${record.account.login}/settings/installations/${record.id}`,
    app_id: record.app.id,
    app_slug: record.app.slug,
    target_id: record.account.id,
    target_type: record.account.kind,
    permissions: record.permissions,
    events: record.events,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  }
}

/** The repositories of an installation, in the order of their creation. */
export const installationRepositories = (state: GitHubState, record: Installation): Repository[] =>
  [...state.repositories.values()].filter((each) => covers(record, each))
