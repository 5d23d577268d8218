/** A configuration is asked for with every event and hardly ever changes: each text is read once. What reads it is repo-config.ts. */
import { type ParsedRepoConfig, parseRepoConfig } from './repo-config.ts'

/** A model and a config repository of some dozen teams. */
const MOST = 64
/** What is read takes ten times its text; so long ones are not kept, and all of it stays below 40 MB. */
const LONGEST = 64 * 1024

/** `parseRepoConfig` that answers the same text again with the very same result, of the last texts that were asked for. */
export function createConfigReader(parse: typeof parseRepoConfig = parseRepoConfig): typeof parseRepoConfig {
  const read = new Map<string, ParsedRepoConfig>()
  return (text, options) => {
    if (text.length > LONGEST) return parse(text, options)
    const key = `${options.file}\n${text}`
    const parsed = read.get(key) ?? parse(text, options)
    // The one that was asked for last is forgotten last.
    read.delete(key)
    read.set(key, parsed)
    const [oldest] = read.keys()
    if (read.size > MOST && oldest !== undefined) read.delete(oldest)
    return parsed
  }
}
