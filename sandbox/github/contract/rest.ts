/** Checks REST requests, answers and webhooks against GitHub's own OpenAPI description. Its GraphQL half is graphql.ts. */
import {
  type Content,
  type Description,
  escapePointer,
  loadDescription,
  type Reference,
  resolveReference,
} from './description.ts'
import { ANSWER_EXCEPTIONS, RAW_OPERATIONS } from './exceptions.ts'
import { compileRoutes, type FindRoute, type RouteMatch } from './routes.ts'
import { unknownKeys } from './unknown-keys.ts'
import { createValidators, type Validators } from './validators.ts'

/** `path` is raw (percent-encoded), with or without `/api/v3`. `body` is the parsed JSON; absent, null and '' mean none. */
type RestRequest = {
  readonly method: string
  readonly path: string
  readonly query?: URLSearchParams | Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body?: unknown
}

/** `body` is the parsed JSON, or text or a Buffer when the answer is not JSON. */
type RestResponse = {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly body?: unknown
}

export type RestContract = {
  /** Problems of what the bot sent; empty = GitHub documents it so. */
  request(request: RestRequest): string[]
  /** Problems of what the stand-in answered. */
  response(response: RestResponse): string[]
  /** Problems of a webhook's payload. `event` as in `X-GitHub-Event`. */
  webhook(event: string, payload: unknown): string[]
  /** The operation id (`issues/create-comment`), or undefined when the stand-in's description does not have it. */
  operation(method: string, path: string): string | undefined
}

/** Of one body; a wrong shape would otherwise fill a screen. */
const MOST_PROBLEMS = 12

type Context = {
  readonly description: Description
  readonly find: FindRoute
  readonly validators: Validators
}

/** A contract over the vendored description. Costs about 100 ms; schemas compile at first use. */
export function createRestContract(): RestContract {
  const description = loadDescription()
  const context: Context = {
    description,
    find: compileRoutes(description),
    validators: createValidators(description),
  }
  return {
    request: (request) => checkRequest(context, request),
    response: (response) => checkResponse(context, response),
    webhook: (event, payload) => checkWebhook(context, event, payload),
    operation: (method, path) => context.find(method, path)?.operation.operationId,
  }
}

function checkRequest(context: Context, { method, path, query, body }: RestRequest): string[] {
  const route = context.find(method, path)
  if (route === undefined) return [`no such operation: ${method} ${path}`]
  const values = query instanceof URLSearchParams ? Object.fromEntries(query) : (query ?? {})
  return [...checkParameters(context, route, values), ...checkBody(context, route, body)]
}

function checkParameters(
  context: Context,
  route: RouteMatch,
  query: Exclude<RestRequest['query'], undefined>,
): string[] {
  const given = query as Readonly<Record<string, string | readonly string[] | undefined>>
  const found: string[] = []
  const known = new Set<string>()
  for (const [index, parameter] of route.parameters.entries()) {
    if (parameter.in === 'header') continue
    if (parameter.in === 'query') known.add(parameter.name)
    const value = parameter.in === 'path' ? route.pathValues[parameter.name] : given[parameter.name]
    const label = `${parameter.in} parameter ${parameter.name}`
    if (value === undefined) {
      if (parameter.required) found.push(`missing ${label}`)
      continue
    }
    const pointer = pointerOf(route.operation.parameters?.[index], `${operationPointer(route)}/parameters/${index}`)
    found.push(...context.validators.checkText(`${pointer}/schema`, value).map((each) => `${label}: ${each}`))
  }
  for (const name of Object.keys(given)) if (!known.has(name)) found.push(`unknown query parameter ${name}`)
  return found
}

function checkBody(context: Context, route: RouteMatch, body: unknown): string[] {
  const { requestBody } = route.operation
  if (requestBody === undefined) return isEmpty(body) ? [] : ['body sent, none documented']
  const { required, content } = resolveReference<Content>(context.description, requestBody)
  if (isAbsent(body)) return required ? ['missing request body'] : []
  const [type, media] = Object.entries(content ?? {})[0] ?? []
  if (type === undefined || media?.schema === undefined) return []
  const pointer = pointerOf(requestBody, `${operationPointer(route)}/requestBody`)
  return [
    ...context.validators
      .check(schemaPointer(pointer, type), body)
      .slice(0, MOST_PROBLEMS)
      .map((each) => `body ${each}`),
    ...unknownKeys(context.description, media.schema, body).map((key) => `body has an unknown key ${key}`),
  ]
}

