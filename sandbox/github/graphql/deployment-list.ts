/** The deployments of a repository, or of one of its commits, by GraphQL's filters. Used by objects/repository.ts and commit.ts. */
import { requireRead } from '../access.ts'
import type { Repository } from '../model.ts'
import { isListed } from '../state.ts'
import { connection, type PageArguments } from './connection.ts'
import type { Fields, ViewContext } from './view.ts'

export type DeploymentArguments = PageArguments & {
  readonly environments?: readonly string[] | null
  readonly orderBy?: { readonly field: 'CREATED_AT'; readonly direction: 'ASC' | 'DESC' } | null
}

type Asked = { readonly oid?: string; readonly given: DeploymentArguments; readonly info: never }

/** Oldest first unless ordered otherwise. */
export function listDeployments(context: ViewContext, repository: Repository, { oid, given, info }: Asked): Fields {
  requireRead(context, repository, ['deployments'])
  const { environments, orderBy } = given
  const found = [...repository.deployments.values()]
    .filter((deployment) => isListed(context.state, deployment))
    .filter(({ sha }) => oid === undefined || sha === oid)
    .filter((deployment) => environments == null || environments.includes(deployment.environment))
  const isReversed = orderBy?.field === 'CREATED_AT' && orderBy.direction === 'DESC'
  return connection(given, info, {
    items: isReversed ? found.reverse() : found,
    key: (deployment) => deployment.nodeId,
    view: (deployment) => context.present(deployment),
  })
}
