/** Signing in at MLflow in all its homes: what each request carries. Which one a server has is in the policy (config/sign-in-schema.ts); the requests are in mlflow-http.ts. */
import type { SignIn } from '../domain/sign-in.ts'
import { accessTokens } from './access-token.ts'
import { signForSageMaker } from './mlflow-sign-in-sagemaker.ts'
import { withoutSecrets } from './without-secrets.ts'

/** A request as it is about to be sent. */
export type UnsignedRequest = {
  readonly method: string
  readonly url: string
  /** Those that it has already, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Sign-ins never appear in logs or errors; `hide` takes them out of what a server says. */
export type MlflowSignIn = {
  readonly isAnonymous: boolean
  /** For who set the server up, when it does not take this. */
  readonly remedy: string
  /** Headers to add. Throws UserError `mlflow_refused` when nobody gives a token for these credentials, SystemUnavailable when nobody answers. */
  headersFor(request: UnsignedRequest, signal: AbortSignal): Promise<Readonly<Record<string, string>>>
  /** Forgets a token that the server did not take; false when the same would be sent again. */
  forget(): boolean
  /** The text without any secret of this sign-in. */
  hide(text: string): string
}

/** Of one server; `url` is its base address. */
export function createSignIn(
  server: { readonly name: string; readonly url: string },
  signIn?: SignIn<string>,
): MlflowSignIn {
  switch (signIn?.kind) {
    case undefined:
      return fixed(
        {},
        { secrets: [], remedy: `Write \`sign_in\` for it in LOCKKEEPER_POLICY${variables(server.name)}.` },
      )
    case 'basic': {
      const pair = Buffer.from(`${signIn.username}:${signIn.password}`).toString('base64')
      return fixed(
        { authorization: `Basic ${pair}` },
        { secrets: [signIn.password, pair], remedy: `Check user and password${whereSet(server.name)}.` },
      )
    }
    case 'token':
      return fixed(
        { authorization: `Bearer ${signIn.token}` },
        {
          secrets: [signIn.token],
          remedy: `The token may have expired or been revoked: set a new one${whereSet(server.name)}.`,
        },
      )
    case 'databricks':
    case 'azure':
      return byToken(server, signIn)
    case 'sagemaker': {
      const sign = signForSageMaker(server, signIn.arn)
      let sessionToken = ''
      return {
        isAnonymous: false,
        remedy:
          'Check the AWS credentials of this server, and that they may call this ARN (sagemaker-mlflow:* or sagemaker:CallMlflowAppApi).',
        headersFor: async (request, signal) => {
          const headers = await sign(request, signal)
          sessionToken = headers['x-amz-security-token'] ?? ''
          return headers
        },
        forget: () => false,
        // AWS repeats what it should have been sent, when a signature does not fit.
        hide: (text) => withoutSecrets([sessionToken], text.replace(/\b(Credential|Signature)=[^,\s]+/g, '$1=•••')),
      }
    }
  }
}

type Manners = { readonly secrets: readonly string[]; readonly remedy: string }

function fixed(headers: Readonly<Record<string, string>>, { secrets, remedy }: Manners): MlflowSignIn {
  return {
    isAnonymous: secrets.length === 0,
    remedy,
    headersFor: async () => headers,
    forget: () => false,
    hide: (text) => withoutSecrets(secrets, text),
  }
}

function byToken(
  server: { readonly name: string; readonly url: string },
  signIn: Extract<SignIn<string>, { kind: 'databricks' | 'azure' }>,
): MlflowSignIn {
  const request = signIn.kind === 'azure' ? entraRequest(signIn) : databricksRequest(server.url, signIn)
  const tokens = accessTokens(server.name, request)
  return {
    isAnonymous: false,
    remedy:
      signIn.kind === 'azure'
        ? 'Give the service principal a role in the workspace (AzureML Data Scientist), and check its `scope` in LOCKKEEPER_POLICY.'
        : 'Add the service principal to the workspace, and check its id and secret in LOCKKEEPER_POLICY.',
    headersFor: async (_, signal) => ({ authorization: `Bearer ${await tokens.current(signal)}` }),
    forget: tokens.forget,
    hide: (text) => withoutSecrets([...request.secrets, ...tokens.seen()], text),
  }
}

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
function entraRequest({
  authority,
  tenantId,
  clientId,
  clientSecret,
  scope,
}: Extract<SignIn<string>, { kind: 'azure' }>) {
  return {
    from: 'Microsoft Entra',
    url: `${authority}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
    form: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope },
    headers: {},
    secrets: [clientSecret, encodeURIComponent(clientSecret)],
  }
}

/** https://docs.databricks.com/dev-tools/auth/oauth-m2m */
function databricksRequest(url: string, { clientId, clientSecret }: Extract<SignIn<string>, { kind: 'databricks' }>) {
  const pair = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  return {
    from: 'the Databricks workspace',
    url: `${new URL(url).origin}/oidc/v1/token`,
    form: { grant_type: 'client_credentials', scope: 'all-apis' },
    headers: { authorization: `Basic ${pair}` },
    secrets: [clientSecret, pair],
  }
}

const variables = (name: string): string =>
  name === 'default' ? ', or set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN' : ''

const whereSet = (name: string): string =>
  name === 'default'
    ? ' (MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, MLFLOW_TRACKING_TOKEN, or `sign_in` in LOCKKEEPER_POLICY)'
    : ` (\`mlflow.${name}.sign_in\` in LOCKKEEPER_POLICY says where it comes from)`
