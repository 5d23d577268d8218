/** The configuration of a repository's default branch: as last read, so that a query can name the files it speaks of, and afresh from every read. */

import { UserError } from '../domain/failure.ts'
import type { RepoName } from '../domain/ids.ts'
import type { RepoSettings } from '../domain/settings.ts'
import type { ReadDeps } from './deps.ts'
import type { RepoFile } from './ports.ts'

export const CONFIG_FILE = '.github/lockkeeper.yml'

/** The settings in `file`; remembers the file. Throws UserError `config_missing` or `config_invalid`, naming the first problem. */
export async function takeSettings(
  repository: RepoName,
  file: Pick<RepoFile, 'oid' | 'text'> | undefined,
  deps: Pick<ReadDeps, 'ledger' | 'parseConfig'>,
): Promise<RepoSettings> {
  if (file === undefined) {
    throw new UserError(
      'config_missing',
      `${repository} has no ${CONFIG_FILE} on its default branch`,
      'Add one; docs/config.md shows a complete example.',
    )
  }
  const known = await deps.ledger.knownFile(repository, CONFIG_FILE)
  if (known?.oid !== file.oid)
    await deps.ledger.saveKnownFile(repository, CONFIG_FILE, { oid: file.oid, text: file.text })
  const parsed = deps.parseConfig(file.text, { file: CONFIG_FILE })
  if (parsed.ok) return parsed.settings
  const [first] = parsed.problems
  const place = first === undefined ? '' : ` at ${first.line}:${first.column}: ${first.key} ${first.reason}`
  const more = parsed.problems.length > 1 ? ` (and ${parsed.problems.length - 1} more)` : ''
  throw new UserError(
    'config_invalid',
    `${CONFIG_FILE} of ${repository} is invalid${place}${more}`,
    'Correct it on the default branch; `lockkeeper validate` lists every problem.',
  )
}

/** The settings as last read; reads them only when they were never seen. */
export async function knownSettings(
  repository: RepoName,
  deps: Pick<ReadDeps, 'ledger' | 'parseConfig' | 'github'>,
): Promise<RepoSettings> {
  const known = await deps.ledger.knownFile(repository, CONFIG_FILE)
  if (known !== undefined) return takeSettings(repository, known, deps)
  const files = await deps.github.readFiles(repository, 'HEAD', [CONFIG_FILE])
  return takeSettings(repository, files.get(CONFIG_FILE), deps)
}
