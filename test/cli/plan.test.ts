/** What a person sees who asks what a promotion would change, before it is made. */
import { execFileSync } from 'node:child_process'
import { chmod, cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { plan } from '../../src/cli/plan.ts'

const REFERENCE = join(import.meta.dirname, '../../examples/reference')
const COMMIT = '3f9c2e1d4b5a69788796a5b4c3d2e1f001122334'
const DIGEST = `sha256:${'ab'.repeat(32)}`

/** Both repositories of the reference, side by side in a directory of their own. */
let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lockkeeper-plan-'))
  await cp(join(REFERENCE, 'model-repo'), join(root, 'models'), { recursive: true })
  await cp(join(REFERENCE, 'config-repo'), join(root, 'config'), { recursive: true })
})
afterEach(() => rm(root, { recursive: true }))

async function run(args: readonly string[], { isTty = false } = {}) {
  let [stdout, stderr] = ['', '']
  const code = await plan.run(args, {
    stdout: (text) => {
      stdout += text
    },
    stderr: (text) => {
      stderr += text
    },
    isTty,
    readFile: (path) => readFile(path, 'utf8'),
  })
  return { code, stdout, stderr: stderr.replaceAll(root, '') }
}

const places = () => ['--checkout', join(root, 'config'), '--config', join(root, 'models/.github/lockkeeper.yml')]
const NAMED = ['--model', 'churn', '--from', 'acme/models']
const RELEASE = [`commit.sha=${COMMIT}`, `image.digest=${DIGEST}`, 'model.version=12', 'release.id=rel-1'].flatMap(
  (value) => ['--value', value],
)
const churn = (environment: string, more: readonly string[] = RELEASE) => [environment, ...NAMED, ...places(), ...more]
const manifest = (path: string) => join(root, 'config/environments', path)
const INFERENCE = 'staging/churn/inference.yaml'

async function edited(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')))
}

describe('lockkeeper plan', () => {
  test('prints what would change, and says how much on the other stream', async () => {
    const { code, stdout, stderr } = await run(churn('staging'))
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'churn → staging: 2 values in 2 files of acme/ml-config would change\n',
    })
    expect(stdout).toMatchInlineSnapshot(`
      "--- a/environments/staging/churn/inference.yaml
      +++ b/environments/staging/churn/inference.yaml
      @@ -11,6 +11,6 @@
           minReplicas: 1
           model:
             modelFormat: { name: sklearn }
      -      storageUri: "s3://acme-models/churn/11"   # <- the promoted version
      +      storageUri: "s3://acme-models/churn/12"   # <- the promoted version
             resources:
               limits: {cpu: "1", memory: 2Gi}
      --- a/environments/staging/churn/kustomization.yaml
      +++ b/environments/staging/churn/kustomization.yaml
      @@ -4,6 +4,6 @@
       - inference.yaml
       images:
       - name: ghcr.io/acme/churn
      -  digest: sha256:1f0e7c0f6f6f2b0f2a4e2d6a9a0f3e1b7c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f   # churn API server
      +  digest: sha256:abababababababababababababababababababababababababababababababab   # churn API server
       - name: busybox
         newTag: "1.36"
      "
    `)
  })

  test('prints a diff that git applies, after which nothing would change', async () => {
    const { stdout } = await run(churn('prod'))
    execFileSync('git', ['apply', '--directory=', '-'], { cwd: join(root, 'config'), input: stdout })
    expect(await readFile(manifest('prod/churn/values.yaml'), 'utf8')).toContain(`tag: ${COMMIT}@${DIGEST}\n`)
    expect(await run(churn('prod'))).toEqual({
      code: 0,
      stdout: '',
      stderr: 'churn → prod: nothing would change in acme/ml-config, every value is there already\n',
    })
  })

  test('is coloured where a person looks, who cannot be fooled by what a file holds', async () => {
    await edited(manifest(INFERENCE), (text) => text.replace('name: sklearn', 'name: sk\u202elearn'))
    const { stdout } = await run(churn('staging'), { isTty: true })
    expect(stdout).toContain('\u001b[1m--- a/environments/staging/churn/inference.yaml\u001b[0m\n')
    expect(stdout).toContain(
      '\u001b[31m-      storageUri: "s3://acme-models/churn/11"   # <- the promoted version\u001b[0m',
    )
    expect(stdout).toContain('\u001b[32m+      storageUri: "s3://acme-models/churn/12"')
    expect(stdout).toContain('name: sk?learn')
  })

  test('is one JSON document for scripts, also where it is refused', async () => {
    const { code, stdout, stderr } = await run(churn('staging', [...RELEASE, '--json']))
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      outcome: 'changes',
      model: 'churn',
      environment: 'staging',
      repository: 'acme/ml-config',
      changes: [
        expect.objectContaining({ before: 's3://acme-models/churn/11', after: 's3://acme-models/churn/12' }),
        expect.objectContaining({ path: 'images[name=ghcr.io/acme/churn].digest', after: DIGEST }),
      ],
      files: [
        { path: 'environments/staging/churn/inference.yaml', diff: expect.stringMatching(/^--- a\//) },
        { path: 'environments/staging/churn/kustomization.yaml', diff: expect.stringMatching(/^--- a\//) },
      ],
    })
    await rm(manifest(INFERENCE))
    const refused = await run(churn('staging', [...RELEASE, '--json']))
    expect(refused).toMatchObject({ code: 2, stderr: '' })
    expect(JSON.parse(refused.stdout)).toMatchObject({ outcome: 'refused', code: 'manifest_missing' })
  })
})

