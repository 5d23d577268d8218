/** Paths into an answer, and what must stand there. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonRule } from '../../src/domain/check-settings.ts'
import { brokenRule, parseJsonPath, valueAt } from '../../src/domain/json-path.ts'

const answer = { ready: true, status: 'ok', 'a.b': 1, 'c/d': 2, outputs: [{ data: [0.25, 'x'], shape: [] }] }

describe('a path', () => {
  it.each([
    ['ready', true],
    ['outputs.0.data.0', 0.25],
    ['/outputs/0/data/1', 'x'],
    ['/a.b', 1],
    ['/c~1d', 2],
    ['a.b', undefined],
    ['outputs.1', undefined],
    ['outputs.-1', undefined],
    ['outputs.00', undefined],
    ['outputs.length', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
    ['status.length', undefined],
    ['ready.deeper', undefined],
  ])('%s', (path, expected) => {
    expect(valueAt(answer, parseJsonPath(path) ?? [])).toEqual(expected)
  })

  it.each(['', '/', 'a..b', '.a', 'a.', '/a~2', '/a~', Array.from({ length: 33 }, () => 'a').join('.')])(
    '%j is none',
    (path) => {
      expect(parseJsonPath(path)).toBeUndefined()
    },
  )

  it('as a pointer reaches every key', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer(), (key, value) => {
        const pointer = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
        expect(valueAt(Object.fromEntries([[key, value]]), parseJsonPath(pointer) ?? [])).toBe(value)
      }),
    )
  })
})

describe('what must stand there', () => {
  const rule = (path: string, want: JsonRule['want']): JsonRule => ({ path, segments: parseJsonPath(path) ?? [], want })
  const equals = (value: string | number | boolean | null) => ({ kind: 'equals', value }) as const
  const within = (min?: number, max?: number) => ({ kind: 'within', min, max }) as const
  it.each([
    ['equal', [rule('ready', equals(true))], undefined],
    ['within bounds', [rule('outputs.0.data.0', within(0, 1))], undefined],
    ['at a bound', [rule('outputs.0.data.0', within(0.25, 0.25))], undefined],
    ['other text', [rule('ready', equals(true)), rule('status', equals('up'))], 'status is "ok", wanted "up"'],
    ['text for a truth', [rule('ready', equals('true'))], 'ready is true, wanted "true"'],
    ['too small', [rule('outputs.0.data.0', within(0.5))], 'outputs.0.data.0 is 0.25, wanted ≥ 0.5'],
    ['too large', [rule('outputs.0.data.0', within(0, 0.2))], 'outputs.0.data.0 is 0.25, wanted ≥ 0, ≤ 0.2'],
    ['no number', [rule('outputs.0.data.1', within(0))], 'outputs.0.data.1 is "x", wanted ≥ 0'],
    ['not there', [rule('nothing', equals(null))], 'nothing is missing, wanted null'],
    ['a list', [rule('outputs', equals(1))], 'outputs is a list, wanted 1'],
  ])('%s', (_, rules, problem) => {
    expect(brokenRule(answer, rules)).toBe(problem)
  })
})
