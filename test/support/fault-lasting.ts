/** A system that is away, or refuses, for half an hour while people go on: what they read meanwhile, and what it comes to when it is back. Played by fault-matrix.test.ts. */
import type { FaultFlow } from './fault-flows.ts'
import { type Left, playUnder, saidIn } from './fault-run.ts'
import { FAULTS, fits, type OutsideFault } from './outside-faults.ts'
import type { OutsideCall } from './outside-proxy.ts'
import { HOUR, MINUTE } from './story-acts.ts'

/** Which calls fail, and how. `tells`: what somebody reads meanwhile; `quiet`: why nobody does. */
export type Outage = {
  readonly name: string
  readonly of: (call: OutsideCall) => boolean
  readonly fault: string
  readonly tells?: RegExp
  readonly quiet?: string
}

export type Lasted = Left & {
  /** What people read after half an hour of it, and had not read before. */
  readonly meanwhile: readonly string[]
  /** What serves in the end, and what the registry's alias stands on. */
  readonly live: { readonly serving: string; readonly champion: string | undefined }
}

const LASTS = 30 * MINUTE

/** churn is live in staging, and goes to prod in the outage, while another pull request is opened and trained. */
export async function playOutage(outage: Outage | undefined): Promise<Lasted> {
  let meanwhile: readonly string[] = []
  let live: Lasted['live'] = { serving: '', champion: undefined }
  const flow: FaultFlow = {
    name: outage?.name ?? 'no outage',
    play: async (tale) => {
      const pull = await tale.releases('better')
      await tale.calm()
      await tale.pass(HOUR + MINUTE, 20 * MINUTE)
      const before = new Set(saidIn(tale.world))
      const fault = FAULTS.find(({ name }) => name === outage?.fault)
      tale.waitForRetries(false)
      tale.proxy.direct((call) =>
        outage?.of(call) === true ? decided(fault, call, tale.world.clock.now()) : undefined,
      )
      await tale.says('/deploy prod', { on: pull.number })
      await tale.approves()
      await tale.merges(await tale.proposes('better-2'))
      await tale.pass(LASTS, 2 * MINUTE)
      meanwhile = saidIn(tale.world).filter((text) => !before.has(text))
      tale.proxy.direct(undefined)
      tale.waitForRetries(true)
      await tale.pass(10 * MINUTE)
      // Where nothing could be opened, nothing could be approved.
      await tale.approves()
      await tale.calm()
      const { argocd, mlflow } = tale.world
      const serving = ['staging', 'prod'].map((environment) => argocd.kserve.liveUri(environment, 'churn')).join(' ')
      live = { serving, champion: mlflow.alias('champion') }
    },
  }
  return { ...(await playUnder(flow, [])), meanwhile, live }
}

function decided(fault: OutsideFault | undefined, call: OutsideCall, now: Date) {
  if (fault === undefined) throw new Error('no such fault')
  return fits(fault, call.name) ? fault.decide(call, { now, row: call.name }) : undefined
}

const system =
  (name: string): Outage['of'] =>
  (call) =>
    call.system === name

const writes =
  (...fields: readonly string[]): Outage['of'] =>
  ({ mutations }) =>
    mutations.some((field) => fields.includes(field))

const UNWRITTEN = 'nothing: what they would read cannot be written'
const UNTIL_THEN = 'nothing before `release.within` is over: then the thread says what the release lacks, and why'
const REFUSED = /every look at it has failed: GitHub: answered 403/

/** What may fail for long: systems that are away, and rights that somebody takes away. */
export const OUTAGES: readonly Outage[] = [
  { name: 'GitHub is away', of: system('github'), fault: '503', quiet: UNWRITTEN },
  { name: 'MLflow is away', of: system('mlflow'), fault: '503', tells: /`mlflow_unavailable`/ },
  { name: 'MLflow refuses', of: system('mlflow'), fault: '403', tells: /`mlflow_refused`/ },
  { name: 'the cluster is away', of: system('kubernetes'), fault: '503', tells: /the cluster does not answer/ },
  { name: 'the cluster refuses', of: system('kubernetes'), fault: '403', tells: /Forbidden|forbids|may not/ },
  { name: 'Prometheus is away', of: system('prometheus'), fault: '503', tells: /503/ },
  { name: 'the registry is away', of: system('registry'), fault: '503', quiet: UNTIL_THEN },
  { name: 'the registry refuses', of: system('registry'), fault: '403', quiet: UNTIL_THEN },
  { name: 'the bucket is away', of: system('bucket'), fault: '503', quiet: UNTIL_THEN },
  { name: 'the bucket refuses', of: system('bucket'), fault: '403', quiet: UNTIL_THEN },
  { name: 'the endpoint is away', of: system('endpoint'), fault: 'reset, nothing done', tells: /connection/ },
  { name: 'the App may not write contents', of: writes('createCommitOnBranch'), fault: '403', tells: REFUSED },
  { name: 'the App may not merge', of: writes('mergePullRequest'), fault: '403', tells: REFUSED },
  { name: 'the App may not open pull requests', of: writes('createPullRequest'), fault: '403', tells: REFUSED },
  { name: 'the App may not comment', of: writes('addComment', 'updateIssueComment'), fault: '403', quiet: UNWRITTEN },
  {
    name: 'the App may not write check runs',
    of: writes('createCheckRun', 'updateCheckRun'),
    fault: '403',
    quiet: UNWRITTEN,
  },
]

/** What is wrong with how it ended; undefined: nothing. Verdicts may differ, since other versions are live by then; what is live may not. */
export function wrongEnd(
  outage: Outage,
  { live, open, doubled, meanwhile, said }: Lasted,
  usual: Lasted,
): string | undefined {
  const { tells } = outage
  if (tells !== undefined && toldBy(tells, meanwhile) === undefined)
    return `nobody reads ${tells} in\n${meanwhile.join('\n')}`
  if (open.length > usual.open.length) return `still under way: ${open.join('; ')}`
  if (doubled.length > usual.doubled.length) return `twice: ${doubled.join('; ')}`
  const isTold = said.some((text) => /alias champion not moved/.test(text))
  const same = live.serving === usual.live.serving && (live.champion === usual.live.champion || isTold)
  return same ? undefined : `live: ${JSON.stringify(live)} and not ${JSON.stringify(usual.live)}`
}

/** The line that says so. */
export const toldBy = (pattern: RegExp, said: readonly string[]): string | undefined =>
  said.flatMap((text) => text.split('\n')).find((line) => pattern.test(line))
