/** The boundaries at which a bot can die: each effect outside that a story has, by its flow, its name and what it writes. Recorded from an undisturbed story, and met again in disturbed ones. */
import { anonymous } from './end-state.ts'
import type { OutsideCall } from './outside-call.ts'

/** `approve | github Write(mergePullRequest, updateCheckRun)`; one that comes with other content under the same name has ` 2` behind it. */
export type Boundary = string

export type BoundaryNames = {
  /** Calls are of this flow from now on; those of the flow without a name have no boundary. */
  flow(name: string): void
  /** Undefined for a call that changes nothing. The same for one that is repeated. */
  of(call: OutsideCall): Boundary | undefined
  /** Each one once, in the order in which they came. */
  readonly seen: ReadonlySet<Boundary>
}

export function nameBoundaries(): BoundaryNames {
  let flow = ''
  const contents = new Map<string, string[]>()
  const seen = new Set<Boundary>()
  return {
    seen,
    flow: (name) => {
      flow = name
    },
    of: (call) => {
      if (!call.isEffect || flow === '') return undefined
      const name = `${flow} | ${call.name}`
      const known = contents.get(name) ?? []
      const content = contentOf(call)
      if (!known.includes(content)) contents.set(name, [...known, content])
      const place = known.includes(content) ? known.indexOf(content) : known.length
      const boundary = place === 0 ? name : `${name} ${place + 1}`
      seen.add(boundary)
      return boundary
    },
  }
}

/** What is written, without what differs from one playing to the next. */
const contentOf = ({ body }: OutsideCall): string =>
  anonymous(
    JSON.stringify(body, (key, value: unknown) => (/(?:^id|Id|[oO]id|sha)$/.test(key) ? undefined : value)) ?? '',
  )
