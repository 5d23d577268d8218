/** Which parameters are told as changed. */
import { expect, it } from 'vitest'
import { changedParameters } from '../../src/domain/changed-parameters.ts'

const changed = (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) =>
  changedParameters(new Map(Object.entries(before)), new Map(Object.entries(after))).map(
    ({ name, before: was, after: is }) => `${name}: ${was ?? '–'} → ${is ?? '–'}`,
  )

it('names what differs, came and went, in order', () => {
  expect(changed({ C: '1.0', depth: '3', gone: 'x' }, { depth: '4', C: '1.0', added: 'y' })).toEqual([
    'added: – → y',
    'depth: 3 → 4',
    'gone: x → –',
  ])
})

it.each(['seed', 'random_state', 'random_seed', 'train.seed', 'np_seed', 'randomState', 'data/rng', 'SEED'])(
  'a single run does not change %s where the other side has several runs, each with its own',
  (name) => {
    expect([changed({}, { [name]: '11' }), changed({ [name]: '11' }, {})]).toEqual([[], []])
  },
)

it.each(['seeds', 'seeding_rate', 'linseed', 'states'])('%s is a parameter like any other', (name) => {
  expect(changed({}, { [name]: '11' })).toEqual([`${name}: – → 11`])
})

it('two single runs of different seeds differ', () => {
  expect(changed({ seed: '1' }, { seed: '2' })).toEqual(['seed: 1 → 2'])
})
