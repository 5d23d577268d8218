/** A repository at one commit and a bucket beside it, in memory: for tests of what is read from documents. Other ports throw. */
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { SystemUnavailable } from '../../src/domain/failure.ts'
import type { Need } from '../../src/domain/server-policy.ts'
import type { ModelSettings } from '../../src/domain/settings.ts'
import type { ObjectReading } from '../../src/services/ports.ts'
import type { MetricsDeps } from '../../src/services/read-metrics.ts'
import { fileOf } from './comparison-world.ts'

export type DocumentsWorld = {
  /** Files of every commit, by path. */
  readonly files: Map<string, string>
  /** By address; a text is an object that holds it. */
  readonly objects: Map<string, string | Uint8Array | ObjectReading | 'down'>
  denied: (need: Need) => boolean
  /** What was asked: the paths of each call of GitHub, each address of the bucket. */
  readonly asked: string[]
  readonly deps: MetricsDeps
}

export function documentsWorld(files: Readonly<Record<string, string | undefined>> = {}): DocumentsWorld {
  const present = Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const]))
  const world = { files: new Map(present), objects: new Map(), denied: () => false, asked: [] } as Omit<
    DocumentsWorld,
    'deps'
  >
  const deps = {
    github: {
      readFiles: async (_: unknown, __: unknown, paths: readonly string[]) => {
        world.asked.push(paths.join(' '))
        return new Map(
          paths.flatMap((path) => (world.files.has(path) ? [[path, fileOf(world.files.get(path) ?? '')]] : [])),
        )
      },
    },
    buckets: { read: async (uri: string) => objectAt(world, uri) },
    mayUse: (_: unknown, need: Need) =>
      world.denied(need)
        ? { allowed: false, missingLine: '- {}', message: `may not use ${need.kind}` }
        : { allowed: true },
  }
  return Object.assign(world, { deps: deps as unknown as MetricsDeps })
}

function objectAt(world: Omit<DocumentsWorld, 'deps'>, uri: string): ObjectReading {
  world.asked.push(uri)
  const found = world.objects.get(uri)
  if (found === 'down') throw new SystemUnavailable('S3', 'it does not answer in time')
  if (found === undefined) return { kind: 'absent' }
  if (typeof found === 'string') return { kind: 'found', bytes: new TextEncoder().encode(found) }
  return found instanceof Uint8Array ? { kind: 'found', bytes: found } : found
}

/** The settings of the model `churn` under this YAML below its name. */
export function churnModel(text: string): ModelSettings {
  const parsed = parseRepoConfig(`version: 1\nmodels:\n  churn:\n${text.replaceAll(/^/gm, '    ')}\n`, {
    file: 'x.yml',
  })
  const [model] = parsed.ok ? parsed.settings.models.values() : []
  if (model === undefined) throw new Error(JSON.stringify(parsed))
  return model
}
