/** `verify: workflow`: starts a workflow of the model repository once for each promotion and follows its run to the end. The rule is src/domain/workflow-check.ts; one of the checks of run-checks.ts. */
import type { Evidence } from '../domain/promotion.ts'
import { assessRun, PROMOTION_INPUT, type WorkflowCheck } from '../domain/workflow-check.ts'
import type { Deps } from './deps.ts'
import type { WorkflowRunView } from './ports.ts'
import type { CheckLook, Looking } from './run-checks.ts'
import { checkText } from './verify-service.ts'

/** After that long, a run that GitHub shows nowhere was never started: the bot was killed before it asked. Another replica may have dated it, by a clock that is two minutes behind. */
const LOST_MS = 4 * 60_000
/** Somebody may grant the permission, or mend the workflow, meanwhile. */
const REFUSED_MS = 60_000

/** One call for each run that has not succeeded yet. */
export async function lookAtWorkflows(looking: Looking, deps: Deps): Promise<CheckLook> {
  const checks = looking.environment.verify.workflows ?? []
  const looks = await Promise.all(checks.map((check, index) => lookAtWorkflow({ looking, check, index }, deps)))
  return {
    evidence: looks.map(({ evidence }) => evidence),
    fatal: looks.find(({ fatal }) => fatal !== undefined)?.fatal,
  }
}

type Look = { readonly evidence: Evidence; readonly fatal: string | undefined }
type Asked = { readonly looking: Looking; readonly check: WorkflowCheck; readonly index: number }

async function lookAtWorkflow(asked: Asked, deps: Deps): Promise<Look> {
  const { looking, check } = asked
  const begun = await runOf(asked, deps)
  const about = { check: `workflow ${check.file}`, wanted: 'success', at: looking.now.toISOString() }
  if (begun.kind === 'none')
    return { evidence: { ...about, verdict: begun.verdict, seen: begun.seen }, fatal: undefined }
  const { run, since } = begun
  const { within } = check
  const overdue = within !== undefined && looking.now.getTime() - since.getTime() > within
  const { verdict, seen, isFatal } = assessRun(run, overdue)
  const fatal = isFatal ? `workflow ${check.file}: ${seen}` : undefined
  return { evidence: { ...about, verdict, seen, url: run.url }, fatal }
}

type Begun =
  | { readonly kind: 'run'; readonly run: WorkflowRunView; readonly since: Date }
  | ({ readonly kind: 'none' } & Pick<Evidence, 'verdict' | 'seen'>)

const none = (verdict: Evidence['verdict'], seen: string): Begun => ({ kind: 'none', verdict, seen })

/** That it is about to be started is saved before it is: whatever happens then, it is looked for and not started again. */
async function runOf(asked: Asked, deps: Deps): Promise<Begun> {
  const { looking, check } = asked
  const { promotion, now } = looking
  const known = await deps.ledger.publication(keyOf(asked))
  if (known?.intendedAt === undefined) return start(asked, deps)
  const since = new Date(known.intendedAt)
  const age = now.getTime() - since.getTime()
  if (known.nodeId === undefined) {
    if (known.hash !== undefined) return age < REFUSED_MS ? none('no_data', known.hash) : start(asked, deps)
    const found = await deps.github.findWorkflowRun(promotion.repository, {
      file: check.file,
      since,
      name: promotion.id,
    })
    if (found === 'several')
      return none('no_data', `which of its runs is this promotion's cannot be told: name it by \`${PROMOTION_INPUT}\``)
    if (found !== undefined) return keep(asked, { run: found, since }, deps)
    return age < LOST_MS ? none('pending', 'is being started') : start(asked, deps)
  }
  const settled = known.hash === undefined ? undefined : succeededAt(known.nodeId, known.hash)
  if (settled !== undefined) return { kind: 'run', run: settled, since }
  const run = await deps.github.readWorkflowRun(promotion.repository, known.nodeId)
  if (run === undefined) return none('no_data', 'its run was deleted')
  return keep(asked, { run, since }, deps)
}

/** The file as well: another version of the settings may have other checks in that place. */
const keyOf = ({ looking, check, index }: Asked): string => `workflow:${looking.promotion.id}:${index}:${check.file}`

async function start(asked: Asked, deps: Deps): Promise<Begun> {
  const { looking, check } = asked
  const key = keyOf(asked)
  const intendedAt = looking.now.toISOString()
  await deps.ledger.savePublication({ key, nodeId: undefined, hash: undefined, intendedAt })
  const inputs = Object.fromEntries(
    check.inputs.map(({ name, value }) => [
      name,
      name === PROMOTION_INPUT ? looking.promotion.id : checkText(looking, value),
    ]),
  )
  const started = await deps.github.dispatchWorkflow(looking.promotion.repository, { ...check, inputs })
  if (started.kind === 'started') {
    if (started.run === undefined) return none('pending', 'is being started')
    return keep(asked, { run: started.run, since: looking.now }, deps)
  }
  const reason =
    started.kind === 'refused'
      ? `GitHub did not start it: ${started.reason}`
      : 'the App may not start workflows: grant it "Actions: read and write" (docs/guides/smoke-test.md)'
  await deps.ledger.savePublication({ key, nodeId: undefined, hash: reason, intendedAt })
  return none('no_data', reason)
}

/** One that has succeeded is never asked about again: its address is kept. */
async function keep(
  asked: Asked,
  { run, since }: { readonly run: WorkflowRunView; readonly since: Date },
  deps: Deps,
): Promise<Begun> {
  const hash = run.conclusion === 'success' ? run.url : undefined
  const record = { key: keyOf(asked), nodeId: run.id, hash, intendedAt: since.toISOString() }
  await deps.ledger.savePublication(record)
  return { kind: 'run', run, since }
}

const succeededAt = (id: string, url: string): WorkflowRunView => ({
  id,
  url,
  status: 'completed',
  conclusion: 'success',
})
