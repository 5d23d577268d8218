/** One comment in the thread of a model pull request that tells what became of its releases and heads, environment by environment. */
import { renderThread, type ThreadInput } from '../comments/thread.ts'
import { UserError } from '../domain/failure.ts'
import type { RepoName } from '../domain/ids.ts'
import { renderMarker } from '../domain/marker.ts'
import { livePromotion, type Promotion } from '../domain/promotion.ts'
import type { RepoSettings } from '../domain/settings.ts'
import type { Deps } from './deps.ts'
import { commentWrite, type PlannedWrite, writeAll } from './publish-comment.ts'
import { knownSettings } from './repo-settings.ts'

/** undefined when there is nothing new to tell, or no pull request to tell it on. */
export async function threadWrite(
  repository: RepoName,
  number: number | undefined,
  deps: Deps,
): Promise<PlannedWrite | undefined> {
  if (number === undefined) return undefined
  const releases = await deps.ledger.releasesOf({ repository, pullRequest: number })
  const subjectId = releases[0]?.pullRequest?.id
  if (subjectId === undefined) return undefined
  const promotions = await deps.ledger.promotionsOfThread(repository, number)
  const environments = await environmentsOf(repository, deps)
  const body = renderThread({ releases, promotions, environments, replaced: await replacements(promotions, deps) })
  if (body === undefined) return undefined
  const marker = renderMarker('thread', { pull_request: number })
  return commentWrite(
    { key: `thread:${repository}#${number}`, repository, number, subjectId, marker, body: `${marker}\n${body}` },
    deps,
  )
}

/** What is live now where a head of this pull request was: only such promotions take turns without an order. */
async function replacements(promotions: readonly Promotion[], { ledger }: Deps): Promise<ThreadInput['replaced']> {
  const replaced = new Map<string, { readonly label: string; readonly at: string }>()
  for (const promotion of promotions) {
    if (promotion.head === undefined || promotion.stage.at !== 'verified') continue
    const live = livePromotion(await ledger.history(promotion))
    if (live?.stage.at === 'verified' && live.release !== promotion.release)
      replaced.set(promotion.id, { label: live.label, at: live.stage.verifiedAt })
  }
  return replaced
}

/** Where each model can go, and whether by itself. */
async function environmentsOf(repository: RepoName, deps: Deps): Promise<ThreadInput['environments']> {
  const { models, environments } = await readable(repository, deps)
  const entries = [...models.values()].map((model) => {
    const known = model.environments.flatMap((name) => {
      const settings = environments.get(name)
      if (settings === undefined) return []
      const { deploy, soak, after } = settings
      return [{ name, byItself: deploy !== 'on-command', soak, after }]
    })
    return [model.name, known] as const
  })
  return new Map(entries)
}

/** What is wrong with a configuration is no reason to say nothing; only what comes next is then unknown. */
async function readable(repository: RepoName, deps: Deps): Promise<Pick<RepoSettings, 'models' | 'environments'>> {
  try {
    return await knownSettings(repository, deps)
  } catch (error) {
    if (error instanceof UserError) return { models: new Map(), environments: new Map() }
    throw error
  }
}

/** Several subjects tell of one pull request: its release, and every environment. One at a time, or two would each make the comment. */
export async function inThread(
  { repository, number }: { readonly repository: RepoName; readonly number: number | undefined },
  { ledger }: Pick<Deps, 'ledger'>,
  write: () => Promise<void>,
): Promise<void> {
  if (number === undefined) await write()
  else await ledger.exclusively(`thread ${repository}#${number}`, write)
}

/** Brings the thread up to date by itself. */
export async function publishThread(repository: RepoName, number: number | undefined, deps: Deps): Promise<void> {
  await inThread({ repository, number }, deps, async () =>
    writeAll([await threadWrite(repository, number, deps)], deps),
  )
}
