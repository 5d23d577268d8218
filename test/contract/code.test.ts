/** Rules of CONTRIBUTING.md that neither the compiler nor the linter can check: file headers, names, casts, no way around the limits. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSources, type Source } from './sources.ts'

const product = readSources('src')
const all = [...product, ...readSources('sandbox'), ...readSources('test'), ...readSources('bench')]
const pathsWhere = (sources: readonly Source[], isBad: (source: Source) => boolean): readonly string[] =>
  sources.filter(isBad).map(({ path }) => path)

describe('every source file', () => {
  it('opens with what it is for', () => {
    expect(pathsWhere(all, ({ text }) => !/^(?:#![^\n]*\n)?\/\*\*/.test(text))).toEqual([])
  })

  it('has a name that says what is in it', () => {
    const drawers = /(?:^|[-_.])(?:utils?|helpers?|common|misc|shared|stuff|managers?|legacy|lib)(?:[-_.]|$)/
    expect(pathsWhere(all, ({ path }) => path.split('/').some((part) => drawers.test(part)))).toEqual([])
  })

  it('exports by name', () => {
    const hasDefault = ({ nodes }: Source) => nodes.some(({ type }) => type === 'ExportDefaultDeclaration')
    expect(pathsWhere(all, hasDefault)).toEqual([])
  })

  it('turns no check off', () => {
    const marks = ['biome-ignore', '@ts-ignore', '@ts-nocheck', '@ts-expect-error', 'eslint-disable']
    const here = basename(import.meta.filename)
    const isOff = ({ path, text }: Source) => !path.endsWith(here) && marks.some((mark) => text.includes(mark))
    expect(pathsWhere(all, isOff)).toEqual([])
  })

  it('leaves no note to do something later', () => {
    const hasNote = ({ path, text }: Source) =>
      !path.endsWith('code.test.ts') && /\b(?:TODO|FIXME|XXX|HACK)\b/.test(text)
    expect(pathsWhere(all, hasNote)).toEqual([])
  })
})

describe('types', () => {
  it('no `any`, no `!`', () => {
    const isLoose = ({ nodes }: Source) =>
      nodes.some(({ type }) => type === 'TSAnyKeyword' || type === 'TSNonNullExpression')
    expect(pathsWhere(all, isLoose)).toEqual([])
  })

  it('casts through `unknown` stay at the edge, where an SDK leaves no choice', () => {
    const isForced = ({ nodes }: Source) =>
      nodes.some(
        (node) =>
          node.type === 'TSAsExpression' &&
          node.expression.type === 'TSAsExpression' &&
          node.expression.typeAnnotation.type === 'TSUnknownKeyword',
      )
    expect(pathsWhere(product, isForced).filter((path) => !path.startsWith('src/clients/'))).toEqual([])
  })
})

describe('the command line', () => {
  it('is the file that package.json says', () => {
    const { bin } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(bin).toEqual({ lockkeeper: 'dist/cli/main.js' })
    expect(product.some(({ path }) => path === 'src/cli/main.ts')).toBe(true)
  })
})
