/** `GitHub.readPromotionWorld`: everything a promotion decision reads, in one query per owner (one in all, when both repositories have the same). */
import { ownerOf, type RepoName } from '../../domain/ids.ts'
import type { PromotionPullRequest, PromotionQuestion, PromotionWorld, StandingQuestion } from '../../services/ports.ts'
import type { Answer } from '../answer.ts'
import type { Caller } from './call.ts'
import { composeQuery } from './documents/compose.ts'
import { configPart, labelAlias, modelPart, pullRequestByBranchRequest } from './documents/promotion.ts'
import { CONFIG_PATH } from './documents/pull-request.ts'
import type { GraphqlAnswer } from './graphql.ts'
import { notVisible } from './installations.ts'
import { requireSame } from './moved.ts'
import { allChecks } from './pages.ts'
import { commitSha, maybeOid, nextCursor, parsePromotion } from './parse.ts'
import { parseBranchRules, parseMergeFacts } from './parse-branch-rules.ts'
import { readBlob } from './read-blob.ts'
import { protectionOf } from './read-environments.ts'
import { filesOf } from './read-files.ts'
import { askOwner, ownersOfStandings, standingParts, standingsFrom } from './read-standings.ts'

const NOBODY: StandingQuestion = { logins: [], repositories: [], teams: [] }

/** Throws UserError `accepts_missing` when the App cannot see one of the two repositories, `repository_moved` when one has another name now. */
export async function readPromotionWorld(caller: Caller, question: PromotionQuestion): Promise<PromotionWorld> {
  const standing = question.standing ?? NOBODY
  const configOwner = ownerOf(question.configRepository)
  const modelOwner = ownerOf(question.modelRepository)
  const shared = configOwner === modelOwner
  const configAnswer = await caller.graphql(
    question.configRepository,
    composeQuery('ReadPromotionWorld', [
      configPart(question),
      ...(shared ? [modelPart(question.modelRepository, question.environments)] : []),
      ...standingParts(standing, configOwner),
    ]),
  )
  const modelAnswer = shared
    ? configAnswer
    : await caller.graphql(
        question.modelRepository,
        composeQuery('ReadPromotionModel', [
          modelPart(question.modelRepository, question.environments),
          ...standingParts(standing, modelOwner),
        ]),
      )
  const answers = new Map([
    [configOwner, configAnswer],
    [modelOwner, modelAnswer],
  ])
  for (const owner of ownersOfStandings(standing)) {
    const answer = answers.has(owner) ? undefined : await askOwner(caller, standing, owner)
    if (answer !== undefined) answers.set(owner, answer)
  }
  requireUnmoved(question, configAnswer, modelAnswer)
  return {
    config: await configOf(caller, question, configAnswer),
    ...(await modelOf(caller, question.modelRepository, modelAnswer)),
    wider: wider(opennessOf(configAnswer.data.maybe('config')), opennessOf(modelAnswer.data.maybe('model'))),
    standings: await standingsFrom(caller, standing, answers),
    protection: await protectionOf(
      caller,
      { repository: question.modelRepository, asked: question.environments },
      modelAnswer,
    ),
  }
}

function requireUnmoved(
  { configRepository, modelRepository }: PromotionQuestion,
  configAnswer: GraphqlAnswer,
  modelAnswer: GraphqlAnswer,
): void {
  const config = configAnswer.data.maybe('config')
  const model = modelAnswer.data.maybe('model')
  if (config !== undefined) requireSame(configRepository, config, 'config')
  if (model !== undefined) requireSame(modelRepository, model, 'model')
}

async function configOf(
  caller: Caller,
  question: PromotionQuestion,
  answer: GraphqlAnswer,
): Promise<PromotionWorld['config']> {
  const repository = question.configRepository
  const config = answer.data.maybe('config')
  const branch = config?.maybe('defaultBranchRef')
  if (config === undefined || branch === undefined) throw notVisible(repository)
  const defaultTip = branch.child('target')
  const base = question.branch === undefined ? defaultTip : config.maybe('base')?.maybe('target')
  const promotion = config.maybe('branch')
  return {
    repositoryId: config.text('id'),
    defaultBranch: branch.text('name'),
    // A target branch that does not exist has no files; the default branch's tip is where it would start from.
    headSha: commitSha(base ?? defaultTip, 'oid'),
    configFile: await readBlob(caller, { repository, path: CONFIG_PATH }, defaultTip.maybe('configFile')),
    files: await filesOf(caller, { repository, paths: question.files }, base),
    branch: promotion === undefined ? undefined : branchOf(promotion),
    pullRequest: await newestPromotion(caller, { repository, headBranch: question.headBranch }, config),
    rules: parseBranchRules((question.branch === undefined ? undefined : config.maybe('base')) ?? branch, {
      methods: mergeMethodsOf(config),
      hasQueue: config.has('mergeQueue'),
    }),
    labels: labelsOf(question.labels ?? [], config),
    deletesMergedBranches: config.flag('deleteBranchOnMerge'),
  }
}

