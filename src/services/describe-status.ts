/** `/status`: what is live where, since when, by whom; what is under way and waits for what; what is held or frozen. From the ledger alone. */
import { renderStatus, type StatusRow } from '../comments/status.ts'
import type { SpokenCommand } from '../domain/command.ts'
import { UserError } from '../domain/failure.ts'
import { frozenUntil, nextFreeze } from '../domain/freeze.ts'
import { type Hold, holdsOn } from '../domain/hold.ts'
import type { EnvironmentName, ModelName, RepoName } from '../domain/ids.ts'
import { isActive, livePromotion } from '../domain/promotion.ts'
import type { EnvironmentSettings, RepoSettings } from '../domain/settings.ts'
import { type CommandPlace, type Named, placeOf, sortWords } from './command-target.ts'
import type { Decision } from './decide-command.ts'
import type { ReadDeps } from './deps.ts'
import { standingPromotion } from './end-promotion.ts'
import type { CommandRecord } from './ledger.ts'

export async function describeStatus(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const place = await placeOf(command, deps)
  const named = sortWords(spoken.words, place)
  refuseStrangers(named, place)
  const asked = askedOf(place, named)
  const into = [...new Set(asked.map(({ environment }) => environment.repository))]
  // In a config repository, also what stops it while nothing of its own is asked for.
  const repositories = [...new Set([place.modelRepository, command.repository, ...into])]
  const kept = await deps.ledger.holds(repositories)
  const rows: StatusRow[] = []
  for (const one of asked) rows.push(await rowOf(one, { repository: place.modelRepository, kept }, deps))
  const shown = new Set(rows.flatMap(({ holds }) => holds))
  const holds = kept.filter((hold) => shown.has(hold))
  return { kind: 'answered', markdown: renderStatus({ rows, holds, readIn: command.repository }) }
}

function refuseStrangers({ rest }: Named, { settings }: CommandPlace): void {
  if (rest[0] === undefined) return
  throw new UserError(
    'environment_unknown',
    `there is no environment or model \`${rest[0]}\``,
    `Environments: ${[...settings.environments.keys()].join(', ')}.`,
  )
}

type Asked = { readonly model: ModelName; readonly name: EnvironmentName; readonly environment: EnvironmentSettings }

function askedOf({ settings }: { readonly settings: RepoSettings }, { model, environment }: Named): readonly Asked[] {
  const models = [...settings.models.values()].filter(({ name }) => model === undefined || name === model)
  return models.flatMap((one) =>
    one.environments.flatMap((name) => {
      const known = settings.environments.get(name)
      const isAsked = known !== undefined && (environment === undefined || name === environment)
      return isAsked ? [{ model: one.name, name, environment: known }] : []
    }),
  )
}

type Around = { readonly repository: RepoName; readonly kept: readonly Hold[] }

async function rowOf(
  { model, name, environment }: Asked,
  { repository, kept }: Around,
  { ledger, clock }: ReadDeps,
): Promise<StatusRow> {
  const key = { repository, model, environment: name }
  const now = clock.now()
  const history = await ledger.history(key)
  const standing = standingPromotion(history)
  const live = livePromotion(history)
  const isUnproven = standing !== undefined && standing.id !== live?.id && standing.stage.at === 'failed'
  return {
    model,
    environment: name,
    live,
    unproven: isUnproven ? standing : undefined,
    active: history.find(isActive),
    holds: holdsOn(kept, key, { into: environment.repository, now }),
    freeze: frozenUntil(environment.freeze, now),
    nextFreeze: nextFreeze(environment.freeze, now),
  }
}
