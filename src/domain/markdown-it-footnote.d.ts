/** The package has no types of its own, and those published for it belong to another major version of markdown-it. */
declare module 'markdown-it-footnote' {
  import type MarkdownIt from 'markdown-it'

  const footnotes: (markdown: MarkdownIt) => void

  export { footnotes as default }
}
