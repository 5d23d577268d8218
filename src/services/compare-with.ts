/** `/compare`: an open pull request is compared anew where its comparison stands; with another baseline, or once it has ended, the reply holds the table. */
import { renderComparedAnew, renderComparedInReply } from '../comments/compared-with.ts'
import { closest } from '../domain/closest.ts'
import type { SpokenCommand } from '../domain/command.ts'
import type { ModelReport } from '../domain/comparison-report.ts'
import { UserError } from '../domain/failure.ts'
import { type ModelName, type RepoName, shortSha } from '../domain/ids.ts'
import { mayDo } from '../domain/rights.ts'
import { mayVerdict } from '../domain/rules.ts'
import type { ModelSettings } from '../domain/settings.ts'
import { trainingState } from '../domain/training.ts'
import { type CommandPlace, placeOf } from './command-target.ts'
import type { Decision } from './decide-command.ts'
import type { Deps, ReadDeps } from './deps.ts'
import type { CommandRecord } from './ledger.ts'
import { nothingNamed, type OtherBaseline, otherBaseline } from './other-baseline.ts'
import type { ComparisonRecord, PullRequestView } from './ports.ts'
import { touchedModels } from './refresh-comparison-settings.ts'

/** Throws UserError `usage`, `ambiguous`, `model_unknown`, `not_allowed`, `release_unknown`, and what the systems refuse. */
export async function decideCompare(command: CommandRecord, spoken: SpokenCommand, deps: ReadDeps): Promise<Decision> {
  const place = await placeOf(command, deps)
  const number = pullRequestOf(place)
  const asked = wordsOf(spoken, place)
  const record = await deps.comparisons.get(place.modelRepository, number)
  if (asked.baseline === undefined && record?.pull?.state === 'open')
    return anew({ command, place, record, asked, line: spoken.line }, deps)
  const view = await deps.github.readPullRequest(place.modelRepository, number)
  if (view === undefined) throw new Error(`pull request ${number} of ${place.modelRepository} is not there`)
  await refuseUnlessMay(command.author, { repository: place.modelRepository, author: view.author }, deps)
  const model = modelMeant(asked.model, { place, view })
  const looked: Looked = { place, view, model, record }
  const other =
    asked.baseline === undefined ? undefined : await otherBaseline({ ...looked, word: asked.baseline }, deps)
  const report = await compared(looked, other, deps)
  if (other !== undefined && asked.baseline !== undefined)
    await refuseWithout(report, { ...looked, word: asked.baseline }, deps)
  const { headSha } = view
  return { kind: 'answered', markdown: renderComparedInReply(report, { headSha, against: other?.label }) }
}

/** The pull request of the model. Throws UserError `usage` elsewhere, saying where to go. */
function pullRequestOf({ pullRequest, promotionOf, modelRepository, isIssue }: CommandPlace): number {
  if (pullRequest !== undefined && promotionOf === undefined && !isIssue) return pullRequest
  const where =
    pullRequest === undefined ? 'the pull request of the model' : `pull request ${pullRequest} of ${modelRepository}`
  const hint = `Comment on ${where}. What a promotion rests on stands in its description.`
  throw new UserError('usage', 'models are compared where they are changed', hint)
}

type Asked = { readonly model: ModelName | undefined; readonly baseline: string | undefined }

function wordsOf({ words, usage }: SpokenCommand, { settings }: CommandPlace): Asked {
  const at = words.findIndex((word) => word.toLowerCase() === 'with')
  const [name, ...more] = at < 0 ? words : words.slice(0, at)
  const [baseline, ...others] = at < 0 ? [] : words.slice(at + 1)
  if (at >= 0 && baseline === undefined) throw new UserError('usage', 'with what?', `Usage: \`${usage}\`.`)
  if (more.length + others.length > 0)
    throw new UserError('usage', 'that is more than /compare takes', `Usage: \`${usage}\`.`)
  const model = [...settings.models.keys()].find((each) => each === name?.toLowerCase())
  if (name === undefined || model !== undefined) return { model, baseline }
  const names = [...settings.models.keys()]
  const meant = closest(name, names)
  const suggestion = meant === undefined ? '' : `Did you mean \`${meant}\`? `
  throw new UserError(
    'model_unknown',
    `there is no model \`${name.slice(0, 60).replaceAll('`', "'")}\``,
    `${suggestion}Models: ${names.join(', ')}. A baseline stands after \`with\`. Usage: \`${usage}\`.`,
  )
}

type Anew = {
  readonly command: CommandRecord
  readonly place: CommandPlace
  readonly record: ComparisonRecord
  readonly asked: Asked
  readonly line: string
}

