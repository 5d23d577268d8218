/** `/help`: the commands that make sense where it was asked, and the names that this repository has for them. From the ledger, once its configuration was read. */
import { type HelpEnvironment, renderHelp } from '../comments/help.ts'
import type { CommandDefinition } from '../domain/command-grammar.ts'
import { UserError } from '../domain/failure.ts'
import type { RepoName } from '../domain/ids.ts'
import { describeDeployers } from '../domain/rights.ts'
import type { Decision } from './decide-command.ts'
import type { ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import { knownSettings } from './repo-settings.ts'

export async function describeHelp(
  command: CommandRecord,
  commands: readonly CommandDefinition[],
  deps: ReadDeps,
): Promise<Decision> {
  const promotion = await deps.ledger.promotionOfPullRequest(command.pullRequestNumber, command.repository)
  const onPullRequest = promotion === undefined ? 'pull request' : 'promotion pull request'
  const spot = command.issue === undefined ? onPullRequest : 'issue'
  const here = commands.filter(({ spots }) => spots.includes(spot))
  const environments = await environmentsOf(promotion?.repository ?? command.repository, deps)
  return { kind: 'answered', markdown: renderHelp(here, environments) }
}

/** As last read; read where it never was. Help is given also where the configuration is missing or wrong. */
async function environmentsOf(repository: RepoName, deps: ReadDeps): Promise<readonly HelpEnvironment[]> {
  const settings = await knownSettings(repository, deps).catch((error: unknown) => {
    if (error instanceof UserError) return undefined
    throw error
  })
  if (settings === undefined) return []
  const { models, environments } = settings
  return [...environments.values()].map((environment) => ({
    name: environment.name,
    models: [...models.values()].flatMap((model) =>
      model.environments.includes(environment.name) ? [model.name] : [],
    ),
    deployers: describeDeployers(environment),
  }))
}
