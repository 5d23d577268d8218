/** One-line JSON answers of the HTTP server. */
import type { ServerResponse } from 'node:http'

/** `code` is stable, for programs; `message` says what to do, for people who read a delivery log. */
export type AnswerBody = { readonly code: string; readonly message: string }

/** Sends `body` and ends the response. */
export function answer(
  response: ServerResponse,
  status: number,
  body: AnswerBody,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  })
  response.end(text)
}
