/** `lockkeeper doctor` in the sandbox's world: what is well, what is not, and what an operator is told to do about it. */
import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { startWorld, type World } from '../../sandbox/world/index.ts'
import { type DoctorOptions, runDoctor, withTwoWorkloads } from './doctor-run.ts'

let world: World
const servers: Server[] = []

beforeAll(async () => {
  world = await startWorld()
  withTwoWorkloads(world.kubernetes)
})
afterAll(() => world.close())
afterEach(() => {
  vi.unstubAllEnvs()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const run = (args?: readonly string[], options?: DoctorOptions) => runDoctor(world, args, options)

/** A server that answers everything so; gives its address. */
async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

const mlflow = (url: string, more = ''): string => `version: 1\nmlflow: { research: { url: "${url}"${more} } }\n`

it('where a rollback could not merge, the rules that are in its way are named', async () => {
  world.github.protectBranch('acme/ml-config', 'main', { approvals: 2, checks: ['ci'], asRuleset: true })
  const { code, stdout } = await run()
  world.github.protectBranch('acme/ml-config', 'main', null)
  const [line, remedy] = stdout.split('\n').slice(2)
  expect(line).toContain(
    '✗ rollbacks                          a rollback could not merge in acme/ml-config: 2 more approving reviews are missing, of people with write access, the required check `ci` is not there yet (looked at 2 repositories)',
  )
  expect(remedy).toContain('acme/ml-config: exempt the App from the rules of `main`')
  expect(code).toBe(1)
})

it.each([
  [42_000, 1, /✗ clock +this machine’s clock is 4[0-3] s behind GitHub’s\n +→ Have it kept by NTP/],
  [-42_000, 1, /✗ clock +this machine’s clock is 4[0-3] s ahead of GitHub’s\n +→ Have it kept by NTP/],
  [0, 0, /✓ clock +as GitHub’s\n/],
])('where GitHub’s clock is %i ms ahead of ours', async (ahead, exitCode, said) => {
  const other = await startWorld({ start: new Date(Date.now() + ahead) })
  const { code, stdout } = await runDoctor(other, [], { settings: { LOCKKEEPER_CLOCK_URL: undefined } })
  await other.close()
  expect(stdout).toMatch(said)
  expect(code).toBe(exitCode)
})

describe('where everything is well', () => {
  it('there is a line for each system, and the exit code is 0', async () => {
    const { code, stdout, stderr } = await run()
    expect(stderr).toBe('')
    const host = (url: string) => new URL(url).host
    expect(stdout).toBe(`✓ GitHub App                         App 4242 at ${world.github.host}, installed for acme
– clock                              the time is taken from the sandbox's clock
✓ rollbacks                          can merge in acme/ml-config (looked at 2 repositories)
– database                           embedded: DATABASE_URL is not set
✓ MLflow      default                ${host(world.mlflow.url)} answers
✓ bucket      s3://acme-models/**    can be listed
✓ Prometheus  default                answers queries
– HTTP host   https://*.example.com  a pattern: its hosts are looked up when a check asks them
✓ Kubernetes                         Kubernetes v1.33.4, signed in as system:serviceaccount:lockkeeper:lockkeeper
✓ Kubernetes  namespace argocd       reads applications; patches applications
✓ Kubernetes  namespace staging      reads inferenceservices, deployments
✓ Kubernetes  namespace prod         reads inferenceservices, deployments

9 well, 0 ill, 3 not looked at
`)
    expect(code).toBe(0)
  })

  it('--json says the same to programs', async () => {
    const { code, stdout } = await run(['--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).findings).toContainEqual({
      system: 'Prometheus',
      name: 'default',
      verdict: 'well',
      said: 'answers queries',
    })
  })

  it('colours are for terminals only', async () => {
    expect((await run([], { isTty: true })).stdout).toContain('\u001b[32m✓\u001b[0m')
    expect((await run()).stdout).not.toContain('\u001b')
  })

  it('nothing was written anywhere', async () => {
    await run()
    expect(world.violations()).toEqual([])
  })
})

describe('MLflow', () => {
  it.each<[string, RequestListener, string, string]>([
    [
      'that does not know its host name, though its probe answers',
      (request, response) => {
        const isProbe = request.url === '/health'
        response.writeHead(isProbe ? 200 : 403, { 'content-type': 'text/plain' })
        response.end(isProbe ? 'OK' : 'Invalid Host header - possible DNS rebinding attack detected')
      },
      'it refuses the host name 127.0.0.1:',
      'Start MLflow with --allowed-hosts 127.0.0.1:',
    ],
    [
      'that wants credentials',
      (_, response) => response.writeHead(401).end('You are not authenticated.'),
      'it wants credentials and none are set: You are not authenticated.',
      'Write `sign_in` for it in LOCKKEEPER_POLICY.',
    ],
    [
      'at a wrong prefix',
      (_, response) => response.writeHead(404).end('<!doctype html><title>404 Not Found</title>'),
      'it answers with 404: it does not know the address',
      'with the prefix of a proxy if there is one',
    ],
    [
      'behind a login',
      (_, response) => response.writeHead(302, { location: 'https://sso.acme.example/login?x=y' }).end(),
      'a redirect to sso.acme.example',
      'not behind a login page',
    ],
  ])('%s', async (_, answer, said, remedy) => {
    const { code, stdout } = await run(['--json'], { policy: mlflow(await listening(answer)) })
    expect(JSON.parse(stdout).findings).toContainEqual({
      system: 'MLflow',
      name: 'research',
      verdict: 'ill',
      said: expect.stringContaining(said),
      remedy: expect.stringContaining(remedy),
    })
    expect(code).toBe(1)
  })

  it('that nobody answers for', async () => {
    const url = await listening(() => undefined)
    for (const server of servers.splice(0)) server.close()
    const { stdout } = await run([], { policy: mlflow(url) })
    expect(stdout).toMatch(/^✗ MLflow +research +MLflow server research: connection refused\n +→ Check its address/m)
  })

  it('with Unity Catalog is asked for that, too, with its own credentials', async () => {
    const asked: string[] = []
    const url = await listening((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
      const isCatalog = request.url?.startsWith('/api/2.1/') === true
      response.writeHead(isCatalog ? 403 : 200)
      response.end(isCatalog ? '{"error_code":"PERMISSION_DENIED","message":"no metastore"}' : '{}')
    })
    const signIn = ', registry: unity_catalog, sign_in: { databricks: { token_env: DBX } }'
    const { code, stdout } = await run([], { policy: mlflow(url, signIn), settings: { DBX: 'dapi0' } })
    expect(asked).toEqual([
      'POST /api/2.0/mlflow/experiments/search Bearer dapi0',
      'GET /api/2.1/unity-catalog/models?max_results=1 Bearer dapi0',
    ])
    expect(stdout).toContain('no metastore')
    expect(stdout).not.toContain('dapi0')
    expect(code).toBe(1)
  })
})

describe('the other systems', () => {
  it('a key that is not the App’s', async () => {
    const { code, stdout } = await run([], { settings: { APP_ID: '4243' } })
    expect(stdout).toMatch(
      /^✗ GitHub App .*GitHub at .* (?:does not accept the key of|has no) App 4243\.\n +→ Compare APP_ID/m,
    )
    expect(code).toBe(1)
  })

  it('an App that asks for less than app.yml', async () => {
    const less = { checks: 'write', contents: 'read' }
    const github = await listening((request, response) => {
      response.setHeader('content-type', 'application/json')
      const body = request.url?.startsWith('/api/v3/app/installations')
        ? [{ id: 1, account: { login: 'acme' }, permissions: less, suspended_at: null, html_url: 'https://x/1' }]
        : { slug: 'mine', permissions: less, events: ['push'] }
      response.end(JSON.stringify(body))
    })
    const { stdout } = await run([], { settings: { GHE_HOST: new URL(github).host } })
    expect(stdout).toContain('The App mine does not ask for: permission actions: read, permission contents: write')
    expect(stdout).toMatch(/event merge_group.*\n +→ Add them at http:.*\/settings\/apps\/mine\/permissions/)
  })

  it('a database that does not answer', async () => {
    const { stdout } = await run([], { settings: { DATABASE_URL: 'postgresql://bot:s3cret@127.0.0.1:1/x' } })
    expect(stdout).toMatch(/^✗ database .*cannot be reached.*\n +→ Check DATABASE_URL/m)
    expect(stdout).not.toContain('s3cret')
  })

  it('a registry takes the credentials that there are for it, or not; one that the policy names is asked as nobody', async () => {
    const config = join(tmpdir(), `lockkeeper-doctor-registry-${process.pid}.json`)
    const policy = `version: 1
routes: [{ from: "https://ghcr.io", to: "${world.registry.url}" }]
allow: [{ repositories: ["acme/models"], registries: ["ghcr.io/acme/*", "*.azurecr.io/x"] }]
`
    expect((await run([], { policy })).stdout).toMatch(/^✓ registry +ghcr\.io +answers, without credentials$/m)
    world.registry.restrict('acme/private', { user: 'robot', password: 'good' })
    const looked = async (password: string) => {
      writeFileSync(config, JSON.stringify({ auths: { 'ghcr.io': { username: 'robot', password } } }))
      return run([], { policy, settings: { LOCKKEEPER_REGISTRY_CONFIG: config } })
    }
    expect((await looked('good')).stdout).toMatch(/^✓ registry +ghcr\.io +takes the credentials of robot$/m)
    const ill = await looked('secret-and-wrong')
    expect(ill.stdout).toMatch(/^✗ registry +ghcr\.io +it gives no token \(403\)\n +→ Compare `registries:`/m)
    expect(ill.stdout).not.toContain('secret-and-wrong')
    rmSync(config)
  })

  it('a bucket that is not there, and one that may not be listed', async () => {
    const policy = 'version: 1\nallow: [{ repositories: ["acme/models"], buckets: ["s3://nobody-has/**"] }]\n'
    const { code, stdout } = await run([], { policy })
    expect(stdout).toMatch(
      /^✗ bucket +s3:\/\/nobody-has\/\*\* +there is no bucket nobody-has\n +→ Give the credentials/m,
    )
    expect(code).toBe(1)
  })

  it('a Prometheus that is another program, and a project of W&B without a key', async () => {
    const url = await listening((_, response) => response.end('<html>'))
    const policy = `version: 1\nprometheus: { main: { url: "${url}" } }\nallow: [{ repositories: ["acme/models"], wandb: ["acme/churn"] }]\n`
    const { stdout } = await run([], { policy, settings: { WANDB_API_KEY: undefined } })
    expect(stdout).toMatch(/^✗ Prometheus +main +what Prometheus answered is no JSON\n +→ Check its address/m)
    expect(stdout).toMatch(/^✗ W&B +acme\/churn .*\n +→ Set WANDB_API_KEY/m)
  })
})

describe('what it is asked', () => {
  it('wrong settings, policy and secrets are told at once, as at a start', async () => {
    const signIn = ', sign_in: { bearer: { token_env: RESEARCH_TOKEN } }'
    const settings = { APP_ID: undefined, RESEARCH_TOKEN: undefined }
    const { code, stderr } = await run([], { policy: mlflow('https://x.example', signIn), settings })
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^lockkeeper could not start: 2 settings are wrong\.\n {2}- APP_ID is not set.*\n {2}- RESEARCH_TOKEN is not set/,
    )
  })

  it.each([
    [['--help'], 0],
    [['--jsno'], 2],
    [['file'], 2],
  ])('%j', async (args, code) => {
    const said = await run(args)
    expect(said.code).toBe(code)
    expect(said.stdout + said.stderr).toContain('lockkeeper doctor [--json]')
  })
})
