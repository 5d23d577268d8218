/** Sizes: most files and functions are small. The hard limits (350 lines, 60 lines, 4 parameters) are rules of biome.json; this is about the many. */
import { describe, expect, it } from 'vitest'
import { readSources, type Source } from './sources.ts'

const sources = readSources('src')

/** The value that nine of ten do not exceed. */
function ninetieth(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.9) - 1] ?? 0
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** Lines from the first to the last of each function, its signature included. */
const functionLines = ({ nodes, lineAt }: Source): readonly number[] =>
  nodes.filter(({ type }) => FUNCTIONS.has(type)).map(({ start, end }) => lineAt(end) - lineAt(start) + 1)

/** A one-line arrow function is no function to read: with them the limit would say nothing. */
const written = (lines: readonly number[]): readonly number[] => lines.filter((count) => count > 1)

describe('size', () => {
  it('nine of ten files have at most 200 lines, none more than 350', () => {
    expect(ninetieth(sources.map(({ lines }) => lines))).toBeLessThanOrEqual(200)
  })

  it('nine of ten functions have at most 30 lines', () => {
    expect(ninetieth(sources.flatMap((source) => written(functionLines(source))))).toBeLessThanOrEqual(30)
  })
})
