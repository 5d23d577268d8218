/** `lockkeeper edit`: the byte-exact editor of promotions (domain/manifest/) on a file, to try a configuration or for scripts. Its flags are read in edit-arguments.ts. */
import { editManifest, type ManifestEdit, type ManifestRefusal } from '../domain/manifest/index.ts'
import { unifiedDiff } from '../domain/manifest/unified-diff.ts'
import { showDiff } from './diff-output.ts'
import { CHANGES, editsAsked } from './edit-arguments.ts'
import { type CliIo, createVerb, printable, readText } from './verb.ts'
import { writeInPlace } from './write-in-place.ts'

const USAGE = `lockkeeper edit FILE CHANGE… [--in-place | --diff]

Changes exactly the named values of a manifest and not one other byte, as a
promotion does, or says why it does not. Prints the edited file. FILE may be -
for standard input. Every change may be given several times.

Any YAML file
  --set PATH=VALUE               image.tag=v2, args[0]=x,
                                 podAnnotations."lockkeeper.dev/release"=rel-1,
                                 containers[name=server].image=r/c:v2
  --document KIND[/NAME]         the object at which the --set paths begin, in a
                                 file of several: --document ConfigMap/churn

KServe objects
  --kserve NAME=URI              the model of the InferenceService NAME
  --kserve NAME.FIELD=VALUE      another field: storage_path, runtime, image,
                                 runtime_version, model_format_version,
                                 env.VARIABLE, adapters.NAME
                                 NAME.transformer.FIELD for another part,
                                 KIND/NAME.FIELD for another kind of object

Images
  --deployment NAME=IMAGE        the container of a workload of any kind;
                                 NAME/CONTAINER where there are several,
                                 KIND/NAME where names are shared
  --kustomize-image NAME=TAG     the images: entry NAME of a kustomization, or
                                 NAME=DIGEST, or NAME=TAG@DIGEST
  --helm PATH=IMAGE              an image in the values of a chart, in the parts
                                 that the file has: --helm image=r/c:v2@sha256:…

Argo CD Applications
  --argocd-parameter APP/NAME=VALUE  a Helm parameter
  --argocd-value APP/PATH=VALUE      a value in helm.valuesObject
  --argocd-image APP/NAME=IMAGE      an item of kustomize.images

Output
  --in-place                     write the file instead of printing it
  --diff                         print the difference instead
  --help                         this text

Exit codes: 0 edited or already so, 2 refused, wrong usage, or the file cannot
be read or written; it is then as it was.
`

const MANY = { type: 'string', multiple: true } as const

/** The verb, for the list in verbs.ts. */
export const edit = createVerb({
  name: 'edit',
  usage: USAGE,
  options: {
    set: MANY,
    document: { type: 'string' },
    kserve: MANY,
    deployment: MANY,
    'kustomize-image': MANY,
    helm: MANY,
    'argocd-parameter': MANY,
    'argocd-value': MANY,
    'argocd-image': MANY,
    'in-place': { type: 'boolean' },
    diff: { type: 'boolean' },
  },
  ask: ({ values, positionals: [file, ...others] }): Asked | string => {
    if (file === undefined || others.length > 0) return 'exactly one FILE is needed'
    if (values['in-place'] && values.diff) return '--in-place and --diff exclude each other'
    if (values['in-place'] && file === '-') return 'standard input cannot be written in place'
    const edits = editsAsked(values)
    if (typeof edits === 'string') return edits
    if (edits.length === 0) return `no change is asked for: one of --${Object.keys(CHANGES).join(', --')} is needed`
    return { file, edits, output: values['in-place'] ? 'in-place' : values.diff ? 'diff' : 'file' }
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
  const isInput = file === '-'
  const read = await readText(isInput ? '/dev/stdin' : file, io)
  if (!read.ok) {
    io.stderr(`lockkeeper edit: ${read.reason}\n`)
    return 2
  }
  const { text } = read
  const name = isInput ? 'stdin' : file
  const result = editManifest({ file: name, text, edits })
  if (result.kind === 'refused') {
    io.stderr(`${sentence(result.refusal)}\n`)
    return 2
  }
  const after = result.kind === 'edited' ? result.text : text
  if (output === 'file') io.stdout(after)
  if (output === 'diff') io.stdout(showDiff(unifiedDiff(name, text, after), io.isTty))
  const problem = output === 'in-place' && after !== text ? await writeInPlace(file, after) : undefined
  if (problem === undefined) return 0
  io.stderr(`lockkeeper edit: ${problem}\n`)
  return 2
}

function sentence({ file, line, column, code, reason, hint }: ManifestRefusal): string {
  return printable(`${file}:${line}:${column}  ${code}  ${reason}  ${hint}`)
}
