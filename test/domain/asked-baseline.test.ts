/** What people may mean by `/compare with …`: every meaning is found, so that none is guessed. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { baselinesMeant, unmistakably } from '../../src/domain/asked-baseline.ts'
import type { EnvironmentName } from '../../src/domain/ids.ts'

const names = { environments: ['staging', 'prod', 'abcdef0'] as EnvironmentName[], aliases: ['champion', 'prod'] }
const meant = (word: string) => baselinesMeant(word, names).map((one) => `${one.kind} ${unmistakably(one)}`)

it.each([
  ['v12', ['version v12']],
  ['V12', ['version v12']],
  ['12', ['version v12']],
  ['@champion', ['alias @champion']],
  ['champion', ['alias @champion']],
  ['challenger', ['alias @challenger']],
  ['staging', ['environment env:staging']],
  ['prod', ['environment env:prod', 'alias @prod']],
  ['env:prod', ['environment env:prod']],
  ['environment:prod', ['environment env:prod']],
  ['env:nowhere', []],
  ['@prod', ['alias @prod']],
  ['1234567', ['version v1234567', 'commit 1234567']],
  ['v1234567', ['version v1234567']],
  ['0123456', ['commit 0123456']],
  ['3F9C2E1', ['commit 3f9c2e1']],
  ['3f9c2e1'.padEnd(40, '0'), [`commit ${'3f9c2e1'.padEnd(40, '0')}`]],
  ['3f9c2e1'.padEnd(41, '0'), [`alias @${'3f9c2e1'.padEnd(41, '0')}`]],
  ['abcdef0', ['environment env:abcdef0', 'commit abcdef0']],
  ['0', []],
  ['v0', []],
  ['', []],
  ['@', []],
  ['@a b', []],
  ['../other/models', []],
  ['models:/payroll/3', []],
  ['refs/pull/9/head', []],
  ['main~1', []],
  ['`x`', []],
] as const)('%s', (word, expected) => {
  expect(meant(word)).toEqual(expected)
})

it('what is written unmistakably means that, and nothing else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (word) => {
      for (const one of baselinesMeant(word, names)) {
        if (one.kind === 'commit') expect(one.digits).toMatch(/^[0-9a-f]{7,40}$/)
        else expect(baselinesMeant(unmistakably(one), names)).toEqual([one])
      }
    }),
  )
})
