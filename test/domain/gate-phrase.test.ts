/** What a comment shows of a gate, typed into another comment, means exactly that gate, whatever it is called. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { code } from '../../src/comments/markdown.ts'
import { parseCommands } from '../../src/domain/command.ts'
import { closestGate, gateId, gatePhrase, gatesNamed } from '../../src/domain/gate-phrase.ts'
import { override } from '../../src/handlers/commands/override.ts'

/** Names as tools and people make them: metrics, slices, tests of reports, and what nobody should call a metric. */
const gateName = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_@]{0,12}(\/[a-z]{1,8}[=:][a-z0-9*]{1,6})?$/),
  fc
    .array(
      fc.constantFrom(
        'drift',
        'Share',
        'of',
        '(p < 0.05)',
        '*',
        '_x_',
        '**',
        '~~',
        '--force',
        '—',
        '"',
        '`',
        '|',
        '\\',
        'ü',
        '漢字',
      ),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map((words) => words.join(' ')),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 140 }),
  fc.constantFrom(
    'gate:00000000',
    '/deploy prod',
    '<b>',
    '&amp;',
    '[a](b)',
    'a\u200bb',
    'a\nb',
    ' a',
    'a  b',
    '$$',
    '#7',
    '@alice',
    'http://x.y',
  ),
)

function typed(phrase: string, reason: string): readonly string[] {
  const [spoken, ...more] = parseCommands(`/override ${phrase} ${reason}`, [override])
  expect(more).toEqual([])
  return spoken?.kind === 'command' ? spoken.words : []
}

describe('the phrase of a gate', () => {
  it('means that gate among all others, also when it is typed into a comment', () => {
    fc.assert(
      fc.property(fc.uniqueArray(gateName, { minLength: 1, maxLength: 8 }), (names) => {
        const gates = names.map((name) => ({ name }))
        for (const gate of gates) {
          const phrase = gatePhrase(gate.name)
          expect(code(`/override ${phrase} <reason>`)).toBe(`\`/override ${phrase} <reason>\``)
          const [word = '', ...reason] = typed(phrase, '*known* outage_of "alice"')
          expect(gatesNamed(word, gates)).toEqual([gate])
          expect(reason).toEqual(['*known*', 'outage_of', 'alice'])
        }
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['auc', 'auc'],
    ['p95_latency_ms', 'p95_latency_ms'],
    ['f1/segment=eu', 'f1/segment=eu'],
    ['f1/segment=*', '"f1/segment=*"'],
    ['check/build / test (3.12)', '"check/build / test (3.12)"'],
    ['drift/Value drift for column "age"', gateId('drift/Value drift for column "age"')],
    ['a|b', gateId('a|b')],
    ['--force', '"--force"'],
    ['x'.repeat(121), gateId('x'.repeat(121))],
  ])('%s is %s', (name, phrase) => expect(gatePhrase(name)).toBe(phrase))
})

describe('a gate is found', () => {
  const gates = ['auc', 'AUC', 'f1/segment=eu', 'check/Coverage'].map((name) => ({ name }))

  it.each([
    ['AUC', ['AUC']],
    ['Auc', ['auc', 'AUC']],
    ['f1/segment:eu', ['f1/segment=eu']],
    ['CHECK/coverage', ['check/Coverage']],
    ['coverage', []],
  ])('by %s: %j', (phrase, names) => {
    expect(gatesNamed(phrase, gates).map(({ name }) => name)).toEqual(names)
  })

  it('by nearly its name, for "did you mean"', () => {
    expect(closestGate('ouc', gates)).toBe('auc')
    expect(closestGate('precision', gates)).toBeUndefined()
  })
})
