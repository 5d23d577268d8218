/** `git diff --word-diff` over two texts: what changed, word by word (a word is a run of anything but white space, as in Git). */
import { diffIndices } from 'node-diff3'

export type WordChange = {
  readonly path: string
  /** Line of the new file, from 1. */
  readonly line: number
  /** Empty when nothing was there. */
  readonly before: string
  readonly after: string
  /** The whole line as `git diff --word-diff` prints it: `[-old-]{+new+}`. */
  readonly shown: string
}

export type ChangedFile = { readonly path: string; readonly before: string | null; readonly after: string | null }

/** The words that changed, in order. White space that changed counts as a change of its own: a promotion touches none. */
export function wordDiff(files: readonly ChangedFile[]): WordChange[] {
  return files.flatMap(({ path, before, after }) => {
    const [old, now] = [linesOf(before ?? ''), linesOf(after ?? '')]
    return diffIndices(old, now).flatMap(({ buffer1: [from, fewer], buffer2: [to, more] }) =>
      Array.from({ length: Math.max(fewer, more) }, (_, index) => index).flatMap((index) => {
        const left = index < fewer ? (old[from + index] ?? '') : ''
        const right = index < more ? (now[to + index] ?? '') : ''
        return lineChanges({ left, right }).map((change) => ({ path, line: to + index + 1, ...change }))
      }),
    )
  })
}

type Words = { readonly left: string; readonly right: string }

function lineChanges({ left, right }: Words): Pick<WordChange, 'before' | 'after' | 'shown'>[] {
  const [old, now] = [wordsOf(left), wordsOf(right)]
  const changes = diffIndices(old, now).map(({ buffer1: [from, fewer], buffer2: [to, more] }) => ({
    from,
    to,
    before: old.slice(from, from + fewer).join(''),
    after: now.slice(to, to + more).join(''),
    fewer,
    more,
  }))
  let shown = ''
  let at = 0
  for (const { from, fewer, before, after } of changes) {
    shown += old.slice(at, from).join('')
    shown += `${before === '' ? '' : `[-${before}-]`}${after === '' ? '' : `{+${after}+}`}`
    at = from + fewer
  }
  shown += old.slice(at).join('')
  return changes.map(({ before, after }) => ({ before, after, shown: shown.trim() }))
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/** Words and the white space between them. */
const wordsOf = (line: string): string[] => line.match(/\s+|\S+/g) ?? []
