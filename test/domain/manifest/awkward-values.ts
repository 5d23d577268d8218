/** Values that a careless editor writes wrongly. */
import fc from 'fast-check'

const AWKWARD = [
  '1.10',
  '0x1F',
  'yes',
  'null',
  '~',
  '2024-01-01',
  '1e3',
  '685e230',
  '@x',
  'a: b',
  'a #b',
  ' x',
  'x ',
  '',
  '-',
  '- x',
]
const MORE = [
  '?',
  '{x',
  'x}',
  '[',
  'a, b',
  "it's",
  '"q"',
  "'",
  '\\',
  'l1\nl2',
  '\ttab',
  '\0',
  '\u0085',
  '\u2028',
  '🚀',
  '=',
  '<<',
  '!x',
  '%x',
  '---',
]
/** Any text: words that are numbers, dates, booleans or syntax to some reader, blanks, controls, line breaks and other scripts. */
export const awkwardValue: fc.Arbitrary<string> = fc
  .oneof(
    fc.constantFrom(...AWKWARD, ...MORE),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => text.isWellFormed()),
    fc.stringMatching(/^[\w./:@+ #,{}[\]'"\\-]{0,24}$/),
    fc.stringMatching(/^[0-9][0-9a-f]{0,8}$/),
    fc.constantFrom('v2\n', 'l1\nl2\n', 'l1\n\n  l2\nl3\n\n', '# l1\n---\n- l2', 'l1\n\n'),
  )
  // Refused, see refusals.test.ts.
  .filter((text) => !text.includes('{{'))

/** Tags and names, which readers take for something other than a string where they stand without quotes. */
export const awkwardTag: fc.Arbitrary<string> = fc.constantFrom(
  ...['1.10', '0x1F', 'yes', 'null', '2024-01-01', '1e3', '685e230', '017', '1_0', 'v1.2.3', 'on', '12'],
)
