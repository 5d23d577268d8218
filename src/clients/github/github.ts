/** The `GitHub` port over Octokit: each method is a file beside this one, each GraphQL document a file in documents/. */
import type { GitHub } from '../../services/ports.ts'
import { createCaller, type GitHubConnection } from './call.ts'
import { failedDeliveries, readDelivery } from './deliveries.ts'
import { createDeployment, findDeployment } from './deployments.ts'
import { findCheckRun, findComment, findIssue } from './find-own.ts'
import { contains, headAt, mergeBase } from './history.ts'
import { addLabels } from './labels.ts'
import { readChecks } from './pages.ts'
import { readArtifact } from './read-artifact.ts'
import { createFileReader } from './read-files.ts'
import { readLanded } from './read-landed.ts'
import { findPullRequest, readPromotionWorld } from './read-promotion-world.ts'
import { readPullRequest } from './read-pull-request.ts'
import { readReports } from './read-reports.ts'
import { readAccount, readThread } from './read-scene.ts'
import { readStandings } from './read-standings.ts'
import { dispatchWorkflow, findWorkflowRun, readWorkflowRun } from './workflows.ts'
import { write } from './write.ts'

/** Probot's Octokit instances and who the App is: `appLogin` is the bot's login with `[bot]`. */
export type GitHubSettings = GitHubConnection & { readonly appId: number; readonly appLogin: string }

/** GitHub (or GitHub Enterprise Server) as the services see it. Makes no call by itself. */
export function createGitHub(settings: GitHubSettings): GitHub {
  const { appId, appLogin } = settings
  const caller = createCaller(settings)
  const readFiles = createFileReader(caller)
  return {
    appId,
    appLogin,
    readPullRequest: (repository, number) => readPullRequest(caller, repository, number),
    readLanded: (repository, sha, limit, before) => readLanded(caller, repository, { sha, limit, before, appLogin }),
    readFiles: (repository, ref, paths) => readFiles(repository, { ref, paths }),
    readArtifact: (repository, question) => readArtifact(caller, repository, question),
    readPromotionWorld: (question) => readPromotionWorld(caller, question),
    readStandings: (question) => readStandings(caller, question),
    contains: (repository, ancestor, sha) => contains(caller, repository, { ancestor, sha }),
    mergeBase: (repository, base, head) => mergeBase(caller, repository, { base, head }),
    readChecks: (repository, sha) => readChecks(caller, repository, sha),
    readReports: (repository, question) => readReports(caller, repository, question),
    headAt: (repository, branch, at) => headAt(caller, repository, { branch, at }),
    readThread: (repository, number) => readThread(caller, repository, number),
    readAccount: (repository, login) => readAccount(caller, repository, login),
    write: (repository, writes) => write(caller, repository, writes),
    addLabels: (repository, number, labels) => addLabels(caller, repository, { number, labels }),
    createDeployment: (repository, deployment) => createDeployment(caller, repository, deployment),
    findDeployment: (repository, question) => findDeployment(caller, repository, { ...question, appLogin }),
    findComment: (repository, number, marker) => findComment(caller, repository, { number, marker, appLogin }),
    dispatchWorkflow: (repository, workflow) => dispatchWorkflow(caller, repository, workflow),
    findWorkflowRun: (repository, question) => findWorkflowRun(caller, repository, { ...question, appLogin }),
    readWorkflowRun: (repository, id) => readWorkflowRun(caller, repository, id),
    findIssue: (repository, question) => findIssue(caller, repository, { ...question, appLogin }),
    findCheckRun: (repository, sha, name) => findCheckRun(caller, repository, { sha, name, appId }),
    findPullRequest: (repository, headBranch) => findPullRequest(caller, repository, headBranch),
    failedDeliveries: (since) => failedDeliveries(caller, since),
    readDelivery: (id) => readDelivery(caller, id),
  }
}
