/** `/status`: what is live where, since when, by whom; what is under way and waits for what; what is held or frozen. From the ledger alone. */
import { renderStatus, type StatusRow } from '../comments/status.ts'
import { accept } from '../domain/acceptance.ts'
import type { SpokenCommand } from '../domain/command.ts'
import { UserError } from '../domain/failure.ts'
import { frozenUntil, nextFreeze } from '../domain/freeze.ts'
import { type Hold, holdsOn, isOver, isStop } from '../domain/hold.ts'
import type { EnvironmentName, ModelName, RepoName } from '../domain/ids.ts'
import { isActive, livePromotion } from '../domain/promotion.ts'
import type { EnvironmentSettings, RepoSettings } from '../domain/settings.ts'
import { standingPromotion } from '../domain/way-back.ts'
import { NOTHING_WRITTEN } from '../domain/written-artefacts.ts'
import { type CommandPlace, type Named, placeOf, sortWords } from './command-target.ts'
import type { Decision } from './decide-command.ts'
import type { ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import { CONFIG_FILE, takeSettings } from './repo-settings.ts'

export async function describeStatus(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const place = await placeOf(command, deps)
  const asked = (await viewsOf(place, command.repository, deps)).flatMap((view) => {
    const named = sortWords(spoken.words, { ...place, settings: view.settings }, 'any')
    return named.rest.length === 0 ? askedOf(view, named) : []
  })
  if (asked.length === 0) refuseStrangers(sortWords(spoken.words, place, 'any'), place)
  const repositories = asked.flatMap(({ repository, environment }) => [repository, environment.repository])
  const kept = await deps.ledger.holds([...new Set([...repositories, command.repository])])
  const rows: StatusRow[] = []
  for (const one of asked) {
    const environment = await asInsisted(one, command.repository, deps)
    rows.push(await rowOf({ ...one, environment }, kept, deps))
  }
  const shown = new Set(rows.flatMap(({ holds }) => holds))
  // What stops a config repository is told there, also while nothing goes into it.
  const isHere = (hold: Hold) =>
    isStop(hold) && hold.repository === command.repository && !isOver(hold, deps.clock.now())
  const holds = kept.filter((hold) => shown.has(hold) || isHere(hold))
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

/** A model repository as far as it is asked about. `into`: only what goes into that config repository. */
type View = {
  readonly repository: RepoName
  readonly settings: RepoSettings
  readonly into: RepoName | undefined
}

/**
 * In a config repository what goes into it: whoever reads that may not read where else the models go. On an issue of it all that it accepts, as far as it
 * was ever read.
 */
async function viewsOf(place: CommandPlace, readIn: RepoName, deps: ReadDeps): Promise<readonly View[]> {
  const { modelRepository: repository, settings, isIssue } = place
  if (repository !== readIn) return [{ repository, settings, into: readIn }]
  if (!isIssue || settings.models.size > 0) return [{ repository, settings, into: undefined }]
  const views: View[] = []
  for (const from of new Set(settings.accepts.map((entry) => entry.from))) {
    const known = await readBefore(from, deps)
    if (known !== undefined) views.push({ repository: from, settings: known, into: repository })
  }
  return views
}

async function readBefore(repository: RepoName, deps: ReadDeps): Promise<RepoSettings | undefined> {
  const file = await deps.ledger.knownFile(repository, CONFIG_FILE)
  if (file === undefined) return undefined
  try {
    return await takeSettings(repository, file, deps)
  } catch (error) {
    // Broken by now: that is told where its people are.
    if (error instanceof UserError) return undefined
    throw error
  }
}

type Asked = {
  readonly repository: RepoName
  readonly model: ModelName
  readonly name: EnvironmentName
  readonly environment: EnvironmentSettings
}

function askedOf({ repository, settings, into }: View, { model, environment }: Named): readonly Asked[] {
  const models = [...settings.models.values()].filter(({ name }) => model === undefined || name === model)
  return models.flatMap((one) =>
    one.environments.flatMap((name) => {
      const known = settings.environments.get(name)
      if (known === undefined || (environment !== undefined && name !== environment)) return []
      if (into !== undefined && known.repository !== into) return []
      return [{ repository, model: one.name, name, environment: known }]
    }),
  )
}

/** With the freeze that the config repository insists on, as last read. Why it freezes is told in it only: nobody has asked GitHub who can read what. */
async function asInsisted(
  { repository: from, model, name, environment }: Asked,
  readIn: RepoName,
  deps: ReadDeps,
): Promise<EnvironmentSettings> {
  const config = await readBefore(environment.repository, deps)
  const request = { from, model, environment: name, isUnmerged: false, paths: [], ...NOTHING_WRITTEN }
  const verdict = accept(config?.accepts ?? [], request)
  if (verdict.kind === 'refused') return environment
  const isHere = readIn === environment.repository
  const windows = (verdict.require.freeze ?? []).map((window) => (isHere ? window : { ...window, reason: undefined }))
  return { ...environment, freeze: [...environment.freeze, ...windows] }
}

async function rowOf(
  { repository, model, name, environment }: Asked,
  kept: readonly Hold[],
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
