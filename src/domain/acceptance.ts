/**
 * What a config repository accepts, and from whom: `accepts:` in its own `.github/lockkeeper.yml`, read from its default branch.
 * A model repository can neither reach into a config repository that did not name it nor weaken its rules.
 */
import { globMatches } from './glob.ts'
import { type EnvironmentName, type ModelName, ownerOf, type RepoName } from './ids.ts'
import { repoPathProblem } from './repo-path.ts'
import type { Acceptance, EnvironmentSettings, ForceableRule, Principal, Requirement } from './settings.ts'
import { isOneOf, type PersonStanding } from './standing.ts'
import { renderTemplate, type Template } from './template.ts'

/** What a promotion is about to write. */
export type AcceptanceRequest = {
  readonly from: RepoName
  readonly model: ModelName
  readonly environment: EnvironmentName
  /** Every file it changes. */
  readonly paths: readonly string[]
  /** Every image it writes, with or without tag and digest. */
  readonly images: readonly string[]
  /** Every model URI it writes. */
  readonly uris: readonly string[]
}

export type AcceptanceAnswer =
  | { readonly kind: 'accepted'; readonly require: Requirement }
  | {
      readonly kind: 'refused'
      /** `accepts_missing`: no entry is about this model and environment. `accepts_refused`: one is, but not for all of this. */
      readonly code: 'accepts_missing' | 'accepts_refused'
      readonly reasons: readonly string[]
      /** YAML that would let it through, for the config repository's file; empty when nothing may. */
      readonly missingLine: string
    }

const NOTHING_REQUIRED: Requirement = {
  approvals: undefined,
  soak: undefined,
  deployers: undefined,
  freeze: undefined,
}

/**
 * May this be written? One entry alone must allow all of it: two halves of a permission given for different reasons make no whole.
 * Where several entries allow it, everything that any of them requires holds.
 */
export function accept(accepts: readonly Acceptance[], request: AcceptanceRequest): AcceptanceAnswer {
  const unsafe = unsafeReasons(request)
  if (unsafe.length > 0) return { kind: 'refused', code: 'accepts_refused', reasons: unsafe, missingLine: '' }
  const concerned = accepts.filter((entry) => concerns(entry, request))
  if (concerned.length === 0) {
    const reason = `no entry of \`accepts:\` names ${request.from} with the model \`${request.model}\` and the environment \`${request.environment}\``
    return { kind: 'refused', code: 'accepts_missing', reasons: [reason], missingLine: missingEntry(accepts, request) }
  }
  const judged = concerned.map((entry) => ({ entry, refused: refusedBy(entry, request) }))
  const allowing = judged.filter(({ refused }) => isNothing(refused))
  if (allowing.length > 0) {
    const requirements = allowing.map(({ entry }) => entry.require.get(request.environment) ?? NOTHING_REQUIRED)
    return { kind: 'accepted', require: requirements.reduce(bothRequirements) }
  }
  const [nearest] = judged.sort((one, other) => size(one.refused) - size(other.refused))
  if (nearest === undefined) throw new Error('an entry that concerns the request is neither allowing nor refusing')
  return {
    kind: 'refused',
    code: 'accepts_refused',
    reasons: [
      ...nearest.refused.paths.map((path) => `the path \`${path}\` is not among \`paths\``),
      ...nearest.refused.images.map((image) => `the image \`${image}\` is not among \`images\``),
      ...nearest.refused.uris.map((uri) => `the URI \`${uri}\` is not among \`uris\``),
    ],
    missingLine: missingItems(nearest.entry, nearest.refused),
  }
}

type Refused = {
  readonly paths: readonly string[]
  readonly images: readonly string[]
  readonly uris: readonly string[]
}

const size = (refused: Refused): number => refused.paths.length + refused.images.length + refused.uris.length
const isNothing = (refused: Refused): boolean => size(refused) === 0

/** What no entry can allow. */
function unsafeReasons(request: AcceptanceRequest): readonly string[] {
  const paths = request.paths.flatMap((path) => {
    const problem = repoPathProblem(path)
    return problem === undefined ? [] : [`the path \`${path}\` is refused: ${problem}`]
  })
  const uris = request.uris
    .filter((uri) => !isPlainUri(uri))
    .map((uri) => `the URI \`${uri}\` is refused: it is not a plain absolute URI`)
  return [...paths, ...uris]
}

