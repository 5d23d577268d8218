/**
 * Reads by REST that GitHub need not answer again: it is told which answer is known (`ETag`), and says that it still stands, which costs nothing of the hourly
 * limit. https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate call.ts sends them.
 */
import { fieldsOf } from '../../domain/json-fields.ts'
import { createRecent } from '../../domain/recent.ts'
import type { RestAnswer } from './call.ts'

/** A look at a workflow's run or at an environment is some kilobytes. */
const REMEMBERED_BYTES = 4 * 1024 * 1024

type Parameters = Readonly<Record<string, unknown>>

export type Unchanged = {
  /** `who` may read it: an answer is given back to nobody else. `send` takes the parameters with the header that asks whether it still stands. */
  ask(
    question: { readonly who: string; readonly route: string; readonly parameters: Parameters },
    send: (parameters: Parameters) => Promise<RestAnswer>,
  ): Promise<RestAnswer>
}

export function createUnchanged(): Unchanged {
  const known = createRecent<{ readonly etag: string; readonly answer: RestAnswer }>(REMEMBERED_BYTES)
  return {
    ask: async ({ who, route, parameters }, send) => {
      if (!route.startsWith('GET ')) return send(parameters)
      const key = JSON.stringify([who, route, parameters])
      const before = known.get(key)
      try {
        const answer = await send(
          before === undefined ? parameters : { ...parameters, headers: { 'if-none-match': before.etag } },
        )
        const { etag } = answer.headers
        if (typeof etag === 'string' && isJson(answer)) known.set(key, { etag, answer }, sizeOf(answer))
        return answer
      } catch (error) {
        if (before === undefined || fieldsOf(error)?.['status'] !== 304) throw error
        return before.answer
      }
    },
  }
}

/** Not an archive, nor the address of one, which holds for a minute. */
const isJson = ({ data, headers }: RestAnswer): boolean =>
  typeof data === 'object' && data !== null && String(headers['content-type'] ?? '').startsWith('application/json')

/** The text that it came as is gone, and its length is not told where it was compressed. */
const sizeOf = ({ data }: RestAnswer): number => 2 * JSON.stringify(data).length
