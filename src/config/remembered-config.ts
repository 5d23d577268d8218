/** A configuration is asked for with every event and hardly ever changes: each text is read once. What reads it is repo-config.ts. */
import { createRecent } from '../domain/recent.ts'
import { type ParsedRepoConfig, parseRepoConfig } from './repo-config.ts'

/** Those of some dozen teams: 140 texts of ten kilobytes. */
const REMEMBERED_BYTES = 16 * 1024 * 1024
/** What is read takes about ten times its text. */
const READ_BYTES_PER_CHARACTER = 10

/** `parseRepoConfig` that answers the same text again with the very same result, of the last texts that were asked for. */
export function createConfigReader(parse: typeof parseRepoConfig = parseRepoConfig): typeof parseRepoConfig {
  const read = createRecent<ParsedRepoConfig>(REMEMBERED_BYTES)
  return (text, options) => {
    const key = `${options.file}\n${text}`
    const known = read.get(key)
    if (known !== undefined) return known
    const parsed = parse(text, options)
    read.set(key, parsed, READ_BYTES_PER_CHARACTER * text.length)
    return parsed
  }
}
