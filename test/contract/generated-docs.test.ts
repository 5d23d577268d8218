/** Pages that are written from the code are as the code says. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generatedDocs } from '../../docs/generate.ts'
import { COMMANDS } from '../../src/handlers/commands/index.ts'

describe('documentation that the code writes', () => {
  it.each([...generatedDocs()])('%s is not stale (else: npm run docs)', (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it('has every command', () => {
    const page = readFileSync('docs/commands.md', 'utf8')
    expect([...page.matchAll(/^## \/(\w+)$/gm)].map(([, name]) => name)).toEqual(
      COMMANDS.map((command) => command.name),
    )
  })
})
