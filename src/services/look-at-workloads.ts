/** Looks at the workloads under `verify:`. The one list of their kinds: each is a file here, a pure rule in src/domain/ and a key in src/config/workload-schema.ts. Asked by run-checks.ts and follow-sync.ts. */
import { provenAt } from '../domain/canary.ts'
import { CLUSTER_CLOCK_MS } from '../domain/github-clock.ts'
import type { WrittenValues } from '../domain/pod-template.ts'
import type { Evidence } from '../domain/promotion.ts'
import { type WorkloadCheck, type WorkloadKind, workloadChecks } from '../domain/settings.ts'
import type { Proof, ServiceReadiness } from '../domain/workload-readiness.ts'
import type { Addressee } from '../domain/written-values.ts'
import type { Deps } from './deps.ts'
import { lookAtDeployment } from './look-at-deployment.ts'
import { lookAtInferenceService } from './look-at-inference-service.ts'
import { lookAtLlmService } from './look-at-llm-service.ts'
import { lookAtRollout } from './look-at-rollout.ts'
import { lookAtStatefulSet } from './look-at-stateful-set.ts'
import type { ObjectAt } from './ports.ts'
import { checkText, type Merged, writtenTo } from './verify-service.ts'

/** A workload, and what must be proven of it. */
export type AskedWorkload = {
  readonly at: ObjectAt
  readonly proof: Omit<Proof, 'written'>
  /** What was written to it, or to a part of it. */
  readonly written: (part?: Pick<Addressee, 'component' | 'runtimes'>) => WrittenValues
}

/** `refused`: nobody could look, and why. */
export type WorkloadLook =
  | ServiceReadiness
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly reason: string }

/** Never throws for a cluster that is away. */
export type LookAtWorkload = (asked: AskedWorkload, deps: Deps) => Promise<WorkloadLook>

const WORKLOADS: { readonly [Kind in WorkloadKind]: { readonly look: LookAtWorkload; readonly wanted: string } } = {
  InferenceService: { look: lookAtInferenceService, wanted: 'Ready' },
  Deployment: { look: lookAtDeployment, wanted: 'rolled out' },
  StatefulSet: { look: lookAtStatefulSet, wanted: 'rolled out' },
  Rollout: { look: lookAtRollout, wanted: 'Healthy' },
  LLMInferenceService: { look: lookAtLlmService, wanted: 'Ready' },
}

export type WorkloadsLook = {
  readonly evidence: readonly Evidence[]
  /** A failure that no waiting mends. */
  readonly fatal: string | undefined
}

/** Empty evidence where the environment names no workload. */
export async function lookAtWorkloads(merged: Merged, deps: Deps): Promise<WorkloadsLook> {
  const checks = workloadChecks(merged.environment.verify)
  const looks = await Promise.all(checks.map((check) => lookAt(merged, check, deps)))
  return {
    evidence: looks.map(({ evidence }) => evidence),
    fatal: looks.find(({ fatal }) => fatal !== undefined)?.fatal,
  }
}

async function lookAt(merged: Merged, check: WorkloadCheck, deps: Deps) {
  const { kind, namespace, cluster } = check
  const proven = provenBy(merged, check)
  const { name } = proven
  const subject = `${kind} ${namespace}/${name}${cluster === undefined ? '' : ` in ${cluster}`}`
  const look = await askAbout(merged, { ...check, ...proven }, deps)
  const { verdict, seen } = judged(look)
  const at = deps.clock.now().toISOString()
  const evidence: Evidence = { check: subject, verdict, seen, wanted: WORKLOADS[kind].wanted, at }
  return { evidence, fatal: look.kind === 'failed' ? `${subject}: ${look.detail}` : undefined }
}

/** The object that the check is about now, by its name; of a canary's step, with its share. */
function provenBy(merged: Merged, { kind, name: template }: WorkloadCheck): ReturnType<typeof provenAt> {
  const { canary } = merged.promotion
  const name = checkText(merged, template)
  return canary === undefined ? { name } : provenAt(canary, { kind, name }, (one) => checkText(merged, one))
}

/** A way back follows on a failure, which the cluster stamps by its own clock, and must not be judged by it where ours is behind; what goes forward is to be found bad fast. */
const failsFrom = ({ promotion: { kind }, mergedAt }: Merged): Date =>
  new Date(Date.parse(mergedAt) + (kind === 'rollback' ? CLUSTER_CLOCK_MS : 0))

type Meant = Omit<WorkloadCheck, 'name'> & ReturnType<typeof provenAt>

async function askAbout(merged: Merged, check: Meant, deps: Deps): Promise<WorkloadLook> {
  const { kind, name, namespace, cluster, traffic } = check
  const { promotion } = merged
  const permit = deps.mayUse(promotion.repository, { kind: 'kubernetes', cluster, namespace })
  if (!permit.allowed) return { kind: 'waiting', detail: permit.message }
  const container = check.container && checkText(merged, check.container)
  const asked: AskedWorkload = {
    at: { cluster, namespace, name },
    proof: {
      since: failsFrom(merged),
      mergedAt: new Date(merged.mergedAt),
      now: deps.clock.now(),
      traffic,
    },
    written: (part) => writtenTo(merged, { kind, name, container, ...part }),
  }
  return WORKLOADS[kind].look(asked, deps)
}

function judged(look: WorkloadLook): Pick<Evidence, 'verdict' | 'seen'> {
  switch (look.kind) {
    case 'ready':
      return { verdict: 'holds', seen: look.detail }
    case 'absent':
      return { verdict: 'fails', seen: 'it does not exist' }
    case 'refused':
      return { verdict: 'no_data', seen: look.reason }
    default:
      return { verdict: 'fails', seen: look.detail }
  }
}
