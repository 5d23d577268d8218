/** The metrics files of a DVC pipeline as one set of metrics. Which files: dvc.ts. */
import type { Metrics } from './metric.ts'

export type NamedMetrics = { readonly path: string; readonly metrics: Metrics }

/**
 * Names that one file has alone stay as they are. A name that several files have gets in each of them the file in front: its name without
 * the extension (`train.auc`, `test.auc`), or its whole path where two files have that name. `note` says so.
 */
export function mergeMetricsFiles(files: readonly NamedMetrics[]): {
  readonly metrics: Metrics
  readonly note: string | undefined
} {
  const holders = new Map<string, number>()
  for (const { metrics } of files) {
    for (const name of metrics.keys()) holders.set(name, (holders.get(name) ?? 0) + 1)
  }
  const stems = files.map(({ path }) => stemOf(path))
  const isUnique = new Set(stems).size === stems.length
  const merged = new Map<string, number>()
  const shared: string[] = []
  files.forEach(({ path, metrics }, index) => {
    const prefix = isUnique ? stems[index] : path.replace(/\.\w+$/, '')
    for (const [name, value] of metrics) {
      const isShared = (holders.get(name) ?? 0) > 1
      if (isShared) shared.push(`${prefix}.${name}`)
      merged.set(isShared ? `${prefix}.${name}` : name, value)
    }
  })
  const [first, ...more] = shared
  const others = more.length === 0 ? '' : ` and ${more.length} more`
  const note =
    first && `Several metrics files have the same names, so these metrics carry their file: ${first}${others}.`
  return { metrics: merged, note }
}

const stemOf = (path: string): string => (path.split('/').at(-1) ?? path).replace(/\.\w+$/, '')
