/** Comments and descriptions as GitHub shows them: GitHub's Markdown, with the few HTML tags that bots use, everything else shown as text. */
import markdownIt from 'markdown-it'
import { kindOf } from './diff.ts'
import { escapeText, type Html, trusted } from './html.ts'

const renderer = markdownIt({ html: true, breaks: true, linkify: true, highlight: colouredDiff }).disable('image')

/** Tags without attributes (`<details open>` apart); `<!-- -->` is dropped. */
const ALLOWED = /^<\/?(?:details|summary|br|sub|sup|kbd|b|i|em|strong)(?: open)?\s*\/?>$/i

renderer.renderer.rules['html_block'] = (tokens, index) => clean(tokens[index]?.content ?? '')
renderer.renderer.rules['html_inline'] = (tokens, index) => clean(tokens[index]?.content ?? '')
renderer.renderer.rules['table_open'] = () => '<div class="table"><table>'
renderer.renderer.rules['table_close'] = () => '</table></div>'

/** The text as HTML. Nothing of it runs, loads or styles anything. */
export const renderMarkdown = (text: string): Html => trusted(balanced(renderer.render(text)))

/** A code block of the language `diff`, coloured; empty for every other: the renderer then shows it plainly. */
function colouredDiff(text: string, language: string): string {
  if (language !== 'diff') return ''
  const lines = text.split('\n').map((line) => `<span class="${kindOf(line)}">${escapeText(line)}</span>`)
  return `<pre><code class="diff">${lines.join('\n')}</code></pre>`
}

function clean(text: string): string {
  return text
    .replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
    .split(/(<[^>]*>)/)
    .map((part) => (ALLOWED.test(part) ? part.toLowerCase() : escapeText(part).replaceAll(/&amp;(#?\w+;)/g, '&$1')))
    .join('')
}

/** A block that the author left open must not swallow the rest of the page. */
function balanced(rendered: string): string {
  const count = (tag: RegExp) => rendered.match(tag)?.length ?? 0
  const open = count(/<details(?: open)?>/g) - count(/<\/details>/g)
  if (open < 0) return rendered.replaceAll(/<\/?(?:details|summary)(?: open)?>/g, '')
  return rendered + '</details>'.repeat(open)
}
