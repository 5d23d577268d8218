/** `/status`: what is live where, since when, by whom; what is under way; what is held. From the ledger alone. */
import { renderStatus, type StatusRow } from '../comments/status.ts'
import type { SpokenCommand } from '../domain/command.ts'
import { UserError } from '../domain/failure.ts'
import { frozenUntil } from '../domain/freeze.ts'
import { isActive, livePromotion } from '../domain/promotion.ts'
import { placeOf, sortWords } from './command-target.ts'
import type { Decision } from './decide-command.ts'
import type { ReadDeps } from './deps.ts'
import { standingPromotion } from './end-promotion.ts'
import type { CommandRecord } from './ledger.ts'

export async function describeStatus(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const place = await placeOf(command, deps)
  const { environment, model, rest } = sortWords(spoken.words, place)
  if (rest[0] !== undefined) {
    throw new UserError(
      'environment_unknown',
      `there is no environment or model \`${rest[0]}\``,
      `Environments: ${[...place.settings.environments.keys()].join(', ')}.`,
    )
  }
  const rows: StatusRow[] = []
  for (const settings of place.settings.models.values()) {
    if (model !== undefined && settings.name !== model) continue
    for (const name of settings.environments) {
      if (environment !== undefined && name !== environment) continue
      const key = { repository: place.modelRepository, model: settings.name, environment: name }
      const history = await deps.ledger.history(key)
      const standing = standingPromotion(history)
      const live = livePromotion(history)
      rows.push({
        model: settings.name,
        environment: name,
        live,
        unproven:
          standing !== undefined && standing.id !== live?.id && standing.stage.at === 'failed' ? standing : undefined,
        active: history.find(isActive),
        hold: await deps.ledger.hold(key),
        freeze: frozenUntil(place.settings.environments.get(name)?.freeze ?? [], deps.clock.now()),
      })
    }
  }
  return { kind: 'answered', markdown: renderStatus(rows) }
}
