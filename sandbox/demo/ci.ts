/** CI in the open demo: trains what is proposed in a pull request, builds the image of what is merged. As in real life nobody has to ask it. */
import type { Candidate } from '../recordings/candidates.ts'
import { finishTraining, type ModelPullRequest, startTraining } from '../world/acts.ts'
import { MODELS, type World } from '../world/index.ts'

export type Ci = { stop(): void }

export type CiOptions = {
  /** Real milliseconds that training takes. */
  readonly trainingMs: number
}

const LOOK_EVERY_MS = 200

/** Looks at the model repository until it is stopped. What a commit trains stands in its training code. */
export function startCi(world: World, { trainingMs }: CiOptions): Ci {
  const trained = new Set<string>()
  const built = new Set<string>()
  const timers = new Set<NodeJS.Timeout>()
  const later = (milliseconds: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      run()
    }, milliseconds)
    timers.add(timer)
  }
  const look = () => {
    for (const { number, headSha, state, mergeCommitSha } of world.github.pullRequests(MODELS)) {
      const candidate = candidateAt(world, headSha)
      if (state === 'open' && candidate !== undefined && !trained.has(headSha)) {
        trained.add(headSha)
        const pull: ModelPullRequest = { number, headSha, candidate }
        if (isTrained(world, headSha)) continue
        startTraining(world, pull)
        later(trainingMs, () => finishTraining(world, pull))
      }
      if (mergeCommitSha !== null && !built.has(mergeCommitSha)) {
        built.add(mergeCommitSha)
        world.registry.push('acme/churn', mergeCommitSha)
      }
    }
  }
  const interval = setInterval(look, LOOK_EVERY_MS)
  return {
    stop: () => {
      clearInterval(interval)
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

function candidateAt({ github }: World, sha: string): Candidate | undefined {
  const code = github.file(MODELS, sha, 'models/churn/train.py') ?? ''
  return /^CANDIDATE = "([\w-]+)"/m.exec(code)?.[1] as Candidate | undefined
}

const isTrained = ({ github }: World, sha: string): boolean =>
  github.checkRuns(MODELS, sha).some(({ name, status }) => name === 'train' && status === 'completed')
