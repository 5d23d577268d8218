/** What an operator finds in the log of an error, and what nobody must find there. */
import { expect, it } from 'vitest'
import { createLog } from '../src/log.ts'

const CANARY = 'ghs_CANARY_that_must_not_be_written_down'

/** The one line that was logged, as text. */
function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = []
  write(createLog('trace', { write: (line) => void lines.push(line) }))
  expect(lines).toHaveLength(1)
  return lines.join('')
}

const withSecrets = (message: string): Error =>
  Object.assign(new Error(message), {
    request: { headers: { authorization: CANARY }, body: CANARY },
    response: { data: { token: CANARY } },
    event: { payload: { issue: { body: CANARY } } },
    client: { connectionParameters: { password: CANARY } },
  })

it('tells of an error what helps, its causes and members likewise', () => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  const refused = Object.assign(new Error('Not Found', { cause }), { status: 404 })
  const text = logged((log) => log.error({ err: new AggregateError([refused], 'all failed') }, 'it failed'))
  expect(JSON.parse(text)).toMatchObject({
    msg: 'it failed',
    err: {
      type: 'AggregateError',
      message: 'all failed',
      stack: expect.stringContaining('AggregateError: all failed'),
      errors: [
        {
          type: 'Error',
          message: 'Not Found',
          status: 404,
          cause: { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
        },
      ],
    },
  })
})

it.each([
  ['an error', withSecrets('a')],
  ['a cause', new Error('a', { cause: withSecrets('b') })],
  ['a member', new AggregateError([withSecrets('a')], 'b')],
  [
    'a cause of a member of a cause',
    new Error('a', { cause: new AggregateError([new Error('b', { cause: withSecrets('c') })]) }),
  ],
  ['an object that stands for an error', { ...withSecrets('a'), message: 'a' }],
  ['an error with itself as its cause', Object.assign(withSecrets('a'), { cause: withSecrets('b') })],
])('never tells what hangs on %s', (_, err) => {
  expect(logged((log) => log.error({ err }, 'it failed'))).not.toContain(CANARY)
  expect(logged((log) => log.child({ name: 'probot' }).error(err))).not.toContain(err instanceof Error ? CANARY : '\0')
})

it('ends with an error that is its own cause', () => {
  const error = new Error('round and round')
  error.cause = error
  expect(logged((log) => log.error({ err: error }, 'it failed')).length).toBeLessThan(20_000)
})
