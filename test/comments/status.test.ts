/** `/status` of many models: still a table, within what a comment can hold. */
import { describe, expect, it } from 'vitest'
import { renderStatus, type StatusRow } from '../../src/comments/status.ts'
import type { Promotion } from '../../src/domain/promotion.ts'
import { held, MODELS } from '../domain/hold-fixture.ts'

const row = (index: number, more: Partial<StatusRow> = {}): StatusRow => ({
  ...{ model: `model-${index}`, environment: 'prod', live: undefined, unproven: undefined, active: undefined },
  ...{ holds: [], freeze: undefined, nextFreeze: undefined },
  ...more,
})
const rows = (count: number, each: (index: number) => Partial<StatusRow> = () => ({})) =>
  Array.from({ length: count }, (_, index) => row(index, each(index)))
const moving = {
  label: 'v7',
  via: { kind: 'automation' },
  stage: { at: 'proposed' },
  changes: [],
} as unknown as Promotion

describe('many models', () => {
  it('all have their row where there is room', () => {
    const status = renderStatus({ rows: rows(500), holds: [], readIn: MODELS })
    expect(status.split('\n').at(-1)).toBe('| model-499 | prod | as found | – | – |')
  })

  it('else those in which something happens come first, and it says how many are left out', () => {
    const all = rows(5000, (index) => (index === 4321 ? { active: moving } : {}))
    const status = renderStatus({ rows: all, holds: [], readIn: MODELS })
    expect(status.length).toBeLessThan(65_536)
    expect(status.split('\n').slice(0, 5)).toEqual([
      '1 under way.',
      '',
      '| Model | Environment | Live | Under way | Stops |',
      '| --- | --- | --- | --- | --- |',
      '| model-4321 | prod | as found | v7 by automation: its promotion pull request is being opened | – |',
    ])
    expect(status.split('\n').at(-1)).toMatch(/^Shown: \d+ of 5000 rows, those in which something happens first\./)
  })

  it('and so it is with thousands of long reasons', () => {
    const holds = Array.from({ length: 3000 }, (_, index) => held({ reason: '@all '.repeat(200) }, `command ${index}`))
    const status = renderStatus({
      rows: rows(3000, (index) => ({ holds: holds.slice(index, index + 1) })),
      holds,
      readIn: MODELS,
    })
    expect(status.length).toBeLessThan(65_536)
    expect(status).toMatch(/\n- and \d+ more\n/)
  })
})
