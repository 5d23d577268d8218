/** Nothing from outside gets to act in a comment: names, sentences, addresses. */
import fc from 'fast-check'
import MarkdownIt from 'markdown-it'
import { describe, expect, it } from 'vitest'
import { code, codeBlock, link, plain, table, title } from '../../src/comments/markdown.ts'

const parser = new MarkdownIt({ html: true, linkify: true })
// GitHub links addresses with a scheme, `www.` (tested by example below) and mail addresses, but no bare names such as `metrics.io`.
parser.linkify.set({ fuzzyLink: false })

/** Every kind of thing that a text turned into, besides plain text in paragraphs. */
const kinds = (markdown: string): readonly string[] => {
  const found = new Set<string>()
  for (const block of parser.parse(markdown, {})) {
    if (!['paragraph_open', 'paragraph_close', 'inline'].includes(block.type)) found.add(block.type)
    for (const child of block.children ?? []) if (child.type !== 'text') found.add(child.type)
  }
  return [...found]
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc
    .array(
      fc.constantFrom(
        '`',
        '``',
        '|',
        '\\',
        '\n',
        '@',
        '@acme/all',
        '#12',
        '](',
        '![',
        '](http://evil.test)',
        '<img src=x>',
        '</details>',
        '<!--',
        '-->',
        '**',
        '__',
        '~~',
        '$',
        '$$',
        '&lt;',
        'https://evil.test',
        'www.evil.test',
        'a@b.test',
        ':tada:',
        '# ',
        '- ',
        '1. ',
        '> ',
        '```',
        '---',
        '===',
        '\u202e',
        '\u200b',
        'x',
        ' ',
      ),
      { maxLength: 14 },
    )
    .map((parts) => parts.join('')),
)

describe('a name', () => {
  it.each([
    ['auc', '`auc`'],
    ['f1/segment=eu', '`f1/segment=eu`'],
    ['a`b', '`` a`b ``'],
    ['``', '``` `` ```'],
    ['a|b', '`a¦b`'],
    ['a\n\n# b', '`a # b`'],
    ['', '` `'],
    ['\u202egnp.exe\u200b', '`gnp.exe`'],
  ])('%j is written %s', (text, markdown) => {
    expect(code(text)).toBe(markdown)
  })

  it('is inline code and nothing else, whatever it is', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(kinds(`before ${code(text)} after`)).toEqual(['code_inline'])
      }),
      { numRuns: 500 },
    )
  })

  it('stays in its cell', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, two) => {
        const tokens = parser.parse(table(['a', 'b'], 'll', [[code(one), plain(two)]]), {})
        expect(tokens.filter((token) => token.type === 'td_open')).toHaveLength(2)
        expect(tokens.at(-1)?.type).toBe('table_close')
      }),
      { numRuns: 500 },
    )
  })

  it('is shortened in the middle, so that both ends can be told', () => {
    expect(code(`${'x'.repeat(400)}end`, 20)).toBe('`xxxxxxxxxxxxxx…xxend`')
  })
})

describe('a sentence', () => {
  it.each([
    ['ping @alice', 'ping \u2060@\u2060alice'],
    ['see #12 and acme/models#3', 'see #\u206012 and acme/models#\u20603'],
    ['https://evil.test', 'https:\u2060//evil.test'],
    ['www.evil.test', 'www\u2060.evil.test'],
    ['**bold** <b>', '\\*\\*bold\\*\\* \\<b\\>'],
    ['- item', '\\- item'],
    ['1. item', '1\u2060. item'],
    ['the head moved to 3f9c2e1', 'the head moved to `3f9c2e1`'],
    ['`3f9c2e1`', '\\``3f9c2e1`\\`'],
    ['8764501 rows of 12345678', '`8764501` rows of 12345678'],
    ['replica churn-21105ec264', 'replica churn-21105ec264'],
    ['the head moved to eaafdce', 'the head moved to `eaafdce`'],
    [`no id: ${'a'.repeat(65)}`, `no id: ${'a'.repeat(65)}`],
    ['at 10:05, 5:100: and :tada:', 'at 10:05, 5:\u2060100: and :\u2060tada:'],
    ['it costs $5|$6', 'it costs ＄5¦＄6'],
    ['_www.evil.test GH-7 cve-1', '\\_www\u2060.evil.test GH\u2060-7 cve\u2060-1'],
  ])('%j is written %j', (text, markdown) => {
    expect(plain(text)).toBe(markdown)
  })

  it('is text and nothing else, whatever it is', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        // The id of a commit becomes code.
        const texts = ['text_special', 'code_inline']
        expect(kinds(plain(text)).filter((kind) => !texts.includes(kind))).toEqual([])
        expect(kinds(`### ${plain(text)}`).filter((kind) => !texts.includes(kind))).toEqual([
          'heading_open',
          'heading_close',
        ])
        expect(plain(text)).not.toMatch(/@[a-z0-9]/i)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a link', () => {
  it('goes where the address says, without its credentials', () => {
    expect(link('run', 'http://user:secret@mlflow.test/#/experiments/1')).toBe(
      '[run](http://mlflow.test/#/experiments/1)',
    )
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', 'no address', '//evil.test', ''])(
    'is only its label for %j',
    (url) => {
      expect(link('run', url)).toBe('run')
    },
  )

  it('cannot be left by its address', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(kinds(link(code('run'), `https://mlflow.test/${text}`))).toEqual([
          'link_open',
          'code_inline',
          'link_close',
        ])
      }),
    )
  })
})

it('a block of text cannot close its fence', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(parser.parse(codeBlock(text), {}).map((token) => token.type)).toEqual(['fence'])
    }),
  )
})

it('a title has one line and nothing invisible', () => {
  expect(title('a\u202e\nb\u0000\u200b  c')).toBe('a b c')
  expect(title('\u034f\u2800\u{e0100}\u17b4\u3164')).toBe('')
  expect(title('⚙️ build')).toBe('⚙️ build')
})
