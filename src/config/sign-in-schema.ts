/** The schema of `sign_in:` of an MLflow server in the operator's policy. It holds names of variables and files, never a secret. Rules: sign-in-rules.ts. */
import * as z from 'zod'
import type { SecretPlace, SignIn } from '../domain/sign-in.ts'
import { SETTINGS } from './env-settings.ts'
import { textOf } from './key-types.ts'

/** Reasons never quote what stands here: it may be the secret itself. */
export const secretVariable = (example: string) =>
  textOf(
    {
      title: 'variable',
      description: "A variable of the server's environment, or with `_FILE` at its end the file that holds it.",
      examples: [example],
    },
    (text) => {
      if (!/^[A-Z][A-Z0-9_]{0,99}$/.test(text))
        return {
          ok: false,
          reason: 'not a name of an environment variable in capital letters',
          hint: `for example \`${example}\`; the secret itself never stands in this file`,
        }
      if (text.startsWith('LOCKKEEPER_') || SETTINGS.some(({ name }) => name === text && !name.startsWith('MLFLOW_')))
        return {
          ok: false,
          reason: 'this variable is a setting of Lockkeeper itself',
          hint: `name one of your own, for example \`${example}\``,
        }
      return { ok: true, value: text }
    },
  )

export const secretFile = (example: string) =>
  textOf({ title: 'file', description: 'A file that holds nothing but the secret.', examples: [example] }, (text) =>
    /^\/[^\0\n]+$/.test(text)
      ? { ok: true, value: text }
      : {
          ok: false,
          reason: 'not an absolute path of a file',
          hint: `for example \`${example}\`; the secret itself never stands in this file`,
        },
  )

const variable = secretVariable('MLFLOW_RESEARCH_PASSWORD')
const file = secretFile('/run/secrets/mlflow')

type WordRules = { readonly title: string; readonly example: string; readonly shape: RegExp; readonly hint: string }

const word = ({ title, example, shape, hint }: WordRules) =>
  textOf({ title, description: '', examples: [example] }, (text) =>
    shape.test(text) ? { ok: true, value: text } : { ok: false, reason: `not a ${title}`, hint },
  )

const UUID = '00000000-0000-0000-0000-000000000000'
const clientId = word({
  title: 'client id',
  example: UUID,
  shape: /^[\w.-]{1,100}$/,
  hint: 'copy the "application (client) id" of the service principal',
})

const username = word({
  title: 'user name',
  example: 'lockkeeper',
  shape: /^[^\p{Cc}:]{1,200}$/u,
  hint: 'one line without `:`',
})

const basic = z
  .strictObject({
    username: username.describe('The user.'),
    password_env: variable.optional().describe('The variable that holds the password.'),
    password_file: file.optional().describe('Or the file that holds it.'),
  })
  .describe('User and password: MLflow with its basic-auth app, or a proxy.')

const bearer = z
  .strictObject({
    token_env: variable.optional().describe('The variable that holds the token.'),
    token_file: file.optional().describe('Or the file that holds it.'),
  })
  .describe('A bearer token, as proxies want it.')

const clientSecret = {
  client_secret_env: variable.optional().describe("The variable that holds the client's secret."),
  client_secret_file: file.optional().describe('Or the file that holds it.'),
}

const databricks = z
  .strictObject({
    token_env: variable.optional().describe('The variable that holds a personal access token.'),
    token_file: file.optional().describe('Or the file that holds it.'),
    oauth: z
      .strictObject({ client_id: clientId.describe('The service principal.'), ...clientSecret })
      .optional()
      .describe('OAuth of a service principal (machine to machine), instead of a token.'),
  })
  .describe('A Databricks workspace.')

const azure = z
  .strictObject({
    tenant_id: word({
      title: 'tenant',
      example: UUID,
      shape: /^[\w.-]{1,100}$/,
      hint: 'copy the "directory (tenant) id" of Microsoft Entra',
    }).describe('The tenant of Microsoft Entra.'),
    client_id: clientId.describe('The service principal.'),
    ...clientSecret,
    authority: word({
      title: 'login address',
      example: 'https://login.microsoftonline.us',
      shape: /^https:\/\/[\w.-]+(?::\d+)?$/,
      hint: 'scheme and host, for example `https://login.microsoftonline.us`',
    })
      .prefault('https://login.microsoftonline.com')
      .describe('The login of the cloud; others for Azure Government and Azure in China.'),
    scope: word({
      title: 'scope',
      example: 'https://management.azure.com/.default',
      shape: /^[\w.:/-]{1,200}\/\.default$/,
      hint: 'it ends in `/.default`, for example `https://management.azure.com/.default`',
    })
      .prefault('https://management.azure.com/.default')
      .describe(
        'What the token is for. Azure Databricks with a service principal of Entra: `2ff814a6-3304-4ab8-8cd0-cd6f87c80a68/.default`.',
      ),
  })
  .describe('Azure Machine Learning, by a service principal of Microsoft Entra.')

const sagemaker = z
  .strictObject({
    arn: word({
      title: 'server ARN',
      example: 'arn:aws:sagemaker:eu-central-1:123456789012:mlflow-tracking-server/research',
      shape: /^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:mlflow-(?:tracking-server|app)\/[\w-]+$/,
      hint: 'for example `arn:aws:sagemaker:eu-central-1:123456789012:mlflow-tracking-server/research`',
    }).describe('The tracking server or the MLflow app.'),
  })
  .describe(
    'SageMaker managed MLflow, with the credentials that the AWS SDK finds (variables, profile, web identity, instance).',
  )

/** `sign_in:` of one server; exactly one of its keys. */
export const signInSchema = z
  .strictObject({
    basic: basic.optional(),
    bearer: bearer.optional(),
    databricks: databricks.optional(),
    azure: azure.optional(),
    sagemaker: sagemaker.optional(),
  })
  .meta({ description: 'How Lockkeeper signs in there. Exactly one of these keys.' })

type SignInDocument = z.output<typeof signInSchema>

/** The sign-in of a document that the rules have passed; undefined when a secret has no place. */
export function toSignIn({
  basic,
  bearer,
  databricks,
  azure,
  sagemaker,
}: SignInDocument): SignIn<SecretPlace> | undefined {
  if (sagemaker !== undefined) return { kind: 'sagemaker', arn: sagemaker.arn }
  if (basic !== undefined) {
    const password = placeOf(basic.password_env, basic.password_file)
    return password && { kind: 'basic', username: basic.username, password }
  }
  if (azure !== undefined) {
    const secret = placeOf(azure.client_secret_env, azure.client_secret_file)
    const { tenant_id: tenantId, client_id: id, authority, scope } = azure
    return secret && { kind: 'azure', authority, tenantId, clientId: id, clientSecret: secret, scope }
  }
  if (databricks?.oauth !== undefined) {
    const { client_id: id, client_secret_env, client_secret_file } = databricks.oauth
    const secret = placeOf(client_secret_env, client_secret_file)
    return secret && { kind: 'databricks', clientId: id, clientSecret: secret }
  }
  const { token_env, token_file } = databricks ?? bearer ?? {}
  const token = placeOf(token_env, token_file)
  return token && { kind: 'token', token }
}

/** Where a secret is, of the two keys that can say so. */
export function placeOf(name: string | undefined, path: string | undefined): SecretPlace | undefined {
  if (name !== undefined) return { in: 'variable', name }
  return path === undefined ? undefined : { in: 'file', path }
}
