/** GitHub Deployments through REST, which takes a commit where GraphQL wants a ref. Their statuses are written with everything else in write.ts. */
import { UserError } from '../../domain/failure.ts'
import type { CommitSha, RepoName } from '../../domain/ids.ts'
import { fieldsOf } from '../../domain/json-fields.ts'
import type { GitHub } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import type { Caller } from './call.ts'
import { shortDescription } from './documents/mutations.ts'
import { GitHubRefused } from './failures.ts'

/** `GitHub.createDeployment`. Gives the node id, as `deployment-status` takes it. Throws UserError when GitHub refuses it (a missing permission, a deleted commit). */
export async function createDeployment(
  caller: Caller,
  repository: RepoName,
  deployment: Parameters<GitHub['createDeployment']>[1],
): Promise<{ readonly id: string }> {
  try {
    const { data } = await caller.rest(repository, 'POST /repos/{owner}/{repo}/deployments', {
      ref: deployment.sha,
      auto_merge: false,
      required_contexts: [],
      environment: deployment.environment,
      description: shortDescription(deployment.description),
      production_environment: deployment.production,
      transient_environment: false,
      payload: deployment.payload,
    })
    return { id: answerOf('GitHub', data).text('node_id') }
  } catch (error) {
    if (!(error instanceof GitHubRefused)) throw error
    const hint = 'Check that the App has "Deployments: read and write" in the repository.'
    throw new UserError(
      'not_allowed',
      `GitHub refused the deployment to ${deployment.environment}: ${error.reason}`,
      hint,
    )
  }
}

/** `GitHub.findDeployment`: one that the App made for this commit and environment, with `key` among the payload's values. Newest first. */
export async function findDeployment(
  caller: Caller,
  repository: RepoName,
  question: {
    readonly sha: CommitSha
    readonly environment: string
    readonly key: string
    readonly appLogin: string
  },
): Promise<{ readonly id: string } | undefined> {
  const { data } = await caller.rest(repository, 'GET /repos/{owner}/{repo}/deployments', {
    sha: question.sha,
    environment: question.environment,
    per_page: 100,
  })
  const found = answerOf('GitHub', { deployments: data })
    .list('deployments')
    .filter((deployment) => deployment.maybe('creator')?.maybeText('login') === question.appLogin)
    .find((deployment) => payloadValues(deployment).includes(question.key))
  return found === undefined ? undefined : { id: found.text('node_id') }
}

/** GitHub gives the payload back as the object it was, or as JSON text. */
function payloadValues(deployment: Answer): readonly unknown[] {
  const payload = deployment.raw['payload']
  return Object.values(fieldsOf(typeof payload === 'string' ? parsed(payload) : payload) ?? {})
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
