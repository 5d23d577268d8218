/**
 * The trailers of promotion commits, from which the whole history can be rebuilt. services/ write them through `renderTrailers`
 * and read them back with `parseTrailers` from the App-signed head commits of promotion PRs (a squash can drop them).
 */

/** One promotion or rollback, as its commit tells it. Texts are kept as given where they fit on one line. */
export type PromotionTrailers = {
  readonly repository: string
  readonly model: string
  readonly environment: string
  readonly kind: 'promotion' | 'rollback'
  readonly release: string
  /** The commit on the model repository that the release was made from. */
  readonly commit: string
  /** Number of the model pull request. */
  readonly pullRequest: number | undefined
  /** The candidate's runs, as the metric source names them. */
  readonly runs: readonly string[]
  readonly modelVersion: string | undefined
  readonly imageDigest: string | undefined
  readonly dataDigests: readonly string[]
  /** A login, or what started the promotion where nobody asked. */
  readonly requestedBy: string | undefined
  readonly approvedBy: readonly string[]
}

const PREFIX = 'Lockkeeper-'
const LINE = /^Lockkeeper-([A-Za-z-]+):[ \t]*(.*)$/

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
  ]
  return lines
    .flatMap(([name, value]) => {
      const text = value === undefined ? '' : neutralised(String(value))
      return text === '' ? [] : [`${PREFIX}${name}: ${text}`]
    })
    .join('\n')
}

/**
 * The trailers at the end of a commit message; undefined when they are not there or not complete, and when one that
 * can be there once is there twice (somebody else wrote into the message).
 */
export function parseTrailers(message: string): PromotionTrailers | undefined {
  const values = collect(lastParagraphs(message))
  const once = (name: string) => {
    const found = values.get(name)
    return found?.length === 1 ? found[0] : undefined
  }
  for (const [name, found] of values) if (found.length > 1 && !REPEATABLE.includes(name)) return undefined
  const [repository, model, environment] = [once('repository'), once('model'), once('environment')]
  const [kind, release, commit] = [once('kind'), once('release'), once('commit')]
  const number = once('pull-request')
  if (repository === undefined || model === undefined || environment === undefined) return undefined
  if ((kind !== 'promotion' && kind !== 'rollback') || release === undefined || commit === undefined) return undefined
  if (number !== undefined && !/^[1-9]\d{0,14}$/.test(number)) return undefined
  return {
    repository,
    model,
    environment,
    kind,
    release,
    commit,
    pullRequest: number === undefined ? undefined : Number(number),
    runs: values.get('run') ?? [],
    modelVersion: once('model-version'),
    imageDigest: once('image-digest'),
    dataDigests: values.get('data-digest') ?? [],
    requestedBy: once('requested-by'),
    approvedBy: values.get('approved-by') ?? [],
  }
}

const REPEATABLE: readonly string[] = ['run', 'data-digest', 'approved-by']

function collect(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>()
  for (const line of lines) {
    const [, name, value] = LINE.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    const key = name.toLowerCase()
    values.set(key, [...(values.get(key) ?? []), value.trim()])
  }
  return values
}

/**
 * The last paragraph, and the ones before it as long as they consist of trailers: GitHub puts `Co-authored-by:` lines
 * behind a blank line of its own. Text that merely quotes a trailer in the body is not reached.
 */
function lastParagraphs(message: string): readonly string[] {
  const paragraphs = message
    .replace(/\r\n?/g, '\n')
    .trim()
    .split(/\n[ \t]*\n+/)
  const lines: string[] = []
  // The first paragraph is the subject, never trailers.
  for (const paragraph of paragraphs.slice(1).toReversed()) {
    const own = paragraph.split('\n')
    if (!own.every((line) => /^[A-Za-z][A-Za-z0-9-]*:[ \t]*\S/.test(line))) break
    lines.unshift(...own)
  }
  return lines
}

/** One line of visible text: a line break would start a trailer of its own. */
function neutralised(value: string): string {
  return value
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
}
