/** What a ledger has otherwise than GitHub tells it: `lockkeeper rebuild --check`. */
import type { Hold } from '../domain/hold.ts'
import { type Promotion, reachedGit } from '../domain/promotion.ts'
import type { LedgerExtract, RebuiltHold, RebuiltLedger } from './ports.ts'

/** A line each; empty where they agree. What never reached Git is in the ledger alone, and no difference. */
export function ledgerDifferences(there: LedgerExtract, rebuilt: RebuiltLedger): readonly string[] {
  const ids = rebuilt.releases.flatMap(({ state }) => (state.kind === 'complete' ? [state.release.id] : []))
  return [
    ...ids.filter((id) => !there.releases.includes(id)).map((id) => `release ${id}: at GitHub only`),
    ...promotionDifferences(there.promotions, rebuilt.promotions),
    ...holdDifferences(there.holds, rebuilt.holds),
  ]
}

function promotionDifferences(there: readonly Promotion[], rebuilt: readonly Promotion[]): readonly string[] {
  const known = new Map(there.map((one) => [one.id, one]))
  const found = new Map(rebuilt.map((one) => [one.id, one]))
  return [
    ...rebuilt.flatMap((one) => {
      const own = known.get(one.id)
      if (own === undefined) return [`${words(one)}: at GitHub only, ${one.stage.at}`]
      return stageOf(own) === stageOf(one)
        ? []
        : [`${words(one)}: ${own.stage.at} in the ledger, ${one.stage.at} at GitHub`]
    }),
    ...there
      .filter((one) => reachedGit(one) && !found.has(one.id))
      .map((one) => `${words(one)}: in the ledger only, ${one.stage.at}`),
  ]
}

/** GitHub does not tell how far a merged one is, nor whether an open one has been written. */
function stageOf({ stage }: Promotion): string {
  if (stage.at === 'verifying') return 'syncing'
  return stage.at === 'opened' ? 'proposed' : stage.at
}

const words = ({ kind, model, label, environment, id }: Promotion): string =>
  `${kind} of ${model} ${label} to ${environment} (${id})`

function holdDifferences(there: readonly RebuiltHold[], rebuilt: readonly RebuiltHold[]): readonly string[] {
  const [own, found] = [inForce(there), inForce(rebuilt)]
  return [
    ...[...found].filter(([id]) => !own.has(id)).map(([, hold]) => `${holdWords(hold)}: at GitHub only`),
    ...[...own].filter(([id]) => !found.has(id)).map(([, hold]) => `${holdWords(hold)}: in the ledger only`),
  ]
}

const inForce = (holds: readonly RebuiltHold[]): ReadonlyMap<string, Hold> =>
  new Map(holds.flatMap(({ hold, endedBy }) => (endedBy === undefined ? [[hold.id, hold] as const] : [])))

const holdWords = ({ kind, repository, environment, model, by }: Hold): string =>
  `${kind} by ${by} on ${[repository, environment, model].filter((part) => part !== undefined).join(' ')}`
