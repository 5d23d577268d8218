/** Finds what a node id names, as far as the actor may see it. Used by query.ts and by every mutation. */
import { canSee, requireRead } from '../access.ts'
import { GitHubFailure } from '../failure.ts'
import type { Repository } from '../model.ts'
import { findNode, type GitNode, type NodeRecord } from '../state.ts'
import type { ViewContext } from './view.ts'

type Node = NodeRecord | GitNode
type Kind = Node['kind']

/** Which permission lets an App read a node that was asked for by id. */
const READ_PERMISSIONS: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  Issue: ['issues'],
  PullRequest: ['pull_requests'],
  PullRequestReview: ['pull_requests'],
  IssueComment: ['issues', 'pull_requests'],
  CheckRun: ['checks'],
  CheckSuite: ['checks'],
  StatusContext: ['statuses'],
  Deployment: ['deployments'],
  DeploymentStatus: ['deployments'],
  Commit: ['contents'],
  Blob: ['contents'],
  Tree: ['contents'],
  Ref: ['contents'],
}

/** The node of one of the kinds. Throws NOT_FOUND when the id names nothing, something else, or something that the actor cannot see. */
export function requireNode<K extends Kind>(
  context: ViewContext,
  id: string,
  kinds: readonly K[],
): Extract<Node, { readonly kind: K }> {
  const node = findNode(context.state, id)
  const isWanted = (found: Node): found is Extract<Node, { readonly kind: K }> =>
    kinds.some((kind) => found.kind === kind)
  if (node === undefined || !isWanted(node) || !isVisible(context, node)) throw unresolved(id)
  return node
}

/** Any node, readable by the actor. Throws NOT_FOUND or FORBIDDEN. */
export function readNode(context: ViewContext, id: string): Node {
  const node = findNode(context.state, id)
  if (node === undefined || !isVisible(context, node)) throw unresolved(id)
  const repository = repositoryOf(node)
  const permissions = READ_PERMISSIONS[node.kind]
  if (repository !== undefined && permissions !== undefined) requireRead(context, repository, permissions)
  return node
}

const unresolved = (id: string): GitHubFailure =>
  new GitHubFailure(404, `Could not resolve to a node with the global id of '${id}'.`)

function isVisible(context: ViewContext, node: Node): boolean {
  const repository = repositoryOf(node)
  return repository === undefined || canSee(context, repository)
}

/** The repository that a node belongs to; undefined for accounts, Apps, teams, and for labels and reactions, which do not know. */
function repositoryOf(node: Node): Repository | undefined {
  switch (node.kind) {
    case 'Repository':
      return node
    case 'PullRequestReview':
      return node.pullRequest.repository
    case 'DeploymentStatus':
      return node.deployment.repository
    default:
      return 'repository' in node ? node.repository : undefined
  }
}
