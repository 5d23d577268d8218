/** What a comment may show, and what it may not do. */
import { describe, expect, test } from 'vitest'
import { textOf } from './html.ts'
import { renderMarkdown } from './markdown.ts'

const shown = (text: string): string => textOf(renderMarkdown(text))

describe('what the bot writes', () => {
  test('a table becomes a table', () => {
    expect(shown('| a | b |\n| --- | --: |\n| 1 | `x` |')).toContain('<td style="text-align:right"><code>x</code></td>')
  })

  test('a folded block folds, and Markdown works inside it', () => {
    const text = shown('<details><summary>2 more</summary>\n\n**bold**\n\n</details>')
    expect(text).toContain('<details><summary>2 more</summary>')
    expect(text).toContain('<strong>bold</strong>')
    expect(text).toContain('</details>')
  })

  test('a diff is coloured, and what it quotes stays text', () => {
    const text = shown('```diff\n@@ values.yaml image.tag @@\n-v1\n+<b>v2</b>\n same\n```')
    expect(text).toContain('<span class="minus">-v1</span>\n<span class="plus">+&lt;b&gt;v2&lt;/b&gt;</span>\n')
    expect(shown('```yaml\n- v1\n```')).toContain('<code class="language-yaml">- v1')
  })

  test('the marker of a comment is not seen', () => {
    expect(shown('<!-- lockkeeper:reply:v1 comment=7 -->\nDone.')).not.toContain('lockkeeper')
  })
})

describe('what others write', () => {
  test.each([
    ['a script', '<script>alert(1)</script>', '<script'],
    ['an image with a handler', 'x <img src=x onerror=alert(1)> y', '<img'],
    ['a Markdown image', '![pixel](https://tracker.example/p.png)', '<img'],
    [
      'a handler on a tag that is allowed',
      '<details ontoggle=alert(1)><summary>x</summary></details>',
      '<details ontoggle',
    ],
    ['a link that runs', '[x](javascript:alert(1))', 'href="javascript'],
    ['a style', '<style>body{display:none}</style>', '<style'],
    ['a frame', '<iframe src="https://example.com"></iframe>', '<iframe'],
    ['a form', '<form action="/acme/models/pull/1"><button>x</button></form>', '<form'],
  ])('%s does not get through', (_name, text, forbidden) => {
    expect(shown(text)).not.toContain(forbidden)
  })

  test('a block that is left open ends with its comment', () => {
    const text = shown('<details><summary>x</summary>')
    expect(text.match(/<details>/g)).toHaveLength(1)
    expect(text.match(/<\/details>/g)).toHaveLength(1)
  })

  test('a block that closes what it did not open closes nothing', () => {
    expect(shown('</details></details>')).not.toContain('</details>')
  })

  test('a comment that never ends hides nothing but itself', () => {
    expect(shown('before\n\n<!-- open')).toContain('before')
  })
})
