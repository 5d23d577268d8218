/** What a person sees who edits a manifest on the command line. */
import { chmod, lstat, mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { edit } from '../../src/cli/edit.ts'

const KUSTOMIZATION = `kind: Kustomization
images:
- name: ghcr.io/acme/churn   # the server
  newTag: v1
`
const VALUES = `image: {tag: "v1"}
podAnnotations:
  "lockkeeper.dev/release": ""
containers:
- name: server
  args: [--model, x=y]
`

type Files = { readonly [path: string]: string }

async function run(args: readonly string[], files: Files = {}, isTty = false) {
  let [stdout, stderr] = ['', '']
  const code = await edit.run(args, {
    stdout: (text) => {
      stdout += text
    },
    stderr: (text) => {
      stderr += text
    },
    isTty,
    readFile: async (path) => files[path] ?? readFile(path, 'utf8'),
  })
  return { code, stdout, stderr }
}

describe('lockkeeper edit', () => {
  test('prints the file with the named values changed', async () => {
    const args = ['--set', 'image.tag=v2=final', '--set', 'podAnnotations."lockkeeper.dev/release"=rel-1']
    const { code, stdout, stderr } = await run(['values.yaml', ...args, '--set', 'containers[name=server].args[1]=z'], {
      'values.yaml': VALUES,
    })
    expect(stdout).toBe(VALUES.replace('"v1"', '"v2=final"').replace('""', '"rel-1"').replace('x=y', 'z'))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('prints the difference', async () => {
    const args = ['k.yaml', '--kustomize-image', 'ghcr.io/acme/churn=v2', '--diff']
    expect(await run(args, { 'k.yaml': KUSTOMIZATION })).toEqual({
      code: 0,
      stderr: '',
      stdout: `--- a/k.yaml
+++ b/k.yaml
@@ -1,4 +1,4 @@
 kind: Kustomization
 images:
 - name: ghcr.io/acme/churn   # the server
-  newTag: v1
+  newTag: v2
`,
    })
  })

  test('adds a digest', async () => {
    const { stdout } = await run(['k.yaml', '--kustomize-image', 'ghcr.io/acme/churn=sha256:ab'], {
      'k.yaml': KUSTOMIZATION,
    })
    expect(stdout).toBe(`${KUSTOMIZATION}  digest: sha256:ab\n`)
  })

  test('prints the difference in colour on a terminal, and nothing that could steer it', async () => {
    const text = 'a: x # \u202e\r\nb: 2\n'
    const { stdout } = await run(['v.yaml', '--set', 'a=z', '--diff'], { 'v.yaml': text }, true)
    expect(stdout).toBe(
      [
        '\u001b[1m--- a/v.yaml\u001b[0m',
        '\u001b[1m+++ b/v.yaml\u001b[0m',
        '\u001b[36m@@ -1,2 +1,2 @@\u001b[0m',
        '\u001b[31m-a: x # ?\u001b[0m',
        '\u001b[32m+a: z # ?\u001b[0m',
        ' b: 2',
        '',
      ].join('\n'),
    )
  })

  test('reads standard input', async () => {
    const { code, stdout } = await run(['-', '--set', 'a=z'], { '/dev/stdin': 'a: x\n' })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a: z\n' })
    expect((await run(['-', '--set', 'b=2'], { '/dev/stdin': 'a: 1\n' })).stderr).toMatch(
      /^stdin:1:1 {2}target_missing/,
    )
  })

  test('says nothing of what is there already, and exits 0', async () => {
    expect(await run(['v.yaml', '--set', 'a=1', '--diff'], { 'v.yaml': 'a: "1"\n' })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
  })

  test('writes the file when asked to, and only then', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-edit-'))
    try {
      const file = join(directory, 'isvc.yaml')
      const text =
        '\uFEFFapiVersion: serving.kserve.io/v1beta1\r\nkind: InferenceService\r\nmetadata: {name: churn}\r\nspec: {predictor: {model: {storageUri: s3://m/1}}}'
      await writeFile(file, text)
      await run([file, '--kserve', 'churn=s3://m/2', '--diff'])
      expect(await readFile(file, 'utf8')).toBe(text)
      expect(await run([file, '--kserve', 'churn=s3://m/2', '--in-place'])).toEqual({ code: 0, stdout: '', stderr: '' })
      expect(await readFile(file, 'utf8')).toBe(text.replace('m/1', 'm/2'))
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  test('writes through a link and keeps the mode; what cannot be written is as it was, and nothing is left beside it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-edit-'))
    try {
      const [file, link] = [join(directory, 'values.yaml'), join(directory, 'link.yaml')]
      await writeFile(file, 'a: 1\n')
      await chmod(file, 0o750)
      await symlink('values.yaml', link)
      expect(await run([link, '--set', 'a=z', '--in-place'])).toEqual({ code: 0, stdout: '', stderr: '' })
      expect(await readFile(file, 'utf8')).toBe('a: z\n')
      expect(((await stat(file)).mode & 0o777).toString(8)).toBe('750')
      expect((await lstat(link)).isSymbolicLink()).toBe(true)
      const gone = join(directory, 'gone.yaml')
      expect(await run([gone, '--set', 'a=z', '--in-place'], { [gone]: 'a: 1\n' })).toEqual({
        code: 2,
        stdout: '',
        stderr: `lockkeeper edit: ${gone}: it cannot be written (ENOENT), and is as it was\n`,
      })
      expect((await readdir(directory)).toSorted()).toEqual(['link.yaml', 'values.yaml'])
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  test('whoever reads the file meanwhile sees the whole old one, never a half', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-edit-'))
    try {
      const file = join(directory, 'values.yaml')
      await writeFile(file, 'a: 1\n')
      const before = await open(file)
      await run([file, '--set', 'a=z', '--in-place'])
      expect(await before.readFile('utf8')).toBe('a: 1\n')
      await before.close()
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  test('changes the document that is named', async () => {
    const text = 'kind: A\nmetadata: {name: x}\nv: 1\n---\nkind: A\nmetadata: {name: y}\nv: 1\n'
    const args = ['f.yaml', '--set', 'v=z', '--document']
    expect(await run([...args, 'A/y'], { 'f.yaml': text })).toMatchObject({
      code: 0,
      stdout: text.replace(/1\n$/, 'z\n'),
    })
    const refused = await run([...args, 'A'], { 'f.yaml': text })
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toBe(
      'f.yaml:5:1  target_ambiguous  `A` is there more than once  Name the one that is meant, too.\n',
    )
  })

  test('refuses a file of another encoding, and leaves it alone', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-edit-'))
    try {
      const file = join(directory, 'values.yaml')
      for (const bytes of [
        Buffer.from('owner: M\xfcller\ntag: x\n', 'latin1'),
        Buffer.from('\ufefftag: x\n', 'utf16le'),
      ]) {
        await writeFile(file, bytes)
        const { code, stdout, stderr } = await run([file, '--set', 'tag=v2', '--in-place'])
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
        expect(stderr).toContain('not_utf8  it is not UTF-8 text  Save the file as UTF-8.')
        expect(await readFile(file)).toEqual(bytes)
      }
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  test('refuses with place, reason and next step, and exits 2', async () => {
    expect(await run(['values.yaml', '--set', 'image.tga=v2'], { 'values.yaml': VALUES })).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'values.yaml:1:8  target_missing  `image` has no key `tga`  Its keys are tag. Add it once by hand, or correct the path.\n',
    })
  })

  test.each([
    [[], 'exactly one FILE is needed'],
    [
      ['a.yaml'],
      'no change is asked for: one of --set, --kserve, --deployment, --kustomize-image, --helm, --argocd-parameter, --argocd-value, --argocd-image is needed',
    ],
    [['a.yaml', '--set', 'image.tag'], '--set image.tag: PATH=VALUE is needed'],
    [
      ['a.yaml', '--set', 'image.=v2'],
      '--set image.=v2: a key is missing here; quote keys that hold dots or spaces (at character 7)',
    ],
    [['a.yaml', '--kserve', 'churn'], '--kserve churn: [KIND/]NAME[.PART][.FIELD]=VALUE is needed'],
    [
      ['a.yaml', '--kustomize-image', 'r/c='],
      '--kustomize-image r/c=: NAME=TAG, NAME=DIGEST or NAME=TAG@DIGEST is needed',
    ],
    [
      ['a.yaml', '--kustomize-image', 'r/c=v2@x'],
      '--kustomize-image r/c=v2@x: NAME=TAG, NAME=DIGEST or NAME=TAG@DIGEST is needed',
    ],
    [['a.yaml', '--kserve', 'churn.image='], '--kserve churn.image=: [KIND/]NAME[.PART][.FIELD]=VALUE is needed'],
    [
      ['a.yaml', '--kserve', 'churn.storage_url=x'],
      '--kserve churn.storage_url=x: its fields are storage_uri, storage_path, runtime, runtime_version, model_format_version, image, env.NAME, adapters.NAME',
    ],
    [
      ['a.yaml', '--kserve', 'Deployment/churn=x'],
      '--kserve Deployment/churn=x: its kinds are InferenceService, TrainedModel, ServingRuntime, ClusterServingRuntime, LLMInferenceService, InferenceGraph',
    ],
    [['a.yaml', '--deployment', 'churn'], '--deployment churn: [KIND/]NAME[/CONTAINER]=IMAGE is needed'],
    [['a.yaml', '--deployment', 'a/b/c=x'], '--deployment a/b/c=x: [KIND/]NAME[/CONTAINER]=IMAGE is needed'],
    [['a.yaml', '--helm', 'image'], '--helm image: PATH=IMAGE is needed'],
    [['a.yaml', '--argocd-parameter', 'image.tag=v2'], '--argocd-parameter image.tag=v2: APP/NAME=VALUE is needed'],
    [
      ['a.yaml', '--argocd-parameter', 'image.repository=a/b'],
      '--argocd-parameter image.repository=a/b: APP/NAME=VALUE is needed',
    ],
    [
      ['a.yaml', '--argocd-value', 'churn/a..b=v2'],
      '--argocd-value churn/a..b=v2: a key is missing here; quote keys that hold dots or spaces (at character 3)',
    ],
    [['a.yaml', '--argocd-image', 'churn/a='], '--argocd-image churn/a=: APP/NAME=IMAGE is needed'],
    [['-', '--set', 'a=b', '--in-place'], 'standard input cannot be written in place'],
    [['a.yaml', '--set', 'a=b', '--document', '/x'], '--document /x: KIND or KIND/NAME is needed'],
    [['a.yaml', '--kserve', 'a=b', '--document', 'A'], '--document says where --set looks, and needs one'],
    [['a.yaml', '--set', 'a=b', '--in-place', '--diff'], '--in-place and --diff exclude each other'],
    [['a.yaml', '--sett', 'a=b'], "Unknown option '--sett'"],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, stderr } = await run(args)
    expect(code).toBe(2)
    expect(stderr.split('\n')[0]).toBe(`lockkeeper edit: ${message}`)
    expect(stderr).toContain('Exit codes:')
  })

  test('says that a file is not there', async () => {
    expect(await run(['nowhere.yaml', '--set', 'a=b'])).toMatchObject({
      code: 2,
      stderr: 'lockkeeper edit: nowhere.yaml: there is no such file\n',
    })
  })
})
