/** The first question at start: does GitHub answer, and does it know the App? Says in the operator's words what is wrong when not. */
import { UserError } from '../../domain/failure.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import { GitHubRefused, translateFailure } from './failures.ts'
import type { GitHubOctokit } from './octokit.ts'

export type AppSettings = {
  readonly appId: number
  /** Base of REST calls. */
  readonly apiUrl: string
  /** `github.com`, or GHE_HOST. */
  readonly host: string
}

const WHAT = 'GET /app'

/** What GitHub knows about the App itself. */
export type AppFacts = {
  readonly slug: string
  /** What its settings page asks for: `checks` → `write`. Each installation has accepted this or something earlier. */
  readonly permissions: ReadonlyMap<string, string>
  readonly events: readonly string[]
}

/** The App's slug; its user is called `<slug>[bot]`. Throws UserError when GitHub, the App or its key is not as the settings say. */
export async function identifyApp(appOctokit: Pick<GitHubOctokit, 'request'>, settings: AppSettings): Promise<string> {
  return (await readApp(appOctokit, settings)).slug
}

/** Throws as identifyApp does. */
export async function readApp(appOctokit: Pick<GitHubOctokit, 'request'>, settings: AppSettings): Promise<AppFacts> {
  let data: unknown
  try {
    data = (await appOctokit.request(WHAT)).data
  } catch (error) {
    throw explain(error, settings)
  }
  const app = fieldsOf(data)
  const slug = app?.['slug']
  if (typeof slug === 'string' && slug !== '')
    return { slug, permissions: permissionsOf(app?.['permissions']), events: textsOf(app?.['events']) }
  throw new UserError(
    'system_unavailable',
    `What answers at ${settings.apiUrl} is not GitHub's API.`,
    `${whereFrom(settings)} A proxy or a login page may stand in between.`,
  )
}

/** `{checks: "write"}` of an App or an installation. */
export function permissionsOf(value: unknown): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(fieldsOf(value) ?? {}).flatMap(([name, level]): [string, string][] =>
      typeof level === 'string' ? [[name, level]] : [],
    ),
  )
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []

function explain(error: unknown, settings: AppSettings): Error {
  const { appId, apiUrl } = settings
  if (fieldsOf(error)?.['status'] === 401) {
    return new UserError(
      'system_unavailable',
      `GitHub at ${apiUrl} does not accept the key of App ${appId}.`,
      "Compare APP_ID and the private key (PRIVATE_KEY, PRIVATE_KEY_PATH) with the App's settings page, and check this machine's clock.",
    )
  }
  const failure = translateFailure(error, WHAT, new Date())
  if (failure instanceof GitHubRefused && failure.status === 404) {
    return new UserError(
      'system_unavailable',
      `GitHub at ${apiUrl} has no App ${appId}.`,
      `Compare APP_ID with the App's settings page. ${whereFrom(settings)}`,
    )
  }
  return new UserError(
    'system_unavailable',
    `GitHub at ${apiUrl} cannot be used: ${failure.message.replace(/^GitHub: /, '')}.`,
    `Check this machine's network and proxy. ${whereFrom(settings)}`,
  )
}

const whereFrom = ({ host }: AppSettings): string =>
  host === 'github.com' ? 'GHE_HOST is not set, so github.com is asked.' : `GHE_HOST is ${host}; is that right?`
