/** The part of a pino logger that store and intake use: the services' one, and `debug` for what PostgreSQL itself says. */
import type { Log as ServiceLog } from '../services/ports.ts'

export type Log = ServiceLog & {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
}
