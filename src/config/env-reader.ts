/** Reads variables and the files that they name, and collects what is wrong. For env.ts and env-sign-in.ts, which know what each variable means. */
import { readFileSync } from 'node:fs'
import type { SettingName } from './env-settings.ts'
import type { Parsed } from './env-values.ts'

export type Variables = Readonly<Record<string, string | undefined>>

/** Reads one variable after the other and keeps what is wrong with them. */
export type Reader = {
  readonly problems: string[]
  problem(name: string, reason: string): void
  text(name: SettingName): string | undefined
  /** The value, or the content of the file that `<name>_FILE` names. */
  secret(name: string): string | undefined
  parsed<Value>(name: SettingName, parse: (text: string) => Parsed<Value>): Value | undefined
  /** The path of a file that can be read. */
  existingFile(name: SettingName): string | undefined
  /** The content of the file that the variable `name` names. */
  file(name: string): string | undefined
  /** The content of a file; `subject` is who names it, for the problem. */
  fileAt(path: string, subject: string): string | undefined
}

export function createReader(variables: Variables): Reader {
  const problems: string[] = []
  const problem = (name: string, reason: string) => void problems.push(`${name} ${reason}`)
  const raw = (name: string) => {
    const value = variables[name]?.trim()
    return value === '' ? undefined : value
  }
  const fileAt = (path: string, subject: string) => {
    try {
      return readFileSync(path, 'utf8').trim()
    } catch (error) {
      problem(
        subject,
        `names the file ${path}, which cannot be read (${codeOf(error)}). Check the path and its permissions.`,
      )
      return undefined
    }
  }
  const file = (name: string) => {
    const path = raw(name)
    return path === undefined ? undefined : fileAt(path, name)
  }
  return {
    problems,
    problem,
    text: raw,
    file,
    fileAt,
    secret: (name) => {
      const value = raw(name)
      if (raw(`${name}_FILE`) === undefined) return value
      if (value !== undefined) problem(name, `and ${name}_FILE are both set. Keep one of them.`)
      const content = file(`${name}_FILE`)
      if (content === '') problem(`${name}_FILE`, 'names an empty file. Put the secret into it.')
      return content === '' ? undefined : content
    },
    parsed: (name, parse) => {
      const value = raw(name)
      if (value === undefined) return undefined
      const parsed = parse(value)
      if (!parsed.ok) problem(name, parsed.reason)
      return parsed.ok ? parsed.value : undefined
    },
    existingFile: (name) => (file(name) === undefined ? undefined : raw(name)),
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
