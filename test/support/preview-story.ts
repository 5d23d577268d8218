/** An environment `dev` of churn, to which pull requests are deployed before any merge. For test/scenarios/preview*.test.ts. */
import type { CommitInput } from '../../sandbox/github/acting.ts'
import type { Candidate } from '../../sandbox/recordings/candidates.ts'
import type { ModelPullRequest } from '../../sandbox/world/acts.ts'
import { MODELS } from '../../sandbox/world/index.ts'
import type { StoryOptions } from './bot.ts'
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

const OPTIONS: StoryOptions = {
  applications: [{ model: 'churn', environment: 'dev' }],
  policy: (text) => text.replace('namespaces: [staging, prod]', 'namespaces: [dev, staging, prod]'),
}

/** One test per sentence, in a world in which churn also goes to `dev`. */
export const previews = (sentence: string, tell: (story: Tale) => Promise<void>): void =>
  scenarios(OPTIONS)(sentence, async (story) => {
    await withDev(story)
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
export const builds = ({ world }: Tale, { headSha }: Pick<ModelPullRequest, 'headSha'>): void =>
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

async function withDev(story: Tale): Promise<void> {
  for (const file of ['inference.yaml', 'kustomization.yaml']) {
    const text = story.manifest(`environments/staging/churn/${file}`).replaceAll('staging', 'dev')
    await story.writes(`environments/dev/churn/${file}`, text)
  }
  const accepted = (text: string) => text.replace('environments: [staging, prod]', 'environments: [dev, staging, prod]')
  await story.configures(accepted, 'acme/ml-config')
  await story.configures((text) =>
    text
      .replace('environments: [staging, prod]', 'environments: [dev, staging, prod]')
      .replace('\nenvironments:\n', ENVIRONMENT),
  )
  await story.pass(MINUTE)
}
