/** One mutation document out of several writes: each write is an alias `w0…wn` with its own input variable. Read back by write.ts. */
import type { CheckRunOutput, GitHubWrite } from '../../../services/ports.ts'
import type { DocumentPart } from './compose.ts'

/** Which mutation, the type of its input, the input, and what is selected of the payload. */
type Mutation = {
  readonly field: string
  readonly inputType: string
  readonly input: Readonly<Record<string, unknown>>
  readonly selection: string
  /** Paths that the selection asks for, by the names of their variables. */
  readonly paths?: Readonly<Record<string, string>>
}

/** GitHub takes this many annotations per request and appends those of later ones. */
export const ANNOTATIONS_PER_REQUEST = 50
/** GitHub's limit for descriptions of deployments and their statuses, in characters. */
const DESCRIPTION_LIMIT = 140

/** For `updateRefs`: the value of a branch that is not there, or is not to be. */
const NO_COMMIT = '0'.repeat(40)

/** The alias of the write at `index`. */
export const writeAlias = (index: number): string => `w${index}`

/** The alias of a file of the merge commit. */
export const mergedFileAlias = (index: number): string => `f${index}`

/** The part of the document for one write. */
export function writePart(write: GitHubWrite, index: number): DocumentPart {
  const { field, inputType, input, selection, paths = {} } = mutationOf(write)
  const variable = `i${index}`
  const declared = Object.fromEntries(Object.keys(paths).map((path) => [path, 'String!']))
  return {
    selection: `${writeAlias(index)}: ${field}(input: $${variable}) { ${selection} }`,
    declarations: { [variable]: `${inputType}!`, ...declared },
    variables: { [variable]: input, ...paths },
    fragments: [],
  }
}

/** Cuts a description to what GitHub takes. */
export const shortDescription = (text: string): string =>
  [...text].length <= DESCRIPTION_LIMIT ? text : `${[...text].slice(0, DESCRIPTION_LIMIT - 1).join('')}…`

/** At most one merge is in a document. */
const mergedPath = (index: number): string => `path${index}`
const mergedFile = (_: string, index: number): string =>
  `${mergedFileAlias(index)}: file(path: $${mergedPath(index)}) { oid }`

type Mutations = { readonly [K in GitHubWrite['kind']]: (write: Extract<GitHubWrite, { kind: K }>) => Mutation }

const PULL_REQUEST = 'pullRequest { id number url }'
const ISSUE = 'issue { id number url }'
const CHECK_RUN = 'checkRun { id url }'

