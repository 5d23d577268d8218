/** From raw objects of Rancher Fleet to the port's types. The rule is src/domain/fleet-readiness.ts. */
import type { FleetSummary, ObservedBundle, ObservedGitRepo } from '../../domain/fleet-readiness.ts'
import { type Answer, answerOf } from '../answer.ts'
import { conditionOf } from './parse-condition.ts'

/** Throws SystemUnavailable when the object has no name or namespace. */
export function parseGitRepo(raw: unknown): ObservedGitRepo {
  const object = answerOf('Fleet', raw, 'GitRepo')
  const metadata = object.child('metadata')
  const spec = object.maybe('spec')
  const status = object.maybe('status')
  return {
    namespace: metadata.text('namespace'),
    name: metadata.text('name'),
    generation: metadata.maybeInteger('generation') ?? 0,
    observedGeneration: status?.maybeInteger('observedGeneration'),
    repoUrl: spec?.maybeText('repo') ?? '',
    paused: spec?.raw['paused'] === true,
    commit: textIn(status, 'commit'),
    gitJobStatus: textIn(status, 'gitJobStatus'),
    conditions: (status?.list('conditions') ?? []).map(reasonless),
  }
}

/** As `parseGitRepo`. The files that a Bundle carries are left out. */
export function parseBundle(raw: unknown): ObservedBundle {
  const object = answerOf('Fleet', raw, 'Bundle')
  const metadata = object.child('metadata')
  const status = object.maybe('status')
  return {
    name: metadata.text('name'),
    commit: metadata.maybe('labels')?.maybeText('fleet.cattle.io/commit'),
    generation: metadata.maybeInteger('generation') ?? 0,
    observedGeneration: status?.maybeInteger('observedGeneration'),
    paused: object.maybe('spec')?.raw['paused'] === true,
    conditions: (status?.list('conditions') ?? []).map(reasonless),
    summary: summaryOf(status?.maybe('summary')),
  }
}

/** Fleet leaves out what is zero. */
function summaryOf(summary: Answer | undefined): FleetSummary {
  const count = (key: string): number => summary?.maybeInteger(key) ?? 0
  return {
    desiredReady: count('desiredReady'),
    ready: count('ready'),
    notReady: count('notReady'),
    waitApplied: count('waitApplied'),
    errApplied: count('errApplied'),
    outOfSync: count('outOfSync'),
    modified: count('modified'),
    pending: count('pending'),
    nonReady: (summary?.list('nonReadyResources') ?? []).map((one) => ({
      name: one.maybeText('name') ?? '',
      state: one.maybeText('bundleState') ?? '',
      message: one.maybeText('message') ?? firstUnready(one),
    })),
  }
}

/** What is not ready in a deployment that applied well: its first resource that says why. */
function firstUnready(deployment: Answer): string {
  const [first] = deployment.list('nonReadyStatus')
  if (first === undefined) return ''
  const what = `${first.maybeText('kind') ?? ''} ${first.maybeText('name') ?? ''}`.trim()
  const why = first.maybe('summary')?.texts('message').join(', ') ?? ''
  return why === '' ? what : `${what}: ${why}`
}

function reasonless(condition: Answer): ObservedGitRepo['conditions'][number] {
  const { type, status, message } = conditionOf(condition)
  return { type, status, message }
}

function textIn(status: Answer | undefined, key: string): string | undefined {
  const text = status?.maybeText(key)
  return text === '' ? undefined : text
}
