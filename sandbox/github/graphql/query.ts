/** The root fields of queries. */
import { canSee } from '../access.ts'
import { GitHubFailure } from '../failure.ts'
import { findOrganization, findRepository, findUser, formatTimestamp } from '../state.ts'
import { readNode } from './nodes.ts'
import { type Fields, Unmodelled, type ViewContext } from './view.ts'

/** What an installation may spend in an hour, as GitHub sets it for small installations. */
const HOURLY_LIMIT = 5000
const HOUR_MS = 3_600_000

export function queryFields(context: ViewContext): Fields {
  const { state } = context
  return {
    node: ({ id }: { id: string }) => context.present(readNode(context, id)),
    // One that cannot be resolved is null with an error of its own; the others stay.
    nodes: ({ ids }: { ids: readonly string[] }) => ids.map(async (id) => context.present(readNode(context, id))),
    viewer: () => context.present(context.actor.user),
    user: ({ login }: { login: string }) => {
      const user = findUser(state, login)
      if (user === undefined || user.type === 'Bot') throw unresolved('User', `login of '${login}'`)
      return context.present(user)
    },
    organization: ({ login }: { login: string }) => {
      const organization = findOrganization(state, login)
      if (organization === undefined) throw unresolved('Organization', `login of '${login}'`)
      return context.present(organization)
    },
    repository: ({ owner, name, followRenames }: { owner: string; name: string; followRenames?: boolean }) => {
      if (followRenames === false) throw new Unmodelled('renamed repositories')
      const repository = findRepository(state, `${owner}/${name}`)
      if (repository === undefined || !canSee(context, repository))
        throw unresolved('Repository', `name '${owner}/${name}'`)
      return context.present(repository)
    },
    rateLimit: ({ dryRun }: { dryRun?: boolean | null }) => {
      if (dryRun === true) throw new Unmodelled('a dry run of the rate limit')
      return rateLimit(context)
    },
  }
}

const unresolved = (type: string, what: string): GitHubFailure => {
  const article = type === 'Organization' ? 'an' : 'a'
  return new GitHubFailure(404, `Could not resolve to ${article} ${type} with the ${what}.`)
}

/** Every request costs one point: the stand-in does not count nodes, and the window is the running hour. */
function rateLimit({ state }: ViewContext): Fields {
  const hour = Math.floor(state.clock.now().getTime() / HOUR_MS)
  const used = Math.min(state.requestCount, HOURLY_LIMIT)
  return {
    limit: HOURLY_LIMIT,
    cost: 1,
    used,
    remaining: HOURLY_LIMIT - used,
    resetAt: formatTimestamp(new Date((hour + 1) * HOUR_MS)),
  }
}
