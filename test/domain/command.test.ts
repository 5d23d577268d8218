/** What counts as a command in a comment, and what its words are. What commands do is in test/scenarios/commands*.test.ts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCommands, type Spoken } from '../../src/domain/command.ts'

const NAMES = ['deploy', 'rollback', 'status', 'lock', 'unlock', 'help']

/** `deploy(prod, v12) --force=outage`, or `lock?` for what is nearly one. */
function shown(spoken: Spoken): string {
  if (spoken.kind === 'misspelled') return `${spoken.meant}?`
  const options = [...spoken.options].map(([name, value]) => ` --${name}${value === true ? '' : `=${value}`}`)
  return `${spoken.name}(${spoken.words.join(', ')})${options.join('')}`
}

const heard = (body: string): readonly string[] => parseCommands(body, NAMES).map(shown)

describe('a command stands at the start of a line', () => {
  it.each([
    ['alone', '/deploy prod', ['deploy(prod)']],
    ['without words', '/status', ['status()']],
    ['with spaces behind it', '/deploy prod  ', ['deploy(prod)']],
    ['with up to three spaces before it', '   /deploy prod', ['deploy(prod)']],
    ['with a tab between its words', '/deploy\tprod', ['deploy(prod)']],
    ['with a no-break space between its words', '/deploy\u00a0prod', ['deploy(prod)']],
    ['in any case', '/DEPLOY Prod', ['deploy(Prod)']],
    ['on lines that end with CRLF', '/deploy prod\r\n/status\r\n', ['deploy(prod)', 'status()']],
    ['on two lines', '/deploy prod\n/status', ['deploy(prod)', 'status()']],
    ['on a line with a hard break', '/deploy prod  \n/status', ['deploy(prod)', 'status()']],
    ['below a sentence', 'Looks good.\n/deploy prod', ['deploy(prod)']],
    ['below a paragraph', 'Looks good.\n\n/deploy prod', ['deploy(prod)']],
    ['above a sentence', '/deploy prod\nThanks!', ['deploy(prod)']],
    ['below a quote', '> shall we?\n\n/deploy prod', ['deploy(prod)']],
    ['below a list', '- one\n- two\n\n/deploy prod', ['deploy(prod)']],
    ['below a block of code', '```\nlog\n```\n/deploy prod', ['deploy(prod)']],
    ['below a heading', '# Plan\n/deploy prod', ['deploy(prod)']],
    ['as a paragraph between tags', '<details>\n\n/deploy prod\n\n</details>', ['deploy(prod)']],
  ])('%s', (_, body, expected) => {
    expect(heard(body)).toEqual(expected)
  })
})

describe('no command', () => {
  it.each([
    ['a quote', '> /deploy prod'],
    ['a lazy line of a quote', '> quote\n/deploy prod'],
    ['a quote in a quote', '> > /deploy prod'],
    ['a list item', '- /deploy prod'],
    ['a numbered item', '1. /deploy prod'],
    ['a task', '- [ ] /deploy prod'],
    ['a lazy line of an item', '- item\n/deploy prod'],
    ['a list in a quote', '> - /deploy prod'],
    ['inline code', '`/deploy prod`'],
    ['inline code with two backticks', '``/deploy prod``'],
    ['a fence', '```\n/deploy prod\n```'],
    ['a fence with a language', '```sh\n/deploy prod\n```'],
    ['a fence of tildes', '~~~\n/deploy prod\n~~~'],
    ['a fence that is never closed', '```\n/deploy prod'],
    ['a fence with a longer fence around it', '````\n```\n/deploy prod\n```\n````'],
    ['a fence in a quote', '> ```\n> /deploy prod\n> ```'],
    ['an indented block', '    /deploy prod'],
    ['a tab before it', '\t/deploy prod'],
    ['an HTML comment', '<!-- /deploy prod -->'],
    ['an HTML comment over lines', '<!--\n/deploy prod\n-->'],
    ['a tag over lines', '<div>\n/deploy prod\n</div>'],
    ['folded details', '<details>\n/deploy prod\n</details>'],
    ['a tag in the line', '<b>/deploy prod</b>'],
    ['bold', '**/deploy prod**'],
    ['emphasis', '_/deploy prod_'],
    ['a link', '[/deploy prod](https://example.com)'],
    ['a heading', '# /deploy prod'],
    ['an underlined heading', '/deploy prod\n---'],
    ['a table', '| /deploy prod |\n| --- |'],
    ['a link definition', '[x]: /deploy'],
    ['the middle of a sentence', 'Please /deploy prod'],
    ['a path', '/deploy/prod'],
    ['two slashes', '//deploy prod'],
    ['a slash alone', '/ deploy prod'],
    ['a colon behind the name', '/deploy: prod'],
    ['a full stop behind the name', '/status.'],
    ['an escaped slash', '\\/deploy prod'],
    ['a slash as an entity', '&#47;deploy prod'],
    ['a zero-width space before it', '\u200b/deploy prod'],
    ['a zero-width space in the name', '/de\u200bploy prod'],
    ['a no-break space before it', '\u00a0/deploy prod'],
    ['a byte order mark before it', '\ufeff/deploy prod'],
    ['a full-width slash', '／deploy prod'],
    ['a Cyrillic letter in the name', '/d\u0435ploy prod'],
    ['a command of somebody else', '/assign bob'],
    ['nothing', ''],
  ])('%s', (_, body) => {
    expect(heard(body).filter((one) => one !== 'deploy?')).toEqual([])
  })
})

