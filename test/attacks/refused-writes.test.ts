/** What GitHub refuses of a promotion leaves no branch behind in the config repository; the refusal is told, and once it is lifted the command works. */
import { expect, test } from 'vitest'
import { CONFIG } from '../../sandbox/world/index.ts'
import { type FaultTale, raiseFaultStage } from '../support/fault-stage.ts'
import { FAULTS } from '../support/outside-faults.ts'
import type { Director } from '../support/outside-proxy.ts'

type Refusing = { readonly now: () => Date; readonly beside?: string; readonly times?: number }

/** Refuses this write of every document, as for want of a right or by a ruleset, and nothing else; `beside`: of documents that write that as well; `times`: of that many. */
function refusing(write: string, { now, beside = write, times = Infinity }: Refusing): Director {
  const fault = FAULTS.find(({ name }) => name === 'one write FORBIDDEN')
  if (fault === undefined) throw new Error('there is no such fault')
  const row = `github mutation ${write}`
  let left = times
  return (call) => {
    if (!call.mutations.includes(write) || !call.mutations.includes(beside) || left-- <= 0) return undefined
    return fault.decide(call, { now: now(), row })
  }
}

const branches = ({ world }: FaultTale): readonly string[] => Object.keys(world.github.branches(CONFIG))

async function onStage(tell: (tale: FaultTale) => Promise<void>): Promise<void> {
  const stage = await raiseFaultStage({}, { director: undefined, hangs: false })
  try {
    await tell(stage)
  } finally {
    await stage.close()
  }
}

test.each(['updateRefs', 'createCommitOnBranch', 'createPullRequest'])(
  '%s of a new promotion',
  { timeout: 120_000 },
  (write) =>
    onStage(async (tale) => {
      tale.proxy.direct(refusing(write, { now: tale.world.clock.now }))
      const pull = await tale.releases('better')
      await tale.calm()
      expect(tale.thread(pull)).toContain('refused (`not_allowed`)')
      expect(branches(tale)).toEqual(['main'])
      tale.proxy.direct(undefined)
      await tale.says('/deploy staging')
      await tale.calm()
      expect(tale.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
    }),
)

test.each([
  ['updateRefs', 'createCommitOnBranch', Infinity],
  ['createCommitOnBranch', 'updateRefs', Infinity],
  // A rule for this one branch: what withdraws the other one, and the words, passes.
  ['updateRefs', 'updatePullRequest', 1],
])('%s of one that takes the place of another, beside %s', { timeout: 120_000 }, (write, beside, times) =>
  onStage(async (tale) => {
    const { number } = await tale.opens('regression')
    await tale.says('/lock staging churn an audit', { on: number })
    await tale.releases('better')
    const [head] = tale.world.github.pullRequests(CONFIG)
    tale.proxy.direct(refusing(write, { now: tale.world.clock.now, beside, times }))
    const second = await tale.releases('better-2')
    await tale.calm(10)
    expect(tale.thread(second)).toContain('refused (`not_allowed`)')
    expect(branches(tale)).toEqual(['main', head?.headRef])
    expect(tale.world.github.pullRequests(CONFIG)).toEqual([{ ...head, updatedAt: expect.any(String) }])
  }),
)
