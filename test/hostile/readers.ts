/** Whatever Lockkeeper reads that somebody else wrote, as functions of its text. The bombs of bombs.ts are thrown at them by read-bombs.ts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { connectCluster } from '../../src/clients/kubernetes/connection.ts'
import { parsePolicy } from '../../src/config/policy-file.ts'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { parseCommands } from '../../src/domain/command.ts'
import { parseDvc } from '../../src/domain/dvc.ts'
import { parseEvidently } from '../../src/domain/evidently.ts'
import { parseGreatExpectations } from '../../src/domain/great-expectations.ts'
import { editManifest, type ManifestEdit } from '../../src/domain/manifest/index.ts'
import { parseMetricsFile } from '../../src/domain/metrics-file.ts'
import { parseTrailers } from '../../src/domain/trailers.ts'
import { COMMANDS } from '../../src/handlers/commands/index.ts'

/** Completes "it was …"; of a refusal, with the reason that a person reads. */
export type Outcome = 'read' | `refused: ${string}`

type Reader = (text: string) => Outcome | Promise<Outcome>

const refused = (reason: string | undefined): Outcome => `refused: ${reason ?? ''}`
const reading = (result: { readonly ok: true } | { readonly ok: false; readonly reason: string }): Outcome =>
  result.ok ? 'read' : refused(result.reason)

/** A configuration's mistakes have a place each. */
function configured(result: ReturnType<typeof parseRepoConfig> | ReturnType<typeof parsePolicy>): Outcome {
  if (result.ok) return 'read'
  const [first] = result.problems.filter(({ severity }) => severity === 'error')
  return refused(first && `line ${first.line}, column ${first.column}: ${first.reason}`)
}

const manifest =
  (edit: ManifestEdit): Reader =>
  (text) => {
    const result = editManifest({ file: 'f.yaml', text, edits: [edit] })
    if (result.kind !== 'refused') return 'read'
    const { line, column, reason } = result.refusal
    return refused(`line ${line}, column ${column}: ${reason}`)
  }

/** What is fetched of a document. */
const DOCUMENT = 8 * 1024 * 1024

const metrics =
  (name: string): Reader =>
  (text) =>
    reading(parseMetricsFile(text.slice(0, DOCUMENT), name))

/** GitHub ends comments and commit messages there. */
const COMMENT = 65_536

export const READERS: Readonly<Record<string, Reader>> = {
  'lockkeeper.yml': (text) => configured(parseRepoConfig(text, { file: 'lockkeeper.yml' })),
  'the policy': (text) => configured(parsePolicy(text, { file: 'policy.yml' })),
  'a manifest of values': manifest({ kind: 'yaml', values: [{ segments: ['a', 'b'], path: 'a.b', value: 'v' }] }),
  'a Kustomization': manifest({ kind: 'kustomize_image', name: 'app', newTag: 'v1' }),
  'an InferenceService': manifest({ kind: 'kserve', name: 'churn', storageUri: 's3://a/b' }),
  'a Deployment': manifest({ kind: 'deployment', name: 'churn', image: 'a/b:c' }),
  'metrics.json': metrics('metrics.json'),
  'metrics.yaml': metrics('metrics.yaml'),
  'metrics.csv': metrics('metrics.csv'),
  'metrics.tsv': metrics('metrics.tsv'),
  'metrics.toml': metrics('metrics.toml'),
  'metrics without a name': metrics('metrics'),
  'dvc.yaml': (text) => reading(parseDvc('dvc.yaml', text, undefined)),
  'dvc.lock': (text) => reading(parseDvc('dvc.yaml', 'stages: {}\n', text)),
  'a report of Evidently': (text) => reading(parseEvidently(text.slice(0, DOCUMENT))),
  'a report of Great Expectations': (text) => reading(parseGreatExpectations(text.slice(0, DOCUMENT))),
  'a comment': (text) => (parseCommands(text.slice(0, COMMENT), COMMANDS).length > 0 ? 'read' : refused('no command')),
  'a commit message': (text) => (parseTrailers(text.slice(0, COMMENT)) ? 'read' : refused('no trailers')),
  'a kubeconfig': readKubeconfig,
  /** For the rig's own proof that it can fail. */
  'nothing bounds this one': (text) => {
    try {
      return load(text, { maxAliases: -1, maxDepth: Number.POSITIVE_INFINITY }) === undefined ? refused('') : 'read'
    } catch (error) {
      return refused(error instanceof Error ? error.name : '')
    }
  },
}

async function readKubeconfig(text: string): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'lockkeeper-kubeconfig-'))
  const path = join(directory, 'config')
  writeFileSync(path, text)
  try {
    // Nothing that a bomb holds is a server.
    return (await connectCluster({ kubeconfig: path }).ask('/version')) === undefined ? refused('no cluster') : 'read'
  } catch (error) {
    return refused(error instanceof Error ? error.message : '')
  } finally {
    rmSync(directory, { recursive: true })
  }
}