/** One call: what is known of the pull request is enough to know who may. */
async function anew({ command, place, record, asked, line }: Anew, deps: ReadDeps): Promise<Decision> {
  const { repository, number, headSha, pull, judged = [] } = record
  await refuseUnlessMay(command.author, { repository: place.modelRepository, author: pull?.author }, deps)
  const shown = asked.model === undefined ? judged : judged.filter(({ model }) => model === asked.model)
  if (asked.model !== undefined && judged.length > 0 && shown.length === 0) throw untouched(asked.model, number)
  const markdown = renderComparedAnew(headSha, shown)
  const carryOut = async ({ hints }: Deps) => {
    await hints.hint({ kind: 'pull-request', repository, number })
    return { kind: 'answered', line, markdown } as const
  }
  return {
    kind: 'willing',
    rules: [mayVerdict(command.author)],
    would: () => `\`${shortSha(headSha)}\` would be compared anew.`,
    carryOut,
  }
}

type Place = { readonly repository: RepoName; readonly author: string | undefined }

/** It spends the credentials that the server has. */
async function refuseUnlessMay(login: string, { repository, author }: Place, { github }: ReadDeps): Promise<void> {
  const standings = await github.readStandings({ logins: [login], repositories: [repository], teams: [], roles: false })
  const { may, who } = mayDo('compare', standings.get(login), { repository, author })
  if (!may)
    throw new UserError('not_allowed', `${login} may not ask for comparisons; these may: ${who}`, 'Ask one of them.')
}

type Where = { readonly place: CommandPlace; readonly view: PullRequestView }

const untouched = (model: string, number: number): UserError =>
  new UserError(
    'usage',
    `pull request ${number} changes nothing of ${model}`,
    'Comment on a pull request that changes the paths of the model.',
  )

function modelMeant(named: ModelName | undefined, { place, view }: Where): ModelSettings {
  const touched = touchedModels(place, view)
  const meant = named === undefined ? touched : touched.filter(({ name }) => name === named)
  const [only] = meant
  if (only === undefined) throw untouched(named ?? 'any model', view.number)
  if (meant.length === 1) return only
  const names = meant.map(({ name }) => name)
  throw new UserError(
    'ambiguous',
    `which model? It changes ${names.join(', ')}`,
    `Name one: \`/compare ${only.name} …\`.`,
  )
}

type Looked = Where & { readonly model: ModelSettings; readonly record: ComparisonRecord | undefined }

async function compared(
  { place, view, model, record }: Looked,
  other: OtherBaseline | undefined,
  deps: ReadDeps,
): Promise<ModelReport> {
  const repository = place.modelRepository
  const { headSha, baseSha, mergeCommit, number } = view
  const known = record?.headSha === headSha ? record : undefined
  const landed = mergeCommit === undefined ? [] : [mergeCommit]
  const waivers = await deps.comparisons.waivers({ repository, number, headSha })
  const now = deps.clock.now()
  const base = known?.mergeBase
  return deps.compareModel({
    repository,
    model: other?.model ?? model,
    commits: [headSha, ...(known?.testMergeCommits ?? []), ...landed],
    headRef: headSha,
    baselineRef: other?.commit ?? base?.commit ?? baseSha,
    baselineLabel: other?.label ?? (base === undefined ? view.baseRef : `${view.baseRef} at ${shortSha(base.commit)}`),
    ...(other === undefined ? { baseTip: baseSha } : {}),
    waivers: waivers.filter((waiver) => waiver.model === model.name),
    ...(view.state === 'open'
      ? {
          training: trainingState({
            checks: view.checks,
            name: model.training.check,
            ownAppId: deps.github.appId,
            within: model.training.within,
            since: known === undefined ? now : new Date(known.headSeenAt),
            now,
          }),
        }
      : {}),
    checks: { checks: view.checks, ownAppId: deps.github.appId },
  })
}

type With = Looked & { readonly word: string }

/** Nothing is shown against a baseline that is not there: it would look like a first model, which passes. */
async function refuseWithout({ baseline, comparison, problem, verdict }: ModelReport, asked: With, deps: ReadDeps) {
  if (baseline !== undefined) return
  const isOfBaseline = comparison === undefined && problem !== undefined
  if (isOfBaseline && (verdict === 'unavailable' || (verdict === 'refused' && problem.code !== 'gates_failed')))
    throw new UserError(problem.code, problem.message, problem.hint)
  if (verdict === 'pending' || verdict === 'not_found') return
  const message = isOfBaseline
    ? problem.message
    : `there are no metrics of \`${asked.word.slice(0, 60).replaceAll('`', "'")}\``
  throw await nothingNamed(asked, message, deps)
}
