/** What people and their machines do in a story; each act ends when nothing moves any more. Part of story.ts. */
import { callsSince } from '../../sandbox/demo/calls.ts'
import type { Candidate } from '../../sandbox/recordings/candidates.ts'
import {
  finishTraining,
  type ModelPullRequest,
  mergeModel,
  openChurnPullRequest,
  startTraining,
} from '../../sandbox/world/acts.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import type { Story } from './bot.ts'
import { reading } from './story-reading.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
const SETTINGS = '.github/lockkeeper.yml'

type Saying = { readonly by?: string; readonly on?: number; readonly in?: string }
type Metrics = Readonly<Record<string, number>>

export type Acts = ReturnType<typeof acts>

/** What the acts need of a story. */
export type Acting = Pick<Story, 'world' | 'settle' | 'pass'>

export function acts(story: Acting) {
  const [model, promotion] = [modelActs(story), promotionActs(story)]
  return {
    ...model,
    ...promotion,
    ...configurationActs(story),
    ...latencyActs(story),
    /** Released, the soak has passed, and alice has asked for prod: an approval is missing. */
    waitsForApproval: async (candidate: Candidate = 'better'): Promise<ModelPullRequest> => {
      const pull = await model.releases(candidate)
      await story.pass(HOUR)
      await promotion.says('/deploy prod')
      return pull
    },
  }
}

function modelActs(story: Acting) {
  const { world } = story
  const opens = async (candidate: Candidate): Promise<ModelPullRequest> => {
    const pull = openChurnPullRequest(world, candidate)
    startTraining(world, pull)
    await story.settle()
    return pull
  }
  const trains = async (pull: ModelPullRequest, conclusion: 'success' | 'failure' = 'success'): Promise<void> => {
    finishTraining(world, pull, conclusion)
    await story.settle()
  }
  const merges = async (pull: ModelPullRequest, method: 'merge' | 'squash' | 'rebase' = 'squash'): Promise<string> => {
    const sha = mergeModel(world, pull, method)
    await story.settle()
    return sha
  }
  const proposes = async (candidate: Candidate): Promise<ModelPullRequest> => {
    const pull = await opens(candidate)
    await trains(pull)
    return pull
  }
  return {
    /** dave opens churn's pull request; training runs. */
    opens,
    trains,
    /** The same, with training ended: the comparison is there. */
    proposes,
    /** carol merges it, and CI pushes the image. */
    merges,
    /** Proposed and merged; staging has it unless something is in the way. */
    releases: async (candidate: Candidate): Promise<ModelPullRequest> => {
      const pull = await proposes(candidate)
      await merges(pull)
      return pull
    },
    /** dave commits metrics of fraud, which a file holds; `and` also changes churn, trained as that candidate. */
    proposesFraud: async (metrics: Metrics, { and }: { readonly and?: Candidate } = {}): Promise<ModelPullRequest> => {
      const pull = openFraud(story, metrics, and)
      await story.settle()
      return pull
    },
  }
}

function openFraud({ world }: Acting, metrics: Metrics, and: Candidate | undefined): ModelPullRequest {
  const files = {
    'models/fraud/metrics.json': `${JSON.stringify(metrics, null, 2)}\n`,
    ...(and === undefined ? {} : { 'models/churn/train.py': `CANDIDATE = "${and}"\n` }),
  }
  const headSha = world.github.commit(MODELS, 'fraud-depth', { message: 'Train fraud', files, by: 'dave' })
  const pull = { title: 'fraud: deeper trees', head: 'fraud-depth', by: 'dave' }
  const number = world.github.openPullRequest(MODELS, pull)
  world.bucket.put(`s3://acme-models/fraud/${headSha}/model.json`, 'fraud')
  const opened: ModelPullRequest = { number, headSha, candidate: and ?? 'better' }
  if (and !== undefined) finishTraining(world, opened)
  return opened
}

function promotionActs(story: Acting) {
  const { github } = story.world
  const read = reading(story.world)
  const says = async (body: string, { by = 'alice', on, in: where = MODELS }: Saying = {}): Promise<string> => {
    const number = on ?? github.pullRequests(where).at(-1)?.number ?? 0
    const id = github.comment(where, number, body, { by })
    await story.settle()
    return read.replyTo(id)
  }
  const reviews = async (by: string, environment = 'prod'): Promise<void> => {
    github.review(CONFIG, read.promotion(environment).number, { by, state: 'APPROVED' })
    await story.settle()
  }
  return {
    /** Writes a comment (by alice, on the newest model pull request) and gives the bot's reply to it. */
    says,
    /** Approves the promotion pull request. */
    reviews,
    /** The soak passes, alice asks for prod, bob approves: it is merged there. */
    deploys: async (): Promise<void> => {
      await story.pass(HOUR)
      await says('/deploy prod')
      await reviews('bob')
    },
    /** The checks of prod hold for their time. */
    verifies: (): Promise<void> => story.pass(11 * MINUTE, 2 * MINUTE),
  }
}

function configurationActs(story: Acting) {
  const { github } = story.world
  return {
    /** carol changes the configuration of a repository on its default branch. */
    configures: async (change: (text: string) => string, repository: string = MODELS): Promise<void> => {
      const before = github.file(repository, 'main', SETTINGS) ?? ''
      const after = change(before)
      if (after === before) throw new Error('the change changes nothing')
      github.commit(repository, 'main', { message: 'Configure', files: { [SETTINGS]: after }, by: 'carol' })
      await story.settle()
    },
    /** carol changes a file of the config repository on its default branch; null deletes it. */
    writes: async (path: string, text: string | null): Promise<void> => {
      github.commit(CONFIG, 'main', { message: 'Change by hand', files: { [path]: text }, by: 'carol' })
      await story.settle()
    },
    /** Clicks a button of the comparison's check run. */
    clicks: async ({ headSha }: ModelPullRequest, button: string): Promise<void> => {
      const run = github.checkRuns(MODELS, headSha).findLast(({ app }) => app === 'lockkeeper')
      github.clickCheckAction(MODELS, run?.id ?? 0, button, { by: 'dave' })
      await story.settle()
    },
    /** The requests that the bot makes of GitHub because of something. */
    calls: async (act: () => unknown): Promise<readonly string[]> => {
      const before = github.requests.length
      await act()
      await story.settle()
      return callsSince(github, before).names
    },
  }
}

/** What Prometheus says of prod from now on. Nothing moves until the bot looks again. */
function latencyActs({ world: { prometheus } }: Acting) {
  return {
    /** Its requests take too long: one of its checks fails. */
    prodSlowsDown: (): void => prometheus.answer((query) => (query.includes('latency') ? 0.31 : 0.002)),
    /** What it asks of Prometheus holds again. */
    prodRecovers: (): void => prometheus.answer(() => 0.002),
  }
}
