/** Numbers out of measurements: quantiles, a line's slope, and the machine that they were taken on. */
import { cpus, loadavg, totalmem } from 'node:os'

/** The value below which this share of them lies; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** The middle, the least and the most of some rounds. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number }

export function spread(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) }
}

/** How much y grows with each x: the middle of the slopes between all pairs (Theil and Sen), which one odd point does not tilt. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const between = points.flatMap(([x, y], index) =>
    points.slice(index + 1).flatMap((later) => (later[0] === x ? [] : [(later[1] - y) / (later[0] - x)])),
  )
  return quantile(between, 0.5)
}

/** In how many milliseconds each of these rounds ended, after some that do not count. */
export async function timed(rounds: number, work: (round: number) => unknown): Promise<Spread> {
  const times: number[] = []
  for (let round = -Math.ceil(rounds / 2); round < rounds; round += 1) {
    const begin = performance.now()
    await work(round)
    if (round >= 0) times.push(performance.now() - begin)
  }
  return spread(times)
}

/** One line: what it ran on, and how busy that was with other things. */
export const machine = (): string =>
  [
    `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'an unknown processor'}`,
    `${Math.round(totalmem() / 1024 ** 3)} GB`,
    `${process.platform} ${process.arch}`,
    `Node ${process.version}`,
  ].join(', ')

/** How many programs wanted a processor in the last minute, `1.4`. */
export const loadAverage = (): string => (loadavg()[0] ?? 0).toFixed(1)
