/** A configuration is asked for with every event and hardly ever changes: each text is read once. What reads it is repo-config.ts. */
import { createRecent } from '../domain/recent.ts'
import { type ParsedRepoConfig, parseRepoConfig } from './repo-config.ts'

/** Those of some dozen teams: 37 texts of ten kilobytes. What is read takes sixteen to twenty times its text, one made for it up to seventy: 30 MB then. */
const REMEMBERED_BYTES = 8 * 1024 * 1024
const READ_BYTES = { each: 24 * 1024, perCharacter: 20 } as const

/** `parseRepoConfig` that answers the same text again with the very same result, of the last texts that were asked for. */
export function createConfigReader(parse: typeof parseRepoConfig = parseRepoConfig): typeof parseRepoConfig {
  const read = createRecent<ParsedRepoConfig>(REMEMBERED_BYTES)
  return (text, options) => {
    const key = `${options.file}\n${text}`
    const known = read.get(key)
    if (known !== undefined) return known
    const parsed = parse(text, options)
    read.set(key, parsed, READ_BYTES.each + READ_BYTES.perCharacter * text.length)
    return parsed
  }
}
