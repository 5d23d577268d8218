/** Probot without its server: App authentication, Octokit instances, and the dispatch of stored deliveries to the handlers of src/app.ts. */

import { type EmitterWebhookEvent, emitterEventNames } from '@octokit/webhooks'
import type { Logger } from 'pino'
import { createProbot, type Probot } from 'probot'
import { lockkeeper } from './app.ts'
import { createOctokitClass } from './clients/github/octokit.ts'
import type { Env } from './config/env.ts'
import { misshapenPlace } from './domain/payload-shape.ts'
import type { Ears } from './handlers/ears.ts'
import { stillOurs } from './store/claims.ts'
import type { Delivery } from './store/queue.ts'
import type { Installations } from './store/records.ts'

export type Bot = {
  readonly probot: Probot
  /** Registers the handlers. */
  load(ears: Ears): Promise<void>
  /** Hands one stored delivery to the handlers; throws when one of them did, so that the queue tries again. */
  receive(delivery: Delivery, installations: Installations): Promise<void>
}

const USER_AGENT = 'lockkeeper'

export async function createBot({ env, log }: { readonly env: Env; readonly log: Logger }): Promise<Bot> {
  const probot = createProbot({
    // Nothing from the process: Probot would make every GHE_HOST an Enterprise Server, and ghe.com has its API elsewhere.
    env: {},
    overrides: {
      appId: env.app.id,
      privateKey: env.app.privateKey,
      secret: env.app.webhookSecrets[0],
      baseUrl: env.github.apiUrl,
      // Asked just before it is sent: after everything that waits in memory.
      Octokit: createOctokitClass({ userAgent: USER_AGENT }).plugin(({ hook }) => hook.before('request', stillOurs)),
      log,
    },
  })
  await probot.ready()
  return {
    probot,
    load: (ears) => probot.load(lockkeeper(ears)),
    receive: async ({ id, event, body }, installations) => {
      if (!isEventName(event)) {
        log.info({ delivery: id, event }, 'an event that nobody hears was left')
        return
      }
      const payload = parsePayload(body)
      if (payload === undefined) {
        log.warn({ delivery: id, event }, 'a signed delivery that is no JSON object was left')
        return
      }
      const place = misshapenPlace(event, payload)
      if (place !== undefined) {
        log.warn({ delivery: id, event, place }, 'a signed delivery that is not what its event promises was left')
        return
      }
      await learnInstallation(payload, installations)
      // GitHub signed it: the rest is what its event says, and nobody reads it.
      try {
        await probot.webhooks.receive({ id, name: event, payload } as EmitterWebhookEvent)
      } catch (error) {
        throw withoutEvent(error)
      }
    },
  }
}

const EVENT_NAMES: ReadonlySet<string> = new Set(emitterEventNames)

const isEventName = (name: string): name is EmitterWebhookEvent['name'] => EVENT_NAMES.has(name)

/** The dispatcher hangs the whole event on what a handler throws: payloads would be written down with every failure. */
function withoutEvent(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error
  const errors: unknown[] = error.errors
  for (const each of errors) if (typeof each === 'object' && each !== null) Reflect.deleteProperty(each, 'event')
  return errors.length === 1 ? errors[0] : new AggregateError(errors, error.message)
}

type Payload = Readonly<Record<string, unknown>>

function parsePayload(body: string): Payload | undefined {
  try {
    const payload: unknown = JSON.parse(body)
    return isObject(payload) ? payload : undefined
  } catch {
    return undefined
  }
}

/** Every delivery says which installation acts for which owner: nobody needs to be asked later. */
async function learnInstallation({ installation, repository }: Payload, installations: Installations): Promise<void> {
  const owner = isObject(repository) && isObject(repository['owner']) ? repository['owner']['login'] : undefined
  const account =
    isObject(installation) && isObject(installation['account']) ? installation['account']['login'] : undefined
  const login = owner ?? account
  const id = isObject(installation) ? installation['id'] : undefined
  if (typeof login === 'string' && typeof id === 'number') await installations.saveInstallation(login, id)
}

const isObject = (value: unknown): value is Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
