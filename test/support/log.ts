/** Loggers for tests: one that says nothing, one that remembers. */
import type { Log } from '../../src/store/log.ts'

const nothing = () => {}

export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }

export type LoggedLine = { readonly level: keyof Log; readonly fields: object; readonly message: string }

/** A logger that keeps its lines, oldest first. */
export function recordingLog(): Log & { readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = []
  const at = (level: keyof Log) => (fields: object, message: string) => {
    lines.push({ level, fields, message })
  }
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
