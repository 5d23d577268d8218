/** What can follow in a slash command that somebody is typing, from the declarations of the commands. For completion.ts. */
import { type CommandArgument, type CommandGrammar, optionsOf } from '../domain/command-grammar.ts'

export type KnownNames = { readonly environments: readonly string[]; readonly models: readonly string[] }

/** The text with each word that fits in place of its last one; empty where nothing is known. */
export function completeCommand(
  text: string,
  commands: readonly CommandGrammar[],
  names: KnownNames,
): readonly string[] {
  const typed = text.split(/\s/).at(-1) ?? ''
  const before = text.slice(0, text.length - typed.length)
  const [first, ...said] = before.split(/\s+/).filter((word) => word !== '')
  if (first === undefined) {
    return typed.startsWith('/')
      ? fitting(
          typed,
          commands.map(({ name }) => `/${name}`),
        )
      : []
  }
  const command = commands.find(({ name }) => `/${name}` === first.toLowerCase())
  if (command === undefined) return []
  return fitting(typed, wordsAfter(said, command, names)).map((word) => `${before}${word}`)
}

const fitting = (typed: string, words: readonly string[]): readonly string[] =>
  [...new Set(words)].filter((word) => word.startsWith(typed))

function wordsAfter(said: readonly string[], command: CommandGrammar, names: KnownNames): readonly string[] {
  const options = optionsOf(command)
  const last = said.at(-1)
  // A reason, or the like: nobody knows it but who types.
  if (options.some(({ name, value }) => value !== undefined && `--${name}` === last)) return []
  const awaited = command.arguments.find(({ after }) => after !== undefined && after === last)
  if (awaited !== undefined) return namesOf(awaited, names)
  return [
    ...command.arguments.flatMap((argument) => next(argument, said, names)),
    ...options.map(({ name }) => `--${name}`).filter((option) => !said.includes(option)),
  ]
}

/** An argument that was not said yet: its names, or the word before it. */
function next(argument: CommandArgument, said: readonly string[], names: KnownNames): readonly string[] {
  if (argument.after !== undefined) return said.includes(argument.after) ? [] : [argument.after]
  const known = namesOf(argument, names)
  return known.some((name) => said.includes(name)) ? [] : known
}

function namesOf({ kind }: CommandArgument, { environments, models }: KnownNames): readonly string[] {
  return kind === 'environment' ? environments : kind === 'model' ? models : []
}
