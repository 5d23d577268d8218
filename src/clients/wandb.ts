/**
 * Weights & Biases: runs of commits. Implements the port `Wandb`. W&B documents its Python API only; this asks what that asks
 * (`wandb` 0.31.0, `Api().runs(filters=…)`), and takes nothing for granted of what comes back. Never measured against the real service.
 */
import { fetch } from 'undici'
import { SystemUnavailable, UserError } from '../domain/failure.ts'
import { fieldsOf } from '../domain/json-fields.ts'
import type { Wandb } from '../services/ports.ts'
import { type Answer, answerOf } from './answer.ts'
import { networkReason } from './network-failure.ts'
import { callPatiently, type Outcome, PATIENCE, type Patience, temporary } from './patient-call.ts'
import { AnswerTooLarge, readAtMost } from './read-at-most.ts'
import { parseWandbRun } from './wandb-parse.ts'
import { withoutSecrets } from './without-secrets.ts'

export type WandbSettings = {
  /** Without a slash at its end. */
  readonly baseUrl: string
  /** undefined: every question is refused. */
  readonly apiKey: string | undefined
  readonly patience?: Patience
}

const SYSTEM = 'Weights & Biases'
const PAGE_SIZE = 50
const MAX_PAGES = 2
const MAX_BYTES = 16 * 1024 * 1024
/** What of W&B's own words reaches people. */
const MAX_MESSAGE_LENGTH = 300

const RUNS = `query Runs($entity: String!, $project: String!, $filters: JSONString, $order: String, $first: Int, $after: String) {
  project(name: $project, entityName: $entity) {
    runs(filters: $filters, order: $order, first: $first, after: $after) {
      edges { node { name state commit createdAt group sweepName config summaryMetrics } }
      pageInfo { endCursor hasNextPage }
    }
  }
}`

/** Makes no request by itself. */
export function createWandb(settings: WandbSettings): Wandb {
  return {
    runsOfCommits: async ({ entity, project }, commits) => {
      const nodes: Answer[] = []
      let after: string | undefined
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const variables = {
          entity,
          project,
          // Mongo's operators, as the Python API documents them.
          filters: JSON.stringify({ commit: { $in: commits } }),
          order: '-created_at',
          first: PAGE_SIZE,
          ...(after === undefined ? {} : { after }),
        }
        const runs = (await ask(settings, variables)).maybe('project')?.child('runs')
        if (runs === undefined) return undefined
        nodes.push(...runs.list('edges').map((edge) => edge.child('node')))
        after = nextCursor(runs)
        if (after === undefined) break
      }
      const page = `${pageAddress(settings.baseUrl)}/${pathOf(entity, project)}`
      const runs = nodes.flatMap((node) => {
        const run = parseWandbRun(node, page)
        // A filter that a server does not know must not make other commits' runs the candidate.
        return run !== undefined && commits.includes(run.commit) ? [run] : []
      })
      return { runs, isCut: after !== undefined }
    },
  }
}

const pathOf = (entity: string, project: string): string =>
  `${encodeURIComponent(entity)}/${encodeURIComponent(project)}`

function nextCursor(runs: Answer): string | undefined {
  const page = runs.maybe('pageInfo')
  return page?.raw['hasNextPage'] === true ? page.maybeText('endCursor') : undefined
}

/** Where people look, from where programs ask: as the Python API has it. */
function pageAddress(baseUrl: string): string {
  const { hostname } = new URL(baseUrl)
  if (/^(?:api\.wandb\.ai|(?:api\.)?forge\.coreweave\.com)$/.test(hostname)) return 'https://forge.coreweave.com/wandb'
  return baseUrl.replace('://api.wandb.', '://wandb.').replace('://api.', '://app.')
}

async function ask(settings: WandbSettings, variables: Readonly<Record<string, unknown>>): Promise<Answer> {
  const { apiKey, baseUrl } = settings
  if (apiKey === undefined)
    throw refused('this server has no key for it', 'Set WANDB_API_KEY on the Lockkeeper server.')
  const body = JSON.stringify({ query: RUNS, variables })
  const reply = await callPatiently(
    (timeoutMs) => send({ baseUrl, apiKey, body }, timeoutMs),
    settings.patience ?? PATIENCE,
  )
  return readReply(reply, apiKey)
}

const pairOf = (apiKey: string): string => Buffer.from(`api:${apiKey}`).toString('base64')

type Reply = { readonly status: number; readonly text: string }

async function send(
  { baseUrl, apiKey, body }: { readonly baseUrl: string; readonly apiKey: string; readonly body: string },
  timeoutMs: number,
): Promise<Outcome<Reply>> {
  try {
    const response = await fetch(`${baseUrl}/graphql`, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        authorization: `Basic ${pairOf(apiKey)}`,
        'content-type': 'application/json',
        'user-agent': 'lockkeeper',
      },
      body,
      // A login page would answer 200; and the key belongs to nobody else.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = (await readAtMost(response.body, MAX_BYTES)).toString('utf8')
    if (response.status === 200 && text.startsWith('{') && recordOf(text) === undefined)
      return { kind: 'failed', failure: new SystemUnavailable(SYSTEM, 'its answer was cut off') }
    const wish = temporary(response)
    if (wish === undefined) return { kind: 'reply', reply: { status: response.status, text } }
    return { kind: 'failed', failure: new SystemUnavailable(SYSTEM, `it answers ${response.status}`, wish) }
  } catch (error) {
    if (error instanceof AnswerTooLarge) {
      throw refused(
        `an answer is larger than ${MAX_BYTES / 1024 / 1024} MiB`,
        'Log fewer values in the summaries of runs.',
      )
    }
    return { kind: 'failed', failure: new SystemUnavailable(SYSTEM, networkReason(error), { cause: error }) }
  }
}

function readReply({ status, text }: Reply, apiKey: string): Answer {
  const body = recordOf(text)
  if (status === 401) throw refused('it does not take the key', 'Set a valid WANDB_API_KEY on the Lockkeeper server.')
  if (status === 403) throw refused('this key may not do that', 'Give its user access to the project.')
  if (body === undefined || status >= 300) {
    const answer = status < 300 ? 'a page that is not JSON' : String(status)
    throw refused(
      `it answers with ${answer}${wordsOf(body, apiKey)}`,
      'Check WANDB_BASE_URL: it is the address of the API, without a path.',
    )
  }
  const data = fieldsOf(body['data'])
  // Errors beside data belong to fields that are absent then, and are judged as absent.
  if (data === undefined)
    throw refused(`it answers with errors${wordsOf(body, apiKey)}`, 'Check entity and project in the configuration.')
  return answerOf(SYSTEM, data)
}

/** GraphQL's errors, or the one of W&B's gateway. */
function wordsOf(body: Readonly<Record<string, unknown>> | undefined, apiKey: string): string {
  const errors = Array.isArray(body?.['errors']) ? body['errors'] : [body?.['error'], body]
  const words = errors
    .map((error: unknown) => (typeof error === 'string' ? error : fieldsOf(error)?.['message']))
    .filter((message) => typeof message === 'string')
  const said = withoutSecrets([apiKey, pairOf(apiKey)], words.join('; '))
  return words.length === 0 ? '' : `: ${said.slice(0, MAX_MESSAGE_LENGTH)}`
}

function recordOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

const refused = (what: string, hint: string): UserError =>
  new UserError('wandb_refused', `${SYSTEM} cannot be used: ${what}`, hint)
