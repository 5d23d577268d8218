/** The App as `lockkeeper doctor` looks at it: its identity, what it asks for, and what each owner has accepted. At start only identify-app.ts is asked. */
import { missingEvents, missingPermissions, whatBreaks } from '../../domain/app-needs.ts'
import { UserError } from '../../domain/failure.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import { translateFailure } from './failures.ts'
import { type AppFacts, type AppSettings, permissionsOf, readApp } from './identify-app.ts'
import type { GitHubOctokit } from './octokit.ts'

const INSTALLATIONS = 'GET /app/installations'
/** Owners whose acceptance is looked at; more of them are counted only. */
const PAGE = 100

type Problem = { readonly said: string; readonly remedy: string }

/** One line about the App. Throws UserError with everything that somebody has to change, a line of remedy for each, SystemUnavailable for an outage. */
export async function examineApp(
  appOctokit: Pick<GitHubOctokit, 'request'>,
  settings: AppSettings & { readonly webUrl: string },
): Promise<string> {
  const app = await readApp(appOctokit, settings)
  const installations = await readInstallations(appOctokit)
  const problems = [
    ...problemsOfApp(app, settings.webUrl),
    ...installations.flatMap((installation) => problemsOfInstallation(installation, app)),
  ]
  if (installations.length === 0)
    problems.push({
      said: `The App ${app.slug} is installed nowhere`,
      remedy: `Install it at ${settings.webUrl}/apps/${app.slug}, for the model and the config repositories.`,
    })
  if (problems.length > 0)
    throw new UserError(
      'system_unavailable',
      problems.map(({ said }) => said).join('; '),
      problems.map(({ remedy }) => remedy).join('\n'),
    )
  const owners = installations.map(({ owner }) => owner)
  return `App ${settings.appId} at ${settings.host}, installed for ${owners.slice(0, 5).join(', ')}${owners.length > 5 ? ` and ${owners.length - 5} more` : ''}`
}

function problemsOfApp({ slug, permissions, events }: AppFacts, webUrl: string): readonly Problem[] {
  const [lacking, unheard] = [missingPermissions(permissions), missingEvents(events)]
  if (lacking.length + unheard.length === 0) return []
  const names = [...lacking.map((each) => `permission ${each}`), ...unheard.map((each) => `event ${each}`)]
  return [
    {
      said: `The App ${slug} does not ask for: ${names.join(', ')}`,
      remedy: [
        `Add them at ${webUrl}/settings/apps/${slug}/permissions (an organisation's App: in its settings), as in app.yml.`,
        ...consequences([...lacking, ...unheard]),
      ].join('\n'),
    },
  ]
}

/** What the App itself does not ask for nobody can accept. */
function problemsOfInstallation(
  { owner, granted, isSuspended, url }: AppInstallation,
  app: AppFacts,
): readonly Problem[] {
  if (isSuspended) return [{ said: `${owner} has suspended the App`, remedy: `Unsuspend it at ${url}.` }]
  const askedFor = new Set(missingPermissions(app.permissions))
  const missing = missingPermissions(granted).filter((each) => !askedFor.has(each))
  if (missing.length === 0) return []
  return [
    {
      said: `${owner} has not accepted: ${missing.join(', ')}`,
      remedy: [`An owner of ${owner} accepts new permissions at ${url}.`, ...consequences(missing)].join('\n'),
    },
  ]
}

/** `checks: write: no check run says…`. */
const consequences = (missing: readonly string[]): readonly string[] =>
  missing.map((each) => `without ${each}: ${whatBreaks(each.split(':')[0] ?? '')}`)

export type AppInstallation = {
  readonly id: number
  readonly owner: string
  readonly granted: ReadonlyMap<string, string>
  readonly isSuspended: boolean
  readonly url: string
}

/** What each owner has accepted, of at most a hundred. */
export async function readInstallations(
  appOctokit: Pick<GitHubOctokit, 'request'>,
): Promise<readonly AppInstallation[]> {
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
        id: Number(installation['id']),
        owner,
        granted: permissionsOf(installation['permissions']),
        isSuspended: typeof installation['suspended_at'] === 'string',
        url: String(installation['html_url']),
      },
    ]
  })
}
