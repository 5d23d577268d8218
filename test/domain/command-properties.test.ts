/** Commands in random and hostile comments: a second parser of GitHub's Markdown judges what is found. The cases: command.test.ts. */
import fc from 'fast-check'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { describe, expect, it } from 'vitest'
import { parseCommands } from '../../src/domain/command.ts'

const COMMANDS = ['deploy', 'rollback', 'status', 'lock', 'unlock', 'help'].map((name) => ({
  name,
  arguments: [],
  options: [{ name: 'force', value: 'reason', summary: '' }],
  changes: true,
}))

describe('whatever is written', () => {
  const pieces = [
    '/deploy prod',
    '/status',
    '/rollback prod --force "x"',
    '> ',
    '`',
    '```',
    '~~~',
    '    ',
    '\t',
    '<!--',
    '-->',
    '- ',
    '1. ',
    '- [ ] ',
    '\n',
    '\n\n',
    '\r\n',
    ' ',
    'x',
    '# ',
    '---',
    '| a |',
    '| --- |',
    '<details>',
    '</details>',
    '<pre>',
    '</pre>',
    '<b>',
    '[^1]: ',
    '[^1]',
    '[x]: ',
    '[x](',
    ')',
    '**',
    '_',
    '~~',
    '\\',
    '&#47;',
    '$$',
    '<?',
    '?>',
    '"',
    '\u200b',
    '\u202e',
    '／',
  ]
  const comment = fc
    .array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...pieces) },
        { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
      ),
      { maxLength: 16 },
    )
    .map((parts) => parts.join(''))
  const runs = { numRuns: process.env['LOCKKEEPER_DEEP'] === undefined ? 2000 : 100_000 }

  it('every command is a line of text for another parser of GitHub’s Markdown, too', { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(comment, (body) => {
        const lines = textLines(body).map((text) => text.replaceAll(/<[^>]*>/g, '').toLowerCase())
        for (const spoken of parseCommands(body, COMMANDS))
          if (spoken.kind === 'command') expect(lines.some((text) => text.startsWith(`/${spoken.name}`))).toBe(true)
      }),
      runs,
    )
  })

  it('nothing fires inside a fence', () => {
    const inside = comment.filter((body) => !/^ {0,3}`{4,}\s*$/m.test(body))
    fc.assert(
      fc.property(inside, (body) => {
        expect(parseCommands(`\`\`\`\`\n${body}\n\`\`\`\``, COMMANDS)).toEqual([])
      }),
    )
  })

  it('nothing fires when every line is quoted', () => {
    fc.assert(
      fc.property(comment, (body) => {
        expect(parseCommands(body.replaceAll(/^/gm, '> '), COMMANDS)).toEqual([])
      }),
    )
  })

  it.each([
    ['brackets', '['.repeat(65_000)],
    ['quotes', `${'> '.repeat(32_000)}/deploy prod`],
    ['stars', '*a '.repeat(21_000)],
    ['backticks', Array.from({ length: 300 }, (_, count) => '`'.repeat(count)).join(' ')],
    ['tags', '<a '.repeat(21_000)],
    ['comments', '<!-- '.repeat(13_000)],
    ['lists', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}- x`).join('\n')],
    ['footnotes', Array.from({ length: 5000 }, (_, count) => `[^${count}]: x`).join('\n')],
    ['mail', `On ${'a wrote: '.repeat(7000)}`],
    ['links', '[a](<b'.repeat(10_000)],
    ['commands', '/deploy prod\n'.repeat(5000)],
    ['paragraphs', 'x\n\n'.repeat(21_000)],
  ])('a comment as long as GitHub takes it, of nothing but %s, is read within two seconds', (_, body) => {
    const begin = performance.now()
    parseCommands(body.slice(0, 65_536), COMMANDS)
    expect(performance.now() - begin).toBeLessThan(2000)
  })
})

/** The lines of a comment's paragraphs, by micromark: those that begin with plain text, as it stands in the source. */
function textLines(body: string): readonly string[] {
  const source = body.replaceAll('\r\n', '\n')
  const tree = fromMarkdown(source, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  return tree.children.flatMap((node) => {
    if (node.type !== 'paragraph') return []
    const starts = new Set(
      node.children.flatMap((child) => {
        if (child.type !== 'text' || child.position === undefined) return []
        const { start, end } = child.position
        return Array.from({ length: end.line - start.line + 1 }, (_, index) => start.line + index)
      }),
    )
    const first = node.position?.start.line ?? 1
    const text = source.slice(node.position?.start.offset, node.position?.end.offset).split('\n')
    return text.flatMap((line, index) => (starts.has(first + index) ? [line.trim()] : []))
  })
}
