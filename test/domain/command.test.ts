/** What counts as a command in a comment, and what its words are. Random comments: command-properties.test.ts. What commands do is in test/scenarios/commands*.test.ts. */
import { describe, expect, it } from 'vitest'
import { parseCommands, type Spoken } from '../../src/domain/command.ts'

const COMMANDS = ['deploy', 'rollback', 'status', 'lock', 'unlock', 'help'].map((name) => ({
  name,
  arguments: [],
  options: [{ name: 'force', value: 'reason', summary: '' }],
  changes: true,
}))

/** `deploy(prod, v12) --force=outage`, or `lock?` for what is nearly one. */
function shown(spoken: Spoken): string {
  if (spoken.kind === 'misspelled') return `${spoken.meant}?`
  if (spoken.kind === 'unreadable') return `${spoken.name}: ${spoken.character}`
  const options = [...spoken.options].map(([name, value]) => ` --${name}${value === true ? '' : `=${value}`}`)
  return `${spoken.name}(${spoken.words.join(', ')})${options.join('')}`
}

const heard = (body: string): readonly string[] => parseCommands(body, COMMANDS).map(shown)

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
    ['below a footnote', '[^1]: note\n\n/deploy prod', ['deploy(prod)']],
    ['below a footnote mark that has no note', '[^1]\n/deploy prod', ['deploy(prod)']],
    ['below a table', '| a |\n| --- |\n| b |\n\n/deploy prod', ['deploy(prod)']],
    ['below a picture', '![x](https://example.com/x.png)\n/deploy prod', ['deploy(prod)']],
    ['below a rule', '---\n/deploy prod', ['deploy(prod)']],
    ['below an alert', '> [!NOTE]\n> now\n\n/deploy prod', ['deploy(prod)']],
    ['below a suggestion', '```suggestion\nx\n```\n/deploy prod', ['deploy(prod)']],
    ['below a formula', '$$\nx\n$$\n/deploy prod', ['deploy(prod)']],
    ['below a price', 'It costs $5.\n/deploy prod', ['deploy(prod)']],
    ['on lines that end with CR', '/deploy prod\r/status', ['deploy(prod)', 'status()']],
    ['with an emoji behind it', '/deploy prod 🚀', ['deploy(prod, 🚀)']],
    ['with an emoji of several parts', '/lock prod 👩‍💻 at work', ['lock(prod, 👩‍💻, at, work)']],
    [
      'in an answer by e-mail, above what it quotes',
      '/deploy prod\n\nOn Tue, 24 Nov 2026, bob wrote:\n> no',
      ['deploy(prod)'],
    ],
    ['below two fields that are no mail', 'From: v11\nTo: v12\n/deploy prod', ['deploy(prod)']],
    ['before a signature', '/deploy prod\n\n-- \nalice', ['deploy(prod)']],
    ['as the only line of 65,000 characters', `${'x\n'.repeat(32_000)}/deploy prod`, ['deploy(prod)']],
  ])('%s', (_, body, expected) => {
    expect(heard(body)).toEqual(expected)
  })
})