describe('the words of a command', () => {
  it.each([
    ['/deploy prod churn v12', 'deploy(prod, churn, v12)'],
    ['/deploy `prod`', 'deploy(prod)'],
    ['/deploy prod "two words"', 'deploy(prod, two words)'],
    ['/deploy prod “curly quotes”', 'deploy(prod, curly quotes)'],
    ['/deploy prod "never closed', 'deploy(prod, "never, closed)'],
    ['/lock prod for 2h data_is_bad', 'lock(prod, for, 2h, data_is_bad)'],
    ['/deploy prod --dry-run', 'deploy(prod) --dry-run'],
    ['/deploy --dry-run prod', 'deploy(prod) --dry-run'],
    ['/deploy prod --DRY-RUN', 'deploy(prod) --dry-run'],
    ['/deploy prod --force "an outage"', 'deploy(prod) --force=an outage'],
    ['/deploy prod --force “an outage”', 'deploy(prod) --force=an outage'],
    ['/deploy prod --force outage now', 'deploy(prod, now) --force=outage'],
    ['/deploy prod --force', 'deploy(prod) --force'],
    ['/deploy prod --force --dry-run', 'deploy(prod) --force --dry-run'],
    ['/deploy prod --force "--dry-run"', 'deploy(prod) --force=--dry-run'],
    ['/deploy prod @alice', 'deploy(prod, @alice)'],
    ['/deploy prod <!-- --force "hidden" -->', 'deploy(prod)'],
    ['/deploy <i>prod</i>', 'deploy(prod)'],
  ])('%s', (body, expected) => {
    expect(heard(body)).toEqual([expected])
  })
})

describe('nearly a command', () => {
  it.each([
    ['/deplyo prod', ['deploy?']],
    ['/rolback', ['rollback?']],
    ['/Unlok prod', ['unlock?']],
    ['/deplyo prod\n/rolback prod', ['deploy?']],
    ['/deplyo prod\n/status', ['deploy?', 'status()']],
    ['/merge', []],
    ['/retest', []],
  ])('%s', (body, expected) => {
    expect(heard(body)).toEqual(expected)
  })
})

describe('whatever is written', () => {
  const line = fc.constantFrom('/deploy prod', '/status', '> ', '`', '```', '    ', '<!--', '-->', '- ', '\n', ' ', 'x')
  const comment = fc
    .array(fc.oneof(line, fc.string({ unit: 'grapheme' })), { maxLength: 12 })
    .map((parts) => parts.join(''))

  it('parsing ends, and every command is a line of the comment', () => {
    fc.assert(
      fc.property(comment, (body) => {
        for (const { line: typed } of parseCommands(body, NAMES)) expect(typed.startsWith('/')).toBe(true)
      }),
    )
  })

  it('nothing fires inside a fence', () => {
    const inside = comment.filter((body) => !/^ {0,3}`{4,}\s*$/m.test(body))
    fc.assert(
      fc.property(inside, (body) => {
        expect(heard(`\`\`\`\`\n${body}\n\`\`\`\``)).toEqual([])
      }),
    )
  })

  it('nothing fires when every line is quoted', () => {
    fc.assert(
      fc.property(comment, (body) => {
        expect(heard(body.replaceAll(/^/gm, '> '))).toEqual([])
      }),
    )
  })
})
