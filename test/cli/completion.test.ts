/** Shell completion: what follows in a slash command, and the scripts, in the shells that this machine has. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completeCommand } from '../../src/cli/complete-command.ts'
import { completion } from '../../src/cli/completion.ts'
import { COMMANDS } from '../../src/handlers/commands/index.ts'

const NAMES = { environments: ['staging', 'prod'], models: ['churn', 'fraud'] }
const REFERENCE = 'examples/reference/model-repo'

async function run(args: readonly string[], config?: string) {
  const said = { stdout: '', stderr: '' }
  const code = await completion.run(args, {
    stdout: (text) => {
      said.stdout += text
    },
    stderr: (text) => {
      said.stderr += text
    },
    isTty: false,
    readFile: async (path) => {
      if (config === undefined) throw new Error(`there is no ${path}`)
      return config
    },
  })
  return { code, ...said }
}

describe('what follows in a slash command', () => {
  it.each([
    ['nothing yet', '', []],
    ['a command', '/de', ['/deploy']],
    ['several commands', '/un', ['/unlock']],
    ['an environment', '/deploy p', ['/deploy prod']],
    ['a model behind it', '/deploy prod c', ['/deploy prod churn']],
    ['nothing twice', '/deploy prod churn s', []],
    ['an option', '/deploy prod --', ['/deploy prod --dry-run', '/deploy prod --force']],
    ['no option twice', '/deploy prod --dry-run --', ['/deploy prod --dry-run --force']],
    ['no reason', '/deploy prod --force ', []],
    ['the word before an argument', '/rollback prod t', ['/rollback prod to']],
    ['no release', '/rollback prod to ', []],
    ['nothing of a command that is not there', '/depoly p', []],
  ])('%s', (_, text, expected) => {
    expect(completeCommand(text, COMMANDS, NAMES)).toEqual(expected)
  })
})

describe('lockkeeper completion', () => {
  it('offers the names of the configuration in this directory', async () => {
    const config = readFileSync(`${REFERENCE}/.github/lockkeeper.yml`, 'utf8')
    expect(await run(['--command', '/unlock p'], config)).toEqual({ code: 0, stdout: '/unlock prod\n', stderr: '' })
  })

  it.each([undefined, 'models: ['])('offers none where there is no configuration, or a wrong one', async (config) => {
    expect(await run(['--command', '/unlock p'], config)).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('wants a shell that it knows', async () => {
    const { code, stderr } = await run(['tcsh'])
    expect({ code, first: stderr.split('\n')[0] }).toEqual({
      code: 2,
      first: 'lockkeeper completion: one of bash, zsh, fish is needed',
    })
  })
})

const hasShell = (shell: string): boolean => {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('the scripts', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-completion-'))
  const scriptOf = (shell: string) => join(directory, `lockkeeper.${shell}`)
  beforeAll(async () => {
    for (const shell of ['bash', 'zsh', 'fish']) writeFileSync(scriptOf(shell), (await run([shell])).stdout)
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  it.each(['bash', 'zsh', 'fish'])('%s reads it', { timeout: 60_000 }, async (shell) => {
    expect(readFileSync(scriptOf(shell), 'utf8')).toContain('simulate')
    if (hasShell(shell)) execFileSync(shell, ['-n', scriptOf(shell)])
  })

  /** What bash offers for the last of these words, as typed. */
  function offered(...words: readonly string[]): readonly string[] {
    const script = `
      source "$1"
      lockkeeper() { "$NODE" "$MAIN" "$@"; }
      shift
      COMP_WORDS=("$@")
      COMP_CWORD=$(($# - 1))
      last=\${COMP_WORDS[COMP_CWORD]}
      _lockkeeper lockkeeper "\${last#[\\'\\"]}" ''
      printf '%s\\n' "\${COMPREPLY[@]}"`
    const main = join(import.meta.dirname, '../../src/cli/main.ts')
    const stdout = execFileSync('bash', ['-c', script, 'bash', scriptOf('bash'), 'lockkeeper', ...words], {
      cwd: REFERENCE,
      env: { ...process.env, NODE: process.execPath, MAIN: main },
      encoding: 'utf8',
    })
    return stdout.split('\n').filter((line) => line !== '')
  }

  it.runIf(hasShell('bash')).each([
    ['a verb', ['si'], ['simulate']],
    ['a flag', ['simulate', 'acme/models#1', '/status', '--a'], ['--as', '--at']],
    ['a command in quotes', ['simulate', 'acme/models#1', "'/deploy p"], ['/deploy prod']],
    ['a command without them', ['simulate', 'acme/models#1', '/lock\\ sta'], ['/lock\\ staging']],
    ['no file of another verb', ['validate', 'xyz'], []],
  ])('bash completes %s', { timeout: 60_000 }, (_, words, expected) => {
    expect(offered(...words)).toEqual(expected)
  })
})
