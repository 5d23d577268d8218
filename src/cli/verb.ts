/** What a verb of the `lockkeeper` command is. The list of verbs is in main.ts. */

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
  /** One line for the list of verbs. */
  readonly summary: string
  /** The whole help of this verb. */
  readonly usage: string
  /** `args` are those after the verb. The exit code: 0 is yes, 1 is no, 2 is "I was not asked properly". */
  run(args: readonly string[], io: CliIo): Promise<number>
}
