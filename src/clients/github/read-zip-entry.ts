/** One text file out of a zip that somebody else made: every size is bounded before anything is inflated. Used by read-artifact.ts. */
import { crc32, inflateRawSync } from 'node:zlib'
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl'

/** A refusal; `reason` completes "the artifact …" and is plain text that may hold the archive's own names. */
export type TextReading =
  | { readonly ok: true; readonly text: string; readonly name: string }
  | { readonly ok: false; readonly reason: string }

const MAX_ENTRIES = 1000
/** Of the one file that is read. */
export const MAX_TEXT_BYTES = 8 * 1024 * 1024
const MAX_RATIO = 100
const NAMES_SHOWN = 10
const MAX_NAME_SHOWN = 100

const STORED = 0
const DEFLATED = 8

/**
 * The file `wanted`, or the only one when that is undefined. Nothing is written to disk, and no other entry is inflated:
 * entries that overlap, or that lead out of a folder, do no harm. Never throws.
 */
export async function readZipEntry(archive: Buffer, wanted: string | undefined): Promise<TextReading> {
  try {
    const zip = await fromBufferPromise(archive, { lazyEntries: true })
    if (zip.entryCount > MAX_ENTRIES)
      return refuse(`holds ${zip.entryCount} files; at most ${MAX_ENTRIES} are looked through`)
    const files = await filesOf(zip)
    const entry = chooseEntry(files, wanted)
    return 'reason' in entry ? refuse(entry.reason) : await readEntry(zip, archive, entry)
  } catch (error) {
    return refuse(`is no zip archive that can be read (${shorten(error instanceof Error ? error.message : 'damaged')})`)
  }
}

/** Bytes as text: UTF-8 or a refusal. A byte order mark is left away. */
export function decodeText(bytes: Buffer, name: string): TextReading {
  if (bytes.length > MAX_TEXT_BYTES) return refuse(`holds ${shorten(name)}, which is ${tooLarge(bytes.length)}`)
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), name }
  } catch {
    return refuse(`holds ${shorten(name)}, which is not UTF-8 text`)
  }
}

async function filesOf(zip: ZipFile): Promise<readonly Entry[]> {
  const files: Entry[] = []
  for await (const entry of zip.eachEntry()) if (!entry.fileName.endsWith('/')) files.push(entry)
  return files
}

function chooseEntry(files: readonly Entry[], wanted: string | undefined): Entry | { readonly reason: string } {
  if (files.length === 0) return { reason: 'is empty' }
  const meant = wanted === undefined ? files : files.filter(({ fileName }) => fileName === wanted)
  const [first, second] = meant
  if (first === undefined) return { reason: `holds no ${shorten(wanted ?? '')}, but ${namesOf(files)}` }
  if (second === undefined) return first
  return {
    reason: wanted === undefined ? `holds several files: ${namesOf(files)}` : `holds ${shorten(wanted)} more than once`,
  }
}

async function readEntry(zip: ZipFile, archive: Buffer, entry: Entry): Promise<TextReading> {
  const { fileName: name, compressedSize, uncompressedSize, compressionMethod } = entry
  const problem = boundsProblem(entry)
  if (problem !== undefined) return refuse(`holds ${shorten(name)}, which ${problem}`)
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true })
  const packed = archive.subarray(fileDataStart, fileDataStart + compressedSize)
  const bytes = compressionMethod === STORED ? packed : inflate(packed, uncompressedSize)
  if (packed.length !== compressedSize || bytes?.length !== uncompressedSize || crc32(bytes) !== entry.crc32) {
    return refuse(`holds ${shorten(name)}, which is damaged: it is not what the archive says of it`)
  }
  return decodeText(bytes, name)
}

function boundsProblem(entry: Entry): string | undefined {
  const { compressedSize, uncompressedSize, compressionMethod } = entry
  if (entry.isEncrypted()) return 'is encrypted'
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) return 'is packed by an unusual method'
  if (uncompressedSize > MAX_TEXT_BYTES) return `is ${tooLarge(uncompressedSize)}`
  if (uncompressedSize > MAX_RATIO * compressedSize) return `unpacks to more than ${MAX_RATIO} times its size`
  return undefined
}

/** undefined: more comes out than the archive says, or it is damaged. Never more than that is held in memory. */
function inflate(packed: Buffer, size: number): Buffer | undefined {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) })
  } catch {
    return undefined
  }
}

function namesOf(files: readonly Entry[]): string {
  const shown = files.slice(0, NAMES_SHOWN).map(({ fileName }) => shorten(fileName))
  return files.length > shown.length ? `${shown.join(', ')} and ${files.length - shown.length} more` : shown.join(', ')
}

const shorten = (name: string): string => (name.length > MAX_NAME_SHOWN ? `${name.slice(0, MAX_NAME_SHOWN)}…` : name)

const tooLarge = (bytes: number): string =>
  `${(bytes / 1024 / 1024).toFixed(1)} MiB; at most ${MAX_TEXT_BYTES / 1024 / 1024} MiB are read`

const refuse = (reason: string): TextReading => ({ ok: false, reason })
