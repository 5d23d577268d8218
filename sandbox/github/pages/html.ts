/** HTML with every value escaped, except what is HTML already. All pages are made of this. */

const RAW = Symbol('html')

/** A piece of HTML that is safe to put into a page. */
export type Html = { readonly [RAW]: string }

type Value = Html | string | number | false | null | undefined | readonly Value[]

/** Escapes what is put in; `false`, null and undefined give nothing, lists are joined. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { [RAW]: parts.map((part, index) => (index === 0 ? part : print(values[index - 1]) + part)).join('') }
}

/** Marks text as HTML. Only for what this folder made or cleaned itself. */
export const trusted = (text: string): Html => ({ [RAW]: text })

export const textOf = (piece: Html): string => piece[RAW]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeText = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')

function print(value: Value): string {
  if (value === false || value === null || value === undefined) return ''
  if (typeof value === 'string' || typeof value === 'number') return escapeText(String(value))
  return RAW in value ? value[RAW] : value.map(print).join('')
}
