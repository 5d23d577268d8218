/** An option that nobody looked at does not go unseen. */
import { describe, expect, it } from 'vitest'
import { trackReads } from './track-reads.ts'

type Given = {
  readonly input: {
    readonly name: string
    readonly output: { readonly title: string }
    readonly actions: readonly { readonly label: string }[]
  }
}
const given = { first: null, input: { name: 'a', output: { title: 'b' }, actions: [{ label: 'c' }] } }

describe('tracked arguments', () => {
  it('name every value that was given and not read', () => {
    expect(trackReads(given).unread()).toEqual([
      'input.name',
      'input.output.title',
      'input.output',
      'input.actions.label',
      'input.actions',
      'input',
    ])
  })

  it('count as read what is read, at every depth', () => {
    const tracked = trackReads(given)
    const { input } = tracked.value as Given
    expect([input.name, input.output.title, input.actions[0]?.label]).toEqual(['a', 'b', 'c'])
    expect(tracked.unread()).toEqual([])
  })

  it('are not read by reading what is around them', () => {
    const tracked = trackReads(given)
    const { input } = tracked.value as Given
    expect(input.output).toBeDefined()
    expect(tracked.unread()).toContain('input.output.title')
  })
})
