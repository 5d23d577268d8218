/** `check_run.completed`, `rerequested`, `requested_action` and `check_suite.completed`: training may have finished; a button asks to look again. */
import type { Context } from 'probot'
import { parsePromotionBranch } from '../domain/branch-name.ts'
import { isDeployButton } from '../domain/deploy-button.ts'
import { parseCommitSha, parseRepoName } from '../domain/ids.ts'
import type { Ears } from './ears.ts'

export async function checkRunChanged({ id, payload }: Context<'check_run'>, ears: Ears): Promise<void> {
  const { check_run: check, action } = payload
  const own = check.app?.id === ears.appId
  // Our own check runs never count as news, but a person may ask for one of them again.
  if (own && (action === 'completed' || action === 'created')) return
  const identifier = action === 'requested_action' ? payload.requested_action?.identifier : undefined
  if (own && identifier !== undefined && isDeployButton(identifier)) return clicked({ id, payload }, identifier, ears)
  await wake(
    payload.repository.full_name,
    {
      sha: check.head_sha,
      branch: check.check_suite?.head_branch ?? '',
      numbers: check.pull_requests.map((one) => one?.number ?? 0),
    },
    ears,
  )
}

/** By a person; what was clicked is for that very head. */
async function clicked(
  { id: delivery, payload }: Pick<Context<'check_run'>, 'id' | 'payload'>,
  identifier: string,
  ears: Ears,
): Promise<void> {
  const { check_run: check, sender } = payload
  const repository = parseRepoName(payload.repository.full_name)
  const headSha = parseCommitSha(check.head_sha)
  if (repository === undefined || headSha === undefined || sender.type !== 'User') return
  const externalId = check.external_id ?? ''
  await ears.clicked({ delivery, repository, externalId, headSha, identifier, by: sender.login })
}

export async function checkSuiteCompleted({ payload }: Context<'check_suite'>, ears: Ears): Promise<void> {
  const { check_suite: suite } = payload
  if (suite.app?.id === ears.appId) return
  await wake(
    payload.repository.full_name,
    {
      sha: suite.head_sha,
      branch: suite.head_branch ?? '',
      numbers: suite.pull_requests.map((one) => one?.number ?? 0),
    },
    ears,
  )
}

type Head = { readonly sha: string; readonly branch: string; readonly numbers: readonly number[] }

async function wake(name: string, head: Head, ears: Ears): Promise<void> {
  const repository = parseRepoName(name)
  if (repository === undefined) return
  const promotion = parsePromotionBranch(head.branch)
  if (promotion !== undefined) {
    await ears.hint({ kind: 'environment', ...promotion })
    // In its own model repository, a branch of this name may be anybody's.
    if (promotion.repository !== repository) return
  }
  // GitHub leaves the list empty for forks: then the pull request is known by its head.
  const numbers = head.numbers.length > 0 ? head.numbers : await ears.pullRequestsAt(repository, head.sha)
  for (const number of new Set(numbers)) if (number > 0) await ears.hint({ kind: 'pull-request', repository, number })
  // What CI makes besides, an image for example, may be there now.
  for (const waiting of await ears.waitingFor(repository, head.sha)) await ears.hint(waiting)
}