/** Scheme and segments, none of which a server could read as "one up". */
function isPlainUri(uri: string): boolean {
  const rest = /^[a-z][a-z0-9+.-]*:\/\/(.+)$/.exec(uri)?.[1]
  if (rest === undefined || uri.length > 2048 || /[\s\\]/.test(uri) || /%(?:2e|2f|5c|00)/i.test(uri)) return false
  const segments = rest.endsWith('/') ? rest.slice(0, -1).split('/') : rest.split('/')
  return segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..')
}

const concerns = (entry: Acceptance, request: AcceptanceRequest): boolean =>
  entry.from === request.from &&
  (entry.models?.includes(request.model) ?? true) &&
  (entry.environments?.includes(request.environment) ?? true)

function refusedBy(entry: Acceptance, request: AcceptanceRequest): Refused {
  const { images } = entry
  return {
    paths: request.paths.filter((path) => !matchesAny(entry.paths, request, path)),
    images:
      images === undefined
        ? []
        : request.images.filter((image) => !images.some((glob) => globMatches(glob, imageRepository(image)))),
    uris: entry.uris === undefined ? [] : request.uris.filter((uri) => !matchesAny(entry.uris ?? [], request, uri)),
  }
}

/** Only the model and the environment vary in these templates, and neither can hold a slash or a wildcard. */
function matchesAny(patterns: readonly Template[], request: AcceptanceRequest, text: string): boolean {
  return patterns.some((pattern) => {
    const rendered = renderTemplate(pattern, { 'model.name': request.model, environment: request.environment })
    return rendered.ok && globMatches(rendered.text, text)
  })
}

/** `ghcr.io/acme/churn:1.2@sha256:…` → `ghcr.io/acme/churn`; a port is no tag. */
export function imageRepository(image: string): string {
  const [name = ''] = image.split('@')
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}

function missingEntry(accepts: readonly Acceptance[], request: AcceptanceRequest): string {
  const lines = [
    ...(accepts.length === 0 ? ['accepts:'] : []),
    `  - from: ${request.from}`,
    `    models: [${request.model}]`,
    `    environments: [${request.environment}]`,
    `    paths: ${yamlList(request.paths)}`,
  ]
  return lines.join('\n')
}

function missingItems(entry: Acceptance, refused: Refused): string {
  const sources = (templates: readonly Template[]): readonly string[] => templates.map((template) => template.source)
  const lines: string[] = []
  if (refused.paths.length > 0) lines.push(`    paths: ${yamlList([...sources(entry.paths), ...refused.paths])}`)
  if (refused.images.length > 0) {
    lines.push(`    images: ${yamlList([...(entry.images ?? []), ...refused.images.map(imageRepository)])}`)
  }
  if (refused.uris.length > 0) lines.push(`    uris: ${yamlList([...sources(entry.uris ?? []), ...refused.uris])}`)
  return lines.join('\n')
}

const yamlList = (items: readonly string[]): string =>
  `[${[...new Set(items)].map((item) => JSON.stringify(item)).join(', ')}]`

function bothRequirements(one: Requirement, other: Requirement): Requirement {
  return {
    approvals: larger(one.approvals, other.approvals),
    soak: larger(one.soak, other.soak),
    deployers:
      one.deployers && other.deployers ? inBoth(one.deployers, other.deployers) : (one.deployers ?? other.deployers),
    freeze: one.freeze || other.freeze ? [...(one.freeze ?? []), ...(other.freeze ?? [])] : undefined,
  }
}

const larger = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)

/** Two entries of one file: only who is written in both. */
const inBoth = (one: readonly Principal[], other: readonly Principal[]): readonly Principal[] => {
  const names = new Set(other.map((principal) => JSON.stringify(principal)))
  return one.filter((principal) => names.has(JSON.stringify(principal)))
}

