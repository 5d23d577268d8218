/** What `lockkeeper simulate` prints: each line with its verdict, each rule with its evidence; or one JSON document. */
import { when, whenFrom } from '../comments/when.ts'
import { earliestPass, type RuleEvidence, type RuleVerdict } from '../domain/rules.ts'
import type { Decision } from '../services/decide-command.ts'
import type { Simulation } from '../services/simulate-command.ts'
import { terminalLines } from './terminal-markdown.ts'
import { paint, printable } from './verb.ts'

export type Shown = Simulation & { readonly repository: string; readonly number: number; readonly at: Date }

/** The exit code: 0 every line would be run, 1 one would be refused, 2 one would not be understood. */
export function exitCode({ lines }: Pick<Simulation, 'lines'>): number {
  const kinds = lines.map(({ decision }) => decision.kind)
  return kinds.includes('mistaken') ? 2 : kinds.includes('refused') ? 1 : 0
}

/** Ends in a line break. */
export function simulationText({ repository, number, author, at, lines, left }: Shown, colours: boolean): string {
  const where = `${printable(author)} on ${repository}#${number}, ${when(at)}`
  const parts = lines.map(({ line, decision }) =>
    [paint('1', printable(line), colours), ...decisionLines(decision, colours)].join('\n'),
  )
  return `${[where, ...parts, ...notes({ lines, left })].join('\n\n')}\n`
}

function notes({ lines, left }: Pick<Simulation, 'lines' | 'left'>): readonly string[] {
  return [
    ...(left.length === 0
      ? []
      : [`Not looked at, since what comes before would not be run: ${printable(left.join('; '))}`]),
    ...(lines.length < 2
      ? []
      : ['Each line was decided on the world as it is, without what the lines before it would have changed.']),
  ]
}

function decisionLines(decision: Decision, colours: boolean): readonly string[] {
  switch (decision.kind) {
    case 'answered':
      return [`${paint('32', '✓', colours)} would be answered:`, ...indented(decision.markdown)]
    case 'willing':
      return [
        `${paint('32', '✓', colours)} would be done:`,
        ...indented(decision.would()),
        ...ruleLines(decision.rules, colours),
      ]
    case 'mistaken':
      return [`${paint('33', '?', colours)} would not be understood: ${why(decision)}`]
    case 'refused':
      return [
        `${paint('31', '✗', colours)} would be refused (${decision.code}): ${why(decision)}`,
        ...ruleLines(decision.rules, colours),
      ]
  }
}

const indented = (markdown: string): readonly string[] =>
  terminalLines(markdown).map((line) => (line === '' ? '' : `  ${line}`))

/** A hint may end with lines to copy. */
function why({ message, hint }: { readonly message: string; readonly hint: string }): string {
  const sentence = /[.?!]$/.test(message) ? message : `${message}.`
  return [printable(sentence), ...indented(hint)].join('\n')
}

/** When the command would pass; undefined where that is up to people, or never. What is waited for afterwards does not count. */
const earliestOf = (rules: readonly RuleVerdict[]): Date | undefined =>
  earliestPass(rules.filter(({ later }) => later !== true))

const SIGNS: { readonly [State in RuleVerdict['state']]: readonly [sign: string, colour: string] } = {
  pass: ['✓', '32'],
  open: ['…', '33'],
  refused: ['✗', '31'],
  skipped: ['–', '2'],
}

function ruleLines(rules: readonly RuleVerdict[], colours: boolean): readonly string[] {
  if (rules.length === 0) return []
  const width = Math.max(...rules.map(({ rule }) => rule.length))
  const margin = ' '.repeat(width + 6)
  const lines = rules.flatMap(({ rule, state, detail, evidence = [], act, earliest }) => {
    const [sign, colour] = SIGNS[state]
    const isOpen = state === 'open' || state === 'refused'
    return [
      `  ${paint(colour, sign, colours)} ${rule.padEnd(width)}  ${printable(detail)}`,
      ...evidence.map((each) => `${margin}${evidenceText(each)}`),
      ...(state === 'open' && earliest !== undefined ? [`${margin}passes from ${whenFrom(earliest)}`] : []),
      ...(isOpen && act !== undefined ? [`${margin}→ ${printable(act)}`] : []),
    ]
  })
  return ['', ...lines]
}

function evidenceText({ text, since, until, url }: RuleEvidence): string {
  const parts = [
    text,
    ...(since === undefined ? [] : [`since ${when(since)}`]),
    ...(until === undefined ? [] : [`until ${whenFrom(until)}`]),
    ...(url === undefined ? [] : [`(${url})`]),
  ]
  return printable(parts.filter((part) => part !== '').join(' '))
}

const VERDICTS = { answered: 'answered', willing: 'done', mistaken: 'mistaken', refused: 'refused' } as const

/** One document; instants are ISO texts. Ends in a line break. */
export function simulationJson({ repository, number, author, at, lines, left }: Shown): string {
  const document = {
    repository,
    number,
    author,
    at: at.toISOString(),
    lines: lines.map(({ line, decision }) => ({ line, verdict: VERDICTS[decision.kind], ...told(decision) })),
    notLookedAt: left,
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

function told(decision: Decision): Readonly<Record<string, unknown>> {
  switch (decision.kind) {
    case 'answered':
      return { markdown: decision.markdown }
    case 'willing':
      return { markdown: decision.would(), rules: decision.rules.map(toldRule) }
    case 'mistaken':
      return { message: decision.message, hint: decision.hint }
    case 'refused': {
      const { code, message, hint, rules } = decision
      return { code, message, hint, earliest: earliestOf(rules), rules: rules.map(toldRule) }
    }
  }
}

const toldRule = ({ rule, state, code, detail, evidence = [], act, earliest, closes, later }: RuleVerdict) => ({
  ...{ rule, state, code, detail, evidence, act, earliest, closes, later },
})
