/** GitHub's refusals of a merge, in the words that it is known to use. */
import { expect, it } from 'vitest'
import { meaningOfRefusal, refusalWords } from '../../src/domain/merge-refusal.ts'

it.each([
  ['UNPROCESSABLE', 'Base branch was modified. Review and try the merge again.', 'moved'],
  ['UNPROCESSABLE', 'Head branch was modified. Review and try the merge again.', 'moved'],
  ['UNPROCESSABLE', 'Merge already in progress', 'moved'],
  ['STALE_DATA', 'Expected branch to point to another commit', 'moved'],
  ['UNPROCESSABLE', 'Pull Request has merge conflicts', 'conflict'],
  ['UNPROCESSABLE', 'Changes must be made through the merge queue', 'queue'],
  ['UNPROCESSABLE', 'Repository rule violations found\n\nChanges must be made through the merge queue\n\n', 'queue'],
  ['UNPROCESSABLE', 'The merge strategy for main is set by the merge queue', 'queue'],
  ['FORBIDDEN', 'Resource not accessible by integration', 'forbidden'],
  ['UNPROCESSABLE', "You're not authorized to push to this branch. Visit the settings for more.", 'forbidden'],
  ['FORBIDDEN', 'Something new', 'forbidden'],
  ['UNPROCESSABLE', 'Pull Request is not mergeable', 'rules'],
  ['UNPROCESSABLE', 'Required status check "build" is expected.', 'rules'],
  ['UNPROCESSABLE', 'Squash merges are not allowed on this repository.', 'rules'],
] as const)('%s: %s', (type, message, meaning) => {
  expect(meaningOfRefusal({ type, message })).toBe(meaning)
})

it('is told on one line, without the headline of rulesets', () => {
  const message = 'Repository rule violations found\n\nChanges have been requested.\n\n2 of 2 checks are expected.\n\n'
  expect(refusalWords(message)).toBe('Changes have been requested. 2 of 2 checks are expected.')
  expect(refusalWords('Repository rule violations found')).toBe('Repository rule violations found')
})

it('is told at once, however many blanks it has', () => {
  const begun = performance.now()
  expect(refusalWords(`a${' '.repeat(100_000)}b`)).toHaveLength(100_002)
  expect(performance.now() - begun).toBeLessThan(1000)
})
