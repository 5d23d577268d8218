/** What a person sees who edits a manifest on the command line. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
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

async function run(args: readonly string[], files: { readonly [path: string]: string } = {}) {
  let [stdout, stderr] = ['', '']
  const code = await edit.run(args, {
    stdout: (text) => {
      stdout += text
    },
    stderr: (text) => {
      stderr += text
    },
    isTty: false,
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
    [['a.yaml'], 'at least one of --set, --kserve and --kustomize-image is needed'],
    [['a.yaml', '--set', 'image.tag'], '--set image.tag: PATH=VALUE is needed'],
    [
      ['a.yaml', '--set', 'image.=v2'],
      '--set image.=v2: a key is missing here; quote keys that hold dots or spaces (at character 7)',
    ],
    [['a.yaml', '--kserve', 'churn'], '--kserve churn: NAME=URI is needed'],
    [['a.yaml', '--kustomize-image', 'r/c='], '--kustomize-image r/c=: NAME=DIGEST is needed'],
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
