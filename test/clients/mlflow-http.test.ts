/** Answers that are not MLflow's own, as the homes of MLflow and what stands before them give them; and how long a call may take. */
import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { callMlflow, type MlflowRequest, type MlflowTransport } from '../../src/clients/mlflow-http.ts'
import { openServers } from '../../src/clients/mlflow-servers.ts'
import type { SignIn } from '../../src/domain/sign-in.ts'
import { interceptCalls } from './intercepted-calls.ts'

const HOST = 'https://mlflow.test'
const GET: MlflowRequest = { method: 'GET', path: 'runs/get', query: { run_id: "a b'~*+ü" } }
const waits: number[] = []
const TRANSPORT: MlflowTransport = {
  timeoutMs: 1000,
  deadlineMs: 60_000,
  wait: async (milliseconds) => waits.push(milliseconds),
}

const call = (signIn?: SignIn<string>, { url = HOST, transport = TRANSPORT } = {}) =>
  callMlflow(
    openServers({
      servers: new Map([['x', url]]),
      credentials: new Map(signIn === undefined ? [] : [['x', signIn]]),
    })('x'),
    GET,
    transport,
  )
const answers = (status: number, body: nock.Body, headers: Record<string, string> = {}) =>
  nock(HOST).get('/api/2.0/mlflow/runs/get').query(true).reply(status, body, headers)

interceptCalls()
beforeEach(() => {
  waits.length = 0
})

it('the address is written as every server reads it', async () => {
  const paths: string[] = []
  nock(HOST)
    .get((path) => paths.push(path) > 0)
    .reply(200, {})
  await call()
  expect(paths.at(-1)).toBe('/api/2.0/mlflow/runs/get?run_id=a%20b%27~%2A%2B%C3%BC')
})

it('an answer that was cut off is asked for once more, and is no page of something else', async () => {
  answers(200, '{"run": {"info": ')
  answers(200, { run: {} })
  expect((await call()).ok).toBe(true)
  for (let count = 0; count < 4; count += 1) answers(200, '{')
  await expect(call()).rejects.toThrow('MLflow server x: its answer was cut off')
})

describe('a refusal is told in the words of who refuses', () => {
  const token: SignIn<string> = { kind: 'token', token: 'dapi0' }
  it.each<[string, number, nock.Body, string]>([
    [
      'Databricks, a token that is not valid',
      403,
      { error_code: '403', message: 'Invalid access token.' },
      'it answers 403: these credentials may not do that: Invalid access token.',
    ],
    [
      'Databricks, nothing that it knows',
      401,
      { error_code: '401', message: 'Credential was not sent or was of an unsupported type for this API.' },
      'it does not take the credentials: Credential was not sent or was of an unsupported type for this API.',
    ],
    [
      'Azure ML',
      401,
      { error: { code: 'UserError', message: 'Bearer token not provided.', innerError: null }, correlation: {} },
      'it does not take the credentials: Bearer token not provided.',
    ],
    [
      'AWS',
      403,
      { Message: 'User: arn:aws:iam::1:user/bot is not authorized to perform: sagemaker-mlflow:SearchRuns' },
      'is not authorized to perform: sagemaker-mlflow:SearchRuns',
    ],
    ['a proxy, in a page that nobody wants to read', 403, '<html><h1>Forbidden</h1></html>', 'may not do that'],
    ['something with an empty 404', 404, '', 'it answers with 404: it does not know the address'],
    ['a page instead of JSON', 200, '<!doctype html><title>Sign in</title>', 'it answers with a page that is not JSON'],
    ['a status that nobody expects', 418, 'I am a teapot', 'it answers 418: I am a teapot'],
  ])('%s', async (_, status, body, said) => {
    answers(status, body)
    await expect(call(token)).rejects.toMatchObject({ code: 'mlflow_refused', message: expect.stringContaining(said) })
  })

  it('MLflow that serves no artifacts says so in plain text, which is told with the outage', async () => {
    nock(HOST)
      .get('/api/2.0/mlflow/runs/get')
      .query(true)
      .times(4)
      .reply(503, 'Endpoint disabled due to the mlflow server running without `--serve-artifacts`.')
    await expect(call()).rejects.toMatchObject({
      name: 'SystemUnavailable',
      message: expect.stringMatching(/^MLflow server x: it answers 503: Endpoint disabled/),
    })
  })
})

describe('a server that wants time', () => {
  it.each([
    ['in seconds', () => '3', 2900, 3000],
    ['until a date', () => new Date(Date.now() + 8000).toUTCString(), 4000, 8000],
  ])('is given it: %s', async (_, header, least, most) => {
    answers(429, { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'slow down' }, { 'retry-after': header() })
    answers(200, {})
    await call()
    expect(waits).toHaveLength(1)
    expect(waits[0]).toBeGreaterThanOrEqual(least)
    expect(waits[0]).toBeLessThanOrEqual(most)
  })

  it('is not waited for beyond the deadline of the call', async () => {
    answers(429, '', { 'retry-after': '5' })
    await expect(call(undefined, { transport: { ...TRANSPORT, deadlineMs: 4000 } })).rejects.toMatchObject({
      name: 'SystemUnavailable',
      retryAfterSeconds: 5,
    })
    expect(waits).toEqual([])
  })
})

describe('a call ends, whatever does not answer', () => {
  let silent: Server
  let url: string
  const config = join(tmpdir(), `lockkeeper-aws-${process.pid}`)
  beforeEach(async () => {
    writeFileSync(config, '[default]\ncredential_process = sleep 15\n')
    nock.enableNetConnect('127.0.0.1')
    silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(config)
    silent.closeAllConnections()
    silent.close()
  })

  it.each<[string, SignIn<string> | undefined]>([
    ['MLflow', undefined],
    ['who gives its tokens', { kind: 'databricks', clientId: 'sp', clientSecret: 's' }],
    [
      'the program that gives AWS credentials',
      { kind: 'sagemaker', arn: 'arn:aws:sagemaker:eu-central-1:123456789012:mlflow-app/x' },
    ],
  ])('%s', async (_, signIn) => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_CONFIG_FILE', config)
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent')
    const transport = { timeoutMs: 60_000, deadlineMs: 300, wait: async () => undefined }
    const before = Date.now()
    await expect(call(signIn, { url, transport })).rejects.toMatchObject({
      name: 'SystemUnavailable',
      message: expect.stringContaining('no answer in time'),
    })
    expect(Date.now() - before).toBeLessThan(10_000)
  })
})