describe('the values of the release', () => {
  test('that are missing are named, each with the template that needs it and the option that gives it', async () => {
    expect(await run(churn('prod', []))).toEqual({
      code: 2,
      stdout: '',
      stderr: [
        'lockkeeper plan: `s3://acme-models/churn/{{ model.version }}` needs a value that is not given: --value model.version=…',
        'lockkeeper plan: `ghcr.io/acme/churn:{{ commit.sha }}` needs a value that is not given: --value commit.sha=…',
        'lockkeeper plan: `{{ image.tag }}@{{ image.digest }}` needs a value that is not given: --value image.digest=…',
        'lockkeeper plan: `{{ release.id }}` needs a value that is not given: --value release.id=…',
        '',
      ].join('\n'),
    })
  })

  test('come from a file, too, and an option goes before it', async () => {
    const file = join(root, 'release.json')
    const release = { model: { version: 11 }, image: { digest: DIGEST }, commit: { sha: COMMIT } }
    await writeFile(file, JSON.stringify(release))
    const given = ['--release', file, '--value', 'model.version=12']
    expect((await run(churn('staging', given))).stdout).toBe((await run(churn('staging'))).stdout)
    expect((await run(churn('staging', ['--release', file]))).stdout).not.toContain('storageUri')
  })

  test('may be what nothing of the model would make', async () => {
    const { stdout } = await run(churn('staging', [...RELEASE, '--value', 'model.uri=s3://acme-models/churn/special']))
    expect(stdout).toContain('+      storageUri: "s3://acme-models/churn/special"')
  })

  test.each([
    ['model.version', '--value model.version: NAME=VALUE is needed'],
    ['model.version=', '--value model.version=: NAME=VALUE is needed'],
    ['modle.version=3', '--value modle.version=3: templates know no such value; model.version?'],
    ['model.name=x', '--value model.name=x: this follows from ENVIRONMENT and --model'],
    [
      'x=y',
      '--value x=y: templates know no such value; there are: model.version, model.uri, image.repository, image.tag, image.digest, commit.sha, pull_request.sha, pull_request.number, release.id',
    ],
  ])('as --value %s are not understood', async (value, problem) => {
    expect(await run(churn('staging', ['--value', value]))).toMatchObject({
      code: 2,
      stderr: `lockkeeper plan: ${problem}\n`,
    })
  })

  test.each([
    ['version: 12', 'it is not JSON'],
    ['[]', 'it is no JSON object; write { "model": { "version": "12" } }'],
    [
      '{ "model": { "version": null } }',
      '`model.version` is no text or number; write { "model": { "version": "12" } }',
    ],
    ['{ "model": { "vers": 1 } }', 'model.vers: templates know no such value; model.version?'],
  ])('as a file %s are not understood', async (text, problem) => {
    const file = join(root, 'release.json')
    await writeFile(file, text)
    const { code, stderr } = await run(churn('staging', ['--release', file]))
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`/release.json: ${problem}`) })
  })
})

