/** The schema of the operator's file: the one source of its parser (policy-file.ts), its JSON Schema and its part of docs/config.md. */
import * as z from 'zod'
import { globProblem } from '../domain/glob.ts'
import { parseImagePattern } from '../domain/image-name.ts'
import { parseUrlPattern } from '../domain/url-pattern.ts'
import { withoutEnd } from '../domain/without-end.ts'
import { clusterName, glob, line, nameKey, namespace, quoted, serverName, slackChannel, textOf } from './key-types.ts'
import { secretFile, secretVariable, signInSchema } from './sign-in-schema.ts'

const serverAddress = textOf(
  { title: 'address', description: 'An http:// or https:// address.', examples: ['http://mlflow.mlops.svc:5000'] },
  (text) => {
    const url = URL.parse(text)
    if (url === null || !/^https?:$/.test(url.protocol))
      return {
        ok: false,
        reason: 'not an http:// or https:// address',
        hint: addressHint(text),
      }
    if (url.username || url.password)
      return {
        ok: false,
        reason: 'an address here holds no user or password',
        hint: "write `sign_in` for MLflow; or set them in the server's environment, for example MLFLOW_TRACKING_USERNAME",
      }
    // Azure shows a tracking address with an empty query at its end.
    return { ok: true, value: withoutEnd(text, '/?') }
  },
)

/** The addresses that MLflow's Python client takes, and plain HTTP does not. */
function addressHint(text: string): string {
  if (text.startsWith('azureml:')) return 'write `https:` instead of `azureml:`'
  if (text.startsWith('databricks')) return 'write the address of the workspace, `https://…`'
  if (text.startsWith('arn:'))
    return 'write `https://<region>.experiments.sagemaker.aws` and the ARN under `sign_in: { sagemaker: … }`'
  return /^[\w.-]+(?::\d+)?(?:\/|$)/.test(text)
    ? `write \`https://${text}\``
    : 'for example `http://mlflow.mlops.svc:5000`'
}

const urlPattern = textOf(
  {
    title: 'address pattern',
    description: 'Scheme and host, and the port where it is not the usual one; `*` is one part between dots.',
    examples: ['https://*.example.com'],
  },
  (text) => {
    const result = parseUrlPattern(text)
    return result.ok ? { ok: true, value: result.pattern } : result
  },
)

const repositoryPattern = textOf(
  { title: 'repository pattern', description: '`owner/name`; `*` within either.', examples: ['acme/models', 'acme/*'] },
  (text) => {
    const lower = text.toLowerCase()
    if (/^[a-z0-9*-]+\/[a-z0-9*._-]+$/.test(lower) && globProblem(lower) === undefined)
      return { ok: true, value: lower }
    return { ok: false, reason: `${quoted(text)} is not a repository`, hint: 'write `owner/name` or `owner/*`' }
  },
)

const wandbPattern = textOf(
  {
    title: 'project pattern',
    description: '`entity/project` of Weights & Biases; `*` within either.',
    examples: ['acme/churn'],
  },
  (text) =>
    /^[^/\s]+\/[^/\s]+$/.test(text) && globProblem(text) === undefined
      ? { ok: true, value: text }
      : { ok: false, reason: `${quoted(text)} is not a project`, hint: 'write `entity/project` or `entity/*`' },
)

