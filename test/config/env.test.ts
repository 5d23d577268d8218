/** What an operator sees when the settings are wrong, and what the server gets when they are right. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type Env, readEnv, type Variables } from '../../src/config/env.ts'
import { checkWebhookSecret, parsePrivateKey } from '../../src/config/env-secrets.ts'
import { renderSettings, SETTINGS } from '../../src/config/env-settings.ts'

const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-env-'))
afterAll(() => rmSync(directory, { recursive: true }))

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pkcs1 = pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const pkcs8 = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const secret = '8f1c2e7a94b05d36e1f7a2c9084b6d5e3f9a1b7c2d8e4f60'

const good = { APP_ID: '12345', PRIVATE_KEY: pkcs1, WEBHOOK_SECRET: secret }

function file(name: string, content: string): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  chmodSync(path, 0o600)
  return path
}

function envOf(variables: Variables): Env {
  const result = readEnv(variables)
  if (!result.ok) throw new Error(result.problems.join('\n'))
  return result.env
}

function problemsOf(variables: Variables): readonly string[] {
  const result = readEnv({ ...good, ...variables })
  return result.ok ? [] : result.problems
}

describe('the smallest set of settings', () => {
  it('gives an embedded database, github.com and a loopback port', () => {
    expect(envOf(good)).toEqual({
      app: { id: 12345, privateKey: pkcs8, webhookSecrets: [secret] },
      github: { host: 'github.com', protocol: 'https', apiUrl: 'https://api.github.com', webUrl: 'https://github.com' },
      server: { host: '127.0.0.1', port: 3000 },
      logLevel: 'info',
      database: { dataDir: '.lockkeeper' },
      policyPath: undefined,
      registryConfig: undefined,
      s3: { pathStyle: false },
      mlflow: { trackingUri: undefined, credentials: undefined },
      wandb: { baseUrl: 'https://api.wandb.ai', apiKey: undefined },
      kubeconfig: undefined,
      clockUrl: undefined,
    })
  })

  it('with nothing set names everything that is missing at once', () => {
    expect(readEnv({})).toEqual({
      ok: false,
      problems: [
        "APP_ID is not set. It is the number on the App's settings page.",
        "PRIVATE_KEY is not set. Generate a key on the App's settings page and give its file in PRIVATE_KEY_PATH.",
        "WEBHOOK_SECRET is not set. Make one with `openssl rand -hex 32` and put it into the App's settings, too.",
      ],
    })
  })

  it('treats an empty variable like one that is not set', () => {
    expect(envOf({ ...good, DATABASE_URL: '', PORT: ' ', GHE_HOST: '' })).toEqual(envOf(good))
  })
})

describe('the private key', () => {
  it.each([
    ['PKCS#1', pkcs1],
    ['PKCS#8', pkcs8],
    ['with \\n for line ends', pkcs1.replaceAll('\n', '\\n')],
    ['with \\n and quotes', `"${pkcs1.replaceAll('\n', '\\n')}"`],
    ['with Windows line ends', pkcs1.replaceAll('\n', '\r\n')],
    ['as base64', Buffer.from(pkcs1).toString('base64')],
    ['as base64 in lines', Buffer.from(pkcs8).toString('base64').replace(/.{76}/g, '$&\n')],
  ])('is taken %s', (_, PRIVATE_KEY) => {
    expect(envOf({ ...good, PRIVATE_KEY }).app.privateKey).toBe(pkcs8)
  })

  it.each(['PRIVATE_KEY_PATH', 'PRIVATE_KEY_FILE'])('is taken from the file in %s', (name) => {
    const { PRIVATE_KEY: _, ...rest } = good
    expect(envOf({ ...rest, [name]: file('key.pem', pkcs1) }).app.privateKey).toBe(pkcs8)
  })

  it.each([
    ['text', 'hunter2!', 'is not a PEM key'],
    ['a file name', '/run/secrets/key.pem', 'is not a PEM key'],
    ['half a key', pkcs1.slice(0, 500), 'is damaged'],
    ['a public key', pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'is another kind of key'],
    ['an elliptic key', ellipticKey(), 'is not an RSA key'],
    ['a short key', shortKey(), 'is not an RSA key of 2048 bits'],
    ['an encrypted key', encryptedKey(), 'is encrypted with a passphrase'],
  ])('is refused when it is %s', (_, PRIVATE_KEY, reason) => {
    const problems = problemsOf({ PRIVATE_KEY })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^PRIVATE_KEY is /)
    expect(problems[0]).toContain(reason)
    expect(problems[0]).not.toContain(PRIVATE_KEY.slice(0, 40))
  })

  it('is refused when it is given twice', () => {
    expect(problemsOf({ PRIVATE_KEY_PATH: file('twice.pem', pkcs1) })).toEqual([
      'PRIVATE_KEY_PATH is set besides PRIVATE_KEY or PRIVATE_KEY_FILE. Keep one of them.',
    ])
  })

  it('survives every form it may be written in', () => {
    const forms = [
      (pem: string) => pem,
      (pem: string) => pem.replaceAll('\n', '\\n'),
      (pem: string) => Buffer.from(pem).toString('base64'),
      (pem: string) => `\n  ${pem}  \n`,
    ]
    fc.assert(
      fc.property(fc.constantFrom(...forms), fc.constantFrom(pkcs1, pkcs8), (form, pem) => {
        expect(parsePrivateKey(form(pem))).toEqual({ ok: true, value: pkcs8 })
      }),
      { numRuns: 20 },
    )
  })
})

function ellipticKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
}

function shortKey(): string {
  return generateKeyPairSync('rsa', { modulusLength: 1024 })
    .privateKey.export({ type: 'pkcs1', format: 'pem' })
    .toString()
}

function encryptedKey(): string {
  return pair.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString()
}

describe('the webhook secret', () => {
  it.each([
    ['the default of the framework', 'development', 'a default that everybody knows'],
    ['short', 'k3Jf9s', 'has 6 characters'],
    ['one character', 'a'.repeat(40), 'is one character repeated'],
    ['a word repeated', 'password'.repeat(5), 'is a short text repeated'],
    ['a word repeated and cut', 'password'.repeat(5).slice(0, 35), 'is a short text repeated'],
    ['few characters', 'abcaabbccbacbabcabcbacbacbaabcbabcacbab', 'uses only 3 different characters'],
    ['the alphabet', 'abcdefghijklmnopqrstuvwxyz0123456789', 'follows the alphabet'],
    ['a placeholder', 'CHANGE-ME-to-something-long-and-random', 'is a placeholder'],
  ])('is refused when it is %s', (_, WEBHOOK_SECRET, reason) => {
    const [problem, ...others] = problemsOf({ WEBHOOK_SECRET })
    expect(others).toEqual([])
    expect(problem).toMatch(/^WEBHOOK_SECRET /)
    expect(problem).toContain(reason)
    expect(problem).toContain('openssl rand -hex 32')
  })

  it('is accepted when it is random, in any usual spelling', () => {
    for (let count = 0; count < 2000; count += 1) {
      expect(checkWebhookSecret(randomBytes(32).toString('hex'))).toBeUndefined()
      expect(checkWebhookSecret(randomBytes(16).toString('hex'))).toBeUndefined()
      expect(checkWebhookSecret(randomBytes(24).toString('base64'))).toBeUndefined()
    }
  })

  it('may be changed without a gap: two are accepted, the new one first', () => {
    const old = randomBytes(32).toString('hex')
    expect(envOf({ ...good, WEBHOOK_SECRET_PREVIOUS: old }).app.webhookSecrets).toEqual([secret, old])
    expect(problemsOf({ WEBHOOK_SECRET_PREVIOUS: 'development' })).toHaveLength(1)
  })

  it('is read from a file, without its final line end', () => {
    const { WEBHOOK_SECRET: _, ...rest } = good
    expect(envOf({ ...rest, WEBHOOK_SECRET_FILE: file('secret', `${secret}\n`) }).app.webhookSecrets).toEqual([secret])
  })

  it.each([
    ['that does not exist', () => join(directory, 'absent'), 'cannot be read (ENOENT)'],
    ['that is empty', () => file('empty', '\n'), 'names an empty file'],
  ])('from a file %s is one problem', (_, path, reason) => {
    const { WEBHOOK_SECRET: __, ...rest } = good
    const result = readEnv({ ...rest, WEBHOOK_SECRET_FILE: path() })
    expect(result.ok ? [] : result.problems).toEqual([expect.stringContaining(reason)])
  })
})

describe('where GitHub is', () => {
  it.each([
    [{ GHE_HOST: 'github.example.com' }, 'https://github.example.com/api/v3'],
    [{ GHE_HOST: 'GitHub.Example.com:8443' }, 'https://github.example.com:8443/api/v3'],
    [{ GHE_HOST: 'acme.ghe.com' }, 'https://api.acme.ghe.com'],
    [{ GHE_HOST: '127.0.0.1:4000', GHE_PROTOCOL: 'http' }, 'http://127.0.0.1:4000/api/v3'],
    [{ GHE_HOST: 'localhost:4000', GHE_PROTOCOL: 'http' }, 'http://localhost:4000/api/v3'],
    [{ GHE_HOST: '[::1]:4000', GHE_PROTOCOL: 'http' }, 'http://[::1]:4000/api/v3'],
  ])('%o', (variables, apiUrl) => {
    expect(envOf({ ...good, ...variables }).github.apiUrl).toBe(apiUrl)
  })

  it.each([
    [{ GHE_HOST: 'https://github.example.com' }, 'GHE_HOST must be a host'],
    [{ GHE_HOST: 'github.example.com/api' }, 'GHE_HOST must be a host'],
    [{ GHE_HOST: 'github.example.com', GHE_PROTOCOL: 'http' }, 'tokens would travel unencrypted'],
    [{ GHE_PROTOCOL: 'http' }, 'tokens would travel unencrypted'],
    [{ GHE_HOST: '127.0.0.1.example.com', GHE_PROTOCOL: 'http' }, 'tokens would travel unencrypted'],
    [{ GHE_HOST: '127.0.0.1', GHE_PROTOCOL: 'ftp' }, 'GHE_PROTOCOL must be https'],
  ])('%o is refused', (variables, reason) => {
    expect(problemsOf(variables)).toEqual([expect.stringContaining(reason)])
  })
})

describe('the other settings', () => {
  it('are all taken', () => {
    const policy = file('policy.yml', 'version: 1\n')
    const env = envOf({
      ...good,
      HOST: '0.0.0.0',
      PORT: '0',
      LOG_LEVEL: 'DEBUG',
      DATABASE_URL: 'postgresql://lockkeeper:p%23w@db.example.com:5432/lockkeeper?sslmode=require',
      LOCKKEEPER_POLICY: policy,
      MLFLOW_TRACKING_URI: 'https://mlflow.example.com/',
      MLFLOW_TRACKING_USERNAME: 'bot',
      MLFLOW_TRACKING_PASSWORD_FILE: file('mlflow', 'pass\n'),
      KUBECONFIG: '/etc/kube/config',
      LOCKKEEPER_CLOCK_URL: 'http://127.0.0.1:5000/clock',
    })
    expect(env).toMatchObject({
      server: { host: '0.0.0.0', port: 0 },
      logLevel: 'debug',
      database: { url: 'postgresql://lockkeeper:p%23w@db.example.com:5432/lockkeeper?sslmode=require' },
      policyPath: policy,
      mlflow: {
        trackingUri: 'https://mlflow.example.com',
        credentials: { kind: 'basic', username: 'bot', password: 'pass' },
      },
      kubeconfig: '/etc/kube/config',
      clockUrl: 'http://127.0.0.1:5000/clock',
    })
  })

  it.each([
    [{ APP_ID: 'Iv1.abc' }, 'APP_ID must be a whole number'],
    [{ PORT: '70000' }, 'PORT is "70000"'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is "loud"'],
    [{ DATABASE_URL: 'mysql://x/y' }, 'DATABASE_URL must begin with postgresql://'],
    [{ DATABASE_URL: 'postgres://u:pa#s@h/db' }, 'Percent-encode'],
    [{ DATABASE_URL: 'postgres://h:5432' }, 'names no database'],
    [{ DATABASE_URL: 'postgres://u:p@h:port/db' }, 'cannot be parsed'],
    [{ LOCKKEEPER_POLICY: '/absent/policy.yml' }, 'cannot be read (ENOENT)'],
    [{ MLFLOW_TRACKING_URI: 'mlflow.example.com' }, 'MLFLOW_TRACKING_URI must be an http'],
    [{ MLFLOW_TRACKING_URI: 'https://u:p@mlflow.example.com' }, 'must not hold a user name'],
    [{ MLFLOW_TRACKING_USERNAME: 'bot' }, 'MLFLOW_TRACKING_PASSWORD is not set'],
    [{ MLFLOW_TRACKING_PASSWORD: 'x' }, 'MLFLOW_TRACKING_USERNAME is not set'],
    [{ MLFLOW_TRACKING_TOKEN: 'x', MLFLOW_TRACKING_USERNAME: 'y' }, 'Keep the token or the pair'],
    [{ LOCKKEEPER_CLOCK_URL: 'http://clock.example.com' }, 'must be on a loopback address'],
    [{ LOCKKEEPER_POLCY: 'x' }, 'LOCKKEEPER_POLCY is not a setting. Did you mean LOCKKEEPER_POLICY?'],
    [{ LOCKKEEPER_ZZZZZZ: 'x' }, 'LOCKKEEPER_ZZZZZZ is not a setting. Remove it.'],
  ])('%o is one problem', (variables, reason) => {
    expect(problemsOf(variables)).toEqual([expect.stringContaining(reason)])
  })

  it('report everything that is wrong at once, and no secret in it', () => {
    const problems = problemsOf({
      APP_ID: 'x',
      PRIVATE_KEY: 'private-value',
      WEBHOOK_SECRET: 'secret-value',
      PORT: '-1',
      DATABASE_URL: 'mysql://database-value',
      MLFLOW_TRACKING_TOKEN: 'token-value',
      MLFLOW_TRACKING_PASSWORD: 'password-value',
      LOCKKEEPER_DATADIR: 'x',
    })
    expect(problems.map((problem) => problem.split(' ')[0]).toSorted()).toEqual([
      'APP_ID',
      'DATABASE_URL',
      'LOCKKEEPER_DATADIR',
      'MLFLOW_TRACKING_TOKEN',
      'PORT',
      'PRIVATE_KEY',
      'WEBHOOK_SECRET',
    ])
    expect(problems.join('\n')).not.toMatch(/(private|secret|database|token|password)-value/)
  })
})

describe('the page about settings', () => {
  it('has one row per setting', () => {
    const page = renderSettings()
    for (const { name } of SETTINGS) expect(page).toContain(`| \`${name}\``)
    expect(page).toContain('`WEBHOOK_SECRET_FILE`')
  })
})

describe('stores and registries', () => {
  it('reads a Docker config.json for private registries', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'lockkeeper-env-')), 'config.json')
    writeFileSync(file, '{"auths":{}}')
    expect(envOf({ ...good, LOCKKEEPER_REGISTRY_CONFIG: file, LOCKKEEPER_S3_PATH_STYLE: 'true' })).toMatchObject({
      registryConfig: '{"auths":{}}',
      s3: { pathStyle: true },
    })
    writeFileSync(file, 'not json')
    expect(readEnv({ ...good, LOCKKEEPER_REGISTRY_CONFIG: file, LOCKKEEPER_S3_PATH_STYLE: 'yes' })).toEqual({
      ok: false,
      problems: [
        'LOCKKEEPER_S3_PATH_STYLE is neither `true` nor `false`. Write one of them.',
        'LOCKKEEPER_REGISTRY_CONFIG names a file that is not JSON. Give a Docker config.json.',
      ],
    })
  })
})

describe('Weights & Biases', () => {
  it('is asked at its own address unless another is named, and never without a key', () => {
    expect(envOf(good).wandb).toEqual({ baseUrl: 'https://api.wandb.ai', apiKey: undefined })
    const settings = { WANDB_BASE_URL: 'https://wandb.acme.example/', WANDB_API_KEY: 'a-key' }
    expect(envOf({ ...good, ...settings }).wandb).toEqual({ baseUrl: 'https://wandb.acme.example', apiKey: 'a-key' })
  })

  it('takes no key that cannot be sent', () => {
    const problems = problemsOf({ ...good, WANDB_API_KEY: 'a-key\nwith a line', WANDB_BASE_URL: 'wandb.acme.example' })
    expect(problems.map((problem) => problem.split(' ')[0]).toSorted()).toEqual(['WANDB_API_KEY', 'WANDB_BASE_URL'])
    expect(problems.join()).not.toContain('a-key')
  })
})
