/** Signing in at each home of MLflow: what is sent, how long a token is kept, and that no secret is ever said. */
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMlflow } from '../../src/clients/mlflow.ts'
import type { SignIn } from '../../src/domain/sign-in.ts'
import { interceptCalls } from './intercepted-calls.ts'

const HOST = 'https://mlflow.test'
const LOGIN = 'https://login.microsoftonline.com'
const RUN = { run: { info: { run_id: 'a', status: 'FINISHED' } } }
const CANARY = 'c4n4ry-Z9/+=x'

const DATABRICKS: SignIn<string> = { kind: 'databricks', clientId: 'sp', clientSecret: CANARY }
const AZURE: SignIn<string> = {
  kind: 'azure',
  authority: LOGIN,
  tenantId: 'acme',
  clientId: 'sp',
  clientSecret: CANARY,
  scope: 'https://management.azure.com/.default',
}

const logged: unknown[] = []
const log = { info: (...all: unknown[]) => logged.push(all), warn: () => undefined, error: () => undefined }

const client = (signIns: Readonly<Record<string, SignIn<string> | undefined>>, urls: Record<string, string> = {}) =>
  createMlflow({
    servers: new Map(Object.keys(signIns).map((name) => [name, urls[name] ?? HOST])),
    credentials: new Map(Object.entries(signIns).flatMap(([name, signIn]) => (signIn ? [[name, signIn]] : []))),
    log,
    transport: { timeoutMs: 1000, wait: async () => undefined },
  })

/** MLflow answers one request that carries this, and says `body`. */
const answers = (authorization: string | undefined, status = 200, body: nock.Body = RUN) =>
  nock(HOST, authorization === undefined ? { badheaders: ['authorization'] } : {})
    .get('/api/2.0/mlflow/runs/get')
    .query(true)
    .matchHeader('authorization', (value) => authorization === undefined || String(value) === authorization)
    .reply(status, body)

const databricksToken = (token: string, seconds: number | null = 3600) =>
  nock(HOST)
    .post('/oidc/v1/token', { grant_type: 'client_credentials', scope: 'all-apis' })
    .basicAuth({ user: 'sp', pass: CANARY })
    .reply(200, { access_token: token, token_type: 'Bearer', expires_in: seconds })

