/** The document behind `lockkeeper doctor`: the configuration and the branch rules of several repositories. Read by ../examine-repositories.ts. */
import type { RepoName } from '../../../domain/ids.ts'
import type { GraphqlRequest } from '../graphql.ts'
import { composeQuery, type DocumentPart } from './compose.ts'
import { BRANCH_RULE_PARTS } from './fragments.ts'
import { CONFIG_PATH, repositoryVariables } from './pull-request.ts'

export const repositoryAlias = (index: number): string => `r${index}`

const part = (repository: RepoName, index: number): DocumentPart => {
  const { owner, name } = repositoryVariables(repository)
  return {
    selection: `${repositoryAlias(index)}: repository(owner: $owner${index}, name: $name${index}) {
  url
  isArchived
  mergeCommitAllowed
  squashMergeAllowed
  rebaseMergeAllowed
  mergeQueue { id }
  defaultBranchRef { name ...BranchRuleParts target { ... on Commit { file(path: $config) { object { ... on Blob { text } } } } } }
}`,
    declarations: { [`owner${index}`]: 'String!', [`name${index}`]: 'String!', config: 'String!' },
    variables: { [`owner${index}`]: owner, [`name${index}`]: name, config: CONFIG_PATH },
    fragments: [BRANCH_RULE_PARTS],
  }
}

export const examineRequest = (repositories: readonly RepoName[]): GraphqlRequest =>
  composeQuery('ExamineRepositories', repositories.map(part))
