/** The baseline that `/compare … with <word>` asks for, in place of the configured one. Part of compare-with.ts; what the word may mean: domain/asked-baseline.ts. */
import { type AskedBaseline, baselinesMeant, unmistakably } from '../domain/asked-baseline.ts'
import { closest } from '../domain/closest.ts'
import { UserError } from '../domain/failure.ts'
import { type CommitSha, parseCommitSha, shortSha } from '../domain/ids.ts'
import { livePromotion } from '../domain/promotion.ts'
import { releaseLabel } from '../domain/release.ts'
import type { MetricSource, ModelSettings, RepoSettings } from '../domain/settings.ts'
import type { CommandPlace } from './command-target.ts'
import type { ReadDeps } from './deps.ts'
import type { ReleaseRecord } from './ledger.ts'
import type { PullRequestView } from './ports.ts'

/** A comparison with something else than the configuration says. */
export type OtherBaseline = {
  /** The model with that as its baseline. */
  readonly model: ModelSettings
  /** Where the baseline stands, if it is at a commit. */
  readonly commit: CommitSha | undefined
  /** How the reply calls it; a name of ours or one that was read, never what somebody typed. */
  readonly label: string
}

export type BaselineQuestion = {
  readonly word: string
  readonly model: ModelSettings
  readonly place: CommandPlace
  readonly view: PullRequestView
}

/**
 * Throws UserError `ambiguous`, and `release_unknown` with what there is. At most two calls to GitHub, and only for a commit:
 * it must be in the history of the base branch or of the pull request, or a comment could read what a fork pushed.
 */
export async function otherBaseline(question: BaselineQuestion, deps: ReadDeps): Promise<OtherBaseline> {
  const { word, model, place } = question
  const meant = baselinesMeant(word, namesOf(model, place.settings))
  const [only] = meant
  if (only === undefined) throw await nothingNamed(question, `${quoted(word)} names no baseline`, deps)
  if (meant.length === 1) return baselineOf(only, question, deps)
  throw new UserError(
    'ambiguous',
    `${quoted(word)} could be ${meant.map(inWords).join(' or ')}`,
    `Write ${meant.map((one) => `\`with ${unmistakably(one)}\``).join(' or ')}${meant.some(({ kind }) => kind === 'commit') ? ', the commit with all its 40 digits' : ''}.`,
  )
}

const inWords = (asked: AskedBaseline): string =>
  ({ version: 'a version', alias: 'an alias', environment: 'an environment', commit: 'a commit' })[asked.kind]

async function baselineOf(asked: AskedBaseline, question: BaselineQuestion, deps: ReadDeps): Promise<OtherBaseline> {
  const { model, place } = question
  switch (asked.kind) {
    case 'version':
      return inRegistry({ by: 'version', version: asked.version }, question, deps)
    case 'alias':
      return inRegistry({ by: 'alias', alias: asked.alias }, question, deps)
    case 'environment': {
      const { environment } = asked
      const live = livePromotion(
        await deps.ledger.history({ repository: place.modelRepository, model: model.name, environment }),
      )
      if (live === undefined) throw await nothingNamed(question, `nothing is live in ${environment} yet`, deps)
      return { model: withBaseline(model, { kind: 'live', environment }), commit: undefined, label: environment }
    }
    case 'commit':
      return atCommit(asked.digits, question, deps)
  }
}

const withBaseline = (model: ModelSettings, baseline: MetricSource): ModelSettings => ({ ...model, baseline })

type VersionRef = Extract<MetricSource, { kind: 'mlflow_version' }>['version']

/** Only ever the model's own registered model: the word names no other. */
async function inRegistry(version: VersionRef, question: BaselineQuestion, deps: ReadDeps): Promise<OtherBaseline> {
  const { model } = question
  const registry = registryOf(model)
  const label = version.by === 'version' ? `v${version.version}` : `@${version.by === 'alias' ? version.alias : ''}`
  const reading = readingOf(model)
  if (registry === undefined || reading === undefined)
    throw await nothingNamed(question, `${model.name} has no versions and aliases with metrics of their own`, deps)
  return {
    model: withBaseline(model, { kind: 'mlflow_version', ...registry, version, ...reading }),
    commit: undefined,
    label,
  }
}

function registryOf({
  release,
  baseline,
}: ModelSettings): { readonly server: string; readonly model: string } | undefined {
  const registry = release.model?.registry
  if (registry !== undefined) return { server: registry.server, model: registry.name }
  return baseline?.kind === 'mlflow_version' ? { server: baseline.server, model: baseline.model } : undefined
}

/** How the candidate's runs are read, so that both sides are read alike; undefined where no side comes from MLflow. */
function readingOf({ candidate, baseline }: ModelSettings) {
  const [source] = [candidate, baseline].flatMap((one) => (one !== undefined && 'dataset' in one ? [one] : []))
  return source && { groupBy: source.groupBy, dataset: source.dataset }
}

/** What was released from a commit is compared by its runs: those carry the head that was merged, which a squash is not. */
async function atCommit(digits: string, question: BaselineQuestion, deps: ReadDeps): Promise<OtherBaseline> {
  const { model, place, view } = question
  const all = await deps.ledger.releasesOf({ repository: place.modelRepository, model: model.name })
  const records = all.filter(({ origin }) => origin !== 'pull_request')
  const matches = records.filter(
    ({ commit, pullRequest }) => commit.startsWith(digits) || pullRequest?.headSha.startsWith(digits),
  )
  const [record] = matches
  if (matches.length === 1 && record !== undefined) {
    const found = releaseSource(record, model)
    if (found !== undefined) return { model: withBaseline(model, found), commit: record.commit, label: labelOf(record) }
  }
  const commit = parseCommitSha(digits) ?? (matches.length === 1 ? record?.commit : undefined)
  if (commit === undefined) {
    const what = matches.length > 1 ? 'could be several commits' : 'is no commit that a release was made of'
    throw await nothingNamed(question, `${quoted(digits)} ${what}; any other is written with all its 40 digits`, deps)
  }
  if (commit === view.headSha)
    throw new UserError('usage', `\`${shortSha(commit)}\` is the head itself`, 'Name what it is to be compared with.')
  if (!(await isOurs(commit, question, deps))) {
    const where = `on \`${view.baseRef}\` nor in this pull request`
    throw await nothingNamed(question, `there is no commit \`${shortSha(commit)}\` ${where}`, deps)
  }
  return { model: withBaseline(model, { kind: 'merge_base' }), commit, label: shortSha(commit) }
}

