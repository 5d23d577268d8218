/** What is declared of a command: its usage line, and options as people type them. The parser's cases: command.test.ts. */
import { describe, expect, it } from 'vitest'
import { parseCommands } from '../../src/domain/command.ts'
import { type CommandGrammar, optionMistake, usageOf } from '../../src/domain/command-grammar.ts'

const deploy: CommandGrammar = {
  name: 'deploy',
  arguments: [
    { kind: 'environment' },
    { kind: 'model', optional: true },
    { kind: 'release', name: 'sha or release', optional: true },
    { kind: 'duration', after: 'for', optional: true },
    { kind: 'text', name: 'reason', after: 'because' },
  ],
  options: [{ name: 'force', value: 'reason', summary: '' }],
  changes: true,
}

it('the usage line names what is needed and what may be left out', () => {
  expect(usageOf(deploy)).toBe(
    '/deploy <environment> [model] [<sha or release>] [for <duration>] because <reason> [--dry-run] [--force "<reason>"]',
  )
  expect(usageOf({ name: 'status', arguments: [], options: [], changes: false })).toBe('/status')
})

describe('options as people type them', () => {
  const said = (line: string) => {
    const [spoken] = parseCommands(line, [deploy])
    if (spoken?.kind !== 'command') throw new Error(`no command: ${line}`)
    return { words: spoken.words, options: Object.fromEntries(spoken.options) }
  }

  it.each([
    ['/deploy prod --dry-run', ['prod'], { 'dry-run': true }],
    ['/deploy --DRY-RUN prod', ['prod'], { 'dry-run': true }],
    ['/deploy prod --force "an outage"', ['prod'], { force: 'an outage' }],
    ['/deploy prod --force “an outage”', ['prod'], { force: 'an outage' }],
    ['/deploy prod --force="an outage"', ['prod'], { force: 'an outage' }],
    ['/deploy prod --force=outage v12', ['prod', 'v12'], { force: 'outage' }],
    ['/deploy prod --force --dry-run', ['prod'], { force: true, 'dry-run': true }],
    ['/deploy prod --force "--dry-run"', ['prod'], { force: '--dry-run' }],
    ['/deploy prod "--dry-run"', ['prod', '--dry-run'], {}],
    ['/deploy prod —dry-run', ['prod'], { 'dry-run': true }],
    ['/deploy prod – — --', ['prod', '–', '—', '--'], {}],
  ])('%s', (line, words, options) => {
    expect(said(line)).toEqual({ words, options })
  })

  it.each([
    ['/deploy prod --dry-run --force "x"', undefined],
    ['/deploy prod --dryrun', '`/deploy` has no option `--dryrun`'],
    ['/deploy prod --quickly', '`/deploy` has no option `--quickly`'],
    ['/deploy prod --force', '`--force` needs a reason'],
    ['/deploy prod --force " "', '`--force` needs a reason'],
    ['/deploy prod --dry-run=no', '`--dry-run` stands alone, without a value'],
  ])('%s: %s', (line, expected) => {
    expect(optionMistake(new Map(Object.entries(said(line).options)), deploy)?.message).toBe(expected)
  })

  it('nearly an option: did you mean', () => {
    expect(optionMistake(new Map([['dryrun', true]]), deploy)?.hint).toBe('Did you mean `--dry-run`? Nothing was done.')
  })

  it('a command that changes nothing has no dry run', () => {
    const status = { name: 'status', arguments: [], options: [], changes: false }
    expect(optionMistake(new Map([['dry-run', true]]), status)?.hint).toBe('Usage: `/status`.')
  })
})
