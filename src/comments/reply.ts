/** The reply to a command comment: one section per command, its first line says what became of it. */
import type { CommandOutcome } from '../domain/command-outcome.ts'
import { assertNever, type CommitSha, shortSha } from '../domain/ids.ts'
import type { Promotion } from '../domain/promotion.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { COMMENT_LIMIT, code, details, hint, plain, prose } from './markdown.ts'
import { movedSentence, nextSentence, renderEvidence, stageIcon, stageSentence } from './rollout.ts'

export type ReplyInput = {
  readonly command: {
    readonly author: string
    readonly outcomes: readonly CommandOutcome[]
    /** It was clicked, on the check run of this head. */
    readonly button?: { readonly headSha: CommitSha } | undefined
  }
  readonly promotions: readonly Promotion[]
  /** The rules as just judged, by promotion id. */
  readonly rules: ReadonlyMap<string, readonly RuleVerdict[]>
}

export function renderReply({ command, promotions, rules }: ReplyInput): string {
  const clicked = clickedWords(command)
  if (command.outcomes.length === 0) return `${clicked}👀 Looking at it.`
  const outcomes = command.outcomes.map((outcome) => ({
    line: outcome.line,
    text: renderOutcome(outcome, promotions, rules),
  }))
  return `${clicked}${fitted(outcomes, LIMIT - clicked.length).join(RULE)}`
}

const RULE = '\n\n---\n\n'
/** Room for the marker, which comes before. */
const LIMIT = COMMENT_LIMIT - 500
const LINE_LENGTH = 200

/** Every answer that there is room for; in place of another one, a line that says so. Several long ones may come together, and GitHub takes no longer comment. */
function fitted(
  outcomes: readonly { readonly line: string; readonly text: string }[],
  room: number,
): readonly string[] {
  const short = outcomes.map(
    ({ line }) => `✂️ The answer to ${code(line, LINE_LENGTH)} has no room in this comment: ask again by itself.`,
  )
  let left = room - short.reduce((sum, text) => sum + text.length + RULE.length, 0)
  return outcomes.map(({ text }, index) => {
    const instead = short[index] ?? ''
    const more = text.length - instead.length
    if (more > left) return instead
    left -= more
    return text
  })
}

/** There is no comment above a reply to a click: it says by whom it is, and what was clicked. */
function clickedWords({ author, button, outcomes }: ReplyInput['command']): string {
  if (button === undefined) return ''
  const [said] = outcomes
  const meant = said === undefined || said.line === '' ? '' : `, which means ${code(said.line)}`
  return `🔘 ${plain(author)} clicked a button of the check run at ${code(shortSha(button.headSha))}${meant}.\n\n`
}

function renderOutcome(outcome: CommandOutcome, promotions: readonly Promotion[], rules: ReplyInput['rules']): string {
  switch (outcome.kind) {
    case 'answered':
      return outcome.markdown
    case 'mistaken':
      return `😕 ${ended(prose(outcome.message))}\n${hint(outcome.hint)}`
    case 'refused': {
      const why = outcome.details === undefined ? '' : `\n\n${details('Every rule', outcome.details)}`
      return `👎 **Refused** (${code(outcome.code)}): ${ended(prose(outcome.message))}\n${hint(outcome.hint)}${why}`
    }
    case 'promotion': {
      const promotion = promotions.find(({ id }) => id === outcome.promotion)
      return promotion === undefined ? '👀 Looking at it.' : renderPromotion(promotion, rules.get(promotion.id) ?? [])
    }
    default:
      return assertNever(outcome)
  }
}

function renderPromotion(promotion: Promotion, rules: readonly RuleVerdict[]): string {
  const { kind, model, label, environment, stage } = promotion
  const what =
    kind === 'rollback'
      ? `Rollback of ${plain(model)} in ${plain(environment)} to ${plain(label)}`
      : `${plain(model)} ${plain(label)} → ${plain(environment)}`
  const lines = [
    `${stageIcon(promotion)} **${what}**: ${stageSentence(promotion, rules)}.`,
    movedSentence(promotion),
    nextSentence(promotion),
  ]
  const evidence = 'evidence' in stage ? renderEvidence(stage.evidence) : ''
  return [lines.filter((line) => line !== '').join('\n'), evidence].filter((part) => part !== '').join('\n\n')
}

const ended = (sentence: string): string => (/[.?!]$/.test(sentence) ? sentence : `${sentence}.`)

/** "Did you mean", once per comment. */
export function misspelled(
  word: string,
  meant: string,
): Pick<Extract<CommandOutcome, { kind: 'mistaken' }>, 'message' | 'hint'> {
  return {
    message: `There is no command ${code(`/${word}`)}.`,
    hint: `Did you mean ${code(`/${meant}`)}? ${code('/help')} lists all.`,
  }
}

/** A command with characters that cannot be seen: what runs must be what is read. */
export function unreadable(
  name: string,
  character: string,
): Pick<Extract<CommandOutcome, { kind: 'mistaken' }>, 'message' | 'hint'> {
  return {
    message: `The line of ${code(`/${name}`)} holds a character that nobody can see (${character}), so that it was not run.`,
    hint: 'Type the command by hand instead of pasting it.',
  }
}
