#!/usr/bin/env node
/** The command line: one file per verb, this is the list. */
import { readFile } from 'node:fs/promises'
import { compare } from './compare.ts'
import { doctor } from './doctor.ts'
import { edit } from './edit.ts'
import { serve } from './serve.ts'
import { validate } from './validate.ts'
import type { CliIo, Verb } from './verb.ts'

const VERBS: readonly Verb[] = [serve, validate, compare, edit, doctor]

const io: CliIo = {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  isTty: process.stdout.isTTY === true,
  readFile: (path) => readFile(path, 'utf8'),
}

const [name, ...args] = process.argv.slice(2)
const verb = VERBS.find((one) => one.name === name)
if (verb === undefined) {
  const asked = name === undefined || name === '--help' || name === 'help'
  const list = VERBS.map((one) => `  ${one.name.padEnd(10)} ${one.summary}\n`).join('')
  const text = `${asked ? '' : `lockkeeper: there is no command ${JSON.stringify(name)}\n\n`}lockkeeper <command> [arguments]\n\n${list}\n\`lockkeeper <command> --help\` says more.\n`
  ;(asked ? io.stdout : io.stderr)(text)
  process.exitCode = asked ? 0 : 2
} else {
  process.exitCode = await verb.run(args, io)
}
