/** When a command is no longer tried again, what its reply says, and what lags behind what was written. */
import { describe, expect, it } from 'vitest'
import { SystemUnavailable } from '../../src/domain/failure.ts'
import { givenUp } from '../../src/services/give-up.ts'
import { intendedNow, requireListed } from '../../src/services/listed-yet.ts'

const HEARD = '2026-11-24T09:00:00.000Z'
const clockAt = (time: string) => ({ now: () => new Date(`2026-11-24T${time}Z`) })
const given = (error: unknown, time: string) => givenUp(error, { heardAt: HEARD }, { clock: clockAt(time) })

describe('a command that cannot be carried out', () => {
  const away = new SystemUnavailable('GitHub', '500 at ReadStandings')

  it('is tried again for a quarter of an hour', () => {
    expect(given(away, '09:14:59')).toBeUndefined()
    expect(given(new TypeError('x is undefined'), '09:14:59')).toBeUndefined()
  })

  it.each([
    [away, 'system_unavailable', 'tried for 15 minutes and given up: GitHub: 500 at ReadStandings'],
    [
      new SystemUnavailable('MLflow server default', 'it answers 503'),
      'mlflow_unavailable',
      'tried for 15 minutes and given up: MLflow server default: it answers 503',
    ],
    [new TypeError('x is undefined'), 'internal', 'this could not be carried out, for a mistake of Lockkeeper’s'],
  ])('is then answered: %s', (error, code, message) => {
    const hint =
      'Write it again if it is still meant, once that is settled. What it had begun is not undone; `/status` shows it.'
    expect(given(error, '09:15:00')).toMatchObject({ code, message, hint })
  })
})

describe('what was intended and is not listed', () => {
  /** For how many seconds it is waited for at each of these times, by one clock. */
  const waits = (...times: readonly string[]): readonly number[] => {
    let at = ''
    const clock = { now: () => new Date(`2026-11-24T${at}Z`) }
    return times.map((time) => {
      at = time
      try {
        requireListed(HEARD, clock)
        return 0
      } catch (error) {
        return error instanceof SystemUnavailable ? (error.retryAfterSeconds ?? -1) : -1
      }
    })
  }

  it('may still show for twenty seconds; of what this process intended, from then on', () => {
    let now = Date.parse(HEARD)
    const clock = { now: () => new Date(now) }
    const at = intendedNow(clock)
    now += 19_000
    expect(() => requireListed(at, clock)).toThrow('may not be listed yet')
    now += 1000
    expect(() => requireListed(at, clock)).not.toThrow()
  })

  it('of what another intended, from the first look on', () => {
    expect(waits('09:00:04', '09:00:10', '09:00:23', '09:00:24')).toEqual([20, 14, 1, 0])
  })

  it('may, though a replica dated it whose clock is a minute ahead, or two behind', () => {
    expect(waits('08:59:00', '08:59:19', '08:59:20')).toEqual([20, 1, 0])
    expect(waits('09:02:00', '09:02:19', '09:02:20')).toEqual([20, 1, 0])
  })

  it('was not made, when it was intended long ago by any clock', () => {
    expect(waits('09:02:20')).toEqual([0])
  })
})
