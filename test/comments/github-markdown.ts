/** A comment as a parser of GitHub's Markdown reads it, and what GitHub's own filters would make of its text. */
import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'

export type Comment = {
  /** How many nodes there are of each type; text and code are left out, whose pieces mean nothing. */
  readonly counts: Readonly<Record<string, number>>
  readonly html: readonly string[]
  readonly addresses: readonly string[]
  /** Fenced blocks with their language. */
  readonly blocks: readonly { readonly language: string; readonly text: string }[]
  /** Everything that is read as text: no code, no addresses. */
  readonly texts: readonly string[]
}

/** Reads it as GitHub would, short of what GitHub does to the text afterwards; see `references`. */
export function readComment(markdown: string): Comment {
  const counts: Record<string, number> = {}
  const found = { html: [] as string[], addresses: [] as string[], texts: [] as string[] }
  const blocks: { language: string; text: string }[] = []
  const walk = (node: Nodes): void => {
    if (node.type !== 'text' && node.type !== 'inlineCode') counts[node.type] = (counts[node.type] ?? 0) + 1
    if (node.type === 'text') found.texts.push(node.value)
    if (node.type === 'html') found.html.push(node.value)
    if (node.type === 'link') found.addresses.push(node.url)
    if (node.type === 'code') blocks.push({ language: node.lang ?? '', text: node.value })
    if ('children' in node) for (const child of node.children) walk(child)
  }
  walk(fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }))
  return { counts, ...found, blocks }
}

/** What GitHub makes links, pictures or mathematics of after Markdown was read: mentions, references, commits, emoji, addresses. */
const FILTERS: readonly RegExp[] = [
  /@[a-z0-9]/gi,
  /#\d/g,
  /\b(?:gh|ghsa|cve)-\w/gi,
  /(?<![\w-])(?:(?=\d*[a-f])[0-9a-f]{7,40}|\d{7})(?![\w.-])/gi,
  /:[\w+-]+:/g,
  /\$/g,
  /www\.\S/gi,
  /[a-z]:\/\//gi,
]

/** Pieces of text that GitHub would not leave alone. */
export const references = (texts: readonly string[]): readonly string[] =>
  texts.flatMap((text) => FILTERS.flatMap((filter) => text.match(filter) ?? []))
