/** Whom a reader of the pages can be. */
import { baseOf } from '../grants.ts'
import { repositoryNamed } from '../people.ts'
import { findUser, type GitHubState } from '../state.ts'

export type Person = { readonly login: string; readonly role: string }

/** The people of a repository, whoever may do most first come as they were invited. */
export function peopleOf(state: GitHubState, name: string): Person[] {
  return [...repositoryNamed(state, name).collaborators].flatMap(([login, grant]) => {
    const user = findUser(state, login)
    return user === undefined ? [] : [{ login: user.login, role: baseOf(grant) }]
  })
}
