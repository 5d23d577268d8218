/** The repositories of the App as `lockkeeper doctor` looks at them: where a rollback could not merge, and what a configuration asks that an owner has not granted. The App itself: examine-app.ts. */
import { type BranchRules, obstacles, PROMOTION_CHECK } from '../../domain/branch-rules.ts'
import { UserError } from '../../domain/failure.ts'
import { parseRepoName, type RepoName } from '../../domain/ids.ts'
import type { Clock } from '../../services/ports.ts'
import { type Answer, answerOf } from '../answer.ts'
import { examineRequest, repositoryAlias } from './documents/examine.ts'
import { type AppInstallation, readInstallations } from './examine-app.ts'
import { translateFailure } from './failures.ts'
import { askGraphql } from './graphql.ts'
import type { GitHubOctokit } from './octokit.ts'
import { parseBranchRules } from './parse-branch-rules.ts'
import { mergeMethodsOf } from './read-promotion-world.ts'

/** What a `.github/lockkeeper.yml` says that matters here. */
export type ConfigFacts = {
  /** It accepts promotions of other repositories. */
  readonly acceptsPromotions: boolean
  /** `verify: workflow`: needs `actions: write`. */
  readonly startsWorkflows: boolean
}

export type RepositoriesSettings = {
  readonly appOctokit: Pick<GitHubOctokit, 'request'>
  readonly octokitFor: (installationId: number) => Promise<GitHubOctokit>
  readonly appId: number
  /** undefined: the file cannot be used; `lockkeeper validate` tells why. */
  readonly readConfig: (text: string) => ConfigFacts | undefined
  readonly clock: Clock
}

/** A person waits: of each owner that many are looked at, so many in one request. */
const PAGE = 100
const TOGETHER = 20
const OWNERS = 20

type Problem = { readonly said: string; readonly remedy: string }
type Looked = {
  readonly repositories: number
  readonly total: number
  readonly config: readonly RepoName[]
  readonly problems: readonly Problem[]
}

/** One line about them. Throws UserError with a line of remedy for each problem, SystemUnavailable for an outage. */
export async function examineRepositories(
  settings: RepositoriesSettings,
): Promise<string | { readonly skipped: string }> {
  const installations = (await readInstallations(settings.appOctokit)).filter(({ isSuspended }) => !isSuspended)
  const looks: Looked[] = []
  for (const installation of installations.slice(0, OWNERS)) looks.push(await lookAtOwner(installation, settings))
  const sum = (key: 'repositories' | 'total') => looks.reduce((all, look) => all + look[key], 0)
  const [repositories, total] = [sum('repositories'), sum('total')]
  const more = installations.length > OWNERS ? `, of the first ${OWNERS} of ${installations.length} owners` : ''
  const among = `${repositories === total ? repositories : `the first ${repositories} of ${total}`} repositories${more}`
  const problems = looks.flatMap((look) => look.problems)
  if (problems.length > 0)
    throw new UserError(
      'system_unavailable',
      `${problems.map(({ said }) => said).join('; ')} (looked at ${among})`,
      problems.map(({ remedy }) => remedy).join('\n'),
    )
  const config = looks.flatMap((look) => look.config)
  if (config.length === 0) return { skipped: `no configuration with \`accepts:\` in ${among}` }
  const names = config.slice(0, 3).join(', ')
  return `can merge in ${names}${config.length > 3 ? ` and ${config.length - 3} more` : ''} (looked at ${among})`
}

async function lookAtOwner(installation: AppInstallation, settings: RepositoriesSettings): Promise<Looked> {
  const { clock } = settings
  try {
    const octokit = await settings.octokitFor(installation.id)
    const { data } = await octokit.request('GET /installation/repositories', { per_page: PAGE })
    const answer = answerOf('GitHub', data)
    const named = answer.list('repositories').flatMap((each) => parseRepoName(each.text('full_name')) ?? [])
    const config: RepoName[] = []
    const problems: Problem[] = []
    for (let from = 0; from < named.length; from += TOGETHER) {
      const some = named.slice(from, from + TOGETHER)
      const { data: found } = await askGraphql(octokit, examineRequest(some), clock)
      for (const [index, name] of some.entries()) {
        const repository = found.maybe(repositoryAlias(index))
        const facts = repository && configOf(repository, settings)
        if (repository === undefined || facts === undefined) continue
        if (facts.acceptsPromotions) config.push(name)
        problems.push(...problemsOf(name, { repository, facts, installation, appId: settings.appId }))
      }
    }
    return { repositories: named.length, total: answer.integer('total_count'), config, problems }
  } catch (error) {
    throw translateFailure(error, `the repositories of ${installation.owner}`, clock.now())
  }
}

function configOf(repository: Answer, { readConfig }: RepositoriesSettings): ConfigFacts | undefined {
  const file = repository.maybe('defaultBranchRef')?.maybe('target')?.maybe('file')
  const text = file?.maybe('object')?.maybeText('text')
  return text === undefined ? undefined : readConfig(text)
}

type Found = {
  readonly repository: Answer
  readonly facts: ConfigFacts
  readonly installation: AppInstallation
  readonly appId: number
}

function problemsOf(name: RepoName, { repository, facts, installation, appId }: Found): readonly Problem[] {
  const problems: Problem[] = []
  if (facts.startsWorkflows && installation.granted.get('actions') !== 'write')
    problems.push({
      said: `${name} has \`verify: workflow\`, and the App may not start workflows`,
      remedy: `${name}: ask for "Actions: read and write" in the App's settings, and accept it at ${installation.url}.`,
    })
  if (!facts.acceptsPromotions) return problems
  const ref = repository.maybe('defaultBranchRef')
  const inTheWay = ref === undefined ? [] : obstaclesOfRollback(repository, ref, appId)
  if (inTheWay.length === 0) return problems
  const branch = ref?.text('name') ?? ''
  problems.push({
    said: `a rollback could not merge in ${name}: ${inTheWay.join(', ')}`,
    remedy: `${name}: exempt the App from the rules of \`${branch}\` (${repository.text('url')}/settings/rules), unless it is: GitHub does not tell. Else a rollback waits there for people.`,
  })
  return problems
}

function obstaclesOfRollback(repository: Answer, ref: Answer, appId: number): readonly string[] {
  const methods = mergeMethodsOf(repository)
  const rules: BranchRules = parseBranchRules(ref, { methods, hasQueue: repository.has('mergeQueue') })
  const types = (ref.maybe('rules')?.list('nodes') ?? []).map((rule) => rule.text('type'))
  const foreign = rules.checks.some((check) => check.name === PROMOTION_CHECK && (check.appId ?? appId) !== appId)
  return [
    ...(repository.flag('isArchived') ? ['it is archived'] : []),
    ...obstacles(rules, undefined),
    ...(foreign ? [`\`${PROMOTION_CHECK}\` is demanded of another App`] : []),
    ...(types.includes('UPDATE') ? ['only those who are exempt may push to the branch'] : []),
  ]
}
