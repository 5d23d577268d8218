/** An environment `dev` of churn, to which pull requests are deployed before any merge. For test/scenarios/preview*.test.ts. */
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
