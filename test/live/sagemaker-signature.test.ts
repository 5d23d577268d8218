/** Requests to SageMaker's MLflow as they arrive, signed once more by AWS' own Python library: both signatures must be the same. */
import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { installPython } from '../../sandbox/recordings/installations.ts'
import { callMlflow, DEFAULT_TRANSPORT, type MlflowRequest } from '../../src/clients/mlflow-http.ts'
import { openServers } from '../../src/clients/mlflow-servers.ts'

const REQUIREMENTS = fileURLToPath(new URL('./requirements-s3.txt', import.meta.url))
const SCRIPT = fileURLToPath(new URL('./verify_sigv4.py', import.meta.url))
const CASES = 200

type Received = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

const received: Received[] = []
let server: Server
let url: string

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      received.push({ method, path, headers, body: Buffer.concat(chunks).toString('utf8') })
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  url = `http://127.0.0.1:${address.port}`
})
afterAll(() => {
  vi.unstubAllEnvs()
  server?.close()
})

const word = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: 'grapheme', maxLength: 10 }))
const request: fc.Arbitrary<MlflowRequest> = fc.oneof(
  fc.record({
    method: fc.constant('GET' as const),
    path: fc.constantFrom('runs/get', 'model-versions/search', 'registered-models/alias'),
    query: fc.dictionary(fc.constantFrom('name', 'filter', 'run_id', 'a b', '~*'), word),
  }),
  fc.record({
    method: fc.constantFrom('POST' as const, 'PUT' as const),
    path: fc.constantFrom('runs/search', `models/${encodeURIComponent('a b/ü')}`),
    body: fc.dictionary(fc.constantFrom('filter', 'name'), word),
  }),
)

it.each([
  ['mlflow-tracking-server', undefined],
  ['mlflow-app', undefined],
  ['mlflow-tracking-server', 'a session token of a role +/='],
])(`${CASES} requests to an %s carry the signature that botocore computes (session token: %s)`, async (kind, token) => {
  const credentials = { access_key: 'AKIDEXAMPLE', secret_key: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.access_key)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secret_key)
  vi.stubEnv('AWS_SESSION_TOKEN', token)
  const arn = `arn:aws:sagemaker:eu-central-1:123456789012:${kind}/research`
  const named = openServers({
    servers: new Map([['sm', url]]),
    credentials: new Map([['sm', { kind: 'sagemaker', arn }]]),
  })
  received.length = 0
  for (const each of fc.sample(request, CASES)) await callMlflow(named('sm'), each, DEFAULT_TRANSPORT)
  expect(received).toHaveLength(CASES)
  const lines = received.map((each) => JSON.stringify({ ...each, credentials: { ...credentials, token } }))
  const signed = await python(lines.join('\n'))
  expect(received.map(({ headers }) => headers['authorization'])).toEqual(signed)
})

/** What the script answers, line by line. */
async function python(input: string): Promise<readonly string[]> {
  const bin = await installPython('s3', REQUIREMENTS)
  const child = spawn(join(bin, 'python'), [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(input)
  let output = ''
  for await (const chunk of child.stdout) output += String(chunk)
  return output.trim().split('\n')
}
