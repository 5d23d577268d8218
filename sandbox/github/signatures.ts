/** Names, times and signatures that GitHub puts on commits. Commits themselves are written by git.ts. */
import { createHash } from 'node:crypto'
import { type Commit, serialiseCommit } from './git.ts'
import type { User } from './model.ts'
import type { GitHubState } from './state.ts'

export type Identity = { readonly name: string; readonly email: string }

/** The committer of what is done through the web or a mutation. */
export const GITHUB_IDENTITY: Identity = { name: 'GitHub', email: 'noreply@github.com' }

/** Name and private address of an account on commits. */
export function identityOf(state: GitHubState, user: User): Identity {
  const { hostname } = new URL(state.urls.web)
  return { name: user.name ?? user.login, email: `${user.id}+${user.login}@users.noreply.${hostname}` }
}

/** Now in whole seconds since 1970, on the sandbox's clock. */
export const commitTime = (state: GitHubState): number => Math.floor(state.clock.now().getTime() / 1000)

/** The commit with the signature block of commits that GitHub makes itself. It is not a real signature: nothing here holds GitHub's key. */
export function signByGitHub(commit: Commit): Commit {
  const digest = createHash('sha512').update(serialiseCommit(commit)).digest('base64')
  return { ...commit, gpgsig: `-----BEGIN PGP SIGNATURE-----\n\n${digest}\n-----END PGP SIGNATURE-----\n` }
}
