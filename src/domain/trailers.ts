/**
 * The trailers of promotion commits, from which the whole history can be rebuilt. services/ write them through `renderTrailers`:
 * into the App-signed head commit, and with the approvals, which come later, into the message of the merge.
 */

/** One promotion or rollback, as its commit tells it. Texts are kept as given where they fit on one line. */
export type PromotionTrailers = {
  readonly repository: string
  readonly model: string
  readonly environment: string
  readonly kind: 'promotion' | 'rollback'
  /** The release's id, or `as-found` where values from before the first promotion are put back. */
  readonly release: string
  /** The commit on the model repository that the release was made from; undefined of `as-found`. */
  readonly commit: string | undefined
  /** Number of the model pull request. */
  readonly pullRequest: number | undefined
  /** The candidate's runs, as the metric source names them. */
  readonly runs: readonly string[]
  readonly modelVersion: string | undefined
  readonly imageDigest: string | undefined
  readonly dataDigests: readonly string[]
  /** A login, or what started the promotion where nobody asked. */
  readonly requestedBy: string | undefined
  /** Who had approved it when it was merged: in the merge's message only. */
  readonly approvedBy: readonly string[]
  /** All of it, as ledger-record.ts reads it: in the App's own commit only. */
  readonly record?: string | undefined
}

const PREFIX = 'Lockkeeper-'
const LINE = /^Lockkeeper-([A-Za-z-]+):(.*)$/

/** The trailer block, one line each and no line break at its end. Put a blank line before it. */
export function renderTrailers(trailers: PromotionTrailers): string {
  const lines: readonly (readonly [string, string | number | undefined])[] = [
    ['Repository', trailers.repository],
    ['Model', trailers.model],
    ['Environment', trailers.environment],
    ['Kind', trailers.kind],
    ['Release', trailers.release],
    ['Commit', trailers.commit],
    ['Pull-Request', trailers.pullRequest],
    ...trailers.runs.map((run) => ['Run', run] as const),
    ['Model-Version', trailers.modelVersion],
    ['Image-Digest', trailers.imageDigest],
    ...trailers.dataDigests.map((digest) => ['Data-Digest', digest] as const),
    ['Requested-By', trailers.requestedBy],
    ...trailers.approvedBy.map((approver) => ['Approved-By', approver] as const),
    ['Record', trailers.record],
  ]
  const rendered = lines.flatMap(([name, value]) => {
    const text = value === undefined ? '' : neutralised(String(value))
    return text === '' ? [] : [`${PREFIX}${name}: ${text}`]
  })
  return [...new Set(rendered)].join('\n')
}

/** What the release of a rollback is called that puts back what stood there before the first promotion. */
export const AS_FOUND = 'as-found'

/**
 * One promotion from both its commits. The head, which the App signed, says what it was; the merge, whose message people can edit
 * and a squash can shorten, only who approved it, and only where it is about the same. undefined when the head's are not readable.
 */
export function trailersOfPromotion(head: string, merge: string | undefined): PromotionTrailers | undefined {
  const own = parseTrailers(head)
  const merged = merge === undefined ? undefined : parseTrailers(merge)
  if (own === undefined || merged === undefined) return own
  const isSame = (['repository', 'model', 'environment', 'kind', 'release'] as const).every(
    (key) => own[key] === merged[key],
  )
  return isSame ? { ...own, approvedBy: merged.approvedBy } : own
}

/**
 * The trailers at the end of a commit message; undefined when they are not there or not complete, and when one that
 * can be there once is there twice with different values (somebody else wrote into the message).
 */
export function parseTrailers(message: string): PromotionTrailers | undefined {
  const values = collect(lastParagraphs(message))
  const all = (name: string): readonly string[] => [...(values.get(name) ?? [])]
  const once = (name: string): string | undefined => (values.get(name)?.size === 1 ? all(name)[0] : undefined)
  for (const [name, found] of values) if (found.size > 1 && !REPEATABLE.includes(name)) return undefined
  const [repository, model, environment] = [once('repository'), once('model'), once('environment')]
  const [kind, release, commit] = [once('kind'), once('release'), once('commit')]
  const number = once('pull-request')
  if (repository === undefined || model === undefined || environment === undefined) return undefined
  if ((kind !== 'promotion' && kind !== 'rollback') || release === undefined) return undefined
  if ((commit === undefined) !== (release === AS_FOUND)) return undefined
  if (number !== undefined && !/^[1-9]\d{0,14}$/.test(number)) return undefined
  return {
    repository,
    model,
    environment,
    kind,
    release,
    commit,
    pullRequest: number === undefined ? undefined : Number(number),
    runs: all('run'),
    modelVersion: once('model-version'),
    imageDigest: once('image-digest'),
    dataDigests: all('data-digest'),
    requestedBy: once('requested-by'),
    approvedBy: all('approved-by'),
    record: once('record'),
  }
}

const REPEATABLE: readonly string[] = ['run', 'data-digest', 'approved-by']

/** Each name's values, in order and each once: a block that was copied says the same twice. */
function collect(lines: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const values = new Map<string, Set<string>>()
  for (const line of lines) {
    const [, name, text] = LINE.exec(line) ?? []
    if (name === undefined || text === undefined) continue
    const key = name.toLowerCase()
    values.set(key, (values.get(key) ?? new Set()).add(text.trim()))
  }
  return values
}

/**
 * The last paragraph, and the ones before it as long as they consist of trailers: GitHub puts `Co-authored-by:` lines
 * behind a blank line, and a squash of several commits a row of dashes before them. Text that merely quotes a trailer in
 * the body is not reached.
 */
function lastParagraphs(message: string): readonly string[] {
  const paragraphs = message
    .replace(/\r\n?/g, '\n')
    .trim()
    .split(/\n(?:[ \t]*\n)+/)
  const found: (readonly string[])[] = []
  // The first paragraph is the subject, never trailers.
  for (const paragraph of paragraphs.slice(1).toReversed()) {
    if (/^-{3,}$/.test(paragraph.trim())) continue
    const own = unfolded(paragraph)
    if (!own.every((line) => TRAILER.test(line))) break
    found.push(own)
  }
  return found.toReversed().flat()
}

/** As Git reads a block: any name, and the line that `cherry-pick -x` adds. */
const TRAILER = /^(?:[A-Za-z][A-Za-z0-9-]*:[ \t]*\S|\(cherry picked from commit [0-9a-f]+\)$)/

/** A line that begins with a blank goes on where the last one ended: how mail and `git interpret-trailers` fold long values. */
const unfolded = (paragraph: string): readonly string[] => paragraph.replace(/\n[ \t]+/g, ' ').split('\n')

/** One line of visible text: a line break would start a trailer of its own. */
function neutralised(value: string): string {
  return value
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
}
