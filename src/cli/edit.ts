/** `lockkeeper edit`: the byte-exact editor of promotions (domain/manifest/) on a file, to try a configuration or for scripts. */
import { writeFile } from 'node:fs/promises'
import {
  type DocumentName,
  editManifest,
  type ManifestEdit,
  type ManifestRefusal,
  parsePath,
} from '../domain/manifest/index.ts'
import { unifiedDiff } from '../domain/manifest/unified-diff.ts'
import { type CliIo, createVerb, printable, readText } from './verb.ts'

const USAGE = `lockkeeper edit FILE CHANGE… [--in-place | --diff]

Changes exactly the named values of a manifest and not one other byte, as a
promotion does, or says why it does not. Prints the edited file.

  --set PATH=VALUE               a value by key path: image.tag=v2,
                                 podAnnotations."lockkeeper.dev/release"=rel-1,
                                 containers[name=server].image=r/c:v2, args[0]=x
  --document KIND[/NAME]         the object that the --set paths start at, in a
                                 file of several: --document Deployment/churn
  --kserve NAME=URI              storageUri of the InferenceService NAME
  --kustomize-image NAME=DIGEST  digest (or else the newTag) of an images: entry
  --in-place                     write the file instead of printing it
  --diff                         print the difference instead
  --help                         this text

Exit codes: 0 edited or already so, 2 refused, wrong usage or no such file.
`

/** The verb, for the list in main.ts. */
export const edit = createVerb({
  name: 'edit',
  usage: USAGE,
  options: {
    set: { type: 'string', multiple: true },
    document: { type: 'string' },
    kserve: { type: 'string', multiple: true },
    'kustomize-image': { type: 'string', multiple: true },
    'in-place': { type: 'boolean' },
    diff: { type: 'boolean' },
  },
  ask: ({ values, positionals: [file, ...others] }): Asked | string => {
    if (file === undefined || others.length > 0) return 'exactly one FILE is needed'
    if (values['in-place'] && values.diff) return '--in-place and --diff exclude each other'
    const document = values.document === undefined ? undefined : documentName(values.document)
    if (typeof document === 'string') return document
    if (document !== undefined && values.set === undefined) return '--document says where --set looks, and needs one'
    const edits = [
      ...(values.set ?? []).map((text) => setting(text, document)),
      ...(values.kserve ?? []).map(kserve),
      ...(values['kustomize-image'] ?? []).map(kustomizeImage),
    ]
    const wrong = edits.find((one) => typeof one === 'string')
    if (wrong !== undefined) return wrong
    if (edits.length === 0) return 'at least one of --set, --kserve and --kustomize-image is needed'
    const output = values['in-place'] ? 'in-place' : values.diff ? 'diff' : 'file'
    return { file, edits: edits.filter((one) => typeof one !== 'string'), output }
  },
  run: runEdit,
})

type Asked = {
  readonly file: string
  readonly edits: readonly ManifestEdit[]
  readonly output: 'file' | 'diff' | 'in-place'
}

/** Runs the verb; see its usage for the exit codes. */
async function runEdit({ file, edits, output }: Asked, io: CliIo): Promise<number> {
  const read = await readText(file, io)
  if (!read.ok) {
    io.stderr(`lockkeeper edit: ${read.reason}\n`)
    return 2
  }
  const { text } = read
  const result = editManifest({ file, text, edits })
  if (result.kind === 'refused') {
    io.stderr(`${sentence(result.refusal)}\n`)
    return 2
  }
  const after = result.kind === 'edited' ? result.text : text
  if (output === 'file') io.stdout(after)
  if (output === 'diff') io.stdout(unifiedDiff(file, text, after))
  if (output === 'in-place' && after !== text) await writeFile(file, after)
  return 0
}

function documentName(text: string): DocumentName | string {
  const [, kind, name] = /^([^/]+)(?:\/(.+))?$/.exec(text) ?? []
  return kind === undefined ? `--document ${text}: KIND or KIND/NAME is needed` : { kind, name }
}

function setting(text: string, document: DocumentName | undefined): ManifestEdit | string {
  const split = equalsOutsideBrackets(text)
  if (split < 0) return `--set ${text}: PATH=VALUE is needed`
  const path = text.slice(0, split)
  const parsed = parsePath(path)
  if (!parsed.ok) return `--set ${text}: ${parsed.problem.reason} (at character ${parsed.problem.offset + 1})`
  return { kind: 'yaml', document, values: [{ path, segments: parsed.segments, value: text.slice(split + 1) }] }
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

function sentence({ file, line, column, code, reason, hint }: ManifestRefusal): string {
  return printable(`${file}:${line}:${column}  ${code}  ${reason}  ${hint}`)
}
