/** Reads a request's body into memory, and no more of it than allowed: neither per request nor, of large ones, over all requests at a time. */
import type { IncomingMessage } from 'node:http'

export type Body =
  | { readonly kind: 'complete'; readonly bytes: Buffer }
  /** More than `maxBytes`, by what the client announced or by what it sent. */
  | { readonly kind: 'too-large' }
  /** All large requests together hold more than `maxTotalBytes`. */
  | { readonly kind: 'busy' }
  /** The client went away. */
  | { readonly kind: 'aborted' }

export type BodyReader = {
  read(request: IncomingMessage): Promise<Body>
  /**
   * Lets an unwanted body pass unseen, as far as `read` takes it and a little more: a client reads our answer only after it has sent everything. What is
   * longer is cut: even what is thrown away lies in memory until its garbage is collected.
   */
  discard(request: IncomingMessage): void
}

/** How much longer than allowed a body may be for its sender to read why it was refused. */
const COURTESY_BYTES = 2 * 1024 * 1024

/** What each request may hold without asking: nearly every delivery is smaller, and passes whatever others are sending. */
const FREE_BYTES = 256 * 1024

/**
 * A reader whose requests share one allowance, so that many large bodies at once cannot exhaust the memory. A signature can be checked only
 * when all is read: whoever fills the allowance with forged bodies keeps out large deliveries for a while, never ordinary ones.
 */
export function createBodyReader(limits: { readonly maxBytes: number; readonly maxTotalBytes: number }): BodyReader {
  let total = 0
  const taken = new WeakMap<IncomingMessage, number>()
  return {
    discard: (request) => {
      let size = taken.get(request) ?? 0
      request.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > limits.maxBytes + COURTESY_BYTES) request.destroy()
      })
      // A client that is cut off, or leaves, is no event for us.
      request.on('error', () => {})
    },
    read: (request) => {
      // A length that is no number was refused by the HTTP parser.
      if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes)
        return Promise.resolve({ kind: 'too-large' })
      const chunks: Buffer[] = []
      let size = 0
      const charged = () => Math.max(0, size - FREE_BYTES)
      return new Promise((resolve) => {
        const finish = (body: Body) => {
          request.off('data', take).off('end', end).off('close', abort).off('error', abort)
          total -= charged()
          taken.set(request, size)
          size = 0
          chunks.length = 0
          resolve(body)
        }
        const take = (chunk: Buffer) => {
          total -= charged()
          size += chunk.length
          total += charged()
          if (size > limits.maxBytes) finish({ kind: 'too-large' })
          else if (charged() > 0 && total > limits.maxTotalBytes) finish({ kind: 'busy' })
          else chunks.push(chunk)
        }
        const end = () => finish({ kind: 'complete', bytes: Buffer.concat(chunks, size) })
        const abort = () => finish({ kind: 'aborted' })
        request.on('data', take).on('end', end).on('close', abort).on('error', abort)
      })
    },
  }
}
