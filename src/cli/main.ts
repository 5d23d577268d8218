#!/usr/bin/env node
/** The command line: one file per verb; verbs.ts is the list. */
import { readFile } from 'node:fs/promises'
import { stripVTControlCharacters } from 'node:util'
import type { CliIo } from './verb.ts'
import { VERBS } from './verbs.ts'

/** `NO_COLOR`, or a terminal that has none. Node does not tell of what is no terminal. */
const isColourless = process.stdout.isTTY === true && !process.stdout.hasColors()

const io: CliIo = {
  stdout: (text) => void process.stdout.write(isColourless ? stripVTControlCharacters(text) : text),
  stderr: (text) => void process.stderr.write(text),
  isTty: process.stdout.isTTY === true,
  readFile: (path) => readFile(path, 'utf8'),
}

// Whoever reads has seen enough (`| head`), or the disk is full: neither is a bug.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(`lockkeeper: the output cannot be written (${error.code ?? error.message})\n`)
  process.exit(2)
})

// What nobody caught ends the process, as always; but Node would print all that a library hangs on an error, requests with their headers among it. And
// a diagnostic report, where an operator asks for one, would hold every variable.
process.report.excludeEnv = true
process.on('uncaughtException', (error: unknown) => {
  if (isFarewell(error)) return
  process.stderr.write(`lockkeeper ends by a bug: ${error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(1)
})

/**
 * A PostgreSQL that stops or restarts. pg-boss 12 takes its `error` listener off the connection with which it listens before that has ended, so that the
 * server's last words (57P01 to 57P03) reach nobody, and would end the process; it has begun to connect anew by then.
 */
function isFarewell(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^57P0[123]$/.test(String(error.code))
}

const [name, ...args] = process.argv.slice(2)
const verb = name !== undefined && Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
if (verb === undefined) {
  const asked = name === undefined || name === '--help' || name === 'help'
  const width = Math.max(...Object.keys(VERBS).map((each) => each.length))
  const list = Object.entries(VERBS)
    .map(([each, { summary }]) => `  ${each.padEnd(width)}  ${summary}\n`)
    .join('')
  const text = `${asked ? '' : `lockkeeper: there is no command ${JSON.stringify(name)}\n\n`}lockkeeper <command> [arguments]\n\n${list}\n\`lockkeeper <command> --help\` says more.\n`
  ;(asked ? io.stdout : io.stderr)(text)
  process.exitCode = asked ? 0 : 2
} else {
  process.exitCode = await (await verb.load()).run(args, io)
}
