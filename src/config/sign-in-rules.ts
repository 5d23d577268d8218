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
  exactlyOne(rules, signIn, KINDS)
  exactlyOne(rules, [...signIn, 'basic'], ['password_env', 'password_file'])
  exactlyOne(rules, [...signIn, 'bearer'], ['token_env', 'token_file'])
  exactlyOne(rules, [...signIn, 'databricks'], ['token_env', 'token_file', 'oauth'])
  exactlyOne(rules, [...signIn, 'databricks', 'oauth'], ['client_secret_env', 'client_secret_file'])
  exactlyOne(rules, [...signIn, 'azure'], ['client_secret_env', 'client_secret_file'])
  const url = URL.parse(rules.scalar([...server, 'url'])?.text ?? '')
  const kind = ONLY_ENCRYPTED.find((each) => rules.has([...signIn, each]))
  if (kind !== undefined && url?.protocol === 'http:' && !isLoopback(url.host))
    rules.error([...server, 'url'], `\`${kind}\` is not spoken over http://`, 'write the https:// address')
}

function exactlyOne(rules: RuleReport, path: KeyPath, keys: readonly string[]): void {
  if (rules.at(path)?.kind !== 'mapping') return
  const [first, second] = keys.filter((key) => rules.has([...path, key]))
  const list = keys.map((key) => `\`${key}\``).join(', ')
  if (first === undefined) rules.errorAtKey(path, `none of ${list} is there`, 'add one of them')
  else if (second !== undefined)
    rules.errorAtKey([...path, second], `only one of ${list} can be there`, `keep \`${first}\` or \`${second}\``)
}
