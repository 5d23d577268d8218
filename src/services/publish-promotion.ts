/** Says where a promotion stands: its Deployment, the reply to the command that asked, the thread of the model pull request, and a report when it failed. One request. */
import { renderFailureReport } from '../comments/failure-report.ts'
import { renderMarker } from '../domain/marker.ts'
import type { Promotion } from '../domain/promotion.ts'
import { releaseValues } from '../domain/release.ts'
import type { RuleVerdict } from '../domain/rules.ts'
import { renderTemplate } from '../domain/template.ts'
import type { Deps } from './deps.ts'
import type { DeploymentState } from './ports.ts'
import { releaseOf, type Target } from './promotion-context.ts'
import { commentWrite, type PlannedWrite, writeAll } from './publish-comment.ts'
import { replyWrites } from './publish-reply.ts'
import { inThread, threadWrite } from './publish-thread.ts'

export type Told = { readonly target: Target; readonly rules: readonly RuleVerdict[] }

export async function publishPromotion(promotion: Promotion, { target, rules }: Told, deps: Deps): Promise<void> {
  const { repository, thread } = promotion
  await inThread({ repository, number: thread }, deps, async () => {
    const planned: (PlannedWrite | undefined)[] = [
      ...(await deploymentWrites(promotion, target, deps)),
      ...(await replyWrites(promotion, rules, deps)),
      await threadWrite(repository, thread, deps),
      await reportWrite(promotion, deps),
    ]
    await writeAll(planned, deps)
  })
}

/** Deployments exist from the merge on: before it, nothing is being deployed. */
async function deploymentWrites(promotion: Promotion, target: Target, deps: Deps): Promise<readonly PlannedWrite[]> {
  const state = deploymentState(promotion)
  const release = await releaseOf(promotion, deps)
  if (state === undefined || release === undefined) return []
  const key = `deployment:${promotion.id}`
  const known = await deps.ledger.publication(key)
  // What was taken out again before it had one needs none.
  if (known?.hash === state || (known === undefined && state === 'inactive')) return []
  const environment = `${promotion.environment}/${promotion.model}`
  let deploymentId = known?.nodeId
  if (deploymentId === undefined) {
    const lost = known?.intendedAt !== undefined
    const found = lost
      ? await deps.github.findDeployment(promotion.repository, { sha: release.commit, environment, key: promotion.id })
      : undefined
    if (!lost)
      await deps.ledger.savePublication({
        key,
        nodeId: undefined,
        hash: undefined,
        intendedAt: deps.clock.now().toISOString(),
      })
    const made =
      found ??
      (await deps.github.createDeployment(promotion.repository, {
        sha: release.commit,
        environment,
        description: `${promotion.model} ${promotion.label} (${promotion.kind})`,
        production: target.model.environments.at(-1) === promotion.environment,
        payload: { promotion: promotion.id, release: release.id },
      }))
    deploymentId = made.id
    await deps.ledger.savePublication({ key, nodeId: deploymentId, hash: undefined, intendedAt: undefined })
  }
  const url = target.environment.url
  const rendered = url === undefined ? undefined : renderTemplate(url, releaseValues(release, promotion.environment))
  const nodeId = deploymentId
  const status: PlannedWrite = {
    repository: promotion.repository,
    write: {
      kind: 'deployment-status',
      deploymentId,
      state,
      description: describe(promotion).slice(0, 140),
      environmentUrl: rendered?.ok === true ? rendered.text : undefined,
      logUrl: promotion.pullRequest?.url,
    },
    record: async (result) => {
      if (result.ok) await deps.ledger.savePublication({ key, nodeId, hash: state, intendedAt: undefined })
    },
  }
  return [status, ...(state === 'success' ? await retireOlder(promotion, deps) : [])]
}

function deploymentState({ stage }: Promotion): DeploymentState | undefined {
  switch (stage.at) {
    case 'syncing':
    case 'verifying':
      return 'in_progress'
    case 'verified':
      return 'success'
    case 'failed':
      return stage.revision === undefined ? undefined : 'failure'
    case 'superseded':
      return stage.wasMerged ? 'inactive' : undefined
    default:
      return undefined
  }
}

function describe({ stage, label, environment }: Promotion): string {
  switch (stage.at) {
    case 'verified':
      return `${label} is verified in ${environment}`
    case 'failed':
      return `${label} failed in ${environment}: ${stage.message}`
    case 'superseded':
      return `${label} was taken out of ${environment}`
    default:
      return `${label} is rolling out to ${environment}`
  }
}

/** Our own bookkeeping instead of `auto_inactive`: what was live before is inactive once the new release is verified. */
async function retireOlder(promotion: Promotion, deps: Deps): Promise<readonly PlannedWrite[]> {
  const history = await deps.ledger.history(promotion)
  const planned: PlannedWrite[] = []
  for (const older of history.filter(({ id, stage }) => id !== promotion.id && stage.at === 'verified')) {
    const key = `deployment:${older.id}`
    const known = await deps.ledger.publication(key)
    const nodeId = known?.nodeId
    if (nodeId === undefined || known?.hash !== 'success') continue
    planned.push({
      repository: promotion.repository,
      write: {
        kind: 'deployment-status',
        deploymentId: nodeId,
        state: 'inactive',
        description: `replaced by ${promotion.label}`,
        environmentUrl: undefined,
        logUrl: undefined,
      },
      record: async (result) => {
        if (result.ok) await deps.ledger.savePublication({ key, nodeId, hash: 'inactive', intendedAt: undefined })
      },
    })
  }
  return planned
}

/** A comment of its own, because a failed rollout needs a person's eyes; kept current until its rollback has ended, well or not. */
async function reportWrite(promotion: Promotion, deps: Deps): Promise<PlannedWrite | undefined> {
  const failed = (await failedBehind(promotion, deps)) ?? promotion
  if (failed.stage.at !== 'failed' || failed.thread === undefined) return undefined
  const rollbackId = failed.stage.rollback
  const rollback =
    rollbackId === undefined || rollbackId === 'none' ? undefined : await deps.ledger.promotion(rollbackId)
  const release = await releaseOf(failed, deps)
  const records = await deps.ledger.releasesOf({ repository: failed.repository, pullRequest: failed.thread })
  const subjectId = records[0]?.pullRequest?.id
  if (subjectId === undefined) return undefined
  const marker = renderMarker('promotion', { failed: failed.id })
  const body = `${marker}\n${renderFailureReport({ failed, rollback, release })}`
  return commentWrite(
    { key: `report:${failed.id}`, repository: failed.repository, number: failed.thread, subjectId, marker, body },
    deps,
  )
}

async function failedBehind({ via }: Promotion, { ledger }: Deps): Promise<Promotion | undefined> {
  return via.kind === 'automatic-rollback' ? ledger.promotion(via.of) : undefined
}
