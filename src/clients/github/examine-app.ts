/** The App as `lockkeeper doctor` looks at it: its identity, what it asks for, and what each owner has accepted. At start only identify-app.ts is asked. */
import { missingEvents, missingPermissions } from '../../domain/app-needs.ts'
import { UserError } from '../../domain/failure.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import { translateFailure } from './failures.ts'
import { type AppSettings, permissionsOf, readApp } from './identify-app.ts'
import type { GitHubOctokit } from './octokit.ts'

const INSTALLATIONS = 'GET /app/installations'
/** Owners whose acceptance is looked at; more of them are counted only. */
const PAGE = 100

/** One line about the App. Throws UserError for the first thing that somebody has to change, SystemUnavailable for an outage. */
export async function examineApp(
  appOctokit: Pick<GitHubOctokit, 'request'>,
  settings: AppSettings & { readonly webUrl: string },
): Promise<string> {
  const { slug, permissions, events } = await readApp(appOctokit, settings)
  const lacking = [
    ...missingPermissions(permissions).map((each) => `permission ${each}`),
    ...missingEvents(events).map((each) => `event ${each}`),
  ]
  if (lacking.length > 0)
    throw new UserError(
      'system_unavailable',
      `The App ${slug} does not ask for: ${lacking.join(', ')}`,
      `Add them at ${settings.webUrl}/settings/apps/${slug}/permissions (an organisation's App: in its settings), as in app.yml.`,
    )
  const installations = await readInstallations(appOctokit)
  if (installations.length === 0)
    throw new UserError(
      'system_unavailable',
      `The App ${slug} is installed nowhere`,
      `Install it at ${settings.webUrl}/apps/${slug}, for the model and the config repositories.`,
    )
  for (const { owner, granted, isSuspended, url } of installations) {
    const missing = missingPermissions(granted)
    if (isSuspended)
      throw new UserError('system_unavailable', `${owner} has suspended the App`, `Unsuspend it at ${url}.`)
    if (missing.length > 0)
      throw new UserError(
        'system_unavailable',
        `${owner} has not accepted: ${missing.join(', ')}`,
        `An owner of ${owner} accepts new permissions at ${url}.`,
      )
  }
  const owners = installations.map(({ owner }) => owner)
  return `App ${settings.appId} at ${settings.host}, installed for ${owners.slice(0, 5).join(', ')}${owners.length > 5 ? ` and ${owners.length - 5} more` : ''}`
}

type Installation = {
  readonly owner: string
  readonly granted: ReadonlyMap<string, string>
  readonly isSuspended: boolean
  readonly url: string
}

async function readInstallations(appOctokit: Pick<GitHubOctokit, 'request'>): Promise<readonly Installation[]> {
  let data: unknown
  try {
    data = (await appOctokit.request(INSTALLATIONS, { per_page: PAGE })).data
  } catch (error) {
    throw translateFailure(error, INSTALLATIONS, new Date())
  }
  const list: readonly unknown[] = Array.isArray(data) ? data : []
  return list.flatMap((each) => {
    const installation = fieldsOf(each)
    const owner = fieldsOf(installation?.['account'])?.['login']
    if (installation === undefined || typeof owner !== 'string') return []
    return [
      {
        owner,
        granted: permissionsOf(installation['permissions']),
        isSuspended: typeof installation['suspended_at'] === 'string',
        url: String(installation['html_url']),
      },
    ]
  })
}
