/** Prints the story for a person who reads along: when, who, what, what the bot said, what was seen. */
import { plainText } from './plain-text.ts'
import type { Narration } from './tale.ts'
import type { WordChange } from './word-diff.ts'

export type Transcript = {
  tell(step: Narration): void
  readonly counts: { readonly seen: number; readonly comments: number }
}

export type TranscriptOptions = { readonly write: (line: string) => void; readonly colours: boolean }

const MARGIN = ' '.repeat(11)

/** Colours only where they are asked for: a transcript in a file is plain text. */
export function createTranscript({ write, colours }: TranscriptOptions): Transcript {
  const paint = (code: number) => (text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  const style = { bold: paint(1), dim: paint(2), red: paint(31), green: paint(32), blue: paint(34) }
  const counts = { seen: 0, comments: 0 }
  const margin = (text: string) => write(`${MARGIN}${text}`)
  const tellComment = (step: Extract<Narration, { kind: 'comment' }>) => {
    counts.comments += 1
    const lines = plainText(step.body)
    const old = new Set(step.before === undefined ? [] : plainText(step.before))
    const news = lines.filter((line) => line !== '' && !old.has(line))
    margin(style.blue(`${step.before === undefined ? 'lockkeeper says' : 'lockkeeper edits'} on ${step.where}`))
    for (const line of step.before === undefined ? lines : news) margin(`${style.blue('│')} ${line}`)
  }
  return {
    counts,
    tell: (step) => {
      switch (step.kind) {
        case 'chapter':
          write('')
          write(style.bold(`${berlin(step.at, true)} · ${step.title}`))
          break
        case 'act':
          write(`${berlin(step.at)}  ${style.bold(step.who)} ${step.what}`)
          break
        case 'passed':
          write(`${berlin(step.at)}  ${style.dim(`⏩ ${duration(step.milliseconds)} later`)}`)
          break
        case 'comment':
          tellComment(step)
          break
        case 'seen':
          counts.seen += 1
          margin(`${style.green('✓')} ${step.what}`)
          break
        case 'diff':
          margin(`± ${step.of}, git diff --word-diff:`)
          for (const change of step.words) margin(`  ${place(change)}  ${coloured(change, style)}`)
          break
        case 'calls':
          margin(style.dim(calls(step)))
          break
      }
    },
  }
}

type Style = { red(text: string): string; green(text: string): string }

const place = ({ path, line }: WordChange): string => `${path}:${line}`

/** Long digests and commits are cut: which they are was checked before. */
const coloured = ({ shown }: WordChange, { red, green }: Style): string =>
  shown
    .replaceAll(/[0-9a-f]{40,}/g, (hex) => `${hex.slice(0, 8)}…`)
    .replaceAll(/\[-.*?-\](?=\{\+|$|\s)/g, red)
    .replaceAll(/\{\+.*?\+\}/g, green)

function calls({ of, calls: { names, tokens }, most }: Extract<Narration, { kind: 'calls' }>): string {
  const limit = most === undefined ? '' : ` (at most ${most})`
  const fetched = tokens === 0 ? '' : `, and ${tokens} installation token${tokens === 1 ? '' : 's'}`
  const plural = names.length === 1 ? '' : 's'
  return `# ${names.length} GitHub call${plural}${limit} for ${of}: ${grouped(names).join(', ')}${fetched}`
}

/** `Write ×3` for neighbours of one name. */
function grouped(names: readonly string[]): string[] {
  const groups: { name: string; count: number }[] = []
  for (const name of names) {
    const last = groups.at(-1)
    if (last?.name === name) last.count += 1
    else groups.push({ name, count: 1 })
  }
  return groups.map(({ name, count }) => (count === 1 ? name : `${name} ×${count}`))
}

/** `Tue 10:00`, or with the date. */
function berlin(at: Date, isLong = false): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Berlin',
    weekday: isLong ? 'long' : 'short',
    ...(isLong ? { day: 'numeric', month: 'long', year: 'numeric' } : {}),
    hour: '2-digit',
    minute: '2-digit',
  })
  return isLong ? `${format.format(at)} in Berlin` : format.format(at).replace(',', '')
}

/** `1 h 5 min`, to the minute; below that in seconds. */
function duration(milliseconds: number): string {
  if (milliseconds < 60_000) return `${Math.round(milliseconds / 1000)} s`
  const minutes = Math.round(milliseconds / 60_000)
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  return [hours === 0 ? '' : `${hours} h`, rest === 0 ? '' : `${rest} min`].filter((part) => part !== '').join(' ')
}
