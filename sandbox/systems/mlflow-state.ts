/** What the MLflow stand-in knows at a moment: the recorded things of the attached candidates under their real commits, and where the aliases point. Routes are in mlflow.ts. */
import type { Candidate } from '../recordings/candidates.ts'
import { loadMlflowRecordings, type MlflowRecordings, type Owned, type Owner } from './mlflow-recordings.ts'
import { objectAt, parseRaw, printRaw, type RawObject, textAt } from './raw-json.ts'

export type Attachment = { readonly commit: string; readonly branch: string; readonly registered: boolean }

export type MlflowState = {
  readonly recordings: MlflowRecordings
  attach(candidate: Candidate, attachment: Attachment): void
  detach(candidate: Candidate): void
  attachment(candidate: Candidate): Attachment | undefined
  runs(): readonly RawObject[]
  /** See `MlflowSandbox.crowd`. */
  crowd(count: number): void
  /** See `MlflowSandbox.train`. */
  train(commit: string): string
  loggedModels(): readonly RawObject[]
  /** Newest first, without aliases, as a search gives them. */
  versions(): readonly RawObject[]
  version(number: string): RawObject | undefined
  /** With its aliases, as get and get-by-alias give it. */
  versionWithAliases(number: string): RawObject | undefined
  registeredModel(): RawObject
  isRegistered(): boolean
  /** See `MlflowSandbox.forgetModel`. */
  forgetModel(): void
  /** Makes it again, without versions. */
  registerModel(): void
  /** See `MlflowSandbox.exports`. */
  readonly exported: Set<string>
  /** A new version of `churn`, under the next number that no recorded one has. */
  make(version: NewVersion): RawObject
  /** Whether the version was made here. */
  isMade(number: string): boolean
  readonly aliases: Map<string, string>
  /** See `MlflowSandbox.loseAliases`. */
  loseAliases(moves: number): void
  /** Whether this move of an alias is one of those; counts it. */
  isAliasLost(): boolean
}

export type NewVersion = { readonly source: string; readonly run_id: string; readonly tags: readonly RawObject[] }

/** The state at the start: the champion (under its placeholder commit until it is attached) and the versions before it. */
export function createMlflowState(): MlflowState {
  const recordings = loadMlflowRecordings()
  const attachments = new Map<Candidate, Attachment>()
  const { champion } = recordings.placeholders
  attachments.set('champion', { ...champion, registered: true })
  const aliases = new Map([['champion', recordings.trained.versions.champion ?? '']])
  const visible = (owned: readonly Owned[], see: (attachment: Attachment) => boolean) =>
    owned.flatMap(({ owner, value }) => {
      if (owner === 'earlier') return [value]
      const attachment = attachments.get(owner)
      return attachment !== undefined && see(attachment) ? [underCommit(recordings, { owner, value, attachment })] : []
    })
  const made: RawObject[] = []
  const others: RawObject[] = []
  let lost = 0
  let [registered, kept] = [true, recordings.versions]
  const versions = () => [...made, ...visible(kept, (attachment) => attachment.registered)]
  const version = (number: string) => versions().find((candidate) => textAt(candidate, 'version') === number)
  const make = (version: NewVersion) => {
    const number = String(kept.length + made.length + 1)
    const raw = newVersion(number, version)
    made.unshift(raw)
    return raw
  }
  return {
    recordings,
    loseAliases: (moves) => {
      lost = moves
    },
    isAliasLost: () => {
      lost -= 1
      return lost >= 0
    },
    attach: (candidate, attachment) => attachments.set(candidate, attachment),
    detach: (candidate) => attachments.delete(candidate),
    attachment: (candidate) => attachments.get(candidate),
    runs: () => [...visible(recordings.runs, () => true), ...others],
    crowd: (count) => {
      for (let added = 0; added < count; added += 1)
        others.push(runOf(recordings, others.length, others.length.toString(16).padStart(40, 'b')))
    },
    train: (commit) => {
      const run = runOf(recordings, others.length, commit)
      others.push(run)
      const source = `s3://acme-models/churn/${commit}`
      return textAt(make({ source, run_id: textAt(objectAt(run, 'info'), 'run_id'), tags: [] }), 'version')
    },
    loggedModels: () => visible(recordings.loggedModels, () => true),
    versions,
    version,
    versionWithAliases: (number) => withAliases(version(number), aliases),
    registeredModel: () => registeredModel(recordings, versions(), aliases),
    isRegistered: () => registered,
    forgetModel: () => {
      registered = false
      kept = []
      made.length = 0
      aliases.clear()
    },
    registerModel: () => {
      registered = true
    },
    exported: new Set(),
    make,
    isMade: (number) => made.some((version) => textAt(version, 'version') === number),
    aliases,
  }
}

/** A run as the champion's, of another commit; `index` makes its id. */
function runOf({ runs, placeholders }: MlflowRecordings, index: number, commit: string): RawObject {
  const [found] = runs.filter(({ owner }) => owner === 'champion')
  if (found === undefined) throw new Error('no run of the champion was recorded')
  const id = textAt(objectAt(found.value, 'info'), 'run_id')
  const text = printRaw(found.value).replaceAll(id, index.toString(16).padStart(32, 'a'))
  return parseRaw(text.replaceAll(placeholders.champion.commit, commit))
}

type Placed = { readonly owner: Owner; readonly value: RawObject; readonly attachment: Attachment }

/** The recorded object with the placeholder commit and branch replaced; every other byte stays. */
function underCommit(recordings: MlflowRecordings, { owner, value, attachment }: Placed): RawObject {
  if (owner === 'earlier') return value
  const placeholder = recordings.placeholders[owner]
  const branch = JSON.stringify(attachment.branch)
  const text = printRaw(value).replaceAll(placeholder.commit, attachment.commit)
  return parseRaw(text.replaceAll(JSON.stringify(placeholder.branch), branch))
}

function newVersion(number: string, { source, run_id, tags }: NewVersion): RawObject {
  const labelled = tags.length === 0 ? {} : { tags }
  return {
    name: 'churn',
    version: number,
    ...parseRaw('{ "creation_timestamp": 1795284380732, "last_updated_timestamp": 1795284380732 }'),
    current_stage: 'None',
    description: '',
    source,
    run_id,
    status: 'READY',
    ...labelled,
    run_link: '',
  }
}

function withAliases(version: RawObject | undefined, aliases: ReadonlyMap<string, string>): RawObject | undefined {
  if (version === undefined) return undefined
  const number = textAt(version, 'version')
  const names = [...aliases].filter(([, target]) => target === number).map(([alias]) => alias)
  return names.length === 0 ? version : { ...version, aliases: names.sort() }
}

function registeredModel(
  recordings: MlflowRecordings,
  versions: readonly RawObject[],
  aliases: ReadonlyMap<string, string>,
): RawObject {
  const newest = versions.slice(0, 1)
  const { aliases: _, ...rest } = recordings.registeredModel
  const listed = [...aliases].sort(([left], [right]) => left.localeCompare(right))
  const named = listed.map(([alias, version]) => ({ alias, version }))
  return { ...rest, latest_versions: newest, ...(named.length === 0 ? {} : { aliases: named }) }
}

/** Value of a run's tag; absent when the run has no such tag. */
export function tagOf(run: RawObject, key: string): string | undefined {
  const tags = objectAt(run, 'data')['tags']
  if (!Array.isArray(tags)) return undefined
  for (const tag of tags) if (textAt(tag, 'key') === key) return textAt(tag, 'value')
  return undefined
}
