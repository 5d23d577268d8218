/** What a person sees who checks a configuration on the command line. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { validate } from '../../src/cli/validate.ts'

const TEN = 'test/fixtures/config/ten-mistakes.yml'
const REFERENCE = 'examples/reference/model-repo/.github/lockkeeper.yml'

async function run(args: readonly string[], files: { readonly [path: string]: string } = {}, isTty = false) {
  let stdout = ''
  let stderr = ''
  const code = await validate.run(args, {
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

describe('lockkeeper validate', () => {
  it('tells ten mistakes at once, each at its place, by its key and with what to write instead', async () => {
    const { code, stdout } = await run([TEN])
    expect(stdout).toBe(
      [
        `${TEN}:8:20  error  models.churn.gates.auc.goal  \`maximise\` is not one of \`maximize\`, \`minimize\`  did you mean \`maximize\`?`,
        `${TEN}:9:7  error  models.churn.gates.log_loss  this gate has no rule  add \`min\` or \`max\` or \`max_regression\``,
        `${TEN}:11:34  error  models.churn.release.image  \`{{ comit.sha }}\` is not a value that templates know  did you mean \`{{ commit.sha }}\`?`,
        `${TEN}:12:5  error  models.churn.enviroments  there is no key \`enviroments\` here  did you mean \`environments\`?`,
        `${TEN}:17:15  error  environments.staging.edit[0].file  a path has no \`.\` or \`..\` segments  name the file from the root of the repository, for example \`environments/prod/values.yaml\``,
        `${TEN}:20:24  error  environments.staging.edit[0].kserve.storage_uri  text with \`{{ … }}\` is not in quotes  put it in quotes: \`"{{ … }}"\``,
        `${TEN}:23:15  error  environments.staging.sync.within  expected a duration, found the number \`30\`  for example \`within: 15m\``,
        `${TEN}:25:12  error  environments.prod.after  there is no environment \`stagin\`  did you mean \`staging\`?`,
        `${TEN}:26:17  error  environments.prod.deployers[0]  \`alice\` is neither a user nor a team nor a role  write \`user:alice\` or \`team:alice\``,
        `${TEN}:28:53  error  environments.prod.freeze[0].zone  \`Europe/Berln\` is not a time zone  did you mean \`Europe/Berlin\`?`,
        '10 errors',
        '',
      ].join('\n'),
    )
    expect(code).toBe(1)
  })

  it('accepts the reference configuration and names the keys that nothing acts on yet', async () => {
    expect(await run([REFERENCE])).toEqual({
      code: 0,
      stdout: [
        `${REFERENCE}:94:5  inactive  environments.prod.notify  this key is understood, but not acted on yet  progress is told in the pull request`,
        `${REFERENCE}:97:1  inactive  retrain  this key is understood, but not acted on yet  start the training workflow by hand`,
        '2 inactive',
        '',
      ].join('\n'),
      stderr: '',
    })
  })

  it('checks the file of the working directory when none is named, and several when they are', async () => {
    expect((await run([], { '.github/lockkeeper.yml': 'version: 1\n' })).stdout).toBe(
      '.github/lockkeeper.yml: ok\nno problems\n',
    )
    const { code, stdout } = await run(['a', 'b'], { a: 'version: 1', b: 'version: 2' })
    expect(stdout).toBe('a: ok\nb:1:10  error  version  `2` is not `1`  write `1`\n1 error\n')
    expect(code).toBe(1)
  })

  it('checks the operator’s policy by --policy', async () => {
    expect((await run(['--policy', 'examples/reference/server/policy.yml'])).code).toBe(0)
    const { code, stdout } = await run(['--policy', 'p'], {
      p: 'version: 1\nallow:\n  - { repositories: [acme/models], htp: ["https://x.io"] }',
    })
    expect(stdout).toBe('p:3:36  error  allow[0].htp  there is no key `htp` here  did you mean `http`?\n1 error\n')
    expect(code).toBe(1)
  })

  it('prints one JSON document for programs', async () => {
    const { code, stdout } = await run(['--json', 'x'], { x: 'version: 1\nextends: acme/.github\n' })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      files: [
        {
          file: 'x',
          ok: true,
          problems: [
            {
              file: 'x',
              line: 2,
              column: 1,
              key: 'extends',
              reason: 'this key is understood, but not acted on yet',
              hint: 'this file is read on its own',
              severity: 'inactive',
            },
          ],
        },
      ],
    })
  })

  it('colours only for a terminal, and lets no file steer it', async () => {
    const files = { x: 'version: 1\n"\\e[31mred\\a": 1\n' }
    expect((await run(['x'], files)).stdout).not.toContain('\u001b')
    expect((await run(['x'], files, true)).stdout).toContain(
      '\u001b[1mx:2:1\u001b[0m  \u001b[31merror\u001b[0m  "\\u001b[31mred',
    )
    expect((await run(['x'], files, true)).stdout).not.toContain('\u001b[31mred')
  })

  it.each([
    [['--polcy'], "Unknown option '--polcy'"],
    [['--policy'], '--policy needs a FILE'],
  ])('answers wrong usage %j with the usage and exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await run(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(`lockkeeper validate: ${message}\n\n${validate.usage}`)
  })

  it('names a file that is not there, and exits 2', async () => {
    expect(await run(['no/such.yml'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'lockkeeper validate: no/such.yml: there is no such file\n',
    })
  })

  it('prints its help', async () => {
    expect(await run(['--help'])).toEqual({ code: 0, stdout: validate.usage, stderr: '' })
  })
})
