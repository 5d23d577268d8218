/**
 * No text makes a regular expression of ours slow. Those in linear-expressions.json were checked by recheck
 * (https://makenowjust-labs.github.io/recheck); any other one is checked now, and `-u` adds it. LOCKKEEPER_DEEP=1 checks all of them again.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkSync } from 'recheck'
import { describe, expect, it } from 'vitest'
import { readSources, type Source } from './sources.ts'

// In this process: other ways need a program for each platform.
process.env['RECHECK_BACKEND'] = 'pure'

const CHECKED = join(import.meta.dirname, 'linear-expressions.json')
const isDeep = process.env['LOCKKEEPER_DEEP'] === '1'
const known: ReadonlySet<string> = new Set(isDeep ? [] : (JSON.parse(readFileSync(CHECKED, 'utf8')) as string[]))

const product = readSources('src')

/** How many steps recheck may try, and how long: what it cannot decide is to be written more simply. */
const LIMITS = { randomSeed: 1, timeout: 120_000 } as const

type Expression = { readonly pattern: string; readonly flags: string }
type Found = Expression & { readonly text: string; readonly place: string }

const expressionsOf = ({ nodes, path, lineAt }: Source): readonly Found[] =>
  nodes.flatMap((node) => {
    if (node.type !== 'Literal' || !('regex' in node)) return []
    const { pattern, flags } = node.regex
    return [{ pattern, flags, text: `/${pattern}/${flags}`, place: `${path}:${lineAt(node.start)}` }]
  })

const found = [...new Map(product.flatMap(expressionsOf).map((each) => [each.text, each])).values()]

/** What is linear without the bounds of its repetitions is linear with them, and is proven so in a hundredth of the time. */
const unbounded = (pattern: string): string =>
  pattern.replaceAll(/(?<!\\)\{(\d+)(?:,\d*)?\}/g, (_, least: string) => (least === '0' ? '*' : '+'))

/** A text that it takes more than linear time for, or that this could not be found out; undefined: it is linear. */
function attackOn({ pattern, flags }: Expression): string | undefined {
  if (checkSync(unbounded(pattern), flags, LIMITS).status === 'safe') return undefined
  const outcome = checkSync(pattern, flags, LIMITS)
  if (outcome.status === 'safe') return undefined
  return outcome.status === 'vulnerable' ? outcome.attack.pattern : `not decided: ${outcome.error.kind}`
}

describe('every regular expression', () => {
  it('takes linear time, whatever the text', { timeout: 900_000 }, async () => {
    const slow = found.flatMap((each) => {
      const attack = known.has(each.text) ? undefined : attackOn(each)
      return attack === undefined ? [] : [`${each.place} ${each.text} by ${attack}`]
    })
    expect(slow).toEqual([])
    const checked = found.map(({ text }) => text).toSorted()
    await expect(`${JSON.stringify(checked, null, 2)}\n`).toMatchFileSnapshot(CHECKED)
  })

  it('stands in the source as one, so that it is checked', () => {
    const built = product.flatMap(({ nodes, path, lineAt }) =>
      nodes
        .filter((node) => node.type === 'NewExpression' || node.type === 'CallExpression')
        .filter(({ callee }) => callee.type === 'Identifier' && callee.name === 'RegExp')
        .map(({ start }) => `${path}:${lineAt(start)}`),
    )
    // Of an operator's own command line, made of constants.
    expect(built.map((place) => place.split(':')[0])).toEqual(['src/cli/edit-arguments.ts'])
  })
})

describe('the check', () => {
  it.each([/(a+)+$/, /\s+$/, /^(.*?),(.*)$/, /(\w|\d)*!/])('knows that %s is slow', ({ source, flags }) => {
    expect(attackOn({ pattern: source, flags })).toEqual(expect.any(String))
  })

  it('believes no list that names another expression', () => {
    expect(found.map(({ text }) => text)).toEqual(expect.arrayContaining([...known]))
  })
})
