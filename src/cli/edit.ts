/** `lockkeeper edit`: the byte-exact editor of promotions (domain/manifest/) on a file, to try a configuration or for scripts. */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { editManifest, type ManifestEdit, type ManifestRefusal, parsePath } from '../domain/manifest/index.ts'
import { unifiedDiff } from '../domain/manifest/unified-diff.ts'
import type { CliIo, Verb } from './verb.ts'

const USAGE = `lockkeeper edit FILE CHANGE… [--in-place | --diff]

Changes exactly the named values of a manifest and not one other byte, as a
promotion does, or says why it does not. Prints the edited file.

  --set PATH=VALUE               a value by key path: image.tag=v2,
                                 podAnnotations."lockkeeper.dev/release"=rel-1,
                                 containers[name=server].image=r/c:v2, args[0]=x
  --kserve NAME=URI              storageUri of the InferenceService NAME
  --kustomize-image NAME=DIGEST  digest (or else the newTag) of an images: entry
  --in-place                     write the file instead of printing it
  --diff                         print the difference instead
  --help                         this text

Exit codes: 0 edited or already so, 2 refused, wrong usage or no such file.
`

/** The verb, for the list in main.ts. */
export const edit: Verb = {
  name: 'edit',
  summary: 'change values of a manifest byte-exactly, as a promotion does',
  usage: USAGE,
  run: runEdit,
}

type Asked = {
  readonly file: string
  readonly edits: readonly ManifestEdit[]
  readonly output: 'file' | 'diff' | 'in-place'
}

/** Runs the verb; see its usage for the exit codes. */
async function runEdit(args: readonly string[], io: CliIo): Promise<number> {
  const asked = readArguments(args)
  if (asked === 'help') {
    io.stdout(USAGE)
    return 0
  }
  if (typeof asked === 'string') {
    io.stderr(`lockkeeper edit: ${asked}\n\n${USAGE}`)
    return 2
  }
  const text = await readText(asked.file, io)
  if (text === undefined) return 2
  const result = editManifest({ file: asked.file, text, edits: asked.edits })
  if (result.kind === 'refused') {
    io.stderr(`${sentence(result.refusal)}\n`)
    return 2
  }
  const after = result.kind === 'edited' ? result.text : text
  if (asked.output === 'file') io.stdout(after)
  if (asked.output === 'diff') io.stdout(unifiedDiff(asked.file, text, after))
  if (asked.output === 'in-place' && after !== text) await writeFile(asked.file, after)
  return 0
}

/** What was asked, or in a sentence why it cannot be read. */
function readArguments(args: readonly string[]): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        set: { type: 'string', multiple: true },
        kserve: { type: 'string', multiple: true },
        'kustomize-image': { type: 'string', multiple: true },
        'in-place': { type: 'boolean' },
        diff: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) return 'help'
    const [file, ...others] = positionals
    if (file === undefined || others.length > 0) return 'exactly one FILE is needed'
    if (values['in-place'] && values.diff) return '--in-place and --diff exclude each other'
    const edits = [
      ...(values.set ?? []).map(setting),
      ...(values.kserve ?? []).map(kserve),
      ...(values['kustomize-image'] ?? []).map(kustomizeImage),
    ]
    const wrong = edits.find((one) => typeof one === 'string')
    if (wrong !== undefined) return wrong
    if (edits.length === 0) return 'at least one of --set, --kserve and --kustomize-image is needed'
    const output = values['in-place'] ? 'in-place' : values.diff ? 'diff' : 'file'
    return { file, edits: edits.filter((one) => typeof one !== 'string'), output }
  } catch (error) {
    // Node's second sentence is about `--`, which helps nobody here.
    if (error instanceof TypeError) return error.message.split('. ')[0] ?? error.message
    throw error
  }
}

function setting(text: string): ManifestEdit | string {
  const split = equalsOutsideBrackets(text)
  if (split < 0) return `--set ${text}: PATH=VALUE is needed`
  const path = text.slice(0, split)
  const parsed = parsePath(path)
  if (!parsed.ok) return `--set ${text}: ${parsed.problem.reason} (at character ${parsed.problem.offset + 1})`
  return { kind: 'yaml', values: [{ path, segments: parsed.segments, value: text.slice(split + 1) }] }
}

function kserve(text: string): ManifestEdit | string {
  const split = text.indexOf('=')
  if (split < 1) return `--kserve ${text}: NAME=URI is needed`
  return { kind: 'kserve', name: text.slice(0, split), storageUri: text.slice(split + 1) }
}

function kustomizeImage(text: string): ManifestEdit | string {
  const split = text.indexOf('=')
  const value = text.slice(split + 1)
  if (split < 1 || value === '') return `--kustomize-image ${text}: NAME=DIGEST is needed`
  const name = text.slice(0, split)
  return value.startsWith('sha256:')
    ? { kind: 'kustomize_image', name, digest: value }
    : { kind: 'kustomize_image', name, newTag: value }
}

/** The `=` between path and value: not the one of `[name=server]`, nor one in a quoted key. */
function equalsOutsideBrackets(text: string): number {
  const path = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\[[^\]]*\]|[^="'[])*/.exec(text)
  const end = path?.[0].length ?? 0
  return text[end] === '=' ? end : -1
}

async function readText(file: string, io: CliIo): Promise<string | undefined> {
  try {
    return await io.readFile(file)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    const reason = error.code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${String(error.code)})`
    io.stderr(`lockkeeper edit: ${file}: ${reason}\n`)
    return undefined
  }
}

function sentence({ file, line, column, code, reason, hint }: ManifestRefusal): string {
  return `${file}:${line}:${column}  ${code}  ${reason}  ${hint}`.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')
}
