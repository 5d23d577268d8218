/** Ids as tests write them: a text that is none throws. */
import { type CommitSha, parseCommitSha, parseRepoName, type RepoName } from '../../src/domain/ids.ts'

export const repo = (text: string): RepoName => {
  const name = parseRepoName(text)
  if (name === undefined) throw new Error(`not a repository name: ${text}`)
  return name
}

/** The commit whose id repeats one hex digit. */
export const sha = (digit: string): CommitSha => {
  const id = parseCommitSha(digit.repeat(40))
  if (id === undefined) throw new Error(`not a hex digit: ${digit}`)
  return id
}
