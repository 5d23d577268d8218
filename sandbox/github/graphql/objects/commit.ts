/** Commits as GraphQL shows them. Their trees are in git-file.ts, their checks in check.ts. */
import { requireRead } from '../../access.ts'
import { type Commit, commitFiles, readCommit, type Signature } from '../../git.ts'
import { diffCommits } from '../../git-diff.ts'
import { history } from '../../git-history.ts'
import type { PullRequest, Repository } from '../../model.ts'
import { pullRequestCommits } from '../../pull-request-facts.ts'
import { repositoryPage } from '../../serialise/accounts.ts'
import { accountOf, signatureDate } from '../../serialise/commits.ts'
import { gitNodeId, isNamedByCommits } from '../../state.ts'
import { connection, type PageArguments } from '../connection.ts'
import { type DeploymentArguments, listDeployments } from '../deployment-list.ts'
import { type IssueOrder, listPullRequests } from '../pull-request-list.ts'
import type { Fields, View, ViewContext } from '../view.ts'
import { presentPerson } from './account.ts'
import { commitChecks } from './commit-checks.ts'
import { presentFile } from './git-file.ts'

const ABBREVIATED = 7
const MOST_HEADLINE = 72

/** Everything that hangs at one commit of a repository. */
export function presentCommit(context: ViewContext, repository: Repository, oid: string): View {
  const commit = readCommit(repository.objects, oid)
  const page = repositoryPage(context.state, repository)
  const [headline = '', ...rest] = commit.message.split('\n')
  return {
    __typename: 'Commit',
    id: gitNodeId('Commit', repository, oid),
    oid,
    abbreviatedOid: oid.slice(0, ABBREVIATED),
    message: commit.message,
    messageHeadline: headline.length > MOST_HEADLINE ? `${headline.slice(0, MOST_HEADLINE - 1)}…` : headline,
    messageBody: rest.join('\n').trim(),
    committedDate: signatureDate(commit.committer),
    authoredDate: signatureDate(commit.author),
    url: `${page}/commit/${oid}`,
    commitUrl: `${page}/commit/${oid}`,
    treeUrl: `${page}/tree/${oid}`,
    author: () => person(context, commit.author),
    committer: () => person(context, commit.committer),
    repository: () => context.present(repository),
    ...treeFields(context, repository, { oid, commit }),
    ...historyFields(context, repository, { oid, commit }),
    ...commitChecks(context, repository, oid),
    deployments: (given: DeploymentArguments, info: never) =>
      listDeployments(context, repository, { oid, given, info }),
    signature: () => presentSignature(commit),
  }
}

/** The two authors of a commit are no accounts: `user` is who the e-mail address belongs to, and never a bot. */
function person(context: ViewContext, signature: Signature): Fields {
  return {
    name: signature.name,
    email: signature.email,
    date: signatureDate(signature),
    user: () => presentPerson(context, accountOf(context.state, signature) ?? undefined),
  }
}

type Subject = { readonly oid: string; readonly commit: Commit }

function treeFields(context: ViewContext, repository: Repository, { oid, commit }: Subject): Fields {
  const changes = () => diffCommits(repository.objects, commit.parents[0], oid)
  return {
    tree: () => context.present({ kind: 'Tree', repository, oid: commit.tree }),
    file: ({ path }: { path: string }) => {
      requireRead(context, repository, ['contents'])
      return presentFile(context, repository, { tree: commit.tree, path })
    },
    additions: () => changes().reduce((sum, change) => sum + change.additions, 0),
    deletions: () => changes().reduce((sum, change) => sum + change.deletions, 0),
    changedFilesIfAvailable: () => changes().length,
  }
}

type AssociatedArguments = PageArguments & { readonly orderBy?: IssueOrder | null }

function historyFields(context: ViewContext, repository: Repository, { oid, commit }: Subject): Fields {
  const list = (items: readonly string[], bounds: PageArguments, info: never) =>
    connection(bounds, info, {
      items,
      key: (each) => each,
      view: (each) => context.present({ kind: 'Commit', repository, oid: each }),
    })
  return {
    parents: (bounds: PageArguments, info: never) => list(commit.parents, bounds, info),
    history: (given: PageArguments & { path?: string | null }, info: never) => {
      const { path } = given
      const all = history(repository.objects, oid)
      return list(path == null ? all : all.filter((each) => touches(repository, each, path)), given, info)
    },
    associatedPullRequests: (given: AssociatedArguments, info: never) => {
      requireRead(context, repository, ['pull_requests'])
      return connection(given, info, {
        items: listPullRequests(context.state, repository, { orderBy: given.orderBy }).filter(
          (each) => contains(each, oid) && isNamedByCommits(context.state, each),
        ),
        key: (pullRequest) => pullRequest.nodeId,
        view: (pullRequest) => context.present(pullRequest),
      })
    },
  }
}

/** A pull request is associated with the commits it brings and with the one that its merge made. */
const contains = (pullRequest: PullRequest, oid: string): boolean =>
  pullRequest.mergeCommitSha === oid || pullRequestCommits(pullRequest).includes(oid)

/** As `git log -- path` without side branches: a merge that took the path unchanged from any parent does not count. */
function touches({ objects }: Repository, oid: string, path: string): boolean {
  const content = (each: string): string =>
    [...commitFiles(objects, each)]
      .filter(([file]) => file === path || file.startsWith(`${path}/`))
      .map(([file, { oid: blob, mode }]) => `${file} ${mode} ${blob}`)
      .join('\n')
  const { parents } = readCommit(objects, oid)
  const mine = content(oid)
  return parents.length === 0 ? mine !== '' : parents.every((parent) => content(parent) !== mine)
}

/** Commits that GitHub makes for an App are signed with its own key; others here are unsigned. */
function presentSignature({ gpgsig, committer }: Commit): View | null {
  if (gpgsig === undefined) return null
  return {
    __typename: 'GpgSignature',
    isValid: true,
    state: 'VALID',
    signature: gpgsig,
    email: committer.email,
    wasSignedByGitHub: true,
    verifiedAt: signatureDate(committer),
  }
}
