/** The program's logger. What an error tells is chosen here, so that no request, payload or connection that a library hangs on one is written down. */
import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config/env.ts'

/** Causes of causes, and members of aggregates, to this depth. */
const DEPTH = 5
const MEMBERS = 10

/** What the log says of an error. */
type LoggedError = {
  readonly type: string
  readonly message: string
  readonly stack?: string
  /** `ECONNREFUSED`, or PostgreSQL's five characters. */
  readonly code?: string
  /** Of HTTP. */
  readonly status?: number
  readonly cause?: LoggedError
  readonly errors?: readonly LoggedError[]
}

/** JSON lines to `destination`; standard output when absent. */
export function createLog(level: LogLevel, destination?: DestinationStream): Logger {
  const options = { level, serializers: { err: describeError } }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** An error (or what a library throws instead: pg-boss reports copies that are plain objects) as the log tells it. */
function describeError(error: unknown): LoggedError {
  return describe(error, DEPTH)
}

function describe(error: unknown, depth: number): LoggedError {
  if (typeof error !== 'object' || error === null) return { type: typeof error, message: String(error) }
  const { message, stack, code, status, cause, errors } = error as Readonly<Record<string, unknown>>
  const hasRoom = depth > 1
  return {
    type: error instanceof Error ? error.name : 'object',
    message: typeof message === 'string' ? message : '(no message)',
    ...(typeof stack === 'string' && { stack }),
    ...(typeof code === 'string' && { code }),
    ...(typeof status === 'number' && { status }),
    ...(hasRoom && cause !== undefined && cause !== null && { cause: describe(cause, depth - 1) }),
    ...(hasRoom &&
      Array.isArray(errors) && { errors: errors.slice(0, MEMBERS).map((each) => describe(each, depth - 1)) }),
  }
}
