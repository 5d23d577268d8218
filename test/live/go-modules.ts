/** Public repositories as the Go module proxy keeps them: a version never changes there, and its sum is known to everybody (go.sum). Kept in `.live/`; nothing of them is committed. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl'
import { LIVE } from '../../sandbox/recordings/installations.ts'

/** `sum` as go.sum and sum.golang.org have it: a SHA-256 over the SHA-256 of every file. */
export type GoModule = { readonly path: string; readonly version: string; readonly sum: string }

export type ModuleFile = { readonly name: string; readonly bytes: Buffer }

/** The last version of which the archive is small. */
export const KSERVE: GoModule = {
  path: 'github.com/kserve/kserve',
  version: 'v0.16.0',
  sum: 'h1:kDkcAU5VMiZf4zhdDXH+UdAIgzXhs10GMv0d9r4qvTs=',
}

const DEFAULT_PROXY = 'https://proxy.golang.org'
const DEFLATED = 8

/** All files of the module. Throws when it cannot be had, or is not what its sum says. */
export async function filesOfModule(module: GoModule): Promise<readonly ModuleFile[]> {
  const files = await unpack(await download(module))
  const sum = sumOf(files)
  if (sum !== module.sum) throw new Error(`${module.path}@${module.version} has the sum ${sum}, not ${module.sum}`)
  const root = `${module.path}@${module.version}/`
  return files.map(({ name, bytes }) => ({ name: name.slice(root.length), bytes }))
}

/** The first proxy of GOPROXY that is one, else the public one. */
export function goProxy(): string {
  const named = (process.env['GOPROXY'] ?? '').split(/[,|]/).find((one) => /^https?:/.test(one))
  return (named ?? DEFAULT_PROXY).replace(/\/$/, '')
}

async function download({ path, version }: GoModule): Promise<Buffer> {
  const file = join(LIVE, 'go-modules', `${path.replaceAll('/', '_')}@${version}.zip`)
  if (existsSync(file)) return readFile(file)
  // The proxy writes capitals as `!` and the small letter.
  const escaped = `${path}/@v/${version}`.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)
  const response = await fetch(`${goProxy()}/${escaped}.zip`, { signal: AbortSignal.timeout(120_000) })
  if (!response.ok) throw new Error(`${goProxy()} answers ${response.status} for ${path}@${version}`)
  const bytes = Buffer.from(await response.arrayBuffer())
  await mkdir(join(LIVE, 'go-modules'), { recursive: true })
  await writeFile(file, bytes)
  return bytes
}

async function unpack(archive: Buffer): Promise<readonly ModuleFile[]> {
  const zip = await fromBufferPromise(archive, { lazyEntries: true })
  const files: ModuleFile[] = []
  for await (const entry of zip.eachEntry())
    files.push({ name: entry.fileName, bytes: await read(zip, archive, entry) })
  return files
}

async function read(zip: ZipFile, archive: Buffer, entry: Entry): Promise<Buffer> {
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true })
  const packed = archive.subarray(fileDataStart, fileDataStart + entry.compressedSize)
  return entry.compressionMethod === DEFLATED ? inflateRawSync(packed) : packed
}

/** https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#Hash1 */
function sumOf(files: readonly ModuleFile[]): string {
  const sorted = files.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  const lines = sorted.map(({ name, bytes }) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`)
  return `h1:${createHash('sha256').update(lines.join('')).digest('base64')}`
}
