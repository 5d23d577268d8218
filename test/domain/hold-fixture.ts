/** Holds as tests need them: carol's lock on churn in prod, unless something else is said. */
import { type Hold, holdId } from '../../src/domain/hold.ts'
import type { EnvironmentName, ModelName, RepoName } from '../../src/domain/ids.ts'

export const MODELS = 'acme/models' as RepoName
export const CONFIG = 'acme/ml-config' as RepoName
export const PROD = 'prod' as EnvironmentName
export const CHURN = 'churn' as ModelName
export const FRAUD = 'fraud' as ModelName

export function held(more: Partial<Hold> = {}, cause = 'command 1'): Hold {
  const hold = {
    ...({
      repository: MODELS,
      environment: PROD,
      model: CHURN,
      kind: 'lock',
      by: 'carol',
      reason: 'incident',
    } as const),
    ...{ since: new Date('2026-11-24T09:00:00Z'), until: undefined, confinedTo: undefined },
    ...more,
  }
  return { id: holdId(hold, hold.kind, cause), ...hold }
}

/** Carol stops everything that goes into the config repository. */
export const stopped = (more: Partial<Hold> = {}): Hold =>
  held({ repository: CONFIG, environment: undefined, model: undefined, confinedTo: CONFIG, ...more }, 'command 2')
