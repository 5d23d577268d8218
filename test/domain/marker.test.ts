/** Hidden markers survive what people write around them, and cannot be forged by it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasMarker, parseMarker, renderMarker } from '../../src/domain/marker.ts'

const fields = fc.dictionary(fc.stringMatching(/^[a-z_]{1,12}$/), fc.string({ unit: 'binary', maxLength: 30 }), {
  maxKeys: 4,
})

describe('the hidden marker of a comment', () => {
  test.each([
    ['comparison', {}, '<!-- lockkeeper:comparison:v1 -->'],
    ['reply', { comment: 17 }, '<!-- lockkeeper:reply:v1 comment=17 -->'],
    ['thread', { subject: 'a b-->', env: '--' }, '<!-- lockkeeper:thread:v1 subject=a%20b-%2D%3E env=-%2D -->'],
  ] as const)('%s %j is written as %s', (kind, values, text) => {
    expect(renderMarker(kind, values)).toBe(text)
  })

  test('is found anywhere in the body, and its fields come back whatever they hold', () => {
    fc.assert(
      fc.property(fields, fc.constantFrom('', '### churn\n\n', 'text <!-- other --> '), (values, before) => {
        const marker = renderMarker('thread', values)
        expect(marker.slice(4, -3)).not.toMatch(/--|[<>\n\r]/)
        const wellFormed = Object.entries(values).map(([name, value]) => [name, value.toWellFormed()])
        expect(parseMarker(`${before}${marker}\nmore`)).toEqual({
          kind: 'thread',
          fields: Object.fromEntries(wellFormed),
        })
      }),
    )
  })

  test.each([
    'no marker',
    '<!-- lockkeeper:comparison:v2 -->',
    '<!-- lockkeeper:unheard:v1 -->',
    '<!-- lockkeeper:reply:v1 comment=%zz -->',
    '&lt;!-- lockkeeper:reply:v1 comment=1 --&gt;',
  ])('is not seen in %s', (body) => {
    expect(parseMarker(body)).toBeUndefined()
  })

  test('of one reply is not taken for that of another', () => {
    const body = `done\n${renderMarker('reply', { comment: 171 })}`
    expect(hasMarker(body, 'reply', { comment: 171 })).toBe(true)
    expect(hasMarker(body, 'reply', { comment: 17 })).toBe(false)
    expect(hasMarker(body, 'comparison')).toBe(false)
  })
})
