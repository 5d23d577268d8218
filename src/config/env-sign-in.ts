/** Finds the secrets of the policy's `sign_in:` and `argocd_servers:`, which name variables and files. Called by env.ts; what is done with them is in clients/mlflow-sign-in.ts. */
import type { ArgoCdPolicyServer, MlflowPolicyServer } from '../domain/server-policy.ts'
import type { SecretPlace, SignIn } from '../domain/sign-in.ts'
import type { Reader } from './env-reader.ts'
import { isPlain, NOT_PLAIN } from './env-secrets.ts'

export type ReadSignIns =
  | {
      readonly ok: true
      /** By the name of the MLflow server; servers without `sign_in` are not there. */
      readonly signIns: ReadonlyMap<string, SignIn<string>>
      /** By the name of the Argo CD server. */
      readonly argocdTokens: ReadonlyMap<string, string>
    }
  | { readonly ok: false; readonly problems: readonly string[] }

type Servers = {
  readonly mlflow: ReadonlyMap<string, MlflowPolicyServer>
  readonly argocdServers: ReadonlyMap<string, ArgoCdPolicyServer>
}

/** Everything that the policy names a place of. */
export function resolveSignIns({ mlflow, argocdServers }: Servers, reader: Reader): ReadSignIns {
  const signIns = new Map<string, SignIn<string>>()
  for (const [name, { signIn }] of mlflow) {
    const resolved = signIn && withSecret(signIn, (place) => secretAt(place, reader, `mlflow.${name}.sign_in`))
    if (resolved !== undefined) signIns.set(name, resolved)
  }
  const argocdTokens = new Map<string, string>()
  for (const [name, { token }] of argocdServers) {
    const found = secretAt(token, reader, `argocd_servers.${name}`)
    if (found !== undefined) argocdTokens.set(name, found)
  }
  const { problems } = reader
  return problems.length === 0 ? { ok: true, signIns, argocdTokens } : { ok: false, problems }
}

type Find = (place: SecretPlace) => string | undefined

function withSecret(signIn: SignIn<SecretPlace>, find: Find): SignIn<string> | undefined {
  switch (signIn.kind) {
    case 'sagemaker':
      return signIn
    case 'basic': {
      const password = find(signIn.password)
      return password === undefined ? undefined : { ...signIn, password }
    }
    case 'token': {
      const token = find(signIn.token)
      return token === undefined ? undefined : { ...signIn, token }
    }
    default: {
      const clientSecret = find(signIn.clientSecret)
      return clientSecret === undefined ? undefined : { ...signIn, clientSecret }
    }
  }
}

/** The secret; reports where it should be when it is not there, and when no header could carry it. */
function secretAt(place: SecretPlace, reader: Reader, key: string): string | undefined {
  const subject = place.in === 'variable' ? place.name : `LOCKKEEPER_POLICY (\`${key}\`)`
  const before = reader.problems.length
  const secret = place.in === 'variable' ? reader.secret(place.name) : reader.fileAt(place.path, subject)
  if (reader.problems.length > before) return undefined
  if (secret === undefined) {
    reader.problem(
      subject,
      `is not set, and \`${key}\` of the policy takes its secret from there. Set it, or ${subject}_FILE to a file that holds it.`,
    )
  } else if (secret === '') reader.problem(subject, 'names an empty file. Put the secret into it.')
  else if (!isPlain(secret)) reader.problem(subject, NOT_PLAIN)
  return secret
}
