/** The diff that people are shown before a manifest is edited. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unifiedDiff } from '../../../src/domain/manifest/unified-diff.ts'

const text = fc
  .array(fc.constantFrom('a', 'b', 'c: d', 'e\r', ''), { maxLength: 20 })
  .chain((lines) => fc.constantFrom('', '\n').map((end) => (lines.length === 0 ? '' : lines.join('\n') + end)))

describe('a diff for people', () => {
  test('shows three lines around each change', () => {
    const before = `${Array.from({ length: 20 }, (_, index) => `l${index}`).join('\n')}\nlast`
    const after = before.replace('l4\n', 'x\n').replace('l15\n', 'l15\ny\n').replace('last', 'end')
    expect(unifiedDiff('f.yaml', before, after)).toBe(`--- a/f.yaml
+++ b/f.yaml
@@ -2,7 +2,7 @@
 l1
 l2
 l3
-l4
+x
 l5
 l6
 l7
@@ -14,8 +14,9 @@
 l13
 l14
 l15
+y
 l16
 l17
 l18
 l19
-last
\\ No newline at end of file
+end
\\ No newline at end of file
`)
  })

  test('is empty when nothing changed', () => {
    expect(unifiedDiff('f.yaml', 'a\n', 'a\n')).toBe('')
  })

  test('turns the one text into the other when Git applies it', () => {
    const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-diff-'))
    const file = join(directory, 'f.yaml')
    try {
      const property = fc.property(text, text, (before, after) => {
        fc.pre(before !== after && before !== '' && after !== '')
        writeFileSync(file, before)
        execFileSync('git', ['apply', '--whitespace=nowarn', '-'], {
          cwd: directory,
          input: unifiedDiff('f.yaml', before, after),
        })
        expect(readFileSync(file, 'utf8')).toBe(after)
      })
      fc.assert(property, { numRuns: 60 })
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