async function isOurs(commit: CommitSha, { place, view }: BaselineQuestion, { github }: ReadDeps): Promise<boolean> {
  const { modelRepository } = place
  return (
    (await github.contains(modelRepository, commit, view.baseSha)) === true ||
    (await github.contains(modelRepository, commit, view.headSha)) === true
  )
}

function releaseSource({ state }: ReleaseRecord, model: ModelSettings): MetricSource | undefined {
  if (state.kind !== 'complete') return undefined
  const { modelVersion, registeredModel, runs } = state.release
  const [registry, reading] = [registryOf(model), readingOf(model)]
  if (reading === undefined) return undefined
  if (registry !== undefined && modelVersion !== undefined && registeredModel === registry.model) {
    const version = { by: 'version', version: modelVersion } as const
    return { kind: 'mlflow_version', ...registry, version, ...reading }
  }
  const [runId] = runs
  const { candidate } = model
  if (candidate?.kind !== 'mlflow' || runId === undefined) return undefined
  return { kind: 'mlflow_run', server: candidate.server, runId, ...reading }
}

const labelOf = ({ state, commit }: ReleaseRecord): string =>
  state.kind === 'complete' ? releaseLabel(state.release) : shortSha(commit)

function namesOf(model: ModelSettings, { environments }: RepoSettings) {
  const moved = model.environments.map((name) => environments.get(name)?.onVerified.mlflowAlias)
  const { baseline } = model
  const own =
    baseline?.kind === 'mlflow_version' && baseline.version.by === 'alias' ? baseline.version.alias : undefined
  const aliases = [...new Set([own, ...moved].filter((alias) => alias !== undefined))]
  return { environments: model.environments, aliases }
}

const LISTED = 8

/** The refusal that lists what there is. */
export async function nothingNamed(
  { word, model, place }: BaselineQuestion,
  message: string,
  { ledger }: ReadDeps,
): Promise<UserError> {
  const records = await ledger.releasesOf({ repository: place.modelRepository, model: model.name })
  const versions = records.flatMap(({ state }) =>
    state.kind === 'complete' && state.release.modelVersion !== undefined ? [`v${state.release.modelVersion}`] : [],
  )
  const { environments, aliases } = namesOf(model, place.settings)
  const histories = await Promise.all(
    environments.map((environment) =>
      ledger.history({ repository: place.modelRepository, model: model.name, environment }),
    ),
  )
  const live = environments.filter((_, index) => livePromotion(histories[index] ?? []) !== undefined)
  const there = [...new Set(versions)].slice(0, LISTED)
  const named = [...there, ...aliases.map((alias) => `@${alias}`), ...live].filter((name) => name !== word)
  const meant = closest(word, [...named, ...aliases, ...environments.filter((name) => name !== word)])
  const suggestion = meant === undefined ? '' : `Did you mean \`with ${meant}\`? `
  const names = named.map((name) => `\`${name}\``).join(', ')
  const list =
    names === ''
      ? 'Only commits of the base branch are there yet.'
      : `There is: ${names}; or a commit of the base branch.`
  return new UserError('release_unknown', message, `${suggestion}${list}`)
}

/** In a sentence; what people typed must not end the code that it stands in. */
const quoted = (word: string): string => `\`${word.slice(0, 60).replaceAll('`', "'")}\``
