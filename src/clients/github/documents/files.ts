/** Several files of one commit under the aliases f0…fn: the document behind `readFiles`, and a part of the promotion's. */
import { parseCommitSha, type RepoName } from '../../../domain/ids.ts'
import type { GraphqlRequest } from '../graphql.ts'
import { composeQuery, type DocumentPart } from './compose.ts'
import { FILE_PARTS } from './fragments.ts'
import { repositoryVariables } from './pull-request.ts'

/** Selections `f0: file(path: $f0) …` on a commit, with their variables. */
export function fileSelections(paths: readonly string[]): Omit<DocumentPart, 'fragments'> {
  const names = paths.map((_, index) => `f${index}`)
  return {
    selection: names.map((name) => `${name}: file(path: $${name}) { ...FileParts }`).join('\n'),
    declarations: Object.fromEntries(names.map((name) => [name, 'String!'])),
    variables: Object.fromEntries(names.map((name, index) => [name, paths[index]])),
  }
}

/** Files at a commit id, a branch name or `HEAD`. A branch is asked for by its full name: a tag may have the same. */
export function filesRequest(repository: RepoName, ref: string, paths: readonly string[]): GraphqlRequest {
  const files = fileSelections(paths)
  const expression = ref === 'HEAD' || ref.startsWith('refs/') || isCommit(ref) ? ref : `refs/heads/${ref}`
  return composeQuery('ReadFiles', [
    {
      selection: `repository(owner: $owner, name: $name) {
  object(expression: $expression) { ... on Commit { oid ${files.selection} } }
}`,
      declarations: { owner: 'String!', name: 'String!', expression: 'String!', ...files.declarations },
      variables: { ...repositoryVariables(repository), expression, ...files.variables },
      fragments: [FILE_PARTS],
    },
  ])
}

const isCommit = (ref: string): boolean => parseCommitSha(ref) !== undefined
