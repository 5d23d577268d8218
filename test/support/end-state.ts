/** What is left when a story has ended, without what differs from one playing to the next: ids, hashes, addresses and times. */
import { CONFIG, MODELS, type World } from '../../sandbox/world/index.ts'

/** Comparable with `toEqual`. */
export function endState(world: World) {
  const { github, mlflow, argocd } = world
  return {
    registry: mlflow.registry().map(anonymous),
    serving: ['staging', 'prod'].map((environment) => argocd.kserve.liveUri(environment, 'churn')),
    models: pullRequests(world, MODELS),
    promotions: pullRequests(world, CONFIG),
    configCommits: github.log(CONFIG, 'main').map(({ message }) => anonymous(message)),
    branches: [MODELS, CONFIG].map((repository) => Object.keys(github.branches(repository)).toSorted()),
    issues: [MODELS, CONFIG].flatMap((repository) => issues(world, repository)),
    deployments: github.deployments(MODELS).map(({ environment, description, statuses }) => ({
      environment,
      description: anonymous(description ?? ''),
      // GitHub only appends: a status whose writing was cut off may stand there twice, next to itself, and one that was soon over not at all.
      statuses: statuses
        .filter(({ state }, index) => state !== 'in_progress' || index === statuses.length - 1)
        .map((status) => anonymous(`${status.state}: ${status.description}`))
        .filter((status, index, all) => status !== all[index - 1]),
    })),
    elsewhere: github.deployments(CONFIG).length,
  }
}

/** Those of a repository, oldest first. */
export function pullRequests({ github }: World, repository: string) {
  return github.pullRequests(repository).map((pull) => ({
    number: pull.number,
    title: anonymous(pull.title),
    body: anonymous(pull.body),
    author: pull.author,
    state: pull.merged ? `merged by ${pull.mergedBy}` : pull.state,
    branch: pull.headRef,
    commits: pull.commits.length,
    labels: pull.labels,
    checks: github
      .checkRuns(repository, pull.headSha)
      .map(({ name, status, conclusion, title }) => anonymous(`${name} ${conclusion ?? status}: ${title}`)),
    comments: github.comments(repository, pull.number).map(({ author, body, reactions }) => ({
      author,
      body: anonymous(body),
      reactions: reactions.map(({ by, content }) => `${content} by ${by}`),
    })),
  }))
}

/** Those that are no pull requests, oldest first. */
function issues({ github }: World, repository: string) {
  const [owner = '', name = ''] = repository.split('/')
  const threads = github.state.repositories.get(`${owner}/${name}`.toLowerCase())?.threads.values() ?? []
  return [...threads]
    .filter(({ kind }) => kind === 'Issue')
    .map(({ number, title, state, body, labels }) => ({
      number,
      title: anonymous(title),
      state,
      body: anonymous(body ?? ''),
      labels: [...labels].toSorted(),
      comments: github.comments(repository, number).map((comment) => anonymous(comment.body)),
    }))
}

/** Hashes, addresses, numbers of comments and times, each by a word. */
export function anonymous(text: string): string {
  return text
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, '<host>')
    .replaceAll(/\d{4}-\d\d-\d\d[ T]\d\d(?::|%3A)\d\d(?:(?::|%3A)\d\d(?:\.\d+)?)?(?:Z| UTC)?/g, '<time>')
    .replaceAll(/\d{1,2} [A-Z][a-z]{2} \d\d:\d\d UTC/g, '<time>')
    .replaceAll(/\bcomment=\d+/g, 'comment=<id>')
    .replaceAll(/(\bcause=command%20[\w%.-]+?%20)\d+/g, '$1<id>')
    .replaceAll(/\b[0-9a-f]{7,64}\b/g, '<hash>')
}
