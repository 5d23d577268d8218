/** Requests to SageMaker managed MLflow: signed as https://github.com/aws/sagemaker-mlflow does it. The signature itself is aws-signature.ts. */
import { createAwsSigner } from './aws-signature.ts'
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
  const sign = createAwsSigner({ region, service })
  return async ({ method, url, headers, body }) => {
    // Not the others: a proxy may change them on the way.
    const signed = await sign({ method, url, headers: { ...contentType(headers), [header]: arn }, body })
    if (signed !== undefined) return signed
    throw refused(
      server,
      'no AWS credentials are found to sign requests with',
      'Give this server a role (web identity, instance profile) or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    )
  }
}

function contentType({ 'content-type': type }: Readonly<Record<string, string>>): Record<string, string> {
  return type === undefined ? {} : { 'content-type': type }
}
