/** Parts of the document behind `readPromotionWorld`, and of the search for a pull request by its branch. */
import type { RepoName } from '../../../domain/ids.ts'
import type { PromotionQuestion } from '../../../services/ports.ts'
import type { GraphqlRequest } from '../graphql.ts'
import { composeQuery, type DocumentPart } from './compose.ts'
import { environmentSelections } from './environments.ts'
import { fileSelections } from './files.ts'
import { BRANCH_RULE_PARTS, FILE_PARTS, MERGE_PARTS, PROMOTION_FRAGMENTS } from './fragments.ts'
import { CONFIG_PATH, repositoryVariables } from './pull-request.ts'

/** `more` continues a page: forks may fill the first one with a branch of the same name. */
const openByHead = (more: string) =>
  `pullRequests(headRefName: $head, states: [OPEN], first: 20${more}, orderBy: { field: CREATED_AT, direction: DESC }) {
  pageInfo { hasNextPage endCursor }
  nodes { ...PromotionParts }
}`

/** The alias of a label of the config repository, and the variable with its name. */
export const labelAlias = (index: number): string => `label${index}`

/** The config repository: rules, files, promotion branch and promotion pull request, under the alias `config`. */
export function configPart(question: PromotionQuestion): DocumentPart {
  const files = fileSelections(question.files)
  const onCommit = `target { ... on Commit { oid ${files.selection} } }`
  const base =
    question.branch === undefined ? '' : `base: ref(qualifiedName: $base) { name ...BranchRuleParts ${onCommit} }`
  const onDefault =
    question.branch === undefined
      ? `target { ... on Commit { oid configFile: file(path: $config) { ...FileParts } ${files.selection} } }`
      : 'target { ... on Commit { oid configFile: file(path: $config) { ...FileParts } } }'
  const number = question.pullRequestNumber
  const { owner, name } = repositoryVariables(question.configRepository)
  const labels = question.labels ?? []
  const labelSelections = labels.map((_, index) => `${labelAlias(index)}: label(name: $${labelAlias(index)}) { id }`)
  return {
    selection: `config: repository(owner: $configOwner, name: $configName) {
  id
  nameWithOwner
  visibility
  mergeCommitAllowed
  squashMergeAllowed
  rebaseMergeAllowed
  deleteBranchOnMerge
  defaultBranchRef { name ${question.branch === undefined ? '...BranchRuleParts' : ''} ${onDefault} }
  ${base}
  ${question.branch === undefined ? 'mergeQueue { id }' : 'mergeQueue(branch: $target) { id }'}
  branch: ref(qualifiedName: $headRef) { id target { oid } }
  ${labelSelections.join(' ')}
  ${number === undefined ? openByHead('') : 'pullRequest(number: $number) { ...PromotionParts ...MergeParts }'}
}`,
    declarations: {
      configOwner: 'String!',
      configName: 'String!',
      config: 'String!',
      headRef: 'String!',
      ...(question.branch === undefined ? {} : { base: 'String!', target: 'String!' }),
      ...(number === undefined ? { head: 'String!' } : { number: 'Int!' }),
      ...Object.fromEntries(labels.map((_, index) => [labelAlias(index), 'String!'])),
      ...files.declarations,
    },
    variables: {
      configOwner: owner,
      configName: name,
      config: CONFIG_PATH,
      headRef: `refs/heads/${question.headBranch}`,
      ...(question.branch === undefined ? {} : { base: `refs/heads/${question.branch}`, target: question.branch }),
      ...(number === undefined ? { head: question.headBranch } : { number }),
      ...Object.fromEntries(labels.map((label, index) => [labelAlias(index), label])),
      ...files.variables,
    },
    fragments: [FILE_PARTS, BRANCH_RULE_PARTS, ...(number === undefined ? [] : [MERGE_PARTS]), ...PROMOTION_FRAGMENTS],
  }
}

/** The model repository's own configuration, under the alias `model`. */
export function modelPart(repository: RepoName, asked?: PromotionQuestion['environments']): DocumentPart {
  const environments = environmentSelections(asked)
  const { owner, name } = repositoryVariables(repository)
  return {
    selection: `model: repository(owner: $modelOwner, name: $modelName) {
  id
  nameWithOwner
  url
  visibility
  defaultBranchRef { name target { ... on Commit { configFile: file(path: $config) { ...FileParts } } } }
  ${environments.selection}
}`,
    declarations: { modelOwner: 'String!', modelName: 'String!', config: 'String!', ...environments.declarations },
    variables: { modelOwner: owner, modelName: name, config: CONFIG_PATH, ...environments.variables },
    fragments: [FILE_PARTS, ...environments.fragments],
  }
}

/** Open pull requests with this head branch, newest first. `cursor` undefined = the first page. */
export const pullRequestByBranchRequest = (
  repository: RepoName,
  head: string,
  { cursor }: { readonly cursor?: string } = {},
): GraphqlRequest =>
  composeQuery('FindPullRequest', [
    {
      selection: `repository(owner: $owner, name: $name) { nameWithOwner ${openByHead(cursor === undefined ? '' : ', after: $cursor')} }`,
      declarations: {
        owner: 'String!',
        name: 'String!',
        head: 'String!',
        ...(cursor === undefined ? {} : { cursor: 'String!' }),
      },
      variables: { ...repositoryVariables(repository), head, ...(cursor === undefined ? {} : { cursor }) },
      fragments: PROMOTION_FRAGMENTS,
    },
  ])
