/**
 * How long one value of a 10,000-line manifest takes from text to edited and proven text. The floor is js-yaml reading the
 * same text once. An exact edit reads the file before, and afterwards again the document that it edited: of many a small part,
 * of one all. Then the whole process, beside `yq` where there is one (which
 * writes the file anew, in its own style). `node bench/edit.ts`
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CORE_SCHEMA, loadAll } from 'js-yaml'
import { editManifest, type ManifestEdit } from '../src/domain/manifest/index.ts'

const ROUNDS = 60
const PROCESSES = 6
/** What is promised for one edit, in milliseconds. */
const PROMISED = 20

const service = (index: number) => `---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: service-${index}
  labels: {app: churn, tier: "backend"}
spec:
  predictor:
    minReplicas: 1
    model:
      storageUri: "s3://models/${index}/1" # promoted
      args: ['--a', b]
`
const manyDocuments = Array.from({ length: 834 }, (_, index) => service(index)).join('')
const values = `image:\n  tag: v1\n${Array.from({ length: 2_500 }, (_, index) => `key${index}:\n  # what it is for\n  a: ${index}\n  b: 'text ${index}'\n`).join('')}`

const files: readonly (readonly [what: string, text: string, edit: (value: string) => ManifestEdit])[] = [
  [
    '834 documents, kserve',
    manyDocuments,
    (value) => ({ kind: 'kserve', name: 'service-700', storageUri: `s3://models/700/${value}` }),
  ],
  [
    '1 document, key path',
    values,
    (value) => ({ kind: 'yaml', values: [{ path: 'image.tag', segments: ['image', 'tag'], value }] }),
  ],
]

console.log(`${cpus().length} cores, node ${process.version}`)
console.log('                           lines   edit p50 ms   edit best ms   floor best ms   best, times the floor')
for (const [what, text, edit] of files) {
  const floor = measure(() => loadAll(text, { schema: CORE_SCHEMA }))
  const edited = measure((round) => {
    const result = editManifest({ file: 'f.yaml', text, edits: [edit(`v${round + 2}`)] })
    if (result.kind !== 'edited') throw new Error(JSON.stringify(result))
  })
  const columns = [
    String(text.split('\n').length - 1).padStart(8),
    edited.p50.toFixed(1).padStart(13),
    edited.best.toFixed(1).padStart(14),
    floor.best.toFixed(1).padStart(15),
    (edited.best / floor.best).toFixed(1).padStart(23),
  ]
  console.log(`${what.padEnd(24)}${columns.join(' ')}`)
  // A busy machine is no reason to fail; ten times the promise is.
  if (edited.best > 10 * PROMISED) process.exitCode = 1
}

const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-bench-'))
const file = join(directory, 'values.yaml')
writeFileSync(file, values)
const commands: readonly (readonly [what: string, command: string, args: readonly string[]])[] = [
  ['lockkeeper edit', process.execPath, ['src/cli/main.ts', 'edit', file, '--set', 'image.tag=v2']],
  ['node, doing nothing', process.execPath, ['-e', '']],
  ['yq', 'yq', ['-y', '.image.tag = "v2"', file]],
]
for (const [what, command, args] of commands) {
  if (spawnSync(command, args).status !== 0) continue
  const { best } = measure(() => spawnSync(command, args), PROCESSES)
  console.log(`${`process: ${what}`.padEnd(46)} ${best.toFixed(0).padStart(14)}`)
}
rmSync(directory, { recursive: true })

/** Milliseconds of the later rounds: the middle one, and the best, which a busy machine disturbs least. */
function measure(work: (round: number) => unknown, rounds = ROUNDS): { readonly p50: number; readonly best: number } {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const begin = performance.now()
    work(round)
    if (round >= rounds / 3) times.push(performance.now() - begin)
  }
  const sorted = times.toSorted((a, b) => a - b)
  return { p50: sorted[Math.floor(sorted.length / 2)] ?? 0, best: sorted[0] ?? 0 }
}
