/** What a reader of the open demo can let others do: propose models, good and bad, and make production slow. */
import type { Act } from '../github/pages/stage.ts'
import type { Candidate } from '../recordings/candidates.ts'
import { openChurnPullRequest } from '../world/acts.ts'
import { MODELS, type World } from '../world/index.ts'

const PROPOSALS: readonly { readonly candidate: Candidate; readonly title: string; readonly about: string }[] = [
  { candidate: 'better-2', title: 'churn: two more features', about: 'Better again.' },
  { candidate: 'better-3', title: 'churn: calibrated probabilities', about: 'Better again.' },
  { candidate: 'regression', title: 'churn: a simpler model', about: 'Its AUC drops: the gates fail.' },
  { candidate: 'nan', title: 'churn: a new loss', about: 'A metric is NaN: the gate fails closed.' },
  { candidate: 'slow', title: 'churn: a big ensemble', about: 'Good, but too slow.' },
]

/** What a reader can let others do; each pull request can be opened once. */
export function actsOf(world: World): Act[] {
  const opened = new Set<Candidate>()
  const proposals = PROPOSALS.map(({ candidate, title, about }) => ({
    id: candidate,
    label: `dave: “${title}”`,
    about: `Opens a pull request in ${MODELS}. ${about}`,
    run: () => {
      if (opened.has(candidate)) return
      opened.add(candidate)
      openChurnPullRequest(world, candidate, { title })
    },
  }))
  const load = (id: string, label: string, rest: { readonly about: string; readonly seconds: number }): Act => ({
    id,
    label,
    about: rest.about,
    run: () => world.prometheus.answer((query) => (query.includes('latency') ? rest.seconds : 0.002)),
  })
  return [
    ...proposals,
    load('slow-prod', 'Production gets slow', {
      about: 'p95 at 310 ms: what is verified now will fail.',
      seconds: 0.31,
    }),
    load('fast-prod', 'Production is fast again', { about: 'p95 at 84 ms.', seconds: 0.084 }),
  ]
}
