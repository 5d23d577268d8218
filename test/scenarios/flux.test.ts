/** Rollouts that Flux brings into the cluster. What its objects can say: test/domain/flux-readiness.test.ts and flux-helm-readiness.test.ts. */
import { expect } from 'vitest'
import { type Flux, startFlux } from '../../sandbox/systems/flux.ts'
import { CONFIG } from '../../sandbox/world/index.ts'
import { MINUTE, scenarios, type Tale } from '../support/story.ts'

const ENGINE = 'argocd: { application: "{{ model.name }}-staging", namespace: argocd, sync: auto }'

const scenario = scenarios({
  policy: (text) =>
    text.replace(
      /^( *)argocd: \[.*$/m,
      (line, space: string) => `${line}\n${space}flux: [{ objects: ["churn-*"], reconcile: true }]`,
    ),
})

type Setup = { readonly reconcile?: 'request'; readonly url?: string; readonly wait?: boolean }

/** staging is Flux's instead of Argo CD's. */
async function followsFlux(
  story: Tale,
  { reconcile, url = `https://github.com/${CONFIG}.git`, wait = false }: Setup = {},
) {
  const { kubernetes, clock, argocd, github } = story.world
  argocd.script('churn-staging', { missing: true })
  await story.configures((text) =>
    text.replace(
      ENGINE,
      `flux: { kustomization: "{{ model.name }}-staging"${reconcile ? `, reconcile: ${reconcile}` : ''} }`,
    ),
  )
  const flux = startFlux({
    store: kubernetes.store,
    clock,
    kserve: argocd.kserve,
    repository: CONFIG,
    url,
    kustomizations: [{ name: 'churn-staging', path: 'environments/staging/churn', targetNamespace: 'staging', wait }],
    source: {
      headOf: (repository, branch) => github.branches(repository)[branch],
      read: (repository, sha, path) => github.file(repository, sha, path),
    },
  })
  await settled(story, flux)
  return flux
}

async function settled(story: Tale, flux: Flux): Promise<void> {
  await flux.settled()
  await story.settle()
}

scenario('asked to reconcile at the merge, Flux applies the release at once, and it is verified', async (story) => {
  const flux = await followsFlux(story, { reconcile: 'request' })
  const pull = await story.releases('better')
  await settled(story, flux)
  await story.pass(MINUTE)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ✅ live in staging
    **Next:** \`/deploy prod\` takes it to prod from 2026-11-24 10:01 UTC on; \`/rollback staging\` goes back.

    - ✅ **staging** by automation: verified 2026-11-24 09:00 UTC ([promotion PR 1](<github>/acme/ml-config/pull/1))
  `)
  flux.close()
})

scenario('a suspended Kustomization blocks the rollout, and goes on once it is resumed', async (story) => {
  const flux = await followsFlux(story)
  flux.suspend('churn-staging', true)
  const pull = await story.releases('better')
  flux.fetch()
  await settled(story, flux)
  await story.pass(MINUTE)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is merged, blocked: Kustomization flux-system/churn-staging is suspended: \`flux resume kustomization\` goes on
  `)
  flux.suspend('churn-staging', false)
  await settled(story, flux)
  await story.pass(MINUTE)
  expect(story.thread(pull)).toContain('✅ live in staging')
  flux.close()
})

scenario('a Kustomization of another repository is told by its address', async (story) => {
  const flux = await followsFlux(story, { url: 'https://github.com/acme/old-config' })
  const pull = await story.releases('better')
  await story.pass(MINUTE)
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ⏳ on its way to staging
    **Next:** see what it waits for; it goes on by itself once that is settled.

    - ⏳ **staging** by automation: [promotion PR 1](<github>/acme/ml-config/pull/1) is merged, blocked: Kustomization flux-system/churn-staging takes its files from https:⁠//github.com/acme/old-config, not from acme/ml-config
  `)
  flux.close()
})

scenario('a release whose health checks fail is a failed rollout, with what Flux says', async (story) => {
  const flux = await followsFlux(story, { wait: true })
  story.world.argocd.behaviour({ storageUri: /churn\/12/, load: 'fails' })
  const pull = await story.releases('better')
  flux.fetch()
  await story.pass(MINUTE)
  await settled(story, flux)
  await story.pass(MINUTE)
  expect(story.report(pull)).toMatchInlineSnapshot(`
    ### ❌ churn v12 failed in staging
    InferenceService staging/churn: BlockedByFailedLoad: ModelLoadFailed: RuntimeError: Failed to fetch model. No model found in the storage location. Nothing was put back by itself. \`staging\` is held until \`/unlock staging churn\`. To go back: \`/rollback staging\`.

    |  | Check | Seen | Wanted |
    | --- | --- | --- | --- |
    | ❌ | \`InferenceService staging/churn\` | \`BlockedByFailedLoad: ModelLoadFailed: RuntimeError: Failed to fetch model. No model found in the storage location\` | \`Ready\` |

    - config commit [\`<sha>\`](<github>/acme/ml-config/commit/<sha>)
    - promotion [PR 1](<github>/acme/ml-config/pull/1)
    - release \`<release>\`, commit \`<sha>\`
  `)
  flux.close()
})
