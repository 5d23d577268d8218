/** The order of the queue: people first, and repositories in turn. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSubject } from '../../src/domain/subject.ts'
import { createQueuePlaces, type Work, workOf } from '../../src/domain/work-priority.ts'

const AT = new Date('2026-11-17T10:00:00Z')
const of = (key: string): Work => {
  const subject = parseSubject(key)
  if (subject === undefined) throw new Error(key)
  return workOf(subject)
}
const SHA = 'a'.repeat(40)
const later = (seconds: number) => new Date(AT.getTime() + seconds * 1000)

describe('the place in the queue', () => {
  it.each([
    ['command acme/models 7', 'command'],
    ['environment acme/models churn prod', 'rollout'],
    ['pull-request acme/models 7', 'comparison'],
    [`push acme/models ${SHA}`, 'comparison'],
    [`release acme/models churn ${SHA}`, 'comparison'],
    ['sweep', 'sweep'],
  ])('%s is work of the kind %s', (key, priority) => {
    expect(of(key).priority).toBe(priority)
  })

  it('is that of the arrival, as long as nobody has a backlog', () => {
    const places = createQueuePlaces()
    const keys = [
      'pull-request acme/a 1',
      'environment acme/a churn prod',
      'pull-request acme/b 1',
      `push acme/c ${SHA}`,
    ]
    expect(keys.map((key) => places.next(of(key), AT))).toEqual([0, 0, 0, 0])
    expect(keys.map((key) => places.next(of(key), later(1)))).toEqual([0, 0, 0, 0])
  })

  it('of another repository, and of a rollout, is ahead of 500 pushes', () => {
    const places = createQueuePlaces()
    const noisy = Array.from({ length: 500 }, () => places.next(of(`push acme/noisy ${SHA}`), AT))
    const ahead = (place: number) => noisy.filter((each) => each >= place).length
    expect(ahead(places.next(of('pull-request acme/quiet 7'), AT))).toBe(1)
    expect(ahead(places.next(of('environment acme/noisy churn prod'), AT))).toBe(1)
    expect(ahead(places.next(of('command acme/quiet 7'), AT))).toBe(0)
    expect(ahead(places.next(of('command acme/noisy 7'), AT))).toBe(0)
    // They are worked off meanwhile.
    expect(places.next(of(`push acme/noisy ${SHA}`), later(60))).toBe(0)
  })

  it('starves nobody: whoever brings little is never behind more than was brought by each of the others', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('noisy', 'busy', 'quiet'), { maxLength: 300 }), (arrivals) => {
        const places = createQueuePlaces()
        const queued = arrivals.map((name) => ({ name, place: places.next(of(`pull-request acme/${name} 1`), AT) }))
        for (const [index, { name, place }] of queued.entries()) {
          const own = queued.slice(0, index).filter((each) => each.name === name).length
          expect(place).toBe(-Math.min(own, 100) || 0)
        }
      }),
    )
  })
})
