/** What the keys of `sign_in:` say about each other and about the server's address. Part of policy-file.ts. */
import { isLoopback } from './env-values.ts'
import type { RuleReport } from './rules.ts'
import type { KeyPath } from './yaml-node.ts'

const KINDS = ['basic', 'bearer', 'databricks', 'azure', 'sagemaker']
/** Their secrets are worth more than one server: never over a connection that others can read. */
const ONLY_ENCRYPTED = ['databricks', 'azure', 'sagemaker']

/** One way to sign in, with one place for its secret, and encrypted where it must be. `server` is the path of `mlflow.<name>`. */
export function checkSignIn(rules: RuleReport, server: KeyPath): void {
  const signIn = [...server, 'sign_in']
  rules.exactlyOne(signIn, KINDS)
  rules.exactlyOne([...signIn, 'basic'], ['password_env', 'password_file'])
  rules.exactlyOne([...signIn, 'bearer'], ['token_env', 'token_file'])
  rules.exactlyOne([...signIn, 'databricks'], ['token_env', 'token_file', 'oauth'])
  rules.exactlyOne([...signIn, 'databricks', 'oauth'], ['client_secret_env', 'client_secret_file'])
  rules.exactlyOne([...signIn, 'azure'], ['client_secret_env', 'client_secret_file'])
  const url = URL.parse(rules.scalar([...server, 'url'])?.text ?? '')
  const kind = ONLY_ENCRYPTED.find((each) => rules.has([...signIn, each]))
  if (kind !== undefined && url?.protocol === 'http:' && !isLoopback(url.host))
    rules.error([...server, 'url'], `\`${kind}\` is not spoken over http://`, 'write the https:// address')
}
