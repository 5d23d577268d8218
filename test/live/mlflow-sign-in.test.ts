/** Signing in at a real MLflow 3 with its basic-auth app, and the refusals of the real server as people are told them. */
import { createServer, request, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMlflow } from '../../src/clients/mlflow.ts'
import { examineMlflow } from '../../src/clients/mlflow-examination.ts'
import { openServers } from '../../src/clients/mlflow-servers.ts'
import { PATIENCE } from '../../src/clients/patient-call.ts'
import type { SignIn } from '../../src/domain/sign-in.ts'
import { type AuthenticatedMlflow, startAuthenticatedMlflow } from './mlflow-auth-server.ts'

let server: AuthenticatedMlflow
let experiment: string
const READER = { kind: 'basic', username: 'reader', password: 'pä:ss wörd of a reader' } as const

beforeAll(async () => {
  server = await startAuthenticatedMlflow()
  await server.addUser(READER.username, READER.password)
  experiment = await server.addExperiment('churn')
})
afterAll(() => server?.close())

const settingsOf = (signIn?: SignIn<string>, url = server.url) => ({
  servers: new Map([['research', url]]),
  credentials: new Map(signIn === undefined ? [] : [['research', signIn]]),
})
/** What `lockkeeper doctor` says. */
const examine = async (signIn?: SignIn<string>, url?: string) =>
  examineMlflow(openServers(settingsOf(signIn, url))('research'), { inCatalog: false, transport: PATIENCE })
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

describe('the basic-auth app', () => {
  it('takes user and password', async () => {
    const host = new URL(server.url).host
    expect(await examine({ kind: 'basic', ...server.admin })).toBe(`${host} answers`)
    expect(
      await createMlflow({ ...settingsOf({ kind: 'basic', ...server.admin }), log }).experimentId('research', 'churn'),
    ).toBe(experiment)
  })

  it('shows a user what that user may see: nothing', async () => {
    expect(await examine(READER)).toBe(`${new URL(server.url).host} answers, and shows no experiment`)
  })

  it.each<[string, SignIn<string> | undefined, string]>([
    ['no credentials', undefined, 'it wants credentials and none are set: You are not authenticated.'],
    [
      'a wrong password',
      { kind: 'basic', username: 'admin', password: 'wrong' },
      'it does not take the credentials: You are not authenticated.',
    ],
    ['a token', { kind: 'token', token: 'dapi0' }, 'it does not take the credentials'],
  ])('refuses %s', async (_, signIn, said) => {
    await expect(examine(signIn)).rejects.toMatchObject({
      code: 'mlflow_refused',
      message: expect.stringContaining(`The MLflow server research cannot be used: ${said}`),
      hint: expect.stringMatching(/sign_in/),
    })
  })

  it('refuses who has no right to an experiment, which is told from wrong credentials', async () => {
    const mlflow = createMlflow({ ...settingsOf(READER), log })
    await expect(mlflow.experimentName('research', experiment)).rejects.toMatchObject({
      code: 'mlflow_refused',
      message: expect.stringContaining('it answers 403: these credentials may not do that: Permission denied'),
      hint: expect.stringContaining('read access'),
    })
  })
})

describe('through a proxy', () => {
  const proxies: Server[] = []
  afterAll(() => {
    for (const proxy of proxies) proxy.close()
  })

  /** Passes everything on with this Host header. */
  async function proxyAs(host: string): Promise<string> {
    const { hostname, port } = new URL(server.url)
    const proxy = createServer((incoming, outgoing) => {
      const { method, url: path, headers } = incoming
      const passed = request({ hostname, port, method, path, headers: { ...headers, host } }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      })
      incoming.pipe(passed)
    })
    proxies.push(proxy)
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const address = proxy.address()
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
  }

  it('whose host name MLflow was not told, probes answer and calls are refused; the cause is named', async () => {
    const url = await proxyAs('mlflow.mlops.svc:5000')
    expect((await fetch(`${url}/health`)).status).toBe(200)
    await expect(examine({ kind: 'basic', ...server.admin }, url)).rejects.toMatchObject({
      code: 'mlflow_refused',
      message: expect.stringContaining('(its protection against DNS rebinding)'),
      hint: expect.stringContaining('--allowed-hosts'),
    })
  })

  it('with a private address as host name it works', async () => {
    expect(await examine({ kind: 'basic', ...server.admin }, await proxyAs('10.0.0.7:5000'))).toContain('answers')
  })

  it('under a prefix that is not there, the address is what is wrong', async () => {
    await expect(examine({ kind: 'basic', ...server.admin }, `${server.url}/mlflow`)).rejects.toMatchObject({
      code: 'mlflow_refused',
      hint: expect.stringContaining('prefix of a proxy'),
    })
  })
})
