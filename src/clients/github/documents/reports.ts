/** The document behind `readReports`: what a context or an environment's deployment says on one commit, and on the newest of the branch. */
import type { RepoName } from '../../../domain/ids.ts'
import type { ReportQuestion } from '../../../services/ports.ts'
import type { GraphqlRequest } from '../graphql.ts'
import { repositoryVariables } from './pull-request.ts'

/** Commits of the branch that are looked at, the newest first. */
const COMMITS = 30

const STATUS = `fragment ReportParts on Commit {
  oid
  status { context(name: $reporter) { state description targetUrl createdAt creator { __typename login } } }
}`

/** Lists of deployments are oldest first unless told otherwise. */
const DEPLOYMENT = `fragment ReportParts on Commit {
  oid
  deployments(environments: [$reporter], last: 1) {
    nodes {
      createdAt
      creator { __typename login }
      latestStatus { state description logUrl environmentUrl createdAt creator { __typename login } }
    }
  }
}`

const read = (
  parts: string,
): string => `query ReadReports($owner: String!, $name: String!, $oid: GitObjectID!, $reporter: String!) {
  repository(owner: $owner, name: $name) {
    object(oid: $oid) { ...ReportParts }
    defaultBranchRef { target { ... on Commit { history(first: ${COMMITS}) { nodes { ...ReportParts } } } } }
  }
}
${parts}`

const READ_STATUSES = read(STATUS)
const READ_DEPLOYMENTS = read(DEPLOYMENT)

export const reportsRequest = (repository: RepoName, { revision, kind, name }: ReportQuestion): GraphqlRequest => ({
  name: 'ReadReports',
  document: kind === 'commit_status' ? READ_STATUSES : READ_DEPLOYMENTS,
  variables: { ...repositoryVariables(repository), oid: revision, reporter: name },
})
