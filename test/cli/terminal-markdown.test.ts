/** The bot's Markdown as a terminal shows it: what src/comments/ writes, read as it was meant. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { terminalLines } from '../../src/cli/terminal-markdown.ts'
import { code, codeBlock, details, link, plain, table } from '../../src/comments/markdown.ts'

describe('on a terminal', () => {
  it.each([
    ['bold', '**Refused**: no', ['Refused: no']],
    ['a name', code('auc'), ['`auc`']],
    ['a link', link('PR 1', 'https://github.com/acme/models/pull/1'), ['PR 1 (https://github.com/acme/models/pull/1)']],
    ['what is escaped', plain('a*b_c <d> @bob #12 $5 | x'), ['a*b_c <d> @bob #12 $5 | x']],
    ['a comment of ours', '<!-- lockkeeper:reply -->\nDone.', ['Done.']],
    ['a folded block', details('Every rule', 'a'), ['Every rule:', '', 'a']],
    ['a block of code', codeBlock('- **a**\n| b | c |', 'diff'), ['    - **a**', '    | b | c |']],
    [
      'a table',
      table(['Model', 'Live'], 'll', [
        ['churn', '**v12**'],
        ['a-long-name', '–'],
      ]),
      ['Model        Live', 'churn        v12', 'a-long-name  –'],
    ],
    ['a table without headings', table(['', ''], 'll', [['✅', 'gates']]), ['✅  gates']],
    ['gaps', '\n\na\n\n\n\nb\n\n', ['a', '', 'b']],
  ])('%s', (_, markdown, expected) => {
    expect(terminalLines(markdown)).toEqual(expected)
  })

  it('nothing steers it, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(terminalLines(text).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      }),
    )
  })

  it('what is written as plain text is read as it was', () => {
    const words = fc.array(
      fc.constantFrom('auc', 'a*b', '_x_', '<b>', '[y]', '(z)', '!', '~~', '\\', '&amp', '-', '+'),
      {
        minLength: 1,
      },
    )
    fc.assert(
      fc.property(words, (parts) => {
        const text = parts.join(' ')
        expect(terminalLines(plain(text, 1000))).toEqual([text])
      }),
    )
  })
})
