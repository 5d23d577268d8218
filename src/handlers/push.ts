/** `push` to the default branch: releases may begin. Our own merges are no news. */
import type { Context } from 'probot'
import { parseCommitSha, parseRepoName } from '../domain/ids.ts'
import type { Ears } from './ears.ts'

export async function push({ payload }: Context<'push'>, ears: Ears): Promise<void> {
  const repository = parseRepoName(payload.repository.full_name)
  const sha = parseCommitSha(payload.after)
  const onDefaultBranch = payload.ref === `refs/heads/${payload.repository.default_branch}`
  if (repository === undefined || sha === undefined || payload.deleted || !onDefaultBranch) return
  if (payload.sender?.login === ears.appLogin) return
  await ears.hint({ kind: 'push', repository, sha, before: parseCommitSha(payload.before) })
}
