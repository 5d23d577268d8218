/** Requests to SageMaker managed MLflow: AWS Signature Version 4, as https://github.com/aws/sagemaker-mlflow does it. The libraries are loaded on first use. */
import type { SignatureV4 } from '@smithy/signature-v4'
import { refused } from './mlflow-refusal.ts'
import type { MlflowSignIn } from './mlflow-sign-in.ts'

/** By the kind of resource: what the signature is for, and the header that says which server is meant. */
const RESOURCES: Readonly<Record<string, { readonly service: string; readonly header: string }>> = {
  'mlflow-tracking-server': { service: 'sagemaker-mlflow', header: 'x-mlflow-sm-tracking-server-arn' },
  'mlflow-app': { service: 'sagemaker', header: 'x-sm-mlflow-app-arn' },
}

/** Adds the ARN, the hash of the body, the date and the signature. Throws UserError `mlflow_refused` when no AWS credentials are found. */
export function signForSageMaker(server: { readonly name: string }, arn: string): MlflowSignIn['headersFor'] {
  const [, , , region = '', , resource = ''] = arn.split(':')
  const { service, header } = RESOURCES[resource.split('/')[0] ?? ''] ?? { service: '', header: '' }
  let signer: Promise<SignatureV4> | undefined
  return async ({ method, url, headers, body }) => {
    const { protocol, host, hostname, port, pathname, searchParams } = new URL(url)
    signer ??= createSigner(region, service)
    try {
      const signed = await (await signer).sign({
        method,
        protocol,
        hostname,
        path: pathname,
        query: queryOf(searchParams),
        // Not the others: a proxy may change them on the way.
        headers: { ...contentType(headers), host, [header]: arn },
        ...(port === '' ? {} : { port: Number(port) }),
        ...(body === undefined ? {} : { body }),
      })
      // The HTTP library writes it from the address.
      const { host: _, ...rest } = signed.headers
      return rest
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'CredentialsProviderError') throw error
      throw refused(
        server,
        'no AWS credentials are found to sign requests with',
        'Give this server a role (web identity, instance profile) or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
      )
    }
  }
}

async function createSigner(region: string, service: string): Promise<SignatureV4> {
  const [{ SignatureV4: Signer }, { defaultProvider }, { Sha256 }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@aws-sdk/credential-provider-node'),
    import('@smithy/core/checksum'),
  ])
  return new Signer({ service, region, credentials: defaultProvider(), sha256: Sha256 })
}

function contentType({ 'content-type': type }: Readonly<Record<string, string>>): Record<string, string> {
  return type === undefined ? {} : { 'content-type': type }
}

function queryOf(search: URLSearchParams): Record<string, string[]> {
  return Object.fromEntries([...new Set(search.keys())].map((key) => [key, search.getAll(key)]))
}
