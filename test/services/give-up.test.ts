/** When a command is no longer tried again, what its reply says, and what lags behind what was written. */
import { describe, expect, it } from 'vitest'
import { SystemUnavailable } from '../../src/domain/failure.ts'
import { givenUp } from '../../src/services/give-up.ts'
import { requireListed } from '../../src/services/listed-yet.ts'

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
  it('may still show for twenty seconds, and is waited for', () => {
    expect(() => requireListed(HEARD, clockAt('09:00:04'))).toThrow(
      expect.objectContaining({ name: 'SystemUnavailable', retryAfterSeconds: 16 }),
    )
  })

  it('was not made, when they have passed', () => {
    expect(() => requireListed(HEARD, clockAt('09:00:20'))).not.toThrow()
  })
})