const bucketPattern = textOf(
  { title: 'address pattern', description: 'A pattern of `s3://` addresses.', examples: ['s3://acme-models/**'] },
  (text) => {
    if (!/^s3:\/\/[^/*]+(?:\/|$)/.test(text))
      return {
        ok: false,
        reason: 'not an s3:// address with the name of a bucket',
        hint: 'for example `s3://acme-models/**`',
      }
    const problem = globProblem(text)
    return problem
      ? { ok: false, hint: 'patterns know `*` (within a segment) and `**` (any segments)', ...problem }
      : { ok: true, value: text }
  },
)

const imagePattern = textOf(
  {
    title: 'image pattern',
    description: 'A registry and a pattern over its images; `*` within a part, `**` for any number of parts.',
    examples: ['ghcr.io/acme/*'],
  },
  (text) => {
    const result = parseImagePattern(text)
    if (!result.ok) return { ok: false, reason: `${quoted(text)} ${result.reason}`, hint: result.hint }
    const problem = globProblem(text)
    return problem
      ? { ok: false, hint: 'patterns know `*` (within a part) and `**` (any parts)', ...problem }
      : { ok: true, value: result.pattern }
  },
)

/** Names of objects in a cluster. */
const objectPattern = glob.meta({ examples: ['churn-*'] })

const names = (description: string, example: string) =>
  z
    .array(line({ title: 'text or pattern', description: '', examples: [example] }))
    .min(1)
    .optional()
    .describe(description)

const server = z.strictObject({ url: serverAddress.describe('Its address.') }).meta({ description: 'One server.' })

const mlflowServer = z
  .strictObject({
    url: serverAddress.describe('Its address, with the prefix of a proxy if there is one.'),
    sign_in: signInSchema.optional(),
    registry: z
      .enum(['workspace', 'unity_catalog'])
      .prefault('workspace')
      .describe(
        "Where registered models are: MLflow's own registry, or Unity Catalog of Databricks (`catalog.schema.model`).",
      ),
  })
  .meta({ description: 'One MLflow server.' })

const absolutePath = (example: string) =>
  textOf({ title: 'path', description: 'An absolute path.', examples: [example] }, (text) =>
    text.startsWith('/') && !/[\0\n]/.test(text)
      ? { ok: true, value: text }
      : { ok: false, reason: `${quoted(text)} is not an absolute path`, hint: `for example \`${example}\`` },
  )

const namedCluster = z
  .strictObject({
    context: line({ title: 'context', description: 'A context of a kubeconfig.', examples: ['prod-eu'] })
      .optional()
      .describe("The context of the kubeconfig. Default: the file's current one."),
    kubeconfig: absolutePath('/etc/lockkeeper/prod-eu.kubeconfig')
      .optional()
      .describe('The kubeconfig. Default: what KUBECONFIG names.'),
  })
  .meta({ description: 'One cluster. At least one of `context`, `kubeconfig`.' })

const argocdServer = z
  .strictObject({
    url: serverAddress
      .meta({ examples: ['https://argocd.example.com'] })
      .describe('Its address, with its root path if it has one.'),
    token_env: secretVariable('ARGOCD_AUTH_TOKEN')
      .optional()
      .describe('The variable that holds the token of its account.'),
    token_file: secretFile('/run/secrets/argocd').optional().describe('Or the file that holds it.'),
    ca_file: absolutePath('/etc/lockkeeper/argocd-ca.pem')
      .optional()
      .describe('Certificates that it is trusted by. Default: those that everybody is.'),
  })
  .meta({ description: 'One Argo CD, by its API. Exactly one of `token_env`, `token_file`.' })

const grantedCluster = clusterName
  .optional()
  .describe('The name under `clusters:`. Default: the cluster that the server itself is set up for, and no other.')

const entry = z
  .strictObject({
    repositories: z.array(repositoryPattern).min(1).describe('Whom this entry is about.'),
    mlflow: z
      .array(
        z
          .strictObject({
            server: serverName.prefault('default').describe('Which server.'),
            experiments: names('Its experiments; `"*"` for every one. Default: none.', 'churn'),
            models: names('Its registered models; `"*"` for every one. Default: none.', 'churn'),
          })
          .meta({ description: 'One grant. At least one of `experiments`, `models`.' }),
      )
      .prefault([])
      .describe('MLflow.'),
    wandb: z.array(wandbPattern).prefault([]).describe('Weights & Biases projects whose runs may be read.'),
    buckets: z.array(bucketPattern).prefault([]).describe('Objects that may be read.'),
    argocd: z
      .array(
        z
          .strictObject({
            cluster: grantedCluster,
            namespace: namespace.prefault('argocd').describe('The namespace of the Applications.'),
            server: serverName
              .optional()
              .describe(
                'The name under `argocd_servers:`, where they are reached through its API. Default: in the cluster.',
              ),
            applications: z.array(objectPattern).min(1).describe('Their names; `*` is any run of characters.'),
            sync: z
              .boolean()
              .optional()
              .describe(
                'Whether syncs of them may be started (`sync: request`). Default: they are read, and at a merge asked to look at Git again.',
              ),
          })
          .meta({ description: 'One grant.' }),
      )
      .prefault([])
      .describe('Argo CD Applications.'),
    flux: z
      .array(
        z
          .strictObject({
            cluster: grantedCluster,
            namespace: namespace.prefault('flux-system').describe('The namespace of the objects.'),
            objects: z
              .array(objectPattern)
              .min(1)
              .describe(
                'Names of Kustomizations and HelmReleases. Sources and charts that they are made of are looked at, too; the Kustomization of a HelmRelease needs a grant of its own.',
              ),
            reconcile: z.boolean().prefault(false).describe('Whether they may also be told to reconcile.'),
          })
          .meta({ description: 'One grant.' }),
      )
      .prefault([])
      .describe('Objects of Flux.'),
    fleet: z
      .array(
        z
          .strictObject({
            cluster: grantedCluster,
            namespace: namespace.prefault('fleet-default').describe('The namespace of the GitRepos.'),
            git_repos: z.array(objectPattern).min(1).describe('Their names; `*` is any run of characters.'),
          })
          .meta({ description: 'One grant.' }),
      )
      .prefault([])
      .describe('GitRepos of Rancher Fleet.'),
    kubernetes: z
      .array(
        z
          .strictObject({
            cluster: grantedCluster,
            namespaces: z.array(namespace).min(1).describe('The namespaces.'),
          })
          .meta({ description: 'One grant.' }),
      )
      .prefault([])
      .describe('Workloads that may be watched.'),
    http: z.array(urlPattern).prefault([]).describe('Hosts that HTTP checks may ask, by GET and HEAD.'),
    http_post: z
      .array(urlPattern)
      .prefault([])
      .describe(
        'Hosts that HTTP checks may send something to, by POST: samples of inference. What a host does with it, and at which of its paths, is not looked at: name those that serve models, and nothing else.',
      ),
    prometheus: z.array(serverName).prefault([]).describe('Prometheus servers that may be queried.'),
    slack: z.array(slackChannel).prefault([]).describe('Channels that may be written to.'),
    registries: z
      .array(imagePattern)
      .optional()
      .describe(
        'Images whose digests may be asked for, with the credentials of LOCKKEEPER_REGISTRY_CONFIG where it has some, and those of private ECR registries with the AWS role of the server. Default: those of public registries (Docker Hub, ghcr.io, quay.io, gcr.io, pkg.dev, Azure, AWS), without credentials.',
      ),
  })
  .meta({ description: 'What some repositories may use.' })

/** The whole file. */
export const policySchema = z.strictObject({
  version: z.literal(1).describe('The version of this format.'),
  mlflow: z
    .record(nameKey, mlflowServer)
    .prefault({})
    .describe(
      'MLflow servers by name. Without `default`, MLFLOW_TRACKING_URI is that one. `default` without `sign_in` takes MLFLOW_TRACKING_USERNAME and the like.',
    ),
  prometheus: z.record(nameKey, server).prefault({}).describe('Prometheus servers by name.'),
  clusters: z
    .record(nameKey, namedCluster)
    .prefault({})
    .describe(
      'Kubernetes clusters by name, besides the one that the server itself is set up for (KUBECONFIG, or the cluster it runs in).',
    ),
  argocd_servers: z
    .record(nameKey, argocdServer)
    .prefault({})
    .describe('Argo CD servers by name, for Applications that are reached through the API of Argo CD.'),
  routes: z
    .array(
      z
        .strictObject({
          from: urlPattern.describe('Requests to these …'),
          to: serverAddress.describe('… go here, with their original Host header.'),
        })
        .meta({ description: 'One route.' }),
    )
    .prefault([])
    .describe(
      'Where requests of HTTP checks and image registries really go, for split-horizon DNS. The first that matches wins.',
    ),
  allow: z.array(entry).prefault([]).describe('Who may use what. No entry, no access.'),
})

export type PolicyDocument = z.output<typeof policySchema>
