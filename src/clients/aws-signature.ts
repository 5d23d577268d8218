/** AWS Signature Version 4 with the credentials that the AWS SDK finds. The libraries are loaded on first use. For mlflow-sign-in-sagemaker.ts and registry-ecr.ts. */
import type { SignatureV4 } from '@smithy/signature-v4'

/** What a signature is for: `ecr` in `eu-central-1`. */
export type SigningScope = { readonly region: string; readonly service: string }

/** A request before it is signed; `headers` are those that the signature covers. */
export type UnsignedRequest = {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** Gives the headers with which the request is to be sent, `host` left out: the HTTP library writes it. undefined: no AWS credentials are found. */
export type AwsSigner = (request: UnsignedRequest) => Promise<Readonly<Record<string, string>> | undefined>

/** Signs with whatever the SDK's chain finds at that time: environment, web identity, instance profile. */
export function createAwsSigner(scope: SigningScope): AwsSigner {
  let signer: Promise<SignatureV4> | undefined
  return async ({ method, url, headers, body }) => {
    const { protocol, host, hostname, port, pathname, searchParams } = new URL(url)
    signer ??= open(scope)
    try {
      const signed = await (await signer).sign({
        method,
        protocol,
        hostname,
        path: pathname,
        query: queryOf(searchParams),
        headers: { ...headers, host },
        ...(port === '' ? {} : { port: Number(port) }),
        ...(body === undefined ? {} : { body }),
      })
      const { host: _, ...rest } = signed.headers
      return rest
    } catch (error) {
      if (error instanceof Error && error.name === 'CredentialsProviderError') return undefined
      throw error
    }
  }
}

async function open({ region, service }: SigningScope): Promise<SignatureV4> {
  const [{ SignatureV4: Signer }, { defaultProvider }, { Sha256 }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@aws-sdk/credential-provider-node'),
    import('@smithy/core/checksum'),
  ])
  return new Signer({ service, region, credentials: defaultProvider(), sha256: Sha256 })
}

function queryOf(search: URLSearchParams): Record<string, string[]> {
  return Object.fromEntries([...new Set(search.keys())].map((key) => [key, search.getAll(key)]))
}
