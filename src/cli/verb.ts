/** What a verb of the `lockkeeper` command is, and what all verbs do alike: help, options, files. The list of verbs is verbs.ts. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** The world as a verb sees it, so that tests can be one. */
export type CliIo = {
  /** Writes text as it is; a line brings its own line break. */
  stdout(text: string): void
  stderr(text: string): void
  /** Colours only where a person looks. */
  readonly isTty: boolean
  /** The file's text. Rejects as `node:fs` does. */
  readFile(path: string): Promise<string>
}

export type Verb = {
  readonly name: string
  /** The whole help of this verb. */
  readonly usage: string
  /** For completion, without dashes. */
  readonly flags: readonly { readonly name: string; readonly takesValue: boolean }[]
  /** `args` are those after the verb. The exit code: 0 is yes, 1 is no, 2 is "I was not asked properly". */
  run(args: readonly string[], io: CliIo): Promise<number>
}

const HELP = { help: { type: 'boolean', short: 'h' } } as const

type ArgumentsOf<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; allowPositionals: true; options: Options & typeof HELP }>
>

type VerbParts<Options extends ParseArgsOptionsConfig, Asked> = {
  readonly name: string
  readonly usage: string
  /** As `node:util` has them; `--help` comes by itself. */
  readonly options: Options
  /** What was asked, or in a sentence why it cannot be. */
  ask(given: ArgumentsOf<Options>): Asked | string
  run(asked: Asked, io: CliIo): Promise<number>
}

/** A verb that prints its help when asked for it, and beside what is wrong when it was asked improperly. */
export function createVerb<const Options extends ParseArgsOptionsConfig, Asked extends object>({
  name,
  usage,
  options,
  ask,
  run,
}: VerbParts<Options, Asked>): Verb {
  return {
    name,
    usage,
    flags: Object.entries({ ...options, ...HELP }).map(([flag, { type }]) => ({
      name: flag,
      takesValue: type === 'string',
    })),
    run: async (args, io) => {
      const given = readArguments(args, { ...options, ...HELP })
      if (typeof given !== 'string' && given.values['help'] === true) {
        io.stdout(usage)
        return 0
      }
      const asked = typeof given === 'string' ? given : ask(given as ArgumentsOf<Options>)
      if (typeof asked !== 'string') return run(asked, io)
      io.stderr(`lockkeeper ${name}: ${asked}\n\n${usage}`)
      return 2
    },
  }
}

function readArguments(args: readonly string[], options: ParseArgsOptionsConfig) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    // Node's second sentence is about `--`, which helps nobody here.
    if (error instanceof TypeError) return error.message.split('. ')[0] ?? error.message
    throw error
  }
}

/** A file's text, or in a sentence why it cannot be had. Throws for bugs only. */
export async function readText(
  file: string,
  io: Pick<CliIo, 'readFile'>,
): Promise<
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly isAbsent: boolean; readonly reason: string }
> {
  try {
    return { ok: true, text: await io.readFile(file) }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    const isAbsent = error.code === 'ENOENT'
    const why = isAbsent ? 'there is no such file' : `it cannot be read (${String(error.code)})`
    return { ok: false, isAbsent, reason: `${printable(file)}: ${why}` }
  }
}

/** Files and servers can say anything; a terminal must not be steered by it. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')
}

/** `text` in one of the terminal's colours (an SGR number), where `colours` are wanted. */
export function paint(colour: string, text: string, colours: boolean): string {
  return colours ? `\u001b[${colour}m${text}\u001b[0m` : text
}
