/** What people do in the stories of deliveries-schedules.test.ts: short scripts about one model each, so that many of them share a world. */
import type { SeenPullRequest } from '../../sandbox/github/reading.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import type { ManyModels } from './many-models.ts'

/** One model and what its people remember. */
export type Cast = {
  readonly models: ManyModels
  readonly model: string
  /** The newest pull request of the model, and what was said last. */
  number: number
  comment: number
  /** How many pull requests there were. */
  round: number
}

export type Step = {
  readonly name: string
  readonly act: (cast: Cast) => void
  /** What people wait to see before they do it. */
  readonly when?: (cast: Cast) => boolean
}

/** How much of the end must be as in order. `all`: everything that anybody can see. `live`: what is live and what is held; what was answered depends on what came first. */
type Likeness = 'all' | 'live'

export type Script = { readonly steps: readonly Step[]; readonly likeness: Likeness }

const branchOf = ({ model, round }: Cast): string => `${model}-work-${round}`

function commit(cast: Cast, f1: number): void {
  const { models, model } = cast
  const files = { [`models/${model}/metrics.json`]: `${JSON.stringify({ f1 })}\n` }
  const sha = models.world.github.commit(MODELS, branchOf(cast), { message: `Train ${model}`, files, by: 'dave' })
  models.world.github.reportCheck(MODELS, sha, { name: 'train', status: 'completed', conclusion: 'success' })
}

const opens = (f1: number): Step => ({
  name: 'opens',
  act: (cast) => {
    cast.round += 1
    commit(cast, f1)
    const { github } = cast.models.world
    const title = `${cast.model}: round ${cast.round}`
    cast.number = github.openPullRequest(MODELS, { title, head: branchOf(cast), by: 'dave' })
  },
})

const pushes = (f1: number): Step => ({ name: `pushes ${f1}`, act: (cast) => commit(cast, f1) })

const edits: Step = {
  name: 'edits the title',
  act: ({ models, model, number }) =>
    models.world.github.editPullRequest(MODELS, number, { by: 'dave', title: `${model}: with another title` }),
}

const closes: Step = {
  name: 'closes',
  act: ({ models, number }) => models.world.github.closePullRequest(MODELS, number, { by: 'dave' }),
}

const reopens: Step = {
  name: 'reopens',
  act: ({ models, number }) => models.world.github.reopenPullRequest(MODELS, number, { by: 'dave' }),
}

const merges: Step = {
  name: 'merges',
  act: ({ models, model, number }) => {
    const sha = models.world.github.merge(MODELS, number, { by: 'carol', method: 'squash' })
    models.world.bucket.put(`${models.uriOf(model, sha)}/model.bin`, model)
  },
}

type Saying = { readonly by?: string; readonly when?: Step['when'] }

const says = (text: string, { by = 'alice', when }: Saying = {}): Step => ({
  name: `says ${text}`,
  act: (cast) => {
    const { models, model, number } = cast
    cast.comment = models.world.github.comment(MODELS, number, text.replace('MODEL', model), { by })
  },
  ...(when === undefined ? {} : { when }),
})

const rewrites = (text: string): Step => ({
  name: `rewrites it to ${text}`,
  act: ({ models, model, comment }) =>
    models.world.github.editComment(MODELS, comment, text.replace('MODEL', model), { by: 'alice' }),
})

const deletes: Step = {
  name: 'deletes it',
  act: ({ models, comment }) => models.world.github.deleteComment(MODELS, comment, { by: 'alice' }),
}

/** Its promotion pull requests, oldest first. */
const promotionsOf = ({ models, model }: Pick<Cast, 'models' | 'model'>): readonly SeenPullRequest[] =>
  models.world.github.pullRequests(CONFIG).filter(({ headRef }) => headRef.endsWith(`/${model}/prod`))

const isProposed = (cast: Cast): boolean => promotionsOf(cast).some(({ state }) => state === 'open')

const isVerified = ({ models, model, round }: Cast): boolean =>
  models.world.github
    .deployments(MODELS)
    .filter(({ environment }) => environment === `prod/${model}`)
    .filter(({ statuses }) => statuses.some(({ state }) => state === 'success')).length >= round

const reviews: Step = {
  name: 'bob reviews',
  when: isProposed,
  act: (cast) => {
    const number = promotionsOf(cast).findLast(({ state }) => state === 'open')?.number ?? 0
    cast.models.world.github.review(CONFIG, number, { by: 'bob', state: 'APPROVED' })
  },
}

/** Nobody does anything until the release is live and proven. */
const sees: Step = { name: 'sees it verified', when: isVerified, act: () => {} }

const lock = (reason: string): Step => says(`/lock prod MODEL ${reason}`)
const unlock: Step = says('/unlock prod MODEL')
const deploy: Step = says('/deploy prod')
const released: readonly Step[] = [opens(0.8), merges, deploy, reviews, sees]

/** Scripts by name. */
export const SCRIPTS = {
  'compares each head': { likeness: 'all', steps: [opens(0.8), pushes(0.7), edits, pushes(0.9)] },
  'closes and reopens': {
    likeness: 'all',
    steps: [opens(0.8), closes, reopens, pushes(0.4), closes, pushes(0.9), reopens],
  },
  'gives up': { likeness: 'all', steps: [opens(0.8), pushes(0.6), closes] },
  chats: {
    likeness: 'all',
    steps: [opens(0.8), says('Looks good.'), rewrites('/lock prod MODEL never'), says('Or not.'), deletes],
  },
  'asks for help': { likeness: 'all', steps: [opens(0.8), says('/help'), says('/lock nowhere MODEL because')] },
  locks: { likeness: 'all', steps: [opens(0.8), lock('first')] },
  'locks and unlocks': { likeness: 'live', steps: [opens(0.8), lock('first'), unlock] },
  'locks anew': { likeness: 'live', steps: [opens(0.8), lock('first'), unlock, lock('second')] },
  'changes the reason': { likeness: 'live', steps: [opens(0.8), lock('first'), lock('second')] },
  'rewrites a command': { likeness: 'all', steps: [opens(0.8), lock('first'), rewrites('/unlock prod MODEL')] },
  deploys: { likeness: 'all', steps: released },
  'approves by command': {
    likeness: 'all',
    steps: [opens(0.8), merges, deploy, says('/approve prod', { by: 'bob', when: isProposed }), sees],
  },
  cancels: { likeness: 'all', steps: [opens(0.8), merges, deploy, says('/cancel prod', { when: isProposed })] },
  'cancels at once': { likeness: 'live', steps: [opens(0.8), merges, deploy, says('/cancel prod')] },
  'locks before deploying': { likeness: 'live', steps: [opens(0.8), merges, lock('incident'), deploy] },
  'rolls back': {
    likeness: 'all',
    steps: [...released, opens(0.9), merges, deploy, reviews, sees, says('/rollback prod')],
  },
} as const satisfies Readonly<Record<string, Script>>

export type ScriptName = keyof typeof SCRIPTS
export const SCRIPT_NAMES = Object.keys(SCRIPTS) as readonly ScriptName[]