interceptCalls()
beforeEach(() => {
  logged.length = 0
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

describe('what is sent', () => {
  it.each<[string, SignIn<string> | undefined, string | undefined]>([
    ['nothing', undefined, undefined],
    ['user and password', { kind: 'basic', username: 'ci', password: 'pä:ss' }, 'Basic Y2k6cMOkOnNz'],
    ['a token', { kind: 'token', token: 'dapi0' }, 'Bearer dapi0'],
  ])('%s', async (_, signIn, authorization) => {
    answers(authorization)
    expect(await client({ default: signIn }).run('default', 'a')).toMatchObject({ runId: 'a' })
  })

  it('a token of Databricks for id and secret of a service principal, at the workspace whatever the prefix', async () => {
    databricksToken('t1')
    nock(HOST)
      .get('/prefix/api/2.0/mlflow/runs/get')
      .query(true)
      .matchHeader('authorization', 'Bearer t1')
      .reply(200, RUN)
    await client({ dbx: DATABRICKS }, { dbx: `${HOST}/prefix` }).run('dbx', 'a')
  })

  it('a token of Microsoft Entra for Azure ML', async () => {
    nock(LOGIN)
      .post('/acme/oauth2/v2.0/token', {
        grant_type: 'client_credentials',
        client_id: 'sp',
        client_secret: CANARY,
        scope: 'https://management.azure.com/.default',
      })
      .reply(200, { access_token: 't2', expires_in: '3599' })
    answers('Bearer t2')
    await client({ aml: AZURE }).run('aml', 'a')
  })

  it.each([
    ['mlflow-tracking-server', 'x-mlflow-sm-tracking-server-arn', 'sagemaker-mlflow'],
    ['mlflow-app', 'x-sm-mlflow-app-arn', 'sagemaker'],
  ])('a signature for an %s', async (kind, header, service) => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', CANARY)
    const arn = `arn:aws:sagemaker:eu-central-1:123456789012:${kind}/research`
    const scope = new RegExp(
      `^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\\d{8}/eu-central-1/${service}/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;${header}, Signature=[0-9a-f]{64}$`,
    )
    nock(HOST)
      .get('/api/2.0/mlflow/runs/get')
      .query(true)
      .matchHeader(header, arn)
      .matchHeader('authorization', scope)
      .matchHeader('x-amz-content-sha256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
      .reply(200, RUN)
    await client({ sm: { kind: 'sagemaker', arn } }).run('sm', 'a')
  })

  it('to each server its own, and to one without any nothing', async () => {
    const other = 'https://other.test'
    const mlflow = client({ default: { kind: 'token', token: CANARY }, open: undefined }, { open: other })
    nock(other, { badheaders: ['authorization'] })
      .get('/api/2.0/mlflow/runs/get')
      .query(true)
      .reply(200, RUN)
    await mlflow.run('open', 'a')
    answers(`Bearer ${CANARY}`)
    await mlflow.run('default', 'a')
  })
})

describe('a token', () => {
  it('is asked for once by all who need it at the same time, and kept', async () => {
    let asked = 0
    nock(HOST)
      .persist()
      .post('/oidc/v1/token')
      .reply(200, () => {
        asked += 1
        return { access_token: 't1', expires_in: 3600 }
      })
    for (let index = 0; index < 4; index += 1) answers('Bearer t1')
    const mlflow = client({ dbx: DATABRICKS })
    await Promise.all([mlflow.run('dbx', 'a'), mlflow.run('dbx', 'b'), mlflow.run('dbx', 'c')])
    await mlflow.run('dbx', 'd')
    expect(asked).toBe(1)
  })

  it.each([
    ['an hour', 3600, 3600 - 301, 3600 - 299],
    ['ten minutes, where nothing is said', null, 299, 301],
    ['two minutes', 120, 59, 61],
  ])('that is good for %s is replaced before its end', async (_, seconds, early, late) => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const start = Date.now()
    databricksToken('t1', seconds)
    answers('Bearer t1')
    const mlflow = client({ dbx: DATABRICKS })
    await mlflow.run('dbx', 'a')
    vi.setSystemTime(start + early * 1000)
    answers('Bearer t1')
    await mlflow.run('dbx', 'a')
    vi.setSystemTime(start + late * 1000)
    databricksToken('t2')
    answers('Bearer t2')
    await mlflow.run('dbx', 'a')
  })

  it('that was revoked is replaced once; a new one that is refused is an error', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    databricksToken('t1')
    answers('Bearer t1')
    const mlflow = client({ dbx: DATABRICKS })
    await mlflow.run('dbx', 'a')
    vi.setSystemTime(Date.now() + 60_000)
    answers('Bearer t1', 401, { error_code: '401', message: 'Token is revoked' })
    databricksToken('t2')
    answers('Bearer t2', 401, { error_code: '401', message: 'Token is revoked' })
    await expect(mlflow.run('dbx', 'a')).rejects.toMatchObject({
      code: 'mlflow_refused',
      message: 'The MLflow server dbx cannot be used: it does not take the credentials: Token is revoked',
      hint: expect.stringContaining('service principal'),
    })
  })

  it('that is not given is an error with the reason, and the next request asks again', async () => {
    nock(LOGIN)
      .post('/acme/oauth2/v2.0/token')
      .reply(401, {
        error: 'invalid_client',
        error_description: `AADSTS7000215: Invalid client secret '${CANARY}' provided.\r\nTrace ID: 1`,
      })
    const mlflow = client({ aml: AZURE })
    await expect(mlflow.run('aml', 'a')).rejects.toMatchObject({
      code: 'mlflow_refused',
      message:
        "The MLflow server aml cannot be used: Microsoft Entra gives no token: invalid_client: AADSTS7000215: Invalid client secret '•••' provided.",
      hint: expect.stringContaining('secrets of service principals expire'),
    })
    nock(LOGIN).post('/acme/oauth2/v2.0/token').reply(200, { access_token: 't', expires_in: 3600 })
    answers('Bearer t')
    await mlflow.run('aml', 'a')
  })

  it.each([
    ['a login page', 200, '<html>', 'it answers 200'],
    ['a redirect', 302, '', 'it answers 302'],
    ['Databricks’ own shape', 403, { error_code: 'PERMISSION_DENIED', message: 'no' }, 'PERMISSION_DENIED: no'],
    ['one that no header can carry', 200, { access_token: 'a\nb' }, 'it answers 200'],
  ])('that cannot be had: %s', async (_, status, body, said) => {
    nock(HOST).post('/oidc/v1/token').reply(status, body)
    await expect(client({ dbx: DATABRICKS }).run('dbx', 'a')).rejects.toMatchObject({
      code: 'mlflow_refused',
      message: `The MLflow server dbx cannot be used: the Databricks workspace gives no token: ${said}`,
    })
  })

  it('is waited for while nobody answers, within the retries of the request', async () => {
    nock(HOST).post('/oidc/v1/token').reply(503)
    nock(HOST)
      .post('/oidc/v1/token')
      .replyWithError(Object.assign(new Error('gone'), { code: 'ECONNRESET' }))
    databricksToken('t1')
    answers('Bearer t1')
    await client({ dbx: DATABRICKS }).run('dbx', 'a')
    nock(HOST).post('/oidc/v1/token').times(4).reply(502)
    await expect(client({ dbx: DATABRICKS }).run('dbx', 'a')).rejects.toMatchObject({
      name: 'SystemUnavailable',
      message: 'MLflow server dbx: no token from the Databricks workspace: it answers 502',
    })
  })
})

