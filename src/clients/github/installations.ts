/** Which Octokit acts for which owner. An App has one installation per owner; it may be removed and made anew, with another id, at any time. */
import { UserError } from '../../domain/failure.ts'
import { nameOf, type RepoName } from '../../domain/ids.ts'
import { answerOf } from '../answer.ts'
import type { GitHubConnection, RestAnswer } from './call.ts'
import { BadCredentials, GitHubRefused, InstallationGone, translateFailure } from './failures.ts'
import type { GitHubOctokit } from './octokit.ts'

/** Whose installation: that of `owner`; with a repository the App must be able to see that too. */
type InstallationOf = { readonly owner: string; readonly repository: RepoName | undefined }

export type Installations = {
  /** Runs `send` with the owner's Octokit; once more with the new one where the installation known so far is gone, or with a new token where GitHub does not take the one that it gave. Throws UserError when there is none. */
  use<T>(of: InstallationOf, send: (octokit: GitHubOctokit) => Promise<T>): Promise<T>
}

type AskAsApp = (route: string, parameters: Readonly<Record<string, unknown>>) => Promise<RestAnswer>

/** `ask` is a REST call with the App's JWT. Ids come from the store, else from GitHub; those from GitHub are kept. */
export function createInstallations(connection: GitHubConnection, ask: AskAsApp): Installations {
  const octokits = new Map<number, Promise<GitHubOctokit>>()
  const found = new Map<string, number>()
  const find = async (of: InstallationOf): Promise<number> => {
    const id = await findInstallation(ask, of)
    found.set(of.owner, id)
    return id
  }
  const octokitOf = async (id: number): Promise<GitHubOctokit> => {
    const known = octokits.get(id) ?? connection.octokitFor(id)
    octokits.set(id, known)
    try {
      return await known
    } catch (error) {
      octokits.delete(id)
      throw translateFailure(error, 'an installation token', connection.clock.now())
    }
  }
  const sendAs = async <T>(id: number, send: (octokit: GitHubOctokit) => Promise<T>): Promise<T> => {
    const octokit = await octokitOf(id)
    try {
      return await send(octokit)
    } catch (error) {
      if (!(error instanceof BadCredentials)) throw error
      await renewToken(octokit, connection.clock.now())
      return send(octokit)
    }
  }
  return {
    use: async (of, send) => {
      const id = found.get(of.owner) ?? (await connection.installationOf(of.owner)) ?? (await find(of))
      try {
        return await sendAs(id, send)
      } catch (error) {
        if (!(error instanceof InstallationGone)) throw error
        octokits.delete(id)
      }
      const fresh = await find(of)
      if (fresh === id) throw notVisible(of.repository ?? of.owner)
      return sendAs(fresh, send)
    },
  }
}

/** Octokit keeps a token for its hour, whatever becomes of it at GitHub: somebody may revoke it. */
async function renewToken(octokit: GitHubOctokit, now: Date): Promise<void> {
  try {
    await octokit.auth({ type: 'installation', refresh: true })
  } catch (error) {
    throw translateFailure(error, 'an installation token', now)
  }
}

async function findInstallation(ask: AskAsApp, of: InstallationOf): Promise<number> {
  try {
    const { data } = await (of.repository === undefined
      ? ask('GET /users/{username}/installation', { username: of.owner })
      : ask('GET /repos/{owner}/{repo}/installation', { owner: of.owner, repo: nameOf(of.repository) }))
    return answerOf('GitHub', data).integer('id')
  } catch (error) {
    if (error instanceof GitHubRefused && error.status === 404) throw notVisible(of.repository ?? of.owner)
    throw error
  }
}

/** What a person is told when the App is not installed where it is needed. */
export function notVisible(what: string): UserError {
  return new UserError(
    'accepts_missing',
    `Lockkeeper cannot see ${what}.`,
    `Install the Lockkeeper GitHub App there, or check the name.`,
  )
}
