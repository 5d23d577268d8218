/** What Knative says of one revision of a component: an unchangeable template, and whether a pod of it has ever answered. Part of kserve-readiness.ts; src/clients/kubernetes/parse-revision.ts reads it. */
import { lackOf, type PodTemplate, type WrittenValues } from './pod-template.ts'
import { lastLine, type WorkloadCondition } from './workload-readiness.ts'

export type ObservedRevision = {
  readonly name: string
  readonly conditions: readonly WorkloadCondition[]
  readonly template: PodTemplate
}

/** Knative's revisions of a component of an InferenceService. */
export type ComponentRevisions = {
  readonly latestCreatedRevision: string | undefined
  readonly latestReadyRevision: string | undefined
  /** The newest one that has had all of the traffic. */
  readonly latestRolledoutRevision: string | undefined
  /** undefined: it does not tell. */
  readonly traffic: readonly { readonly revision: string; readonly percent: number }[] | undefined
}

export type RevisionReadiness =
  | { readonly kind: 'unseen' | 'waiting' | 'failed'; readonly detail: string }
  | { readonly kind: 'complete'; readonly revision: string }

/** Without room for its pods it may still get some. */
const TEMPORARY = new Set(['Unschedulable', 'Deploying', 'Resolving', 'ResolvingDigests'])

/** `latest`: the newest revision; undefined when it is not there. `percent`: its share of the traffic. */
export function assessRevisions(
  revisions: ComponentRevisions,
  latest: ObservedRevision | undefined,
  expected: { readonly written: WrittenValues; readonly percent: number },
): RevisionReadiness {
  const { latestCreatedRevision: created, latestReadyRevision: ready } = revisions
  if (created === undefined) return { kind: 'unseen', detail: 'it has no revision yet' }
  if (latest === undefined) return { kind: 'unseen', detail: `its revision ${created} is not there` }
  const lack = lackOf(latest.template, expected.written)
  if (lack !== undefined) return { kind: 'unseen', detail: `there is no new revision yet, pods of ${created}: ${lack}` }
  const broken = latest.conditions.find(({ type, status }) => type === 'Ready' && status === 'False')
  if (broken !== undefined && !TEMPORARY.has(broken.reason)) {
    const why = [broken.reason, lastLine(broken.message)].filter((each) => each !== '').join(': ')
    return { kind: 'failed', detail: `revision ${created} failed${why && `: ${why}`}` }
  }
  if (created !== ready)
    return { kind: 'waiting', detail: `revision ${created} is not ready yet, ${ready ?? 'none'} is` }
  return assessTraffic(revisions, created, expected.percent)
}

function assessTraffic(revisions: ComponentRevisions, ours: string, percent: number): RevisionReadiness {
  const { traffic, latestRolledoutRevision: rolledOut } = revisions
  const shares = traffic?.filter(({ revision }) => revision === ours).map((target) => target.percent)
  const share = shares?.reduce((sum, each) => sum + each, 0)
  if (share !== undefined && share !== percent)
    return { kind: 'waiting', detail: `revision ${ours} gets ${share} % of the traffic, not ${percent} %` }
  if (percent === 100 && rolledOut !== undefined && rolledOut !== ours)
    return { kind: 'waiting', detail: `revision ${ours} is not rolled out yet, ${rolledOut} is` }
  return { kind: 'complete', revision: ours }
}
