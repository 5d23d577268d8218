/** The part of a pino logger that store and intake use. Structural, so that tests can pass a recorder. */

type LogLine = (fields: object, message: string) => void

/** Structured logging: fields first, then one sentence. A pino `Logger` fits. */
export type Log = {
  readonly debug: LogLine
  readonly info: LogLine
  readonly warn: LogLine
  readonly error: LogLine
}
