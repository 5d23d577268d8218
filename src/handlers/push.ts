/** `push` to the default branch: releases may begin, unless it is a merge of our own; and promotions that are open may have to be made anew, also after one. */
import type { Context } from 'probot'
import { parseCommitSha, parseRepoName } from '../domain/ids.ts'
import type { Ears } from './ears.ts'

export async function push({ payload }: Context<'push'>, ears: Ears): Promise<void> {
  const repository = parseRepoName(payload.repository.full_name)
  const sha = parseCommitSha(payload.after)
  const onDefaultBranch = payload.ref === `refs/heads/${payload.repository.default_branch}`
  if (repository === undefined || sha === undefined || payload.deleted || !onDefaultBranch) return
  const before = parseCommitSha(payload.before)
  await ears.configPushed({ repository, before, sha, paths: pathsOf(payload) })
  if (payload.sender?.login === ears.appLogin) return
  const by = payload.sender?.login
  await ears.hint({ kind: 'push', repository, sha, before, ...(by === undefined ? {} : { by }) })
}

/** GitHub lists at most so many commits of a push, and of a forced one only what is new. */
const LISTED = 20

function pathsOf({ commits, forced }: Context<'push'>['payload']): ReadonlySet<string> | undefined {
  if (forced || commits.length === 0 || commits.length >= LISTED) return undefined
  return new Set(
    commits.flatMap(({ added, modified, removed }) => [...(added ?? []), ...(modified ?? []), ...(removed ?? [])]),
  )
}
