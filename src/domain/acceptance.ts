/**
 * What a config repository accepts, and from whom: `accepts:` in its own `.github/lockkeeper.yml`, read from its default branch.
 * A model repository can neither reach into a config repository that did not name it nor weaken its rules.
 */
import {
  beyondLimits,
  imageIn,
  imageRepository,
  isPlainUri,
  literalPattern,
  matchesAny,
  widened,
} from './artefact-limits.ts'
import { type EnvironmentName, type ModelName, ownerOf, type RepoName } from './ids.ts'
import { repoPathProblem } from './repo-path.ts'
import type { Acceptance, EnvironmentSettings, ForceableRule, Principal, Requirement } from './settings.ts'
import { ofRepository } from './standing.ts'
import type { Template } from './template.ts'
import type { WrittenArtefacts } from './written-artefacts.ts'

/** What a promotion is about to write: every file, and every artefact in them. */
export type AcceptanceRequest = WrittenArtefacts & {
  readonly from: RepoName
  readonly model: ModelName
  readonly environment: EnvironmentName
  /** The release is made of the head of a pull request that nobody has merged. */
  readonly isUnmerged: boolean
  readonly paths: readonly string[]
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
    reasons: reasonsOf(nearest.refused),
    missingLine: missingLines(nearest.entry, request),
  }
}

type Refused = WrittenArtefacts & {
  readonly paths: readonly string[]
  /** Environments that take no releases of unmerged pull requests. */
  readonly pullRequests: readonly EnvironmentName[]
}

const size = ({ paths, pullRequests, images, uris, texts }: Refused): number =>
  paths.length + pullRequests.length + images.length + uris.length + texts.length
const isNothing = (refused: Refused): boolean => size(refused) === 0

function reasonsOf({ paths, pullRequests, images, uris, texts }: Refused): readonly string[] {
  return [
    ...pullRequests.map(
      (name) => `releases of unmerged pull requests may not go to \`${name}\`, which is not among \`pull_requests\``,
    ),
    ...paths.map((path) => `the path ${shown(path)} is not among \`paths\``),
    ...images.map((image) => `the image ${shown(image)} is not among \`images\``),
    ...uris.map((uri) =>
      imageIn(uri).length === 0
        ? `the URI ${shown(uri)} is not among \`uris\``
        : `the URI ${shown(uri)} is not among \`uris\`, or its image not among \`images\``,
    ),
    ...texts.map(({ text, tagOf }) =>
      tagOf === undefined
        ? `the value ${shown(text)} is not the release's own, and not among \`images\`, \`uris\` or \`values\``
        : `the value ${shown(text)} is a tag of ${shown(imageRepository(tagOf))}, which is not among \`images\``,
    ),
  ]
}

/** What no entry can allow. */
function unsafeReasons(request: AcceptanceRequest): readonly string[] {
  const paths = request.paths.flatMap((path) => {
    const problem = repoPathProblem(path)
    return problem === undefined ? [] : [`the path ${shown(path)} is refused: ${problem}`]
  })
  const uris = request.uris
    .filter((uri) => !isPlainUri(uri))
    .map((uri) => `the URI ${shown(uri)} is refused: it is not a plain absolute URI`)
  return [...paths, ...uris]
}

const concerns = (entry: Acceptance, request: AcceptanceRequest): boolean =>
  entry.from === request.from &&
  (entry.models?.includes(request.model) ?? true) &&
  (entry.environments?.includes(request.environment) ?? true)

const valuesOf = ({ model, environment }: AcceptanceRequest) => ({ 'model.name': model, environment })

function refusedBy(entry: Acceptance, request: AcceptanceRequest): Refused {
  const values = valuesOf(request)
  const paths = request.paths.filter((path) => !matchesAny(entry.paths, path, values))
  const pullRequests =
    request.isUnmerged && !entry.pullRequests.includes(request.environment) ? [request.environment] : []
  return { paths, pullRequests, ...beyondLimits(entry, request, values) }
}

function missingEntry(accepts: readonly Acceptance[], request: AcceptanceRequest): string {
  const lines = [
    ...(accepts.length === 0 ? ['accepts:'] : []),
    `  - from: ${request.from}`,
    `    models: [${request.model}]`,
    `    environments: [${request.environment}]`,
    ...(request.isUnmerged ? [`    pull_requests: [${request.environment}]`] : []),
    `    paths: ${yamlList(request.paths.map((path) => literalPattern(path).source))}`,
  ]
  return lines.join('\n')
}

/** The lists of the entry that would have to be longer, as they would then be; empty where no list can allow it. */
function missingLines(entry: Acceptance, request: AcceptanceRequest): string {
  let wider = entry
  // What a first new list limits may take a second one.
  for (let round = 0; round < 3; round++) {
    const refused = refusedBy(wider, request)
    const paths = [...wider.paths, ...refused.paths.map(literalPattern)]
    const pullRequests = [...wider.pullRequests, ...refused.pullRequests]
    wider = { ...wider, paths, pullRequests, ...widened(wider, refused, request) }
  }
  if (!isNothing(refusedBy(wider, request))) return ''
  const sources = (templates: readonly Template[] = []): readonly string[] => templates.map(({ source }) => source)
  const lists: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['pull_requests', entry.pullRequests, wider.pullRequests],
    ['paths', sources(entry.paths), sources(wider.paths)],
    ['images', entry.images ?? [], wider.images ?? []],
    ['uris', sources(entry.uris), sources(wider.uris)],
    ['values', sources(entry.values), sources(wider.values)],
  ]
  return lists
    .filter(([, before, after]) => after.length > before.length)
    .map(([key, , after]) => `    ${key}: ${yamlList(after)}`)
    .join('\n')
}

const yamlList = (items: readonly string[]): string =>
  `[${[...new Set(items)].map((item) => `"${visible(item)}"`).join(', ')}]`

/** As in a double-quoted text of YAML; what looks like an ASCII letter and is none shows. */
function visible(text: string): string {
  const escaped = (character: string): string => {
    const code = character.codePointAt(0) ?? 0
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  }
  return text.replace(/["\\]/g, '\\$&').replace(/[^\x20-\x7e]/gu, escaped)
}

/** In a sentence, as code. */
function shown(text: string): string {
  const whole = visible(text).replaceAll('`', "'")
  return `\`${whole.length > 200 ? `${whole.slice(0, 199)}…` : whole}\``
}

function bothRequirements(one: Requirement, other: Requirement): Requirement {
  const people = (key: 'deployers' | 'approvers' | 'lockers' | 'overriders'): readonly Principal[] | undefined => {
    const [these, those] = [one[key], other[key]]
    return these && those ? inBoth(these, those) : (these ?? those)
  }
  return {
    approvals: larger(one.approvals, other.approvals),
    soak: larger(one.soak, other.soak),
    deployers: people('deployers'),
    approvers: people('approvers'),
    lockers: people('lockers'),
    overriders: people('overriders'),
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
 * A team that the config repository names without organisation is one of its own owner's, and its roles are those in itself. Rules that are insisted on leave `force.rules`
 * for `force.downTo`; `whenForced` gives what is left of them.
 */
export function stricter(environment: EnvironmentSettings, require: Requirement): EnvironmentSettings {
  const ofConfig = (people: readonly Principal[] | undefined) =>
    people?.map((each) => ofRepository(ofOwner(each, environment.repository), 'config'))
  const insisted: Requirement = {
    ...require,
    deployers: ofConfig(require.deployers),
    approvers: ofConfig(require.approvers),
    lockers: ofConfig(require.lockers),
    overriders: ofConfig(require.overriders),
  }
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
