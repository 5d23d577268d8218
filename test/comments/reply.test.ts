/** The reply to a comment with several commands. What each command answers is told in test/scenarios/. */
import { describe, expect, it } from 'vitest'
import { COMMENT_LIMIT } from '../../src/comments/markdown.ts'
import { renderReply } from '../../src/comments/reply.ts'
import type { CommandOutcome } from '../../src/domain/command-outcome.ts'

const answer = (line: string, length: number): CommandOutcome => ({
  kind: 'answered',
  line,
  markdown: line.at(-1)?.repeat(length) ?? '',
})

const reply = (...outcomes: readonly CommandOutcome[]): string =>
  renderReply({ command: { author: 'alice', outcomes }, promotions: [], rules: new Map() })

describe('the reply to several commands', () => {
  it('holds every answer that there is room for, and says which it left out', () => {
    const text = reply(answer('/status a', 40_000), answer('/status b', 40_000), answer('/status c', 10_000))
    expect(text.length).toBeLessThan(COMMENT_LIMIT - 200)
    const [a, b, c] = text.split('\n\n---\n\n')
    expect([a?.length, b, c?.length]).toEqual([
      40_000,
      '✂️ The answer to `/status b` has no room in this comment: ask again by itself.',
      10_000,
    ])
  })

  it('never grows beyond a comment', () => {
    const many = Array.from({ length: 20 }, (_, index) => answer(`/status ${'x'.repeat(3000)}${index}`, 60_000))
    expect(reply(...many).length).toBeLessThan(COMMENT_LIMIT - 200)
  })
})
