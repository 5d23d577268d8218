/** What the crash rigs play: every flow that has an effect outside, in as few steps as possible. The stage is crash-stage.ts. */
import { type CrashStage, type CrashStageOptions, ends } from './crash-stage.ts'
import { playSystems, SYSTEMS_STAGE } from './crash-systems.ts'
import type { Boundary } from './effect-boundaries.ts'
import { acts, HOUR, MINUTE } from './story-acts.ts'

export type CrashStory = {
  readonly name: string
  readonly stage?: CrashStageOptions
  /** Whether a boundary is this story's to be killed at: the others have those that they share. */
  isOwn(boundary: Boundary): boolean
  /** `flow` names what follows. */
  play(stage: CrashStage, flow: (name: string) => void): Promise<void>
}

/** A gate is waived; a release is held, cancelled and asked for again. */
const releases: CrashStory = {
  name: 'releases',
  isOwn: () => true,
  play: async (stage, flow) => {
    const { pass } = stage
    const { opens, trains, merges, says, proposes } = acts(stage)
    flow('comparison')
    await trains(await opens('slow'))
    await pass(MINUTE)
    flow('override')
    await says('/override p95_latency_ms the new machines come in May', { by: 'carol' })
    flow('')
    const pull = await proposes('better')
    flow('lock')
    await says('/lock staging churn an audit')
    flow('promotion')
    await merges(pull)
    flow('cancel')
    await says('/cancel staging', { by: 'carol' })
    flow('unlock')
    await says('/unlock staging')
    flow('deploy')
    await says('/deploy staging churn')
    await ends(stage)
  },
}

/** A release is approved into prod; the next one is rolled back by itself, and by hand. */
const rollouts: CrashStory = {
  name: 'rollouts',
  isOwn: () => true,
  play: async (stage, flow) => {
    const { pass } = stage
    const { says, releases: release } = acts(stage)
    await release('better')
    await ends(stage)
    await pass(HOUR)
    await toProd(stage, flow)
    flow('refusal')
    await says('/deploy prod')
    flow('second release')
    await release('better-2')
    await ends(stage)
    await pass(HOUR)
    flow('')
    await backFromProd(stage, flow)
  },
}

async function toProd(stage: CrashStage, flow: (name: string) => void): Promise<void> {
  const { says } = acts(stage)
  flow('deploy that waits for an approval')
  await says('/deploy prod')
  await stage.pass(MINUTE)
  flow('approve')
  await says('/approve prod', { by: 'bob' })
  flow('verify')
  await ends(stage)
}

/** v13 is slow in prod at first. */
async function backFromProd(stage: CrashStage, flow: (name: string) => void): Promise<void> {
  const { world, pass } = stage
  const { says } = acts(stage)
  const nothing = () => {}
  world.prometheus.answer((query) => {
    const isBad = world.argocd.kserve.liveUri('prod', 'churn') === 's3://acme-models/churn/13'
    return query.includes('latency') && isBad ? 0.31 : 0.002
  })
  await says('/deploy prod')
  await pass(MINUTE)
  await says('/approve prod', { by: 'bob' })
  flow('automatic rollback')
  await ends(stage)
  world.prometheus.answer(() => 0.002)
  flow('unlock after a rollback')
  await says('/unlock prod')
  flow('')
  await toProd(stage, nothing)
  flow('rollback')
  await says('/rollback prod')
  flow('verify a rollback')
  await ends(stage)
}

const systems: CrashStory = {
  name: 'systems',
  stage: SYSTEMS_STAGE,
  isOwn: (boundary) => !boundary.includes('| github Write(') && !boundary.includes('| github issues/'),
  play: playSystems,
}

export const CRASH_STORIES: readonly CrashStory[] = [releases, rollouts, systems]