/**
 * The environment with what its config repository insists on: the larger approvals and soak, every freeze window of both, the deployers of both.
 * A team that the config repository names without organisation is one of its own owner's. Rules that are insisted on leave `force.rules`
 * for `force.downTo`; `whenForced` gives what is left of them.
 */
export function stricter(environment: EnvironmentSettings, require: Requirement): EnvironmentSettings {
  const insisted = { ...require, deployers: require.deployers?.map((each) => ofOwner(each, environment.repository)) }
  const rules = insistedRules(require)
  const { force } = environment
  return {
    ...environment,
    ...bothDeployers(environment.deployers, insisted.deployers),
    approvals: Math.max(environment.approvals, require.approvals ?? 0),
    soak: Math.max(environment.soak, require.soak ?? 0),
    freeze: [...environment.freeze, ...(require.freeze ?? [])],
    force: {
      by: force.by,
      rules: force.rules.filter((rule) => !rules.includes(rule)),
      downTo: force.rules.filter((rule) => rules.includes(rule)),
    },
    insisted,
  }
}

function insistedRules(require: Requirement): readonly ForceableRule[] {
  const rules: ForceableRule[] = []
  if ((require.approvals ?? 0) > 0) rules.push('approvals')
  // A soak is counted from the verification in `after`: without the one there is no other.
  if ((require.soak ?? 0) > 0) rules.push('soak', 'after')
  if ((require.freeze ?? []).length > 0) rules.push('freeze')
  return rules
}

const ofOwner = (principal: Principal, repository: RepoName): Principal =>
  principal.kind === 'team' ? { ...principal, organization: principal.organization ?? ownerOf(repository) } : principal

function bothDeployers(
  own: readonly Principal[] | undefined,
  insisted: readonly Principal[] | undefined,
): Pick<EnvironmentSettings, 'deployers' | 'deployersOfBoth'> {
  if (own === undefined || insisted === undefined) return { deployers: own ?? insisted, deployersOfBoth: undefined }
  return { deployers: inBoth(own, insisted), deployersOfBoth: [own, insisted] }
}

/** A person may deploy who is in at least one principal of *every* list. No list: people with write on both repositories. */
export function deployerLists(environment: EnvironmentSettings): readonly (readonly Principal[])[] {
  return environment.deployersOfBoth ?? (environment.deployers === undefined ? [] : [environment.deployers])
}

/** May this person deploy, as far as the lists of both repositories go? Unknown is no. */
export function isDeployer(
  person: PersonStanding | undefined,
  environment: EnvironmentSettings,
  repositories: { readonly model: RepoName; readonly config: RepoName },
): boolean {
  const lists = deployerLists(environment)
  if (lists.length === 0) return isOneOf(person, undefined, repositories)
  return lists.every((list) => isOneOf(person, list, repositories))
}

/** Does this person's approval count? The approvers, and where none are named the deployers. */
export function isApprover(
  person: PersonStanding | undefined,
  environment: EnvironmentSettings,
  repositories: { readonly model: RepoName; readonly config: RepoName },
): boolean {
  if (environment.approvers === undefined) return isDeployer(person, environment, repositories)
  if (!isOneOf(person, environment.approvers, repositories)) return false
  const { insisted } = environment
  if (insisted?.approvals === undefined || insisted.approvals === 0) return true
  // What the config repository insists on is not given by whomever the model repository names.
  if (insisted.deployers !== undefined) return isOneOf(person, insisted.deployers, repositories)
  return isOneOf(person, undefined, { model: repositories.config, config: repositories.config })
}

/**
 * The environment as `/deploy --force` meets it where the config repository insists on some rule: what only the model repository asks for is gone,
 * what the config repository asks for stays. Rules in `force.rules` are skipped by whoever decides; this is about `force.downTo`.
 */
export function whenForced(environment: EnvironmentSettings): EnvironmentSettings {
  const lowered = environment.force.downTo ?? []
  const { insisted } = environment
  return {
    ...environment,
    approvals: lowered.includes('approvals') ? (insisted?.approvals ?? 0) : environment.approvals,
    soak: lowered.includes('soak') ? (insisted?.soak ?? 0) : environment.soak,
    freeze: lowered.includes('freeze') ? (insisted?.freeze ?? []) : environment.freeze,
  }
}
