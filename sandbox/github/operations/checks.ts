/** Check runs and their suites: only Apps write them; a suite's status follows its runs. */
import { type OperationContext, requireApp, requireWrite } from '../access.ts'
import { checkRunsAt, stateOfRun } from '../check-facts.ts'
import { emitRepositoryEvent } from '../events.ts'
import { GitHubFailure, invalid, notFound } from '../failure.ts'
import type {
  AppRecord,
  CheckAction,
  CheckAnnotation,
  CheckConclusion,
  CheckRun,
  CheckStatus,
  CheckSuite,
  Repository,
} from '../model.ts'
import { checkSuite as serialiseSuite, webhookCheckRun } from '../serialise/checks.ts'
import { bornNow, identify, register, timestamp } from '../state.ts'
import { advanceAutoMerges } from './auto-merge.ts'
import { advanceQueues } from './merge-queue.ts'
import { requireCommit } from './refs.ts'

const MAX_ANNOTATIONS = 50
const MAX_OUTPUT = 65_535
const MAX_ACTIONS = 3
const WRITE_CHECKS = { permissions: ['checks'], role: 'write' } as const

export type CheckOutput = {
  readonly title?: string | undefined
  readonly summary: string
  readonly text?: string | undefined
  readonly annotations?: readonly CheckAnnotation[] | undefined
}

export type CheckEdit = {
  readonly name?: string | undefined
  readonly detailsUrl?: string | undefined
  readonly externalId?: string | undefined
  readonly status?: CheckStatus | undefined
  readonly conclusion?: CheckConclusion | undefined
  readonly startedAt?: string | undefined
  readonly completedAt?: string | undefined
  readonly output?: CheckOutput | undefined
  readonly actions?: readonly CheckAction[] | undefined
}

/** Creates a check run on a commit, in the App's suite for it. 403 for people, 422 beyond GitHub's limits. */
export function createCheckRun(
  context: OperationContext,
  repository: Repository,
  input: CheckEdit & { readonly name: string; readonly headSha: string },
): CheckRun {
  const app = requireApp(context)
  requireWrite(context, repository, WRITE_CHECKS)
  requireCommit(repository, input.headSha)
  requireLimits(input)
  const { state } = context
  const run: CheckRun = register(state, {
    ...identify(state, 'CheckRun'),
    repository,
    suite: suiteFor(context, repository, { app, headSha: input.headSha }),
    app,
    name: input.name,
    headSha: input.headSha,
    externalId: null,
    detailsUrl: null,
    status: 'queued',
    conclusion: null,
    startedAt: timestamp(state),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: [],
    born: bornNow(state),
  })
  repository.checkRuns.set(run.id, run)
  apply(context, run, input)
  emitRun(context, run, { action: 'created' })
  if (run.status === 'completed') emitRun(context, run, { action: 'completed' })
  updateSuite(context, run.suite)
  advanceQueues(state, repository)
  advanceAutoMerges(state, repository)
  return run
}

/** Edits a check run of the same App (403 otherwise). Annotations are added to those that are there. */
export function updateCheckRun(context: OperationContext, run: CheckRun, edit: CheckEdit): void {
  const app = requireApp(context)
  requireWrite(context, run.repository, WRITE_CHECKS)
  if (run.app !== app)
    throw new GitHubFailure(
      403,
      `Invalid app_id \`${app.id}\` - check run can only be modified by the GitHub App that created it.`,
    )
  requireLimits(edit)
  const wasCompleted = run.status === 'completed'
  apply(context, run, edit)
  if (run.status === 'completed' && !wasCompleted) emitRun(context, run, { action: 'completed' })
  updateSuite(context, run.suite)
  advanceQueues(context.state, run.repository)
  advanceAutoMerges(context.state, run.repository)
}

function requireLimits({ output, actions, status, conclusion }: CheckEdit): void {
  if (status === 'completed' && conclusion === undefined)
    throw invalid('CheckRun', 'conclusion is required when status is completed', 'conclusion')
  if ((output?.annotations?.length ?? 0) > MAX_ANNOTATIONS)
    throw invalid('CheckRun', `annotations exceeds the maximum quantity of ${MAX_ANNOTATIONS}`, 'output.annotations')
  for (const field of ['summary', 'text'] as const)
    if ([...(output?.[field] ?? '')].length > MAX_OUTPUT)
      throw invalid('CheckRun', `${field} exceeds a maximum length of ${MAX_OUTPUT}`, `output.${field}`)
  if ((actions?.length ?? 0) > MAX_ACTIONS)
    throw invalid('CheckRun', `actions exceeds the maximum quantity of ${MAX_ACTIONS}`, 'actions')
}

