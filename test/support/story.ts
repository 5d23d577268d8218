/** How scenarios are told: acts after which nothing moves any more, and what people then read. The bot and its world are bot.ts and sandbox/world/. */
import { expect, test } from 'vitest'
import { callsSince } from '../../sandbox/demo/calls.ts'
import type { SeenComment, SeenPullRequest } from '../../sandbox/github/reading.ts'
import type { Candidate } from '../../sandbox/recordings/candidates.ts'
import {
  finishTraining,
  type ModelPullRequest,
  mergeModel,
  openChurnPullRequest,
  startTraining,
} from '../../sandbox/world/acts.ts'
import { CONFIG, MODELS, type World } from '../../sandbox/world/index.ts'
import { type Story, type StoryOptions, startStory } from './bot.ts'
import { said } from './said.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
const SETTINGS = '.github/lockkeeper.yml'

/** One story with its tellers: what people do, and what they are told. */
export type Tale = Story & Acts & Reading

/** One test per sentence, told over a world and a bot of its own; at its end no stand-in may have seen anything that the real system refuses. */
export const scenarios =
  (options: StoryOptions = {}) =>
  (sentence: string, tell: (story: Tale) => Promise<void>): void =>
    test(sentence, async () => {
      const story = await startStory(options)
      try {
        await tell(tale(story))
        expect(story.world.violations()).toEqual([])
      } finally {
        await story.end()
      }
    })

/** On a Tuesday at 10:00 in Berlin. */
export const scenario = scenarios()

/** The tellers of a story that goes on for several tests. */
export function tale(story: Story): Tale {
  const read = reading(story.world)
  return Object.assign(Object.create(story, {}) as Story, read, acts(story, read))
}

type Metrics = Readonly<Record<string, number>>
type Saying = { readonly by?: string; readonly on?: number; readonly in?: string }
type Acts = ReturnType<typeof acts>

