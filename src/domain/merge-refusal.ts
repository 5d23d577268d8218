/** What GitHub's refusal of a merge means. GitHub has few types for it (FORBIDDEN, UNPROCESSABLE), so that its words decide. */

/**
 * `moved`: head, base or the pull request itself changed meanwhile, look again; `conflict`: the edits are computed anew;
 * `queue`: only the branch's merge queue merges; `forbidden`: the App may not, whatever holds; `rules`: something is still missing.
 */
export type MergeRefusal = 'moved' | 'conflict' | 'queue' | 'forbidden' | 'rules'

const WORDS: readonly (readonly [MergeRefusal, RegExp])[] = [
  [
    'moved',
    /(?:base|head) branch was modified|merge already in progress|already (?:been )?merged|expected ?head|is closed/i,
  ],
  ['conflict', /conflict/i],
  ['queue', /through (?:the|a) merge queue|set by the merge queue/i],
  ['forbidden', /not accessible|not authorized to (?:push|merge)|must have \w+ access/i],
]

/** `NOT_ALLOWED`, `CONFLICT` and `STALE_DATA` are what REST's 405 and 409 and other mutations would say. */
export function meaningOfRefusal({ type, message }: { readonly type: string; readonly message: string }): MergeRefusal {
  const said = WORDS.find(([, words]) => words.test(message))?.[0]
  if (said !== undefined) return said
  if (type === 'FORBIDDEN') return 'forbidden'
  return type === 'STALE_DATA' || type === 'CONFLICT' ? 'moved' : 'rules'
}

/** GitHub's words on one line. Rulesets put a headline before them and empty lines between. */
export const refusalWords = (message: string): string =>
  message
    .replace(/^Repository rule violations found\s*/i, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ') || message.trim()
