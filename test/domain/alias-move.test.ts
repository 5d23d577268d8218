/** Whose a registry alias is: what Lockkeeper set follows, what somebody else set is respected by a way back. */
import { expect, test } from 'vitest'
import { type AliasAnswer, type AliasQuestion, decideAlias, effective, movesOf } from '../../src/domain/alias-move.ts'
import { promotion, verified } from './outcome-history.ts'

const place = { server: 'default', model: 'churn', alias: 'champion' }
const move = (from: string | undefined, to: string, tries?: number) => ({ ...place, from, to, tries })

test.each<[string, Partial<AliasQuestion>, AliasAnswer]>([
  ['a first promotion takes it from wherever it is', { moves: [], at: '11', to: '12' }, 'move'],
  ['also from nowhere', { moves: [], at: undefined, to: '12' }, 'move'],
  ['a later one from where we had put it', { moves: [move('11', '12')], at: '12', to: '13' }, 'move'],
  ['what is proven takes it, and says from whom', { moves: [move('11', '12')], at: '14', to: '13' }, 'taken'],
  ['nothing to do', { at: '13', to: '13' }, 'there'],
  ['a way back puts it back', { kind: 'rollback', moves: [move('12', '13')], at: '13', to: '12' }, 'move'],
  [
    'a way back leaves what a person has set',
    { kind: 'rollback', moves: [move('12', '13')], at: '14', to: '12' },
    'theirs',
  ],
  [
    'a way back with nothing known before',
    { kind: 'rollback', moves: [move(undefined, '13')], at: '13', to: undefined },
    'unknown',
  ],
  ['asked for and not shown', { begun: move('12', '13', 1), at: '12', to: '13' }, 'move'],
  ['asked for, and shown by now', { begun: move('12', '13', 1), at: '13', to: '13' }, 'there'],
  ['asked for, and somebody else was quicker', { begun: move('12', '13', 1), at: '14', to: '13' }, 'theirs'],
])('%s', (_, asked, answer) => {
  expect(decideAlias({ kind: 'promotion', moves: [], begun: undefined, at: undefined, to: undefined, ...asked })).toBe(
    answer,
  )
})

test('moves that showed count, newest first; those of earlier versions are known by their words', () => {
  const history = [
    promotion('v14', verified(3, { alias: 'alias champion not moved yet', move: move('13', '14', 2) })),
    promotion('v13', verified(2, { alias: 'alias champion → v13', move: move('12', '13') })),
    promotion('v12', verified(1, { alias: 'alias champion → v12' })),
    promotion('v11', verified(0, { alias: 'alias champion not moved: no' })),
  ]
  const shown = (at: string) => effective(movesOf(history, place), at).map(({ from, to }) => [from, to])
  expect(shown('13')).toEqual([
    ['12', '13'],
    [undefined, '12'],
  ])
  expect(shown('14')[0], 'asked for, and never looked at again').toEqual(['13', '14'])
  expect(movesOf(history, { ...place, alias: 'staging' })).toEqual([])
})
