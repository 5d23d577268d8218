/** The root fields of queries. */
import { canSee } from '../access.ts'
import { GitHubFailure } from '../failure.ts'
import { printRate, rateWindow } from '../rate-limit.ts'
import { findMoved, findOrganization, findRepository, findUser, formatTimestamp } from '../state.ts'
import { readNode } from './nodes.ts'
import { type Fields, Unmodelled, type ViewContext } from './view.ts'

const MS_PER_SECOND = 1000

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
      const full = `${owner}/${name}`
      const repository = findRepository(state, full) ?? (followRenames === false ? undefined : findMoved(state, full))
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

/** Every request costs one point: the stand-in does not count nodes. The numbers are those of the response's headers. */
function rateLimit({ state, actor }: ViewContext): Fields {
  const caller = actor.kind === 'installation' ? String(actor.token.installation.id) : actor.user.login
  const { limit, used, remaining, reset } = printRate(rateWindow(state.rates, caller, 'graphql'), 'graphql')
  return { limit, used, remaining, cost: 1, resetAt: formatTimestamp(new Date(reset * MS_PER_SECOND)) }
}
