/** Asks the environment's GitOps engine how it stands to our commit. The one list of engines: each is a file here, and a pure rule in src/domain/. Asked by follow-sync.ts and look-at-engine.ts. */
import type { CommitSha } from '../domain/ids.ts'
import type { Promotion } from '../domain/promotion.ts'
import type { EnvironmentSettings } from '../domain/settings.ts'
import type { Readiness } from '../domain/sync-readiness.ts'
import type { SyncSettings } from '../domain/sync-settings.ts'
import { renderTemplate, type Template } from '../domain/template.ts'
import type { Deps } from './deps.ts'
import { applicationOf, lookAtArgoCd } from './look-at-argocd.ts'
import { lookAtFleet } from './look-at-fleet.ts'
import { lookAtFlux } from './look-at-flux.ts'
import { lookAtReported, reportedName } from './look-at-reported.ts'

/** A promotion whose commit is on the config repository's branch. */
export type Synced = {
  readonly promotion: Promotion
  /** The merge commit. */
  readonly revision: CommitSha
  /** ISO instant. */
  readonly mergedAt: string
  readonly environment: EnvironmentSettings
  /** Where it is given, commits that the engine names and of which GitHub cannot tell yet whether they are ours are added to it (our-revisions.ts). */
  readonly unread?: Set<string>
}

/** How an engine stands to it. `settings` are those under its own key of `sync:`. Refusals of the policy or the cluster are `blocked`; throws only for outages of GitHub. */
export type LookAtEngine<Engine extends EngineName> = (
  synced: Synced,
  settings: NonNullable<SyncSettings[Engine]>,
  deps: Deps,
) => Promise<Readiness>

export type EngineName = Exclude<keyof SyncSettings, 'within'>

const ENGINES: { readonly [Engine in EngineName]-?: LookAtEngine<Engine> } = {
  argocd: lookAtArgoCd,
  flux: lookAtFlux,
  fleet: lookAtFleet,
  reported: lookAtReported,
}

export async function lookAtSync(synced: Synced, deps: Deps): Promise<Readiness> {
  const { sync } = synced.environment
  if (sync.argocd !== undefined) return ENGINES.argocd(synced, sync.argocd, deps)
  if (sync.flux !== undefined) return ENGINES.flux(synced, sync.flux, deps)
  if (sync.fleet !== undefined) return ENGINES.fleet(synced, sync.fleet, deps)
  if (sync.reported !== undefined) return ENGINES.reported(synced, sync.reported, deps)
  throw new Error(`environment ${synced.environment.name} names no GitOps engine, which its parser refuses`)
}

/** What is asked, as its people call it: `Application argocd/churn-prod`. */
export function subjectOf({ promotion, environment: { sync } }: Pick<Synced, 'promotion' | 'environment'>): string {
  if (sync.reported !== undefined) return reportedName(sync.reported, { promotion })
  if (sync.flux !== undefined) return `${sync.flux.kind} ${sync.flux.namespace}/${named(sync.flux.name, promotion)}`
  if (sync.fleet !== undefined) return `GitRepo ${sync.fleet.namespace}/${named(sync.fleet.gitRepo, promotion)}`
  if (sync.argocd === undefined) return 'sync'
  const at = applicationOf(sync.argocd, promotion)
  return `Application ${sync.argocd.namespace}/${at.ok ? at.text : sync.argocd.application.source}`
}

function named(template: Template, { model, environment }: Promotion): string {
  const name = renderTemplate(template, { 'model.name': model, environment })
  return name.ok ? name.text : template.source
}
