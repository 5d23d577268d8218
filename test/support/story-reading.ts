/** What people read in a story: comments, check runs and promotion pull requests, whole. Part of story.ts. */
import type { SeenComment, SeenPullRequest } from '../../sandbox/github/reading.ts'
import { CONFIG, MODELS, type World } from '../../sandbox/world/index.ts'
import { said } from './said.ts'

type Numbered = { readonly number: number }
type Headed = { readonly headSha: string }

export type Reading = ReturnType<typeof reading>

export const reading = (world: World) => ({
  ...comparisonReading(world),
  ...threadReading(world),
  ...promotionReading(world),
})

const marked = ({ github }: World, kind: string, where: Numbered & { readonly in?: string }): readonly SeenComment[] =>
  github.comments(where.in ?? MODELS, where.number).filter(({ body }) => body.startsWith(`<!-- lockkeeper:${kind}:`))

function only(world: World, kind: string, where: Numbered): string {
  const found = marked(world, kind, where)
  if (found.length > 1) throw new Error(`${found.length} comments of the kind ${kind}`)
  return said(found[0]?.body ?? '(no comment)')
}

const unmarked = (text: string): string => text.replace(/^(?:<!-- .* -->\n+)+/, '')

function comparisonReading(world: World) {
  const ownCheck = ({ headSha }: Headed) =>
    world.github.checkRuns(MODELS, headSha).findLast(({ app }) => app === 'lockkeeper')
  return {
    /** The comparison's comment on a model pull request, marker and all. */
    comparison: (pull: Numbered): string => only(world, 'comparison', pull),
    /** Its headline. */
    headline: (pull: Numbered): string => only(world, 'comparison', pull).split('\n')[1] ?? '',
    /** The check run `lockkeeper`: how it stands, and its title. */
    check: (pull: Headed): string => {
      const run = ownCheck(pull)
      return run === undefined ? '(no check run)' : `${run.conclusion ?? run.status}: ${run.title}`
    },
    /** The same, whole: title, summary and annotations. */
    checkRun: (pull: Headed): string => {
      const run = ownCheck(pull)
      const annotations = run?.annotations.map(
        ({ path, startLine, level, title, message }) => `${path}:${startLine} ${level} ${title}: ${message}`,
      )
      return said([run?.title, run?.summary, ...(annotations ?? [])].join('\n\n'))
    },
  }
}

function threadReading(world: World) {
  const { github } = world
  return {
    /** The comment that tells what became of the release. */
    thread: (pull: Numbered): string => unmarked(only(world, 'thread', pull)),
    /** The report of a failed rollout. */
    report: (pull: Numbered): string => unmarked(only(world, 'promotion', pull)),
    /** The newest reply to a command on a model pull request. */
    reply: (pull: Numbered): string => unmarked(said(marked(world, 'reply', pull).at(-1)?.body ?? '(no reply)')),
    /** The reply to one comment, wherever it stands. Throws when there are two. */
    replyTo: (comment: number): string => {
      const threads = [MODELS, CONFIG].flatMap((where) =>
        github.pullRequests(where).map(({ number }) => ({ number, in: where })),
      )
      const replies = threads
        .flatMap((where) => marked(world, 'reply', where))
        .filter(({ body }) => body.includes(`comment=${comment} `))
      if (replies.length > 1) throw new Error(`${replies.length} replies to one comment`)
      return unmarked(said(replies[0]?.body ?? '(no reply)'))
    },
    /** The bot's reactions to what people wrote on a model pull request. */
    reactions: ({ number }: Numbered): readonly string[] =>
      github
        .comments(MODELS, number)
        .filter(({ author }) => !author.endsWith('[bot]'))
        .flatMap(({ reactions }) => reactions.map(({ content }) => content)),
    /** The Deployments, each as `environment: state, state, …`. */
    deployments: (): readonly string[] =>
      github
        .deployments(MODELS)
        .map(({ environment, statuses }) => `${environment}: ${statuses.map(({ state }) => state).join(', ')}`),
  }
}

function promotionReading({ github }: World) {
  /** The newest promotion pull request of an environment. Throws when there is none. */
  const promotion = (environment: string, model = 'churn'): SeenPullRequest => {
    const found = github.pullRequests(CONFIG).findLast(({ headRef }) => headRef.endsWith(`/${model}/${environment}`))
    if (found === undefined) throw new Error(`there is no promotion pull request of ${model} to ${environment}`)
    return found
  }
  return {
    promotion,
    /** Its body. */
    body: (environment: string, model?: string): string => said(promotion(environment, model).body),
    /** What its body says of what it was before. */
    history: (environment: string, model?: string): string =>
      said(
        promotion(environment, model)
          .body.split('\n\n')
          .find((section) => /^(?:Made anew|Earlier in)/.test(section)) ?? '(nothing)',
      ),
    /** What its commit changes, as `git diff` shows it. */
    patch: (environment: string, model?: string): string =>
      said(
        promotion(environment, model)
          .files.map(({ path, patch }) => `${path}\n${patch}`)
          .join('\n\n'),
      ),
    /** Its commit message. */
    message: (environment: string, model?: string): string =>
      said(promotion(environment, model).commits.at(-1)?.message ?? '(no commit)'),
    /** The check run on its head, whole. */
    promotionCheck: (environment: string): string => {
      const runs = github.checkRuns(CONFIG, promotion(environment).headSha)
      const run = runs.findLast(({ name }) => name === 'lockkeeper/promotion')
      return said(`${run?.name} ${run?.conclusion ?? run?.status}: ${run?.title}\n\n${run?.summary}`)
    },
    /** Promotion pull requests, oldest first, each as `title (open|closed|merged)`. */
    promotions: (): readonly string[] =>
      github.pullRequests(CONFIG).map(({ title, merged, state }) => `${title} (${merged ? 'merged' : state})`),
    /** What a file of the config repository holds. */
    manifest: (path: string): string => github.file(CONFIG, 'main', path) ?? '(no file)',
  }
}
