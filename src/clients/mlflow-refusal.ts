/** What is said when an MLflow server cannot be used as it is set up: each cause with its remedy. Requests: mlflow-http.ts. */
import { SystemUnavailable, UserError } from '../domain/failure.ts'
import { fieldsOf } from '../domain/json-fields.ts'
import type { MlflowServer } from './mlflow-http.ts'

/** What of a server's own words reaches logs and people: a stack trace may follow. Long enough for an alias and that it was not found. */
const MAX_MESSAGE_LENGTH = 300

type Named = Pick<MlflowServer, 'name'>

/** A UserError about a server as it is set up. Names the server by its name in the policy, never by an address with secrets. */
export function refused(server: Named, what: string, hint: string): UserError {
  return new UserError('mlflow_refused', `The MLflow server ${server.name} cannot be used: ${what}`, hint)
}

/** No answer, or one that promises a better one later. */
export function unavailable(
  server: Named,
  what: string,
  options: { readonly retryAfterSeconds?: number; readonly cause?: unknown } = {},
): SystemUnavailable {
  return new SystemUnavailable(`MLflow server ${server.name}`, what, options)
}

/** Something answers that is not MLflow's API: a login page, another program, a wrong prefix. */
export function notMlflow(server: Named, answer: string): UserError {
  return refused(
    server,
    `it answers with ${answer}`,
    'Check its address in LOCKKEEPER_POLICY or MLFLOW_TRACKING_URI: it must be the final one, with the prefix of a proxy if there is one, and not behind a login page.',
  )
}

/** 401 and 403, with the cause that is hardest to find named: MLflow 3.5+ refuses Host headers it was not told about. */
export function accessRefused(server: MlflowServer, status: 401 | 403, text: string): UserError {
  const { signIn } = server
  if (status === 401) {
    const what = signIn.isAnonymous ? 'it wants credentials and none are set' : 'it does not take the credentials'
    return refused(server, `${what}${wordsOf(server, text)}`, signIn.remedy)
  }
  if (/invalid host header/i.test(text)) {
    const { host } = new URL(server.url)
    return refused(
      server,
      `it refuses the host name ${host} (its protection against DNS rebinding)`,
      `Start MLflow with --allowed-hosts ${host} or set MLFLOW_SERVER_ALLOWED_HOSTS=${host}; /health answers all the same, so probes do not show it.`,
    )
  }
  return refused(
    server,
    `it answers 403: ${signIn.isAnonymous ? 'without credentials one' : 'these credentials'} may not do that${wordsOf(server, text)}`,
    `Give ${signIn.isAnonymous ? 'everybody' : 'the Lockkeeper user'} read access to the experiment and the registered model.${signIn.isAnonymous ? ` Or: ${signIn.remedy}` : ''}`,
  )
}

/** The server's own words behind a colon, where it has any: `": Invalid access token"`. */
export function wordsOf(server: MlflowServer, text: string): string {
  const words = server.signIn.hide(messageOf(text)).slice(0, MAX_MESSAGE_LENGTH).trim()
  return words === '' ? '' : `: ${words}`
}

/** The message of MLflow and Databricks (`message`), of Azure ML (`error.message`), of AWS (`Message`), or a short plain text. */
function messageOf(text: string): string {
  const body = recordOf(text)
  if (body === undefined) return /^[^<>{}\n]{1,200}$/.test(text.trim()) ? text.trim() : ''
  const words = body['message'] ?? fieldsOf(body['error'])?.['message'] ?? body['Message']
  return typeof words === 'string' ? words.replace(/\s+/g, ' ') : ''
}

/** The JSON object that a body is; undefined for anything else. */
export function recordOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return undefined
  }
}
