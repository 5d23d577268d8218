/** Files under the aliases f0…fn: those of one commit as a part of the promotion's document, those of several commits as the document behind `readFiles`. */
import { parseCommitSha, type RepoName } from '../../../domain/ids.ts'
import type { GraphqlRequest } from '../graphql.ts'
import { composeQuery, type DocumentPart } from './compose.ts'
import { FILE_PARTS } from './fragments.ts'
import { repositoryVariables } from './pull-request.ts'

const selectionOf = (index: number): string => `f${index}: file(path: $f${index}) { ...FileParts }`

const variablesOf = (paths: readonly string[]): Pick<DocumentPart, 'declarations' | 'variables'> => ({
  declarations: Object.fromEntries(paths.map((_, index) => [`f${index}`, 'String!'])),
  variables: Object.fromEntries(paths.map((path, index) => [`f${index}`, path])),
})

/** Selections `f0: file(path: $f0) …` on a commit, with their variables. */
export function fileSelections(paths: readonly string[]): Omit<DocumentPart, 'fragments'> {
  return { selection: paths.map((_, index) => selectionOf(index)).join('\n'), ...variablesOf(paths) }
}

/** A file at a commit id, a branch name or `HEAD`. */
export type FileAt = { readonly ref: string; readonly path: string }

/** The refs in the order of their aliases c0…cn in `filesRequest`; a file's own alias is its place among the files. */
export const refsOf = (files: readonly FileAt[]): readonly string[] => [...new Set(files.map(({ ref }) => ref))]

/** A branch is asked for by its full name: a tag may have the same. */
export function filesRequest(repository: RepoName, files: readonly FileAt[]): GraphqlRequest {
  const refs = refsOf(files)
  const commits = refs.map((ref, commit) => {
    const selections = files.flatMap((file, index) => (file.ref === ref ? [selectionOf(index)] : []))
    return `  c${commit}: object(expression: $c${commit}) { ... on Commit { oid ${selections.join('\n')} } }`
  })
  const { declarations, variables } = variablesOf(files.map(({ path }) => path))
  return composeQuery('ReadFiles', [
    {
      selection: `repository(owner: $owner, name: $name) {\n${commits.join('\n')}\n}`,
      declarations: {
        owner: 'String!',
        name: 'String!',
        ...Object.fromEntries(refs.map((_, commit) => [`c${commit}`, 'String!'])),
        ...declarations,
      },
      variables: {
        ...repositoryVariables(repository),
        ...Object.fromEntries(refs.map((ref, commit) => [`c${commit}`, expressionOf(ref)])),
        ...variables,
      },
      fragments: [FILE_PARTS],
    },
  ])
}

const expressionOf = (ref: string): string =>
  ref === 'HEAD' || ref.startsWith('refs/') || parseCommitSha(ref) !== undefined ? ref : `refs/heads/${ref}`
