/** Where artifacts are downloaded from: a host of its own, as GitHub's storage is another company's. It wants no token, and a token that reaches it is a violation. */
import type { SandboxHandler, SandboxResponse } from '../http.ts'
import { artifactWithId, downloadSignature } from './operations/workflow-runs.ts'
import type { GitHubState } from './state.ts'
import type { Artifact } from './workflow-model.ts'

/** The handler for `listen()`. A wrong signature is 403, as at the real ones. */
export function createStorageHandler(state: GitHubState, report: (violation: string) => void): SandboxHandler {
  return ({ path, query, headers }): SandboxResponse => {
    if (headers.authorization !== undefined) report(`${path}: the storage of artifacts was sent a token`)
    const artifact = artifactWithId(state, Number(/^\/artifacts\/(\d+)$/.exec(path)?.[1]))
    if (artifact === undefined) return { status: 404, body: 'BlobNotFound' }
    if (query.get('sig') !== downloadSignature(artifact)) return { status: 403, body: 'AuthenticationFailed' }
    return { status: 200, headers: { 'content-type': artifact.contentType }, body: artifact.content }
  }
}

/** The address that a download is redirected to. */
export const storageAddress = (state: GitHubState, artifact: Artifact): string =>
  `${state.urls.storage}/artifacts/${artifact.id}?sig=${downloadSignature(artifact)}`
