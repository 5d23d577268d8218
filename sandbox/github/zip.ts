/** Writes zip archives as actions/upload-artifact does, and, for tests, archives that lie about themselves. */
import { crc32, deflateRawSync } from 'node:zlib'

export type ZipFile = {
  readonly path: string
  readonly text: string | Buffer
  /** Not compressed. */
  readonly stored?: boolean
  /** What the archive says instead of the truth. */
  readonly claims?: {
    readonly size?: number
    readonly packedSize?: number
    readonly crc?: number
    readonly method?: number
    readonly encrypted?: boolean
    /** Where its data lies. */
    readonly offset?: number
  }
}

const UTF8 = 0x800
const ENCRYPTED = 0x1
const STORED = 0
const DEFLATED = 8
/** A day within what the format can say. */
const DATE = 0x5d78

/** One entry a file, deflated unless it says otherwise, and the directory at its end. */
export function writeZip(files: readonly ZipFile[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const file of files) {
    const data = file.stored ? Buffer.from(file.text) : deflateRawSync(Buffer.from(file.text))
    const name = Buffer.from(file.path)
    const fields = fieldsOf(file, data)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.alloc(2), name, data])
    local.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(18)
    entry.writeUInt16LE(name.length, 0)
    entry.writeUInt32LE(file.claims?.offset ?? offset, 14)
    // "Made by" first; behind the name's length, more lengths, the attributes and the place of its data.
    directory.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), fields.subarray(0, -2), entry, name)
    locals.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, central, end])
}

/** From "version needed" to the name's length, which is left 0. */
function fieldsOf({ text, stored, claims = {} }: ZipFile, data: Buffer): Buffer {
  const fields = Buffer.alloc(24)
  fields.writeUInt16LE(20, 0)
  fields.writeUInt16LE(UTF8 | (claims.encrypted ? ENCRYPTED : 0), 2)
  fields.writeUInt16LE(claims.method ?? (stored ? STORED : DEFLATED), 4)
  fields.writeUInt16LE(DATE, 8)
  fields.writeUInt32LE(claims.crc ?? crc32(text), 10)
  fields.writeUInt32LE(claims.packedSize ?? data.length, 14)
  fields.writeUInt32LE(claims.size ?? Buffer.byteLength(text), 18)
  return fields
}
