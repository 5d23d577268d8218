/** The lines of an answer that goes on: watches of clusters (kubernetes/connection.ts), the stream of Argo CD (argocd-connection.ts). */

/** Changes are told by a few fields of an object; a whole one ends at etcd's 1.5 MiB. */
const MAX_LINE = 4 * 1024 * 1024

/** Whole lines that are not empty; what a broken connection leaves of one is dropped. Throws what the body throws, and Error behind 4 MiB of one line. */
export async function* linesOf(
  body: AsyncIterable<Uint8Array> | null,
  heard: () => void = () => undefined,
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let begun: string[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    heard()
    // Only what is new is looked through: a long line comes in hundreds of pieces.
    const [first = '', ...more] = decoder.decode(chunk, { stream: true }).split('\n')
    begun.push(first)
    length += first.length
    if (length > MAX_LINE) throw new Error('a line without end')
    for (const next of more) {
      if (length > 0) yield begun.join('')
      begun = [next]
      length = next.length
    }
  }
}
