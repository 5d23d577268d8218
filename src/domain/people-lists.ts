/** Which lists of people hold for what in an environment, those of the config repository included. Who is asked for which: rights.ts; what a name in them means: standing.ts. */
import type { EnvironmentSettings, ModelSettings, Principal } from './settings.ts'
import { WRITERS_OF_BOTH } from './standing.ts'

/** A person may deploy who is in at least one principal of *every* list. Never empty: without lists it is people with write access to both repositories. */
export const deployerLists = ({ deployers, deployersOfBoth }: EnvironmentSettings): readonly (readonly Principal[])[] =>
  deployersOfBoth ?? [deployers ?? WRITERS_OF_BOTH]

/** Whose approvals count that a config repository insists on, where it names nobody. */
export const WRITERS_OF_CONFIG: readonly Principal[] = [{ kind: 'role', role: 'write', on: 'config' }]

/** The lists in *each* of which an approver must be. What the config repository insists on is not given by whomever the model repository names. */
export function approverLists(environment: EnvironmentSettings): readonly (readonly Principal[])[] {
  const { approvers, insisted } = environment
  const own = approvers === undefined ? deployerLists(environment) : [approvers]
  const asked = (insisted?.approvals ?? 0) > 0 ? (insisted?.deployers ?? WRITERS_OF_CONFIG) : undefined
  return eachOnce([...own, insisted?.approvers ?? asked])
}

/** The lists in *each* of which somebody must be who holds or frees. On each side the deployers, where it names nobody for this. */
export function lockerLists(environment: EnvironmentSettings): readonly (readonly Principal[])[] {
  const { lockers, insisted } = environment
  const own = lockers === undefined ? deployerLists(environment) : [lockers]
  return eachOnce([...own, insisted?.lockers ?? insisted?.deployers])
}

/** The lists in *each* of which whoever waived a gate must be for the release to come here. */
export function overriderLists(
  { overriders, insisted }: EnvironmentSettings,
  model: Pick<ModelSettings, 'overriders'>,
): readonly (readonly Principal[])[] {
  return eachOnce([overriders ?? modelOverriders(model), insisted?.overriders])
}

/** Who may waive a gate of the model on its pull request. */
export const modelOverriders = ({ overriders }: Pick<ModelSettings, 'overriders'>): readonly Principal[] =>
  overriders ?? [{ kind: 'role', role: 'maintain', on: 'model' }]

function eachOnce(lists: readonly (readonly Principal[] | undefined)[]): readonly (readonly Principal[])[] {
  return [...new Map(lists.flatMap((list) => (list === undefined ? [] : [[JSON.stringify(list), list]]))).values()]
}
