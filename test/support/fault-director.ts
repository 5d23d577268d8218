/** Makes the faults of fault-plans.ts happen in a world of many models, minute by minute of its story. */
import { CONFIG } from '../../sandbox/world/index.ts'
import { isWithin, type RunPlan, type Span, type WeatherPlan } from './fault-plans.ts'
import type { ManyModels } from './many-models.ts'

export type Director = {
  /** Brings the world to how it is at that minute after the push of `commit`. */
  at(minute: number): Promise<void>
  /** Everything that was away is back. */
  end(): Promise<void>
}

type Cast = { readonly runs: readonly RunPlan[]; readonly weather: WeatherPlan; readonly commit: string }

export function direct(models: ManyModels, { runs, weather, commit }: Cast): Director {
  const { github, prometheus, argocd, kubernetes } = models.world
  const stopRefusing = refuseApplying(models, runs, commit)
  const plans = new Map(runs.map((run) => [run.model, run]))
  for (const run of runs) releaseOf(models, run, commit)
  prometheus.answer((query) => {
    const model = /service="(\w+)"/.exec(query)?.[1] ?? ''
    const isBad = models.servedBy(model) === models.uriOf(model, commit)
    return isBad && plans.get(model)?.defect === 'errors in its metric' ? 0.3 : 0.002
  })
  const switches = [
    outage(weather.prometheusAway, prometheus),
    outage(weather.clusterAway, kubernetes),
    outage(weather.gitHubFails, {
      down: async () => github.fail(() => true, { status: 502, body: '<html>Bad gateway</html>', times: BAD_GATEWAYS }),
      up: async () => github.clearFaults(),
    }),
    ...runs.map((run) => troubleOf(models, run)),
  ]
  return {
    at: async (minute) => {
      for (const each of switches) await each(minute)
    },
    end: async () => {
      for (const each of switches) await each(Number.POSITIVE_INFINITY)
      stopRefusing()
      argocd.reconcile()
    },
  }
}

/** Counted, not timed: the bot asks again by the machine's clock, and the story waits for it. */
const BAD_GATEWAYS = 20

type Switch = (minute: number) => Promise<void>

function outage(span: Span | undefined, system: { down(): Promise<void>; up(): Promise<void> }): Switch {
  let isDown = false
  return async (minute) => {
    const shall = isWithin(span, minute)
    if (shall === isDown) return
    isDown = shall
    await (shall ? system.down() : system.up())
  }
}

/** What is wrong with the release shows only where it runs. */
function releaseOf(models: ManyModels, { model, defect, trouble, during }: RunPlan, commit: string): void {
  const { argocd, endpoint, clock } = models.world
  const storageUri = models.uriOf(model, commit)
  const load = LOADS[defect]
  if (load !== undefined) argocd.behaviour({ storageUri, load, message: 'it does not load' })
  const began = clock.now().getTime()
  let since: number | undefined
  endpoint.script(`${model}.example.com`, ({ storageUri: live, count, now }) => {
    const minute = (now.getTime() - began) / 60_000
    if (trouble === 'the endpoint drops some connections' && isWithin(during, minute) && count % 4 === 0)
      return { drop: true }
    if (live !== storageUri) return undefined
    since ??= now.getTime()
    const isWell =
      defect === 'answers 503 every other time'
        ? count % 2 === 0
        : defect === 'degrades after two minutes'
          ? now.getTime() - since < 120_000
          : defect !== 'answers 503'
    return isWell ? undefined : { status: 503 }
  })
}

const LOADS: { readonly [defect: string]: 'fails' | 'crash-loops' | 'hangs' | undefined } = {
  'cannot be loaded': 'fails',
  'crash-loops behind old pods': 'crash-loops',
  'never ends loading': 'hangs',
}

/** An admission webhook refuses the bad manifest, and takes the good one that replaces it. */
function refuseApplying(models: ManyModels, runs: readonly RunPlan[], commit: string): () => void {
  const refused = runs.filter(({ defect }) => defect === 'refused by the API server')
  const before = new Map<string, boolean>()
  const look = () => {
    for (const { model } of refused) {
      const isBad = models.declaredFor(model) === models.uriOf(model, commit)
      if (before.get(model) === isBad) continue
      before.set(model, isBad)
      models.world.argocd.script(`${model}-prod`, { syncFails: isBad ? 'admission webhook denied it' : undefined })
    }
  }
  const timer = setInterval(look, 3)
  return () => clearInterval(timer)
}

function troubleOf({ world: { argocd, github } }: ManyModels, { model, trouble, during }: RunPlan): Switch {
  const application = `${model}-prod`
  const set = (there: Parameters<typeof argocd.script>[1], gone: Parameters<typeof argocd.script>[1]) =>
    outage(during, {
      down: async () => argocd.script(application, there),
      up: async () => argocd.script(application, gone),
    })
  switch (trouble) {
    case 'Argo CD never syncs':
      return outage(
        { from: 0, to: 1e9 },
        {
          down: async () => argocd.script(application, { syncWindow: true }),
          up: async () => undefined,
        },
      )
    case 'auto-sync is off for a while':
      return set({ autoSync: false }, { autoSync: true })
    case 'something else in the Application is not healthy for a while':
      return set({ neverHealthy: true }, { neverHealthy: false })
    case 'the Application is gone for a while':
      return set({ missing: true }, { missing: false })
    case 'somebody commits beside it':
      return outage(during, {
        down: async () => {
          const files = { [`environments/prod/${model}/NOTES.md`]: 'Written by hand.\n' }
          github.commit(CONFIG, 'main', { message: 'Notes', files, by: 'carol' })
        },
        up: async () => undefined,
      })
    case 'the endpoint drops some connections':
    case 'none':
      return async () => undefined
  }
}
