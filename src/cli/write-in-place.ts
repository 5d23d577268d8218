/** A file's text replaced whole or not at all, for `lockkeeper edit --in-place`. */
import { access, constants, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { printable } from './verb.ts'

/** Keeps the file's mode, and writes through a link to what it points at. Why it could not, in a sentence; the file is then as it was. Throws for bugs only. */
export async function writeInPlace(file: string, text: string): Promise<string | undefined> {
  let beside: string | undefined
  try {
    const target = await realpath(file)
    // A new file in its place would not ask for this.
    await access(target, constants.W_OK)
    const { mode } = await stat(target)
    beside = join(dirname(target), `.lockkeeper-${crypto.randomUUID()}`)
    const handle = await open(beside, 'wx', mode)
    try {
      await handle.chmod(mode)
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, target)
    return undefined
  } catch (error) {
    if (beside !== undefined) await rm(beside, { force: true })
    if (!(error instanceof Error) || !('code' in error)) throw error
    return `${printable(file)}: it cannot be written (${String(error.code)}), and is as it was`
  }
}
