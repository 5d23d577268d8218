/**
 * Webhooks as a busy organisation's repositories send them to an App that subscribed to what Lockkeeper does: mostly checks, statuses, pushes to other
 * branches and talk that concern no model. Bodies are GitHub's own examples with this world's repository in them. load.ts sends them.
 */
import { createHmac, randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'

/** One signed webhook. */
export type Signed = { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> }

export type TrafficOptions = {
  readonly secret: string
  /** `acme/models`. */
  readonly repository: string
  readonly installation: number
}

type Json = { [key: string]: unknown }
type Example = { readonly name: string; readonly examples: readonly Json[] }

const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly Example[]

/** Of a thousand deliveries so many are of this event and action, in all of which nobody asks for anything. */
const SHARES: readonly (readonly [event: string, action: string | undefined, share: number])[] = [
  ['check_run', 'created', 200],
  ['check_run', 'completed', 200],
  ['status', undefined, 220],
  ['check_suite', 'completed', 90],
  ['push', undefined, 120],
  ['issue_comment', 'created', 70],
  ['issue_comment', 'edited', 20],
  ['pull_request', 'labeled', 30],
  ['pull_request_review', 'submitted', 30],
  ['deployment_status', 'created', 20],
]

/** Stands in the templates for what differs from delivery to delivery. */
const SHA = 'face'.repeat(10)

/** Gives the delivery of any number: the same event for the same number, with another commit and another id each time. */
export function createTraffic(options: TrafficOptions): (index: number) => Signed {
  const templates = SHARES.map(([event, action, share]) => ({
    event,
    share,
    parts: templateOf(event, action, options),
  }))
  const order = shuffled(templates.flatMap((template) => Array.from({ length: template.share / 10 }, () => template)))
  return (index) => {
    const { event, parts } = order[index % order.length] ?? order[0] ?? never()
    const body = Buffer.from(parts.join(index.toString(16).padStart(40, 'c')))
    return { body, headers: headersOf({ event, body, secret: options.secret }) }
  }
}

/** What GitHub sends with a body. */
export function headersOf(signing: {
  readonly event: string
  readonly body: Buffer
  readonly secret: string
}): Signed['headers'] {
  const { event, body, secret } = signing
  return {
    'content-type': 'application/json',
    'content-length': String(body.length),
    'x-github-event': event,
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  }
}

function templateOf(event: string, action: string | undefined, options: TrafficOptions): readonly string[] {
  const found = examples
    .find(({ name }) => name === event)
    ?.examples.find((one) => action === undefined || one['action'] === action)
  if (found === undefined) throw new Error(`no example of ${event} ${action ?? ''}`)
  const payload = structuredClone(found)
  const [owner = '', name = ''] = options.repository.split('/')
  const repository = payload['repository'] as Json
  Object.assign(repository, { name, full_name: options.repository, default_branch: 'main' })
  Object.assign(repository['owner'] as Json, { login: owner })
  payload['installation'] = { id: options.installation, node_id: 'I_1' }
  const commit = (payload['check_run'] ?? payload['check_suite'] ?? {}) as Json
  Object.assign(commit, { head_sha: SHA, pull_requests: [] })
  if (event === 'status') Object.assign(payload, { sha: SHA, branches: [] })
  if (event === 'push') Object.assign(payload, { ref: 'refs/heads/feature', after: SHA, deleted: false })
  if (event === 'issue_comment')
    Object.assign(payload['comment'] as Json, { body: 'Looks good to me, see the other one.' })
  return JSON.stringify(payload).split(SHA)
}

/** Mixed, and the same each time: steps of a size that has no divisor in common with the number of places. */
function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  const step = [37, 41, 43].find((size) => items.length % size !== 0) ?? 1
  return items.map((_, index) => items[(index * step) % items.length] ?? never())
}

function never(): never {
  throw new Error('an empty mix')
}