const MUTATIONS: Mutations = {
  'add-comment': ({ subjectId, body }) => ({
    field: 'addComment',
    inputType: 'AddCommentInput',
    input: { subjectId, body },
    selection: 'commentEdge { node { id url } }',
  }),
  'update-comment': ({ commentId, body }) => ({
    field: 'updateIssueComment',
    inputType: 'UpdateIssueCommentInput',
    input: { id: commentId, body },
    selection: 'issueComment { id url }',
  }),
  'add-reaction': ({ subjectId, content }) => ({
    field: 'addReaction',
    inputType: 'AddReactionInput',
    input: { subjectId, content },
    selection: 'reaction { id }',
  }),
  'create-check-run': ({ repositoryId, name, headSha, externalId, output }) => ({
    field: 'createCheckRun',
    inputType: 'CreateCheckRunInput',
    input: { repositoryId, name, headSha, externalId, ...checkRunInput(output) },
    selection: CHECK_RUN,
  }),
  'update-check-run': ({ repositoryId, checkRunId, output }) => ({
    field: 'updateCheckRun',
    inputType: 'UpdateCheckRunInput',
    input: { repositoryId, checkRunId, ...checkRunInput(output) },
    selection: CHECK_RUN,
  }),
  'set-refs': ({ repositoryId, refs }) => ({
    field: 'updateRefs',
    inputType: 'UpdateRefsInput',
    input: {
      repositoryId,
      refUpdates: refs.map(({ branch, sha, from }) => ({
        name: `refs/heads/${branch}`,
        ...(from === undefined ? {} : { beforeOid: from === 'absent' ? NO_COMMIT : from }),
        afterOid: sha ?? NO_COMMIT,
        force: true,
      })),
    },
    selection: 'clientMutationId',
  }),
  commit: ({ repository, branch, expectedHead, headline, body, files }) => ({
    field: 'createCommitOnBranch',
    inputType: 'CreateCommitOnBranchInput',
    input: {
      branch: { repositoryNameWithOwner: repository, branchName: branch },
      expectedHeadOid: expectedHead,
      message: { headline, body },
      fileChanges: {
        additions: files.map(({ path, text }) => ({ path, contents: Buffer.from(text).toString('base64') })),
      },
    },
    selection: 'commit { oid url committedDate } ref { id }',
  }),
  'create-pull-request': ({ repositoryId, base, head, title, body }) => ({
    field: 'createPullRequest',
    inputType: 'CreatePullRequestInput',
    input: { repositoryId, baseRefName: base, headRefName: head, title, body },
    selection: PULL_REQUEST,
  }),
  'update-pull-request': ({ pullRequestId, title, body }) => ({
    field: 'updatePullRequest',
    inputType: 'UpdatePullRequestInput',
    input: { pullRequestId, title, body },
    selection: 'pullRequest { id number url merged }',
  }),
  'add-labels': ({ pullRequestId, labelIds }) => ({
    field: 'addLabelsToLabelable',
    inputType: 'AddLabelsToLabelableInput',
    input: { labelableId: pullRequestId, labelIds },
    selection: 'clientMutationId',
  }),
  'close-pull-request': ({ pullRequestId }) => ({
    field: 'closePullRequest',
    inputType: 'ClosePullRequestInput',
    input: { pullRequestId },
    selection: 'pullRequest { id number url merged }',
  }),
  'merge-pull-request': ({ pullRequestId, expectedHead, method, headline, body, files }) => ({
    field: 'mergePullRequest',
    inputType: 'MergePullRequestInput',
    input: {
      pullRequestId,
      expectedHeadOid: expectedHead,
      mergeMethod: method.toUpperCase(),
      // A rebase keeps the commits' own messages; GitHub refuses a headline for it.
      ...(method === 'rebase' ? {} : { commitHeadline: headline, commitBody: body }),
    },
    selection: `pullRequest { id number url mergeCommit { ${['oid', ...files.map(mergedFile)].join(' ')} } }`,
    paths: Object.fromEntries(files.map((path, index) => [mergedPath(index), path])),
  }),
  'enqueue-pull-request': ({ pullRequestId, expectedHead, jump }) => ({
    field: 'enqueuePullRequest',
    inputType: 'EnqueuePullRequestInput',
    input: { pullRequestId, expectedHeadOid: expectedHead, ...(jump ? { jump } : {}) },
    selection: 'mergeQueueEntry { id }',
  }),
  'create-issue': ({ repositoryId, title, body }) => ({
    field: 'createIssue',
    inputType: 'CreateIssueInput',
    input: { repositoryId, title, body },
    selection: ISSUE,
  }),
  'update-issue': ({ issueId, title, body }) => ({
    field: 'updateIssue',
    inputType: 'UpdateIssueInput',
    input: { id: issueId, title, body },
    selection: ISSUE,
  }),
  'close-issue': ({ issueId }) => ({
    field: 'closeIssue',
    inputType: 'CloseIssueInput',
    input: { issueId },
    selection: ISSUE,
  }),
  'deployment-status': ({ deploymentId, state, description, environmentUrl, logUrl }) => ({
    field: 'createDeploymentStatus',
    inputType: 'CreateDeploymentStatusInput',
    input: {
      deploymentId,
      state: state.toUpperCase(),
      description: shortDescription(description),
      // GitHub's own rule would end the other model's deployment in an environment of the same name.
      autoInactive: false,
      ...(environmentUrl === undefined ? {} : { environmentUrl }),
      ...(logUrl === undefined ? {} : { logUrl }),
    },
    selection: 'deploymentStatus { id }',
  }),
}

function mutationOf(write: GitHubWrite): Mutation {
  // Each entry takes exactly its own kind; TypeScript cannot follow the correlation through the lookup.
  const build = MUTATIONS[write.kind] as (write: GitHubWrite) => Mutation
  return build(write)
}

function checkRunInput(output: CheckRunOutput): Readonly<Record<string, unknown>> {
  return {
    status: output.status.toUpperCase(),
    ...(output.conclusion === undefined ? {} : { conclusion: output.conclusion.toUpperCase() }),
    ...(output.detailsUrl === undefined ? {} : { detailsUrl: output.detailsUrl }),
    output: {
      title: output.title,
      summary: output.summary,
      annotations: output.annotations.slice(0, ANNOTATIONS_PER_REQUEST).map((annotation) => ({
        path: annotation.path,
        location: { startLine: annotation.startLine, endLine: annotation.endLine },
        annotationLevel: annotation.level.toUpperCase(),
        title: annotation.title,
        message: annotation.message,
      })),
    },
    actions: output.actions.map(({ identifier, label, description }) => ({ identifier, label, description })),
  }
}
