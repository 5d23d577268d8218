/** What goes wrong in a run of bad-releases.test.ts: why the release is bad, and what else fails around it. Drawn from a seed, so that a run can be repeated. */

/** Random numbers from 0 (included) to 1 (not), the same for the same seed (mulberry32). */
export type Random = () => number

export function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What is wrong with the release itself. `none`: nothing, the others must not be rolled back with it. */
export const DEFECTS = [
  'none',
  'cannot be loaded',
  'crash-loops behind old pods',
  'never ends loading',
  'refused by the API server',
  'errors in its metric',
  'answers 503',
  'answers 503 every other time',
  'degrades after two minutes',
] as const
export type Defect = (typeof DEFECTS)[number]

/** What befalls its environment, whatever the release. */
export const TROUBLES = [
  'none',
  'Argo CD never syncs',
  'auto-sync is off for a while',
  'something else in the Application is not healthy for a while',
  'the Application is gone for a while',
  'somebody commits beside it',
  'the endpoint drops some connections',
] as const
export type Trouble = (typeof TROUBLES)[number]

/** From and to, in minutes since the bad release was pushed. */
export type Span = { readonly from: number; readonly to: number }

export type RunPlan = {
  readonly model: string
  readonly defect: Defect
  readonly trouble: Trouble
  readonly during: Span
}

/** What befalls everybody: systems that are away, and how often the bot is killed. */
export type WeatherPlan = {
  readonly prometheusAway: Span | undefined
  readonly clusterAway: Span | undefined
  readonly gitHubFails: Span | undefined
  /** Minutes at which the clock jumps forward, and by how many minutes. */
  readonly jumps: readonly { readonly at: number; readonly by: number }[]
  /** For each stride of the story: after how many milliseconds the bot is killed; undefined: it lives. */
  readonly kill: () => number | undefined
}

const pick = <Item>(random: Random, items: readonly [Item, ...Item[]]): Item =>
  items[Math.floor(random() * items.length)] ?? items[0]

export function planRun(model: string, random: Random): RunPlan {
  // One in ten is a good release: whoever rolled back everything would pass otherwise.
  const [none, ...defects] = DEFECTS
  const defect = random() < 0.1 ? none : pick(random, defects as [Defect, ...Defect[]])
  const trouble = random() < 0.5 ? 'none' : pick(random, TROUBLES)
  const from = random() * 20
  return { model, defect, trouble, during: { from, to: from + 1 + random() * 12 } }
}

export function planWeather(random: Random): WeatherPlan {
  const away = (share: number, minutes: number): Span | undefined => {
    if (random() >= share) return undefined
    const from = random() * 25
    return { from, to: from + minutes }
  }
  return {
    prometheusAway: away(0.4, 6),
    clusterAway: away(0.5, 10),
    gitHubFails: away(0.4, 3),
    jumps: random() < 0.5 ? [{ at: random() * 30, by: 4 + random() * 20 }] : [],
    kill: () => (random() < 0.3 ? random() * 900 : undefined),
  }
}

export const isWithin = (span: Span | undefined, minute: number): boolean =>
  span !== undefined && span.from <= minute && minute < span.to
