/** Git's own name of a file's content. */
import { createHash } from 'node:crypto'

/** The id that Git gives a blob with these bytes; `idLength` 40 is SHA-1, 64 is SHA-256. */
export function gitBlobId(bytes: Buffer, idLength: number): string {
  const hash = createHash(idLength === 64 ? 'sha256' : 'sha1')
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}
