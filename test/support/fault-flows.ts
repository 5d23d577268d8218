/** The stories that the fault matrix plays: together they make every call that the bot makes of systems outside. Further ones: fault-flows-systems.ts. */
import { elsewhere, incident, lost, night, preview, rules } from './fault-flows-github.ts'
import { kinds } from './fault-flows-kinds.ts'
import { revised } from './fault-flows-revised.ts'
import { checks, engines, first, sources } from './fault-flows-systems.ts'
import type { FaultTale, StageOptions } from './fault-stage.ts'
import { HOUR, MINUTE } from './story-acts.ts'

export type FaultFlow = {
  readonly name: string
  readonly stage?: StageOptions
  readonly play: (tale: FaultTale) => Promise<void>
}

/** From the pull request to production, and back. */
const release: FaultFlow = {
  name: 'release',
  play: async (tale) => {
    await tale.releases('better')
    await tale.calm()
    await tale.pass(HOUR + MINUTE, 20 * MINUTE)
    await tale.says('/deploy prod')
    await tale.approves()
    await tale.calm()
    await tale.says('/rollback prod')
    await tale.calm()
    await tale.says('/unlock prod')
    await tale.calm()
  },
}

/** People decide: a waiver, a lock, an approval by comment, a cancellation, and questions. */
const decisions: FaultFlow = {
  name: 'decisions',
  play: async (tale) => {
    const pull = await tale.proposes('regression')
    await tale.says('/override auc "known, and worth it"', { by: 'carol', on: pull.number })
    await tale.releases('better')
    await tale.calm()
    await tale.says('/lock prod for 2h the weekend is near')
    await tale.says('/status')
    await tale.says('/unlock prod')
    // Staging soaks for an hour from whenever it was verified.
    await tale.pass(2 * HOUR, 20 * MINUTE)
    await tale.says('/deploy prod')
    await tale.says('/cancel prod')
    await tale.calm()
    await tale.says('/deploy prod')
    // An approval of the second in which the commit was made might be of what stood there before.
    await tale.pass(MINUTE)
    await tale.says('/approve prod', { by: 'bob' })
    await tale.calm()
  },
}

export const FLOWS: readonly FaultFlow[] = [
  release,
  decisions,
  sources,
  checks,
  engines,
  preview,
  rules,
  night,
  incident,
  kinds,
  revised,
  lost,
  first,
  elsewhere,
]
