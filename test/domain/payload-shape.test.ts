/** GitHub's own payloads are read, all of them; others are left at the place that is wrong. */
import { describe, expect, it } from 'vitest'
import { misshapenPlace } from '../../src/domain/payload-shape.ts'
import { examples } from '../hostile/mutate.ts'

const shaped = examples()

describe("what the events' handlers read", () => {
  it("stands in every example of GitHub's", () => {
    expect(shaped.length).toBeGreaterThan(200)
    const left = shaped.flatMap(({ name, payload }) => misshapenPlace(name, Object(payload)) ?? [])
    expect(left).toEqual([])
  })

  it.each([
    ['push', { ref: ['refs/heads/main'] }, 'ref'],
    ['push', { repository: null }, 'repository.full_name'],
    ['push', { commits: [{ added: ['a', null] }] }, 'commits[].added[]?'],
    ['push', { installation: {} }, 'installation?.id'],
    ['pull_request', { pull_request: { number: 1.5 } }, 'pull_request.number'],
    ['issue_comment', { action: {} }, 'action?'],
    ['issue_comment', { repository: JSON.parse('{"__proto__": {"full_name": "a/b"}}') }, 'repository.full_name'],
    ['star', { repository: { owner: { login: 'a\0b' } } }, 'repository?.owner?.login?'],
  ])('is missed in a %s with %j', (event, change, place) => {
    const { payload } = shaped.find(({ name }) => name === event) ?? { payload: {} }
    expect(misshapenPlace(event, { ...Object(payload), ...change })).toBe(place)
  })

  it('may be null where GitHub says so: a deleted account', () => {
    const { payload } = shaped.find(({ name }) => name === 'issue_comment') ?? { payload: {} }
    expect(
      misshapenPlace('issue_comment', { ...Object(payload), comment: { ...Object(payload)['comment'], user: null } }),
    ).toBe(undefined)
  })
})