function apply({ state }: OperationContext, run: CheckRun, edit: CheckEdit): void {
  run.name = edit.name ?? run.name
  run.detailsUrl = edit.detailsUrl ?? run.detailsUrl
  run.externalId = edit.externalId ?? run.externalId
  run.startedAt = edit.startedAt ?? run.startedAt
  run.actions = edit.actions ?? run.actions
  if (edit.output !== undefined) {
    run.title = edit.output.title ?? run.title
    run.summary = edit.output.summary
    run.text = edit.output.text ?? run.text
    run.annotations.push(...(edit.output.annotations ?? []))
  }
  if (edit.conclusion !== undefined) {
    run.status = 'completed'
    run.conclusion = edit.conclusion
    run.completedAt = edit.completedAt ?? timestamp(state)
  } else if (edit.status !== undefined) {
    run.status = edit.status
    run.conclusion = null
    run.completedAt = null
  }
}

function suiteFor(
  { state }: OperationContext,
  repository: Repository,
  { app, headSha }: { readonly app: AppRecord; readonly headSha: string },
): CheckSuite {
  const known = [...repository.checkSuites.values()].find((suite) => suite.app === app && suite.headSha === headSha)
  if (known !== undefined) return known
  const branch = [...repository.refs].find(([ref, sha]) => ref.startsWith('refs/heads/') && sha === headSha)?.[0]
  const now = timestamp(state)
  const suite: CheckSuite = register(state, {
    ...identify(state, 'CheckSuite'),
    repository,
    app,
    headSha,
    headBranch: branch?.replace('refs/heads/', '') ?? null,
    status: 'queued',
    conclusion: null,
    createdAt: now,
    updatedAt: now,
  })
  repository.checkSuites.set(suite.id, suite)
  return suite
}

/** A suite is completed when its newest runs all are; its conclusion is the worst of theirs. */
function updateSuite(context: OperationContext, suite: CheckSuite): void {
  const runs = checkRunsAt(suite.repository, suite.headSha).filter((run) => run.suite === suite)
  const before = suite.status
  suite.updatedAt = timestamp(context.state)
  if (runs.some(({ status }) => status !== 'completed')) {
    suite.status = runs.some(({ status }) => status === 'in_progress') ? 'in_progress' : 'queued'
    suite.conclusion = null
    return
  }
  suite.status = 'completed'
  suite.conclusion = runs.find((run) => stateOfRun(run) === 'failure')?.conclusion ?? 'success'
  if (before === 'completed') return
  const { repository: _, ...body } = serialiseSuite(context.state, suite)
  emitRepositoryEvent(context.state, {
    event: 'check_suite',
    action: 'completed',
    repository: suite.repository,
    sender: context.actor.user,
    body: { check_suite: body },
  })
}

/** A person asks for a check run again: `check_run.rerequested` for its App. */
export function rerequestCheckRun(context: OperationContext, run: CheckRun): void {
  requireWrite(context, run.repository, WRITE_CHECKS)
  emitRun(context, run, { action: 'rerequested', onlyFor: run.app })
}

/** A person clicks one of the run's buttons: `check_run.requested_action` for its App. 422 for an unknown button. */
export function requestAction(context: OperationContext, run: CheckRun, identifier: string): void {
  requireWrite(context, run.repository, WRITE_CHECKS)
  if (!run.actions.some((action) => action.identifier === identifier))
    throw new GitHubFailure(422, `The check run has no action ${identifier}`)
  emitRun(context, run, { action: 'requested_action', onlyFor: run.app, identifier })
}

/** The check run by database id; 404 when there is none in the repository. */
export function findCheckRun(repository: Repository, id: number): CheckRun {
  const run = repository.checkRuns.get(id)
  if (run === undefined) throw notFound()
  return run
}

function emitRun(
  { state, actor }: OperationContext,
  run: CheckRun,
  {
    action,
    onlyFor,
    identifier,
  }: { readonly action: string; readonly onlyFor?: AppRecord; readonly identifier?: string },
): void {
  emitRepositoryEvent(state, {
    event: 'check_run',
    action,
    repository: run.repository,
    sender: actor.user,
    body: {
      check_run: webhookCheckRun(state, run),
      ...(identifier === undefined ? {} : { requested_action: { identifier } }),
    },
    ...(onlyFor === undefined ? {} : { onlyFor }),
  })
}
