/** What people may do, as parts of a document: `collaborators(login:)` per repository and person, `members(query:)` per team and person. */
import type { RepoName } from '../../../domain/ids.ts'
import type { StandingQuestion } from '../../../services/ports.ts'
import type { DocumentPart } from './compose.ts'
import { repositoryVariables } from './pull-request.ts'

/** The alias under which person `login` is asked about within a repository or team. */
export const personAlias = (login: number): string => `p${login}`
/** The alias of repository `index` of the question. */
export const repositoryAlias = (index: number): string => `standing${index}`
/** The alias of team `index` of the question. */
export const teamAlias = (index: number): string => `team${index}`

/** One repository's part. `login:` compares exactly; `query:` would be a fuzzy search. */
export function collaboratorPart(
  index: number,
  repository: RepoName,
  { logins, roles = false }: Pick<StandingQuestion, 'logins' | 'roles'>,
): DocumentPart {
  const { owner, name } = repositoryVariables(repository)
  // `permission` is the built-in role that a custom one extends: its own name stands with the source that grants it.
  const edge = `permission ${roles ? 'permissionSources { roleName } ' : ''}node { login }`
  const [ownerVariable, nameVariable] = [`so${index}`, `sn${index}`]
  const people = logins.map(
    (_, login) => `${personAlias(login)}: collaborators(login: $login${login}, first: 1) { edges { ${edge} } }`,
  )
  return {
    selection: `${repositoryAlias(index)}: repository(owner: $${ownerVariable}, name: $${nameVariable}) {
  ${people.join('\n  ')}
}`,
    declarations: { [ownerVariable]: 'String!', [nameVariable]: 'String!', ...loginDeclarations(logins) },
    variables: { [ownerVariable]: owner, [nameVariable]: name, ...loginVariables(logins) },
    fragments: [],
  }
}

/** One team's part. `query:` is fuzzy, so that the answer is compared exactly by its reader. */
export function teamPart(
  index: number,
  team: StandingQuestion['teams'][number],
  logins: readonly string[],
): DocumentPart {
  const [organization, slug] = [`to${index}`, `ts${index}`]
  const people = logins.map(
    (_, login) =>
      `${personAlias(login)}: members(query: $login${login}, first: 100) { pageInfo { hasNextPage } nodes { login } }`,
  )
  return {
    selection: `${teamAlias(index)}: organization(login: $${organization}) {
  team(slug: $${slug}) {
    ${people.join('\n    ')}
  }
}`,
    declarations: { [organization]: 'String!', [slug]: 'String!', ...loginDeclarations(logins) },
    variables: { [organization]: team.organization, [slug]: team.slug, ...loginVariables(logins) },
    fragments: [],
  }
}

const loginDeclarations = (logins: readonly string[]) =>
  Object.fromEntries(logins.map((_, index) => [`login${index}`, 'String!']))

const loginVariables = (logins: readonly string[]) =>
  Object.fromEntries(logins.map((login, index) => [`login${index}`, login]))
