/** An environment `dev` of churn, to which pull requests are deployed before any merge. For test/scenarios/preview*.test.ts. */
import type { CommitInput } from '../../sandbox/github/acting.ts'
import type { Candidate } from '../../sandbox/recordings/candidates.ts'
import type { ModelPullRequest } from '../../sandbox/world/acts.ts'
import { CONFIG, MODELS, type World, type WorldOptions } from '../../sandbox/world/index.ts'
import { MINUTE, scenarios, type Tale } from './story.ts'

const ENVIRONMENT = `
environments:
  dev:
    from: pull_request
    repository: acme/ml-config
    edit:
      - file: "environments/dev/churn/inference.yaml"
        kserve: { name: churn, storage_uri: "{{ model.uri }}" }
      - file: "environments/dev/churn/kustomization.yaml"
        kustomize_image: { name: "ghcr.io/acme/churn", digest: "{{ image.digest }}" }
    sync: { argocd: { application: churn-dev } }
`

const SETTINGS = '.github/lockkeeper.yml'

/** A world with an Application for it. */
export const DEV_WORLD: WorldOptions = { applications: [{ model: 'churn', environment: 'dev' }] }

/** One test per sentence, in a world in which churn also goes to `dev`. */
export const previews = (sentence: string, tell: (story: Tale) => Promise<void>): void =>
  scenarios(DEV_WORLD)(sentence, async (story) => {
    commitDev(story.world)
    await story.settle()
    await story.pass(MINUTE)
    await tell(story)
  })

/** dave proposes it, it is trained, and CI pushes the image of its head; a minute ago. */
export async function ready(story: Tale, candidate: Candidate): Promise<ModelPullRequest> {
  const pull = await story.proposes(candidate)
  builds(story, pull)
  await story.pass(MINUTE)
  return pull
}

/** CI of the pull request pushes the image of its head. */
export const builds = ({ world }: Pick<Tale, 'world'>, { headSha }: Pick<ModelPullRequest, 'headSha'>): void =>
  void world.registry.push('acme/churn', headSha)

/** dave pushes another commit to the pull request's branch; gives the new head. Nothing has settled yet. */
export function pushes(
  { world }: Tale,
  { number }: Pick<ModelPullRequest, 'number'>,
  how: Partial<CommitInput> = {},
): string {
  const branch = world.github.pullRequests(MODELS).find((pull) => pull.number === number)?.headRef ?? ''
  const files = { 'models/churn/train.py': `CANDIDATE = "another"\nSEED = ${Object.keys(how).length}\n` }
  return world.github.commit(MODELS, branch, { message: 'One more', files, by: 'dave', ...how })
}

/** carol adds `dev` to both repositories. */
export function commitDev({ github }: World): void {
  const changes = (repository: string, files: Record<string, string>) =>
    github.commit(repository, 'main', { message: 'An environment for pull requests', files, by: 'carol' })
  const textOf = (repository: string, path: string) => github.file(repository, 'main', path) ?? ''
  const manifests = ['inference.yaml', 'kustomization.yaml'].map((file): [string, string] => [
    `environments/dev/churn/${file}`,
    textOf(CONFIG, `environments/staging/churn/${file}`).replaceAll('staging', 'dev'),
  ])
  const [from, to] = ['environments: [staging, prod]', 'environments: [dev, staging, prod]']
  const accepts = textOf(CONFIG, SETTINGS).replace(from, `${to}\n    pull_requests: [dev]`)
  changes(CONFIG, { ...Object.fromEntries(manifests), [SETTINGS]: accepts })
  const settings = textOf(MODELS, SETTINGS).replace(from, to).replace('\nenvironments:\n', ENVIRONMENT)
  changes(MODELS, { [SETTINGS]: settings })
}
