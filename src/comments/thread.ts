/** The comment in the thread of a merged model pull request: what became of its releases, one line per environment. */
import { formatDuration } from '../domain/duration.ts'
import type { EnvironmentName, ModelName, ReleaseId } from '../domain/ids.ts'
import { isActive, type Promotion } from '../domain/promotion.ts'
import { type Release, type ReleaseOrigin, releaseLabel } from '../domain/release.ts'
import { code, lowered, plain, prose } from './markdown.ts'
import { renderPreviews } from './preview.ts'
import { nextSentence, promotionLine, summary, waitsForSomebody } from './rollout.ts'
import { whenFrom } from './when.ts'

type Record = {
  readonly model: ModelName
  readonly origin?: ReleaseOrigin | undefined
  readonly commit: string
  readonly state:
    | { readonly kind: 'pending'; readonly missing: readonly string[] }
    | { readonly kind: 'complete'; readonly release: Release }
    | {
        readonly kind: 'given-up'
        readonly missing: readonly string[]
        readonly remedies?: readonly string[] | undefined
        readonly at: string
      }
}

export type Destination = {
  readonly name: EnvironmentName
  /** Nobody has to ask. */
  readonly byItself: boolean
  /** For how long it must have been verified in each of `after`, in milliseconds. */
  readonly soak: number
  readonly after: readonly EnvironmentName[]
}

export type ThreadInput = {
  readonly releases: readonly Record[]
  /** Oldest first. */
  readonly promotions: readonly Promotion[]
  /** Where each model can go, in order. */
  readonly environments: ReadonlyMap<ModelName, readonly Destination[]>
  /** By promotion id: what took the place of a head that was live. Absent: it still is, or never was. */
  readonly replaced?: ReadonlyMap<string, { readonly label: string; readonly at: string }> | undefined
}

/** undefined while there is nothing to tell: releases that merely wait for their artefacts are quiet. */
export function renderThread({ releases, promotions, environments, replaced }: ThreadInput): string | undefined {
  const told = releases
    .filter(({ state, origin }) => state.kind !== 'pending' && origin !== 'pull_request')
    .toSorted((a, b) => a.model.localeCompare(b.model))
  const heads = promotionsOfHeads(releases, promotions)
  const sections = told.map((record) =>
    renderRelease(record, {
      promotions: promotions.filter((promotion) => promotion.model === record.model && !heads.has(promotion)),
      environments: environments.get(record.model) ?? [],
    }),
  )
  const all = [...renderPreviews([...heads], replaced ?? new Map()), ...sections]
  return all.length === 0 ? undefined : all.join('\n\n')
}

/** Those that carry a head that was not merged, or roll one back. */
function promotionsOfHeads(releases: readonly Record[], promotions: readonly Promotion[]): ReadonlySet<Promotion> {
  const ids = new Set(
    releases.flatMap(({ origin, state }) =>
      origin === 'pull_request' && state.kind === 'complete' ? [state.release.id] : [],
    ),
  )
  const isHead = (id: ReleaseId | undefined): boolean => id !== undefined && ids.has(id)
  return new Set(
    promotions.filter(({ head, release, leaves }) => head !== undefined || isHead(release) || isHead(leaves)),
  )
}

type Of = {
  readonly promotions: readonly Promotion[]
  readonly environments: readonly Destination[]
}

function renderRelease({ model, commit, state }: Record, of: Of): string {
  if (state.kind === 'given-up') {
    const { missing, remedies = [] } = state
    const list = missing.map((one, index) => `- ${prose(withRemedy(one, remedies[index]), 500)}`).join('\n')
    return `### 🚢 ${plain(model)} — ❌ no release was made of ${code(commit.slice(0, 7))}\n**Next:** make what is missing, then merge a new commit.\n\nThese did not appear in time:\n${list}`
  }
  if (state.kind === 'pending') return ''
  const { release } = state
  const heading = `### 🚢 ${plain(model)} ${plain(releaseLabel(release))}`
  if (release.gates.verdict === 'fail') {
    const { failing } = release.gates
    const names = failing.slice(0, 5).map((gate) => code(gate))
    const more = failing.length > names.length ? ` and ${failing.length - names.length} more` : ''
    return `${heading} — ❌ not promoted, ${failing.length === 1 ? '1 gate fails' : `${failing.length} gates fail`}\n**Next:** fix ${names.join(', ')}${more} in a new pull request: a release whose gates fail goes nowhere.`
  }
  const lines = of.promotions.map((promotion) => promotionLine(promotion))
  const told = `${heading} — ${summary(of.promotions.at(-1))}\n**Next:** ${next(of)}`
  return lines.length === 0 ? told : `${told}\n\n${lines.join('\n')}`
}

/** `the image …: push it.` */
const withRemedy = (what: string, remedy: string | undefined): string =>
  remedy === undefined || remedy === '' ? what : `${what}. ${remedy}`

/** From when on it has soaked; empty where nothing has to. */
function soaked({ soak, after }: Destination, promotions: readonly Promotion[]): string {
  if (soak === 0 || after.length === 0) return ''
  const since = after.map((name) =>
    promotions.findLast(
      ({ environment, stage, kind }) => environment === name && stage.at === 'verified' && kind === 'promotion',
    ),
  )
  const ends = since.flatMap((one) => (one?.stage.at === 'verified' ? [Date.parse(one.stage.verifiedAt) + soak] : []))
  return ends.length < after.length
    ? ` once it was verified in ${after.map((name) => plain(name)).join(' and ')} for ${formatDuration(soak)}`
    : ` from ${whenFrom(new Date(Math.max(...ends)))} on`
}

/** What the reader can do now. Markdown. */
function next({ promotions, environments }: Of): string {
  const newest = promotions.at(-1)
  const untried = environments.filter(({ name }) => !promotions.some(({ environment }) => environment === name))
  const asked = untried
    .filter(({ byItself }) => !byItself)
    .map((one) => `${code(`/deploy ${one.name}`)} takes it to ${plain(one.name)}${soaked(one, promotions)}`)
  if (newest === undefined) {
    const byItself = untried.filter((one) => one.byItself).map(({ name }) => plain(name))
    const itself = byItself.length === 0 ? [] : [`it goes to ${byItself.join(' and ')} by itself when its turn comes`]
    return `${[...itself, ...asked].join('; ') || 'nothing to do'}.`
  }
  if (waitsForSomebody(newest)) return 'see what it waits for; it goes on by itself once that is settled.'
  if (isActive(newest)) return 'nothing to do, this comment is updated by itself.'
  const goesOn = newest.kind === 'promotion' && newest.stage.at === 'verified' && asked.length > 0
  if (goesOn) return `${asked.join('; ')}; ${code(`/rollback ${newest.environment}`)} goes back.`
  return lowered(nextSentence(newest)) || 'nothing to do.'
}
