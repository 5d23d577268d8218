/** Whether a bot may speak in a repository at all: only one that its lists of people name. Asked before a comment is heard, so that two bots never answer each other. */
import type { RepoName } from '../domain/ids.ts'
import { namesLogin } from '../domain/rights.ts'
import type { ReadDeps } from './deps.ts'
import { CONFIG_FILE } from './repo-settings.ts'

/** By the configuration as last read: a comment of a bot is worth no request. Unknown is no. */
export async function isNamedBot(
  repository: RepoName,
  login: string,
  { ledger, parseConfig }: Pick<ReadDeps, 'ledger' | 'parseConfig'>,
): Promise<boolean> {
  const known = await ledger.knownFile(repository, CONFIG_FILE)
  if (known === undefined) return false
  const parsed = parseConfig(known.text, { file: CONFIG_FILE })
  return parsed.ok && namesLogin(parsed.settings, login)
}
