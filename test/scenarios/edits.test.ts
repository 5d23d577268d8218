/** Each kind of edit from the merge to the commit in the config repository: exactly its values change. The repositories are those of examples/edits. */
import { expect } from 'vitest'
import { editScenario } from '../support/edit-stories.ts'

const PROMOTED = ['Promote churn v12 to staging (merged)']

editScenario('kserve', 'the URI and a variable', async (story) => {
  await story.releases('better')
  expect(story.promotions()).toEqual(PROMOTED)
  expect(story.patch('staging')).toMatchInlineSnapshot(`
    environments/staging/churn/inference.yaml
    @@ -7,7 +7,7 @@
       predictor:
         model:
           modelFormat: { name: sklearn }
    -      storageUri: "s3://acme-models/churn/11"   # <- the promoted version
    +      storageUri: "s3://acme-models/churn/12"   # <- the promoted version
           env:
             - name: MODEL_VERSION
    -          value: "11"
    +          value: "12"
  `)
})

editScenario('kserve-storage-path', 'the path, and not the key of the bucket', async (story) => {
  await story.releases('better')
  expect(story.promotions()).toEqual(PROMOTED)
  expect(story.patch('staging')).toMatchInlineSnapshot(`
    environments/staging/churn/service.yaml
    @@ -5,4 +5,4 @@
       predictor:
         model:
           modelFormat: {name: sklearn}
    -      storage: {key: acme-models, path: churn/11}
    +      storage: {key: acme-models, path: churn/12}
  `)
})

editScenario('deployment', 'the image of the container that is named', async (story) => {
  await story.releases('better')
  expect(story.promotions()).toEqual(PROMOTED)
  expect(story.patch('staging')).toMatchInlineSnapshot(`
    environments/staging/churn/deployment.yaml
    @@ -11,4 +11,4 @@
           - name: proxy
             image: envoyproxy/envoy:v1.31.0
           - name: server
    -        image: ghcr.io/acme/churn:3f9c2e1d@sha256:<digest>
    +        image: ghcr.io/acme/churn:<sha>@sha256:<digest>
  `)
})

editScenario('kustomize-image', 'tag and digest of the entry', async (story) => {
  await story.releases('better')
  expect(story.promotions()).toEqual(PROMOTED)
  expect(story.patch('staging')).toMatchInlineSnapshot(`
    environments/staging/churn/kustomization.yaml
    @@ -4,7 +4,7 @@
     - ../../../base/churn
     images:
     - name: ghcr.io/acme/churn
    -  newTag: "3f9c2e1d"
    -  digest: sha256:<digest>   # churn API server
    +  newTag: "<sha>"
    +  digest: sha256:<digest>   # churn API server
     - name: busybox
       newTag: "1.36"
  `)
})

editScenario('helm', 'the parts that the values have', async (story) => {
  await story.releases('better')
  expect(story.promotions()).toEqual(PROMOTED)
  expect(story.patch('staging')).toMatchInlineSnapshot(`
    environments/staging/churn/values.yaml
    @@ -4,6 +4,6 @@
       image:
         registry: ghcr.io
         repository: acme/churn
    -    tag: "3f9c2e1d"
    -    digest: 'sha256:<digest>'
    +    tag: "<sha>"
    +    digest: 'sha256:<digest>'
         pullPolicy: IfNotPresent
  `)
})

editScenario('argocd-parameters', 'a parameter and a value of the Application', async (story) => {
  await story.releases('better')
  expect(story.promotions()).toEqual(PROMOTED)
  expect(story.patch('staging')).toMatchInlineSnapshot(`
    apps/churn-staging.yaml
    @@ -13,7 +13,7 @@
         helm:
           parameters:
             - name: image.tag
    -          value: 3f9c2e1d@sha256:<digest>
    +          value: <sha>@sha256:<digest>
           valuesObject:
             model:
    -          uri: s3://acme-models/churn/11
    +          uri: s3://acme-models/churn/12
  `)
})

editScenario('yaml', 'values of the one object that is named, and an image beside them', async (story) => {
  await story.releases('better')
  expect(story.promotions()).toEqual(PROMOTED)
  expect(story.patch('staging')).toMatchInlineSnapshot(`
    environments/staging/churn/all.yaml
    @@ -3,9 +3,9 @@
     metadata:
       name: churn
       annotations:
    -    lockkeeper.dev/release: ""
    +    lockkeeper.dev/release: "<release>"
     data:
    -  MODEL_URI: s3://acme-models/churn/11
    +  MODEL_URI: s3://acme-models/churn/12
     ---
     apiVersion: v1
     kind: ConfigMap
    @@ -25,4 +25,4 @@
         spec:
           containers:
           - name: server
    -        image: "ghcr.io/acme/churn:3f9c2e1d@sha256:<digest>"
    +        image: "ghcr.io/acme/churn:<sha>@sha256:<digest>"
  `)
})

editScenario('kserve-storage-path', 'a path that the config repository does not allow', async (story) => {
  await story.configures((text) => text.replace('"churn/{{', '"other-team/{{'))
  const pull = await story.releases('better')
  expect(story.promotions()).toEqual([])
  expect(story.thread(pull)).toMatchInlineSnapshot(`
    ### 🚢 churn v12 — ❌ not promoted to staging
    **Next:** \`.github/lockkeeper.yml\` of acme/ml-config would need this:
    \`\`\`yaml
        uris: ["storage://{{ model.name }}/**", "storage://other-team/12"]
    \`\`\`

    - ❌ **staging** by automation: refused (\`accepts_refused\`): acme/ml-config does not accept this: the URI \`storage://other-team/12\` is not among \`uris\`
  `)
})

editScenario('yaml', 'a text that could be read as another artefact', async (story) => {
  await story.configures((text) => text.replace('data.MODEL_URI: "{{ model.uri }}"', 'data.MODEL_URI: "//evil/churn"'))
  await story.releases('better')
  expect(await story.says('/deploy staging')).toMatchInlineSnapshot(`
    👎 **Refused** (\`accepts_refused\`): churn v12 may not go to staging now: acme/ml-config does not accept this: the value \`//evil/churn\` is not the release's own, and not among \`images\`, \`uris\` or \`values\`.
    \`.github/lockkeeper.yml\` of acme/ml-config would need this:
    \`\`\`yaml
        values: ["//evil/churn"]
    \`\`\`

    <details><summary>Every rule</summary>

    |  | Rule |  |
    | --- | --- | --- |
    | ✅ | who-may | alice may |
    | ✅ | newer | nothing is live there yet |
    | ✅ | release | complete |
    | ✅ | gates | no gates |
    | ✅ | after | first environment |
    | ✅ | soak | no soak asked |
    | ✅ | freeze | no freeze |
    | ✅ | hold | no hold |
    | ✅ | free | nothing else is on its way |
    | ❌ | values | acme/ml-config does not accept this: the value \`//evil/churn\` is not the release's own, and not among \`images\`, \`uris\` or \`values\` |
    | ✅ | approvals | no approval asked |

    </details>
  `)
})
