/** One commit may be released twice: as the head of an unmerged pull request, and as what landed. Nothing takes one for the other. */
import { expect, it } from 'vitest'
import { type ModelName, parseCommitSha, type RepoName } from '../../src/domain/ids.ts'
import { type ReleaseContent, releaseId, releaseLabel } from '../../src/domain/release.ts'
import { parseSubject, releaseSubject, subjectKey } from '../../src/domain/subject.ts'

const commit = parseCommitSha('3f9c2e1d0b7a4c5e6f708192a3b4c5d6e7f80912')
if (commit === undefined) throw new Error('no commit')

const landed: ReleaseContent = {
  repository: 'acme/models' as RepoName,
  model: 'churn' as ModelName,
  commit,
  pullRequest: { number: 7, headSha: commit },
  modelVersion: '12',
  registeredModel: 'churn',
  modelUri: 's3://acme-models/churn/12',
  image: undefined,
  runs: [],
  metrics: {},
  dataDigests: [],
}
const head: ReleaseContent = { ...landed, origin: 'pull_request' }
const sameHead: ReleaseContent = { ...head, pullRequest: { number: 8, headSha: commit } }

it('they have ids of their own, and so have the heads of two pull requests', () => {
  expect(new Set([landed, head, sameHead].map(releaseId)).size).toBe(3)
  expect(releaseId({ ...landed, origin: 'default_branch' })).toBe(releaseId(landed))
})

it('people see which one is not merged', () => {
  expect([landed, head, sameHead].map(releaseLabel)).toEqual(['v12', 'PR 7 at 3f9c2e1', 'PR 8 at 3f9c2e1'])
})

it('they are subjects of their own, which are read back from their keys', () => {
  const subjects = [landed, head, sameHead].map((content) => releaseSubject(content))
  expect(subjects.map(subjectKey)).toEqual([
    `release acme/models churn ${commit}`,
    `release acme/models churn ${commit} 7`,
    `release acme/models churn ${commit} 8`,
  ])
  expect(subjects.map((subject) => parseSubject(subjectKey(subject)))).toEqual(subjects)
})