describe('no secret is said, whatever a server repeats', () => {
  const everything = (error: unknown): string => {
    const seen: unknown[] = []
    for (let each = error; each instanceof Error; each = each.cause) seen.push(each.message, each.stack, { ...each })
    return JSON.stringify([seen, logged])
  }
  const pair = Buffer.from(`ci:${CANARY}`).toString('base64')

  it.each<[SignIn<string>, readonly string[]]>([
    [{ kind: 'basic', username: 'ci', password: CANARY }, [pair]],
    [{ kind: 'token', token: CANARY }, []],
    [DATABRICKS, ['t0ken-of-databricks']],
    [AZURE, ['t0ken-of-entra']],
  ])('%j', async (signIn, more) => {
    const secrets = [CANARY, ...more]
    const said = `refused: ${secrets.join(' ')}`
    for (const [status, body] of [
      [401, said],
      [403, { error_code: '403', message: said }],
      [400, { error: { message: said } }],
      [404, { error_code: 'RESOURCE_ODD', message: said }],
      [418, said],
      [503, said],
    ] as const) {
      nock(HOST).persist().post('/oidc/v1/token').reply(200, { access_token: 't0ken-of-databricks' })
      nock(LOGIN).persist().post('/acme/oauth2/v2.0/token').reply(200, { access_token: 't0ken-of-entra' })
      nock(HOST).persist().get('/api/2.0/mlflow/runs/get').query(true).reply(status, body)
      const error = await client({ default: signIn })
        .run('default', 'a')
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
      nock.cleanAll()
      expect(error).toBeInstanceOf(Error)
      expect(everything(error)).toContain('•••')
      for (const secret of secrets) expect(everything(error)).not.toContain(secret)
    }
  })

  it('nor what AWS repeats of a signature', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', CANARY)
    vi.stubEnv('AWS_SESSION_TOKEN', 'se55ion')
    const message = 'Credential=AKIDEXAMPLE/2026, Signature=0f0f x-amz-security-token:se55ion'
    nock(HOST).get('/api/2.0/mlflow/runs/get').query(true).reply(403, { Message: message })
    const arn = 'arn:aws:sagemaker:eu-central-1:123456789012:mlflow-app/research'
    await expect(client({ sm: { kind: 'sagemaker', arn } }).run('sm', 'a')).rejects.toMatchObject({
      message: expect.stringMatching(/: Credential=•••, Signature=••• x-amz-security-token:•••$/),
    })
  })

  it('nor where AWS has no credentials for us', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    vi.stubEnv('HOME', '/nonexistent')
    const arn = 'arn:aws:sagemaker:eu-central-1:123456789012:mlflow-app/research'
    await expect(client({ sm: { kind: 'sagemaker', arn } }).run('sm', 'a')).rejects.toMatchObject({
      code: 'mlflow_refused',
      message: 'The MLflow server sm cannot be used: no AWS credentials are found to sign requests with',
    })
  })
})
