/** The GitHub Deployment of a promotion and its states. Written together with everything else that publish-promotion.ts says. */
import { UserError } from '../domain/failure.ts'
import { deploymentRecord, failureWords } from '../domain/ledger-record.ts'
import type { Promotion } from '../domain/promotion.ts'
import { type Release, releaseValues } from '../domain/release.ts'
import { renderTemplate } from '../domain/template.ts'
import type { Deps } from './deps.ts'
import { intendedNow, requireListed } from './listed-yet.ts'
import type { DeploymentState } from './ports.ts'
import { releaseOf, type Target } from './promotion-context.ts'
import type { PlannedWrite } from './publish-comment.ts'

type Watched = Pick<Target, 'model' | 'environment'>

/** Deployments exist from the merge on: before it, nothing is being deployed. `target` is absent where no settings are known any more. */
export async function deploymentWrites(
  promotion: Promotion,
  target: Watched | undefined,
  deps: Deps,
): Promise<readonly PlannedWrite[]> {
  const state = deploymentState(promotion)
  const release = await releaseOf(promotion, deps)
  if (state === undefined || release === undefined) return []
  const key = keyOf(promotion)
  const known = await deps.ledger.publication(key)
  // What was taken out again before it had one needs none.
  if (known?.hash === state || (known === undefined && state === 'inactive')) return []
  const deploymentId = known?.nodeId ?? (await createdOnce(promotion, { release, state, target }, deps))
  if (deploymentId === undefined) return []
  const url = target?.environment.url
  const rendered = url === undefined ? undefined : renderTemplate(url, releaseValues(release, promotion.environment))
  const written = () => deps.ledger.savePublication({ key, nodeId: deploymentId, hash: state, intendedAt: undefined })
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
      if (result.ok) await written()
    },
    gone: () => isDeleted(promotion, { deploymentId, forget: written }, deps),
  }
  return [status, ...(state === 'success' ? await retireOlder(promotion, deps) : [])]
}

type Making = { readonly release: Release; readonly state: DeploymentState; readonly target: Watched | undefined }

/** The Deployment's id, also when an earlier run made it and crashed; undefined when GitHub refuses it, which is asked again with the next state only. */
async function createdOnce(
  promotion: Promotion,
  { release, state, target }: Making,
  deps: Deps,
): Promise<string | undefined> {
  const key = keyOf(promotion)
  const environment = environmentOf(promotion)
  const lost = (await deps.ledger.publication(key))?.intendedAt
  const question = questionOf(promotion, release)
  const record = await recordOf(promotion, deps)
  const found = lost === undefined ? undefined : await deps.github.findDeployment(promotion.repository, question)
  if (lost !== undefined && found === undefined) requireListed(lost, deps.clock)
  if (found === undefined) {
    // Of each attempt anew: what the last one made is listed some time after it, and not after the first.
    const intendedAt = intendedNow(deps.clock)
    await deps.ledger.savePublication({ key, nodeId: undefined, hash: undefined, intendedAt })
  }
  try {
    const made =
      found ??
      (await deps.github.createDeployment(promotion.repository, {
        sha: release.commit,
        environment,
        description: `${promotion.model} ${promotion.label} (${promotion.kind})`,
        production: target?.model.environments.at(-1) === promotion.environment,
        payload: { promotion: promotion.id, release: release.id, ...(record !== undefined && { record }) },
      }))
    // Until a status is taken, it is as old as this.
    const intendedAt = intendedNow(deps.clock)
    await deps.ledger.savePublication({ key, nodeId: made.id, hash: undefined, intendedAt })
    return made.id
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    deps.log.warn({ promotion: promotion.id, reason: error.message, hint: error.hint }, 'GitHub refused a Deployment')
    await deps.ledger.savePublication({ key, nodeId: undefined, hash: state, intendedAt: undefined })
    return undefined
  }
}

/** What the ledger could be rebuilt from; the release as the ledger has it, which is more than its content. */
async function recordOf(promotion: Promotion, { ledger }: Pick<Deps, 'ledger'>): Promise<string | undefined> {
  if (promotion.release === undefined) return undefined
  const release = await ledger.releaseById(promotion.repository, promotion.release)
  return release && deploymentRecord(promotion, release)
}

const environmentOf = ({ environment, model }: Promotion): string => `${environment}/${model}`

const questionOf = (promotion: Promotion, release: Release) => ({
  sha: release.commit,
  environment: environmentOf(promotion),
  key: promotion.id,
})

const keyOf = ({ id }: Promotion): string => `deployment:${id}`

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
      return failureWords(label, environment, stage)
    case 'superseded':
      return `${label} was taken out of ${environment}`
    default:
      return `${label} is rolling out to ${environment}`
  }
}

type Missing = { readonly deploymentId: string; readonly forget: () => Promise<void> }

/**
 * Somebody deleted the Deployment, and nothing is to be said on it any more; or GitHub does not see yet what it made a moment ago. Throws SystemUnavailable
 * while that may be. Another one of the same promotion takes its place.
 */
async function isDeleted(promotion: Promotion, { deploymentId, forget }: Missing, deps: Deps): Promise<boolean> {
  const key = keyOf(promotion)
  const release = await releaseOf(promotion, deps)
  const found = release && (await deps.github.findDeployment(promotion.repository, questionOf(promotion, release)))
  if (found !== undefined) {
    if (found.id !== deploymentId)
      await deps.ledger.savePublication({ key, nodeId: found.id, hash: undefined, intendedAt: undefined })
    return false
  }
  const madeAt = (await deps.ledger.publication(key))?.intendedAt
  if (madeAt !== undefined) requireListed(madeAt, deps.clock)
  await forget()
  return true
}

/** Our own bookkeeping instead of `auto_inactive`: what was live before is inactive once the new release is verified. */
async function retireOlder(promotion: Promotion, deps: Deps): Promise<readonly PlannedWrite[]> {
  const history = await deps.ledger.history(promotion)
  const planned: PlannedWrite[] = []
  for (const older of history.filter(({ id, stage }) => id !== promotion.id && stage.at === 'verified')) {
    const key = keyOf(older)
    const known = await deps.ledger.publication(key)
    const nodeId = known?.nodeId
    if (nodeId === undefined || known?.hash !== 'success') continue
    const retired = () => deps.ledger.savePublication({ key, nodeId, hash: 'inactive', intendedAt: undefined })
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
        if (result.ok) await retired()
      },
      gone: () => isDeleted(older, { deploymentId: nodeId, forget: retired }, deps),
    })
  }
  return planned
}
