/** Finds the secrets of the policy's `sign_in:`, which names variables and files. Called by env.ts; what is done with them is in clients/mlflow-sign-in.ts. */
import type { MlflowPolicyServer } from '../domain/server-policy.ts'
import type { SecretPlace, SignIn } from '../domain/sign-in.ts'
import type { Reader } from './env-reader.ts'
import { isPlain, NOT_PLAIN } from './env-secrets.ts'

export type ReadSignIns =
  | { readonly ok: true; readonly signIns: ReadonlyMap<string, SignIn<string>> }
  | { readonly ok: false; readonly problems: readonly string[] }

/** By the server's name; servers without `sign_in` are not there. */
export function resolveSignIns(servers: ReadonlyMap<string, MlflowPolicyServer>, reader: Reader): ReadSignIns {
  const signIns = new Map<string, SignIn<string>>()
  for (const [name, { signIn }] of servers) {
    const resolved = signIn && withSecret(signIn, (place) => secretAt(place, reader, `mlflow.${name}.sign_in`))
    if (resolved !== undefined) signIns.set(name, resolved)
  }
  return reader.problems.length === 0 ? { ok: true, signIns } : { ok: false, problems: reader.problems }
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