describe('what the bot would refuse is refused', () => {
  const refusal = async (args = churn('staging')) => {
    const { code, stdout, stderr } = await run(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    return stderr
  }
  const accepts = () => join(root, 'config/.github/lockkeeper.yml')

  test('what the config repository does not accept, with the lines that it would need', async () => {
    await edited(accepts(), (text) => text.replace('["ghcr.io/acme/*"]', '["ghcr.io/other/*"]'))
    expect(await refusal()).toBe(
      [
        `lockkeeper plan: acme/ml-config does not accept this: the image \`ghcr.io/acme/churn@${DIGEST}\` is not among \`images\` (accepts_refused)`,
        '`.github/lockkeeper.yml` of acme/ml-config would need this:',
        '    images: ["ghcr.io/other/*", "ghcr.io/acme/churn"]',
        '',
      ].join('\n'),
    )
    await rm(accepts())
    expect(await refusal()).toContain(
      '(accepts_missing)\n`.github/lockkeeper.yml` of acme/ml-config would need this:\naccepts:\n',
    )
  })

  test('a link, a folder that is one, an executable file, and what is no UTF-8', async () => {
    const file = manifest(INFERENCE)
    await rename(file, `${file}.real`)
    await symlink(`${file}.real`, file)
    expect(await refusal()).toContain('environments/staging/churn/inference.yaml has the mode 120000')
    await rm(file)
    await rename(`${file}.real`, file)
    await chmod(file, 0o755)
    expect(await refusal()).toContain('has the mode 100755 in the config repository (manifest_refused)')
    await chmod(file, 0o644)
    await writeFile(file, Buffer.from('name: M\xfcller\n', 'latin1'))
    expect(await refusal()).toContain('inference.yaml is not UTF-8 text (manifest_refused)')
    await rename(manifest('staging/churn'), manifest('staging/elsewhere'))
    await symlink('elsewhere', manifest('staging/churn'))
    expect(await refusal()).toContain('has the mode 120000')
  })

  test.each([
    ['.github/workflows/x', '`.github/` is never written'],
    ['../outside', 'a path has no `.` or `..` segments'],
    ['{{ environment }}/../../outside', 'a path has no `.` or `..` segments'],
  ])('a file outside of what may be written: %s', async (path, reason) => {
    const config = join(root, 'models/.github/lockkeeper.yml')
    await edited(config, (text) => text.replace('environments/staging/{{ model.name }}/kustomization', path))
    await writeFile(join(root, 'outside.yaml'), 'images: []\n')
    expect(await refusal()).toContain(reason)
  })

  test('a file that is not there, and one that the editor cannot edit safely, with its place', async () => {
    await edited(manifest(INFERENCE), (text) => text.replace('kind: InferenceService', 'kind: Inference'))
    expect(await refusal()).toMatch(/`environments\/staging\/churn\/inference\.yaml:\d+:\d+`: .*\(manifest_refused\)\n/)
    await rm(manifest(INFERENCE))
    expect(await refusal()).toContain('`environments/staging/churn/inference.yaml` does not exist')
  })

  test('a configuration with errors, by line', async () => {
    await edited(join(root, 'models/.github/lockkeeper.yml'), (text) =>
      text.replace('environments:\n  staging', 'environmnets:\n  staging'),
    )
    expect(await refusal()).toMatch(/^lockkeeper plan: \/models\/\.github\/lockkeeper\.yml:\d+:\d+ {2}/)
  })
})

describe('which repository it is about', () => {
  const git = (directory: string, ...args: readonly string[]) =>
    execFileSync('git', ['-C', join(root, directory), ...args])
  const unnamed = () => churn('staging').filter((each) => each !== '--from' && each !== 'acme/models')

  test.each(['git@github.com:Acme/models.git', 'https://ghe.acme.test/acme/models', 'ssh://git@host:22/acme/models/'])(
    'is told by the remote %s',
    async (url) => {
      git('models', 'init', '-q')
      git('models', 'remote', 'add', 'origin', url)
      expect((await run(unnamed())).code).toBe(1)
    },
  )

  test('has to be said where Git cannot tell', async () => {
    expect(await run(unnamed())).toMatchObject({
      code: 2,
      stderr: 'lockkeeper plan: which repository is the model in? Say it by --from OWNER/REPO\n',
    })
  })

  test('is doubted where the checkout is one of another', async () => {
    git('config', 'init', '-q')
    git('config', 'remote', 'add', 'origin', 'git@github.com:acme/other.git')
    expect((await run(churn('staging'))).stderr).toBe(
      'churn → staging: 2 values in 2 files of acme/ml-config would change (but /config is a checkout of acme/other)\n',
    )
  })
})

describe('wrong usage', () => {
  test('a checkout that is not there is not taken for one that accepts nothing', async () => {
    const gone = join(root, 'gone')
    const asked = [...churn('staging'), '--checkout', gone]
    const problem = `--checkout ${gone}: there is no such directory`
    expect(await run(asked)).toEqual({
      code: 2,
      stdout: '',
      stderr: 'lockkeeper plan: --checkout /gone: there is no such directory\n',
    })
    const { code, stdout, stderr } = await run([...asked, '--json'])
    expect({ code, stderr, said: JSON.parse(stdout) }).toEqual({
      code: 2,
      stderr: '',
      said: { outcome: 'mistaken', problems: [problem] },
    })
    const file = await run([...churn('staging'), '--checkout', join(root, 'models/.github/lockkeeper.yml')])
    expect(file.stderr).toContain('it is no directory')
  })

  test.each([
    [[], 'exactly one ENVIRONMENT is needed'],
    [['staging', 'prod'], 'exactly one ENVIRONMENT is needed'],
    [['staging'], '--checkout DIR is needed: where the config repository is checked out'],
    [['staging', '--checkout', '.', '--from', 'models'], '--from models: OWNER/REPO is needed'],
    [['staging', '--chekout', '.'], "Unknown option '--chekout'"],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, stderr } = await run(args)
    expect(code).toBe(2)
    expect(stderr.split('\n')[0]).toBe(`lockkeeper plan: ${message}`)
    expect(stderr).toContain('Exit codes:')
  })

  test.each([
    [['--from', 'acme/models'], 'which model? --model churn, fraud'],
    [['--from', 'acme/models', '--model', 'chrun'], 'there is no model `chrun` in acme/models (model_unknown)'],
    [
      ['--from', 'acme/models', '--model', 'No Such'],
      '--model No Such: there is no such model; there are: churn, fraud',
    ],
    [['--from', 'acme/models', '--model', 'fraud'], '`fraud` has no environment `prod` (environment_unknown)'],
  ])('names what there is where %j is not', async (args, message) => {
    const { code, stderr } = await run(['prod', ...places(), ...args])
    expect({ code, first: stderr.split('\n')[0] }).toEqual({ code: 2, first: `lockkeeper plan: ${message}` })
  })

  test('says that a file is not there', async () => {
    expect(await run(['prod', '--checkout', root, '--config', 'nowhere.yml'])).toMatchObject({
      code: 2,
      stderr: 'lockkeeper plan: nowhere.yml: there is no such file\n',
    })
  })
})
