#!/usr/bin/env node
/** The command line: one file per verb, this is the list. */
import { readFile } from 'node:fs/promises'
import { stripVTControlCharacters } from 'node:util'
import type { CliIo, Verb } from './verb.ts'

type Entry = { readonly summary: string; readonly load: () => Promise<Verb> }

/** Each is loaded when it is asked for: `serve` alone brings a hundred packages. */
const VERBS: Readonly<Record<string, Entry>> = {
  serve: { summary: 'run the GitHub App', load: async () => (await import('./serve.ts')).serve },
  validate: {
    summary: 'check a configuration, with line and column of everything that is wrong',
    load: async () => (await import('./validate.ts')).validate,
  },
  compare: {
    summary: 'compare the metrics of files or MLflow runs, and judge the gates',
    load: async () => (await import('./compare.ts')).compare,
  },
  edit: {
    summary: 'change values of a manifest byte-exactly, as a promotion does',
    load: async () => (await import('./edit.ts')).edit,
  },
  plan: {
    summary: 'show what a promotion would change in a checkout of the config repository',
    load: async () => (await import('./plan.ts')).plan,
  },
  simulate: {
    summary: 'say what a slash command would do, and do nothing',
    load: async () => (await import('./simulate.ts')).simulate,
  },
  doctor: {
    summary: 'ask every system that the server is set up for, and say what is wrong',
    load: async () => (await import('./doctor.ts')).doctor,
  },
}

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

const [name, ...args] = process.argv.slice(2)
const verb = name !== undefined && Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
if (verb === undefined) {
  const asked = name === undefined || name === '--help' || name === 'help'
  const list = Object.entries(VERBS)
    .map(([each, { summary }]) => `  ${each.padEnd(10)} ${summary}\n`)
    .join('')
  const text = `${asked ? '' : `lockkeeper: there is no command ${JSON.stringify(name)}\n\n`}lockkeeper <command> [arguments]\n\n${list}\n\`lockkeeper <command> --help\` says more.\n`
  ;(asked ? io.stdout : io.stderr)(text)
  process.exitCode = asked ? 0 : 2
} else {
  process.exitCode = await (await verb.load()).run(args, io)
}