/** GitHub documents for its API as a whole that old names of repositories lead on; the description says so of some operations only. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 307])

/** An error that also has the new address. */
function checkRedirect(body: unknown): string[] {
  if (typeof body !== 'object' || body === null || !('url' in body)) return ['a redirect without its url']
  const { url, ...error } = body
  return [...(typeof url === 'string' ? [] : ['the url of a redirect is no text']), ...checkError(error)]
}

function checkResponse(context: Context, { method, path, status, body }: RestResponse): string[] {
  const route = context.find(method, path)
  // An operation that GitHub does not have is reported once, for the request.
  if (route === undefined) return []
  const { operationId, responses } = route.operation
  if (status === 304) return isAbsent(body) ? [] : ['304 with a body']
  if (isRaw(body) && status === 200 && RAW_OPERATIONS.has(operationId)) return []
  const documented = responses[String(status)]
  if (documented === undefined) {
    if (REDIRECTS.has(status)) return checkRedirect(body)
    if (status >= 400) return checkError(body)
    return [`status ${status} is not documented (${Object.keys(responses).join(', ')} are)`]
  }
  const { content } = resolveReference<Content>(context.description, documented)
  const type = Object.keys(content ?? {}).find((name) => name.includes('json'))
  if (type === undefined) {
    if (status >= 400) return checkError(body)
    return isEmpty(body) ? [] : ['body sent, none documented']
  }
  const pointer = pointerOf(documented, `${operationPointer(route)}/responses/${status}`)
  return forgive({ where: operationId, status }, context.validators.check(schemaPointer(pointer, type), body))
}

/** GitHub answers errors in one shape, but documents few of them per operation (of 1,223 operations 1,058 document no 401). */
function checkError(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return ['an error must be an object with a message']
  const { message, documentation_url: link, errors, status, ...others } = body as Record<string, unknown>
  const found = Object.keys(others).map((key) => `an error has no ${key}`)
  if (typeof message !== 'string') found.push('an error must have a message')
  if (link !== undefined && typeof link !== 'string') found.push('documentation_url must be text')
  if (errors !== undefined && !Array.isArray(errors) && typeof errors !== 'string') found.push('errors must be a list')
  if (status !== undefined && typeof status !== 'string') found.push('status must be text')
  return found
}

function checkWebhook(context: Context, event: string, payload: unknown): string[] {
  const action = typeof payload === 'object' && payload !== null && 'action' in payload ? payload.action : undefined
  const base = event.replaceAll('_', '-')
  // The description spells repository_dispatch, whose actions are the sender's own, by one sample.
  const names = [`${base}-${String(action).replaceAll('_', '-')}`, base, `${base}-sample.collected`]
  const isOpen = action === undefined || event === 'repository_dispatch'
  const key = names
    .slice(action === undefined ? 1 : 0, isOpen ? 3 : 1)
    .find((name) => name in context.description['x-webhooks'])
  if (key === undefined) return [`no such webhook: ${event}${action === undefined ? '' : `.${String(action)}`}`]
  const pointer = `/x-webhooks/${escapePointer(key)}/post/requestBody`
  return forgive({ where: key }, context.validators.check(schemaPointer(pointer, 'application/json'), payload))
}

type Answered = { readonly where: string; readonly status?: number }

/** The problems that count, cut to a readable number only now, so that forgiven ones crowd out no others. */
function forgive({ where, status }: Answered, problems: readonly string[]): string[] {
  const exceptions = ANSWER_EXCEPTIONS.filter(
    (each) => each.where.test(where) && (each.status === undefined || each.status === status),
  )
  return problems.filter((problem) => !exceptions.some((each) => each.problem.test(problem))).slice(0, MOST_PROBLEMS)
}

function operationPointer(route: RouteMatch): string {
  return `/paths/${escapePointer(route.template)}/${route.method}`
}

function pointerOf(value: Reference | undefined, otherwise: string): string {
  return value?.$ref === undefined ? otherwise : value.$ref.slice(1)
}

function schemaPointer(pointer: string, mediaType: string): string {
  return `${pointer}/content/${escapePointer(mediaType)}/schema`
}

function isAbsent(body: unknown): boolean {
  return body === undefined || body === null || body === '' || (Buffer.isBuffer(body) && body.length === 0)
}

function isEmpty(body: unknown): boolean {
  return isAbsent(body) || (typeof body === 'object' && body !== null && Object.keys(body).length === 0)
}

function isRaw(body: unknown): boolean {
  return typeof body === 'string' || Buffer.isBuffer(body)
}