describe('no command', () => {
  it.each([
    ['a quote', '> /deploy prod'],
    ['a lazy line of a quote', '> quote\n/deploy prod'],
    ['a quote in a quote', '> > /deploy prod'],
    ['a lazy line of a quote that defines a link', '> [x]: y\n/deploy prod'],
    ['a list item', '- /deploy prod'],
    ['a lazy line of an item that defines a link', '- [x]: y\n/deploy prod'],
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
    ['a footnote', '[^1]: /deploy prod'],
    ['a line of a footnote', '[^1]: note\n    /deploy prod'],
    ['a lazy line of a footnote', '[^1]: note\n/deploy prod'],
    ['a paragraph of a footnote', 'x[^1]\n\n[^1]: note\n\n    /deploy prod'],
    ['a formula', '$$\n/deploy prod\n$$'],
    ['a formula below a sentence', 'So:\n$$\n/deploy prod\n$$'],
    ['a formula in a fence', '```math\n/deploy prod\n```'],
    ['a suggestion', '```suggestion\n/deploy prod\n```'],
    ['an alert', '> [!WARNING]\n> /deploy prod'],
    ['a picture’s words', '![/deploy prod](https://example.com/x.png)'],
    ['a link’s title', '[x](https://example.com "\n/deploy prod\n")'],
    ['a title of a link definition', '[x]: https://example.com "\n/deploy prod\n"'],
    ['a link’s words over lines', '[x\n/deploy prod\n](https://example.com)'],
    ['struck out', '~~/deploy prod~~'],
    ['bold over lines', '**x\n/deploy prod**'],
    ['inline code over lines', '`x\n/deploy prod\n`'],
    ['a tag over lines of a paragraph', 'x <a title="\n/deploy prod\n">y</a>'],
    ['an item in an item', '- a\n  - b\n\n    /deploy prod'],
    ['an item in an item in an item', '- a\n  - b\n    - c\n      /deploy prod'],
    ['an item of a list in folded details', '<details>\n\n- /deploy prod\n\n</details>'],
    ['folded details in a quote', '> <details>\n>\n> /deploy prod\n>\n> </details>'],
    ['a cell of a table', '| a |\n| --- |\n| /deploy prod |'],
    ['a row of a table without bars', 'a | b\n--- | ---\n/deploy prod | x'],
    ['the head of a table without bars', '/deploy prod\n| --- |'],
    ['a row of such a table', 'a\n| :-- |\n/deploy prod'],
    ['a processing instruction', '<?x\n/deploy prod\n?>'],
    ['a declaration', '<!X\n/deploy prod\n>'],
    ['a CDATA section', '<![CDATA[\n/deploy prod\n]]>'],
    ['a script', '<script>\n\n/deploy prod\n\n</script>'],
    ['preformatted text', '<pre>\n\n/deploy prod\n\n</pre>'],
    ['a text field', '<textarea>\n\n/deploy prod\n\n</textarea>'],
    ['a style', '<style>\n\n/deploy prod\n\n</style>'],
    [
      'the mail that an answer quotes',
      'Thanks\n\nOn Tue, 24 Nov 2026 at 10:00, bob <n@github.com> wrote:\n\n/deploy prod',
    ],
    [
      'such a mail whose heading is broken',
      'OK\n\nOn Tue, 24 Nov 2026, bob <\nnotifications@github.com> wrote:\n\n/deploy prod',
    ],
    [
      'such a mail in German',
      'Danke\n\nAm Di., 24. Nov. 2026 um 10:00 Uhr schrieb bob <n@github.com>:\n\n/deploy prod',
    ],
    ['such a mail in French', 'Merci\n\nLe mar. 24 nov. 2026, bob a écrit :\n\n/deploy prod'],
    [
      'what Outlook quotes',
      'Yes\n\nFrom: bob <notifications@github.com>\nSent: Tuesday\nTo: acme/models\n\n/deploy prod',
    ],
    ['what a forward carries', 'FYI\n\n---------- Forwarded message ---------\n/deploy prod'],
    ['below the foot of a notification', 'Hi\n\nReply to this email directly or view it on GitHub\n/deploy prod'],
    ['an address', 'https://example.com/deploy prod'],
    ['a path of a file', './deploy prod'],
    ['two commands in one line', 'x; /deploy prod'],
    ['a division slash', '\u2215deploy prod'],
    ['a fraction slash', '\u2044deploy prod'],
    ['a mark of direction before it', '\u202e/deploy prod'],
    ['a joiner before it', '\u2060/deploy prod'],
    ['a dot behind the name', '/deploy.prod'],
    ['a digit in the name', '/deploy1 prod'],
    ['an underscore in the name', '/_deploy prod'],
    ['a hyphen before the name', '/-deploy prod'],
    ['a full-width letter in the name', '/ｄeploy prod'],
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

describe('a line that is hostile', () => {
  it.each([
    ['bent quotes that nobody closes', `/deploy ${'“ '.repeat(32_000)}`],
    ['options with such quotes', `/deploy ${'--x=“ '.repeat(10_000)}`],
  ])('%s is read in no time', (_, body) => {
    const begun = performance.now()
    expect(parseCommands(body, COMMANDS)).toHaveLength(1)
    expect(performance.now() - begun).toBeLessThan(500)
  })
})

describe('a command with characters that cannot be seen is not run', () => {
  it.each([
    ['a mark that turns the writing round', '/deploy \u202edorp', 'deploy: U+202E'],
    ['an isolate', '/deploy \u2066prod\u2069', 'deploy: U+2066'],
    ['a zero-width space in a word', '/deploy pr\u200bod', 'deploy: U+200B'],
    ['a word joiner', '/deploy prod\u2060', 'deploy: U+2060'],
    ['a soft hyphen', '/rollback pr\u00adod', 'rollback: U+00AD'],
    ['a byte order mark', '/deploy \ufeffprod', 'deploy: U+FEFF'],
    ['letters of tags', '/deploy prod\u{e0062}\u{e0064}', 'deploy: U+E0062'],
    ['a bell', '/deploy\u0007 prod', ''],
    ['a bell in a word', '/deploy pr\u0007od', 'deploy: U+0007'],
  ])('%s', (_, body, expected) => {
    expect(heard(body).join()).toBe(expected)
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