function labelsOf(names: readonly string[], config: Answer): ReadonlyMap<string, string> {
  return new Map(
    names.flatMap((name, index) => {
      const id = config.maybe(labelAlias(index))?.text('id')
      return id === undefined ? [] : [[name, id] as const]
    }),
  )
}

const OPENNESS = ['PRIVATE', 'INTERNAL', 'PUBLIC']

/** A word that GitHub has yet to invent counts as private. */
const opennessOf = (repository: Answer | undefined): number =>
  Math.max(0, OPENNESS.indexOf(repository?.text('visibility') ?? ''))

const wider = (config: number, model: number): PromotionWorld['wider'] =>
  config > model ? 'config' : model > config ? 'model' : 'neither'

function branchOf(ref: Answer): { id: string; sha: ReturnType<typeof commitSha> } | undefined {
  const sha = maybeOid(ref, 'target')
  return sha === undefined ? undefined : { id: ref.text('id'), sha }
}

export function mergeMethodsOf(config: Answer): ('merge' | 'squash' | 'rebase')[] {
  const allowed = [
    config.flag('mergeCommitAllowed') && 'merge',
    config.flag('squashMergeAllowed') && 'squash',
    config.flag('rebaseMergeAllowed') && 'rebase',
  ] as const
  return allowed.filter((method) => method !== false)
}

async function modelOf(caller: Caller, repository: RepoName, answer: GraphqlAnswer) {
  const model = answer.data.maybe('model')
  if (model === undefined) throw notVisible(repository)
  const entry = model.maybe('defaultBranchRef')?.maybe('target')?.maybe('configFile')
  return {
    modelRepositoryId: model.text('id'),
    modelUrl: model.text('url'),
    modelConfigFile: await readBlob(caller, { repository, path: CONFIG_PATH }, entry),
  }
}

/** `GitHub.findPullRequest`: the newest open pull request of this head branch in the repository itself. */
export async function findPullRequest(
  caller: Caller,
  repository: RepoName,
  headBranch: string,
): Promise<PromotionPullRequest | undefined> {
  const { data } = await caller.graphql(repository, pullRequestByBranchRequest(repository, headBranch))
  const found = data.maybe('repository')
  if (found === undefined) throw notVisible(repository)
  requireSame(repository, found, 'config')
  return newestPromotion(caller, { repository, headBranch }, found)
}

/** A bound for an answer whose cursor never ends: 1,000 pull requests of forks. */
const MAX_PAGES = 50

type PromotionBranch = { readonly repository: RepoName; readonly headBranch: string }

async function newestPromotion(
  caller: Caller,
  at: PromotionBranch,
  parent: Answer,
): Promise<PromotionPullRequest | undefined> {
  const byNumber = parent.maybe('pullRequest')
  const own = byNumber === undefined ? await newestOwn(caller, at, parent.maybe('pullRequests')) : ownOf([byNumber])
  if (own === undefined) return undefined
  const { pullRequest, head } = parsePromotion(own)
  const listed = head?.text('oid') === pullRequest.headSha ? head : undefined
  const { repository } = at
  return {
    ...pullRequest,
    merging: parseMergeFacts(own),
    checks: await allChecks(caller, { repository, sha: pullRequest.headSha }, listed),
  }
}

/** A fork may use the same branch name: its pull requests are not ours, however many stand before it. One call per 20 of them. */
async function newestOwn(caller: Caller, at: PromotionBranch, first: Answer | undefined): Promise<Answer | undefined> {
  let listed = first
  for (let page = 0; page < MAX_PAGES && listed !== undefined; page += 1) {
    const own = ownOf(listed.list('nodes'))
    const cursor = nextCursor(listed)
    if (own !== undefined || cursor === undefined) return own
    const { data } = await caller.graphql(
      at.repository,
      pullRequestByBranchRequest(at.repository, at.headBranch, { cursor }),
    )
    listed = data.maybe('repository')?.maybe('pullRequests')
  }
  return undefined
}

const ownOf = (pullRequests: readonly Answer[]): Answer | undefined =>
  pullRequests.find((each) => !each.flag('isCrossRepository'))
