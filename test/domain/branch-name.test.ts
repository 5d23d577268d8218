/** The branch of a promotion leads back to what is promoted. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePromotionBranch, promotionBranch, temporaryBranch } from '../../src/domain/branch-name.ts'
import { parseEnvironmentName, parseModelName, parseRepoName } from '../../src/domain/ids.ts'

function subject(repo: string, modelName: string, environmentName: string) {
  const [repository, model, environment] = [
    parseRepoName(repo),
    parseModelName(modelName),
    parseEnvironmentName(environmentName),
  ]
  if (repository === undefined || model === undefined || environment === undefined) throw new Error('bad test data')
  return { repository, model, environment }
}

type Subject = Parameters<typeof promotionBranch>[0]

const branchesOf = (one: Subject): readonly string[] => {
  const own = [promotionBranch(one), promotionBranch(one, { ownBranch: true })]
  return [...own, ...own.map(temporaryBranch)]
}

const part = (first: string, rest: string, maxLength: number) =>
  fc
    .tuple(fc.constantFrom(...first), fc.string({ unit: fc.constantFrom(...rest), maxLength: maxLength - 1 }))
    .map(([start, end]) => start + end)
const letters = 'abz019'
const subjects = fc
  .tuple(
    part(letters, 'ab0-', 39),
    part(`${letters}._-`, 'ablock.._-', 60),
    part(letters, 'ablock.._-', 63),
    part(letters, 'ablock.._-', 63),
  )
  .map(([owner, name, model, environment]) => subject(`${owner}/${name}`, model, environment))

describe('a promotion branch', () => {
  test('names repository, model and environment', () => {
    expect(promotionBranch(subject('Acme/Models', 'churn', 'prod'))).toBe('lockkeeper/acme/models/churn/prod')
  })

  test.each([
    ['acme/.github', 'churn', 'prod', 'lockkeeper/acme/%2egithub/churn/prod'],
    ['acme/models', 'a..b', 'prod', 'lockkeeper/acme/models/a%2e.b/prod'],
    ['acme/models', 'churn.', 'prod', 'lockkeeper/acme/models/churn%2e/prod'],
    ['acme/models', 'churn.lock', 'prod', 'lockkeeper/acme/models/churn%2elock/prod'],
    ['acme/models', 'churn-v1.2', 'prod', 'lockkeeper/acme/models/churn-v1.2/prod'],
  ])('of %s %s %s escapes what Git forbids: %4$s', (repo, model, environment, branch) => {
    expect(promotionBranch(subject(repo, model, environment))).toBe(branch)
    execFileSync('git', ['check-ref-format', '--branch', branch])
  })

  test('is read back as what it was made from', () => {
    fc.assert(
      fc.property(subjects, (one) => {
        expect(parsePromotionBranch(promotionBranch(one))).toEqual(one)
      }),
    )
  })

  test('is read back also where a rollback goes its own way, and where its next commit is made', () => {
    fc.assert(
      fc.property(subjects, (one) => {
        for (const branch of branchesOf(one)) expect(parsePromotionBranch(branch)).toEqual(one)
      }),
    )
  })

  test('is always a name that Git takes', () => {
    fc.assert(
      fc.property(subjects, (one) => {
        for (const component of branchesOf(one).flatMap((branch) => branch.split('/'))) {
          expect(component).not.toMatch(/^\.|\.\.|\.$|\.lock$|[\s~^:?*[\\\u007f]/)
        }
      }),
    )
  })

  test('belongs to one subject only', () => {
    fc.assert(
      fc.property(subjects, subjects, (one, other) => {
        if (branchesOf(one).some((branch) => branchesOf(other).includes(branch))) expect(one).toEqual(other)
      }),
    )
  })

  test.each([
    'main',
    'lockkeeper',
    'lockkeeper/acme/models/churn',
    'lockkeeper/acme/models/churn/prod/extra',
    'lockkeeper/acme/models/churn/prod+other',
    'lockkeeper/acme/models/churn/prod+next+rollback',
    'lockkeeper/acme/models/churn+rollback/prod',
    'lockkeeper/acme/models/churn/+rollback',
    'lockkeeper/acme/models/Churn/prod',
    'lockkeeper/Acme/models/churn/prod',
    'lockkeeper/acme/models/%63hurn/prod',
    'lockkeeper/acme/models/churn%2ev1/prod',
    'someone/lockkeeper/acme/models/churn',
  ])('is not %s', (branch) => {
    expect(parsePromotionBranch(branch)).toBeUndefined()
  })
})
