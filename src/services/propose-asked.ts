/** A promotion that a person asked for gets into the ledger, in place of one that is not merged yet. Part of deploy-release.ts. */
import type { SpokenCommand } from '../domain/command.ts'
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { UserError } from '../domain/failure.ts'
import type { Promotion } from '../domain/promotion.ts'
import type { Deps } from './deps.ts'
import type { Judged } from './judge-promotion.ts'

/** The promotion is given the rules that its environment lets be forced; by whom is a rule itself, and judged with the others. */
export const withForce = (promotion: Promotion, { environment }: Judged['context']): Promotion =>
  promotion.via.kind === 'force'
    ? { ...promotion, via: { ...promotion.via, rules: environment.force.rules } }
    : promotion

type Asked = {
  readonly spoken: SpokenCommand
  readonly promotion: Promotion
  /** What is under way and not merged. */
  readonly active: Promotion | undefined
}

export async function proposeAsked({ spoken, promotion, active }: Asked, deps: Deps): Promise<CommandOutcome> {
  const superseded: Promotion | undefined = active && {
    ...active,
    stage: {
      at: 'superseded',
      endedAt: promotion.createdAt,
      by: promotion.id,
      label: promotion.label,
      wasMerged: false,
    },
  }
  const { model, environment } = promotion
  const answer = await deps.ledger.propose(promotion, superseded, {
    at: deps.clock.now(),
    actor: 'by' in promotion.via ? promotion.via.by : 'lockkeeper',
    action: 'deploy',
    subject: promotion.id,
    detail: { model, environment, release: promotion.release ?? null, via: promotion.via },
  })
  if (answer === 'busy')
    throw new UserError(
      'promotion_in_progress',
      `another promotion to ${promotion.environment} began a moment ago`,
      'Look at `/status`, then repeat the command.',
    )
  return { kind: 'promotion', line: spoken.line, promotion: promotion.id }
}
