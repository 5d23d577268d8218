/** Reads the body of a foreign answer up to a bound: what a server sends must not decide how much memory is used. */

/** The answer is longer than the reader takes. */
export class AnswerTooLarge extends Error {
  constructor(limit: number) {
    super(`the answer is larger than ${limit / 1024 / 1024} MiB`)
    this.name = 'AnswerTooLarge'
  }
}

/** All bytes. Throws AnswerTooLarge at `limit` bytes, without reading the rest. A missing body is empty. */
export async function readAtMost(body: AsyncIterable<Uint8Array> | null, limit: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > limit) throw new AnswerTooLarge(limit)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