function acts(story: Story, read: Reading) {
  const { world } = story
  const opens = async (candidate: Candidate, options: { readonly by?: string } = {}): Promise<ModelPullRequest> => {
    const pull = openChurnPullRequest(world, candidate, options)
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
  /** dave commits metrics of fraud, which a file holds; `and` also changes churn, trained as that candidate. */
  const proposesFraud = async (metrics: Metrics, { and }: { readonly and?: Candidate } = {}) => {
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
    await story.settle()
    return opened
  }
  return {
    proposesFraud,
    /** dave opens churn's pull request; training runs. */
    opens,
    trains,
    /** The same, with training ended: the comparison is there. */
    proposes,
    /** carol merges it, and CI pushes the image. */
    merges,
    /** Proposed and merged; staging has it unless something is in the way. */
    releases: async (candidate: Candidate = 'better'): Promise<ModelPullRequest> => {
      const pull = await proposes(candidate)
      await merges(pull)
      return pull
    },
    /** Writes a comment (by alice, on the newest model pull request) and gives the bot's reply to it. */
    says: async (body: string, { by = 'alice', on, in: where = MODELS }: Saying = {}): Promise<string> => {
      const number = on ?? world.github.pullRequests(where).at(-1)?.number ?? 0
      const id = world.github.comment(where, number, body, { by })
      await story.settle()
      return read.replyTo(id)
    },
    /** Clicks a button of the check run. */
    clicks: async ({ headSha }: ModelPullRequest, button: string): Promise<void> => {
      const run = world.github.checkRuns(MODELS, headSha).findLast(({ app }) => app === 'lockkeeper')
      world.github.clickCheckAction(MODELS, run?.id ?? 0, button, { by: 'dave' })
      await story.settle()
    },
    /** The requests that the bot makes of GitHub because of something. */
    calls: async (act: () => unknown): Promise<readonly string[]> => {
      const before = world.github.requests.length
      await act()
      await story.settle()
      return callsSince(world.github, before).names
    },
    reviews: async (by: string, environment = 'prod', state: 'APPROVED' | 'COMMENTED' = 'APPROVED'): Promise<void> => {
      world.github.review(CONFIG, read.promotion(environment).number, { by, state })
      await story.settle()
    },
    /** carol changes the configuration of a repository on its default branch. */
    configures: async (change: (text: string) => string, repository: string = MODELS): Promise<void> => {
      const before = world.github.file(repository, 'main', SETTINGS) ?? ''
      const after = change(before)
      if (after === before) throw new Error('the change changes nothing')
      world.github.commit(repository, 'main', { message: 'Configure', files: { [SETTINGS]: after }, by: 'carol' })
      await story.settle()
    },
  }
}

type Reading = ReturnType<typeof reading>

function reading({ github }: World) {
  const marked = (kind: string, number: number, where = MODELS): readonly SeenComment[] =>
    github.comments(where, number).filter(({ body }) => body.startsWith(`<!-- lockkeeper:${kind}:`))
  const only = (kind: string, number: number): string => {
    const found = marked(kind, number)
    if (found.length > 1) throw new Error(`${found.length} comments of the kind ${kind}`)
    return said(found[0]?.body ?? '(no comment)')
  }
  const ownCheck = (sha: string) => github.checkRuns(MODELS, sha).findLast(({ app }) => app === 'lockkeeper')
  const replyTo = (comment: number): string => {
    for (const where of [MODELS, CONFIG])
      for (const { number } of github.pullRequests(where)) {
        const replies = marked('reply', number, where).filter(({ body }) => body.includes(`comment=${comment} `))
        if (replies.length > 1) throw new Error(`${replies.length} replies to one comment`)
        if (replies[0] !== undefined) return unmarked(said(replies[0].body))
      }
    return '(no reply)'
  }
  return {
    /** The comparison's comment on a model pull request, marker and all. */
    comparison: ({ number }: { readonly number: number }): string => only('comparison', number),
    /** Its headline. */
    headline: ({ number }: { readonly number: number }): string => only('comparison', number).split('\n')[1] ?? '',
    /** The comment that tells what became of the release. */
    thread: ({ number }: { readonly number: number }): string => unmarked(only('thread', number)),
    /** The report of a failed rollout. */
    report: ({ number }: { readonly number: number }): string => unmarked(only('promotion', number)),
    replyTo,
    /** The newest reply on a model pull request. */
    reply: ({ number }: { readonly number: number }): string =>
      unmarked(said(marked('reply', number).at(-1)?.body ?? '(no reply)')),
    /** The check run `lockkeeper`: how it stands, and its title. */
    check: ({ headSha }: { readonly headSha: string }): string => {
      const run = ownCheck(headSha)
      return run === undefined ? '(no check run)' : `${run.conclusion ?? run.status}: ${run.title}`
    },
    /** The same, whole: summary and annotations. */
    checkRun: ({ headSha }: { readonly headSha: string }): string => {
      const run = ownCheck(headSha)
      const annotations = run?.annotations.map(
        ({ path, startLine, level, title, message }) => `${path}:${startLine} ${level} ${title}: ${message}`,
      )
      return said([run?.title, run?.summary, ...(annotations ?? [])].join('\n\n'))
    },
    /** The newest promotion pull request of an environment. Throws when there is none. */
    promotion: (environment: string, model = 'churn'): SeenPullRequest => {
      const found = github.pullRequests(CONFIG).findLast(({ headRef }) => headRef.endsWith(`/${model}/${environment}`))
      if (found === undefined) throw new Error(`there is no promotion pull request of ${model} to ${environment}`)
      return found
    },
    /** Promotion pull requests, each as `title (open|closed|merged)`. */
    promotions: (): readonly string[] =>
      github.pullRequests(CONFIG).map(({ title, merged, state }) => `${title} (${merged ? 'merged' : state})`),
    /** What a file of the config repository holds. */
    manifest: (path: string): string => github.file(CONFIG, 'main', path) ?? '(no file)',
    /** The bot's reactions to a comment's last command. */
    reactions: ({ number }: { readonly number: number }): readonly string[] =>
      github
        .comments(MODELS, number)
        .filter(({ author }) => !author.endsWith('[bot]'))
        .flatMap(({ reactions }) => reactions.map(({ content }) => content)),
  }
}

const unmarked = (text: string): string => text.replace(/^<!-- .* -->\n+/, '')
