/** A branch or tag as GraphQL shows it. */

import { requireRead } from '../../access.ts'
import { commitsBetween } from '../../git-history.ts'
import type { Repository } from '../../model.ts'
import { gitNodeId } from '../../state.ts'
import { connection, type PageArguments } from '../connection.ts'
import { listPullRequests, type PullRequestFilter } from '../pull-request-list.ts'
import { gitNode, resolveRefName } from '../revision.ts'
import type { Fields, View, ViewContext } from '../view.ts'
import { branchRuleFields } from './branch-rules.ts'

/** `name` is the full name; GraphQL shows it in two parts. */
export function presentRef(context: ViewContext, repository: Repository, name: string): View {
  const [, prefix, short] = /^(refs\/[^/]+\/)(.+)$/.exec(name) ?? [name, 'refs/', name.replace(/^refs\//, '')]
  const oid = repository.refs.get(name)
  const target = oid === undefined ? undefined : gitNode(repository, oid)
  return {
    __typename: 'Ref',
    id: gitNodeId('Ref', repository, name),
    name: short,
    prefix,
    ...(prefix === 'refs/heads/' ? branchRuleFields(context, repository, short ?? '') : { refUpdateRule: null }),
    target: () => (target === undefined ? null : context.present(target)),
    repository: () => context.present(repository),
    compare: ({ headRef }: { headRef: string }) => {
      const head = resolveRefName(repository, headRef)
      return head === undefined ? null : comparison(repository, name, head)
    },
    associatedPullRequests: (given: PageArguments & PullRequestFilter, info: never) => {
      requireRead(context, repository, ['pull_requests'])
      return connection(given, info, {
        items: listPullRequests(context.state, repository, given).filter(
          ({ head }) => head.repository === repository && `refs/heads/${head.ref}` === name,
        ),
        key: (pullRequest) => pullRequest.nodeId,
        view: (pullRequest) => context.present(pullRequest),
      })
    },
  }
}

function comparison(repository: Repository, base: string, head: string): Fields {
  const [from, to] = [repository.refs.get(base) ?? '', repository.refs.get(head) ?? '']
  const ahead = commitsBetween(repository.objects, from, to).length
  const behind = commitsBetween(repository.objects, to, from).length
  const status = ahead > 0 ? (behind > 0 ? 'DIVERGED' : 'AHEAD') : behind > 0 ? 'BEHIND' : 'IDENTICAL'
  return { aheadBy: ahead, behindBy: behind, status }
}
