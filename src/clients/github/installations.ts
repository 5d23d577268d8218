/** Which Octokit acts for which owner. An App has one installation per owner; it may be removed and made anew, with another id, at any time. */
import { UserError } from '../../domain/failure.ts'
import { nameOf, type RepoName } from '../../domain/ids.ts'
import { answerOf } from '../answer.ts'
import type { GitHubConnection, RestAnswer } from './call.ts'
import { GitHubRefused, InstallationGone, translateFailure } from './failures.ts'
import type { GitHubOctokit } from './octokit.ts'

/** Whose installation: that of `owner`; with a repository the App must be able to see that too. */
type InstallationOf = { readonly owner: string; readonly repository: RepoName | undefined }

export type Installations = {
  /** Runs `send` with the owner's Octokit; once more with the new one where the installation known so far is gone. Throws UserError when there is none. */
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
  return {
    use: async (of, send) => {
      const id = found.get(of.owner) ?? (await connection.installationOf(of.owner)) ?? (await find(of))
      try {
        return await send(await octokitOf(id))
      } catch (error) {
        if (!(error instanceof InstallationGone)) throw error
        octokits.delete(id)
      }
      const fresh = await find(of)
      if (fresh === id) throw notVisible(of.repository ?? of.owner)
      return send(await octokitOf(fresh))
    },
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
