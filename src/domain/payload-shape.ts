/** What the handlers of src/handlers/ read of a webhook's payload, said once, so that they may trust the types of Octokit. A delivery of another shape is left by src/bot.ts. */
import { fieldsOf, listOf } from './json-fields.ts'

/** `name`: a short text that a database takes, `text`: any, `id`: a whole number from 1, `time`: as JSON writes it, `flag`: true or false. */
type Kind = 'name' | 'text' | 'id' | 'time' | 'flag'

/** By place: `?` after a key that may be absent or null, `[]` after one that holds a list. */
type Shape = Readonly<Record<string, Kind>>

const COMMON: Shape = {
  ...{ 'action?': 'name', 'sender?.login': 'name' },
  ...{ 'installation?.id': 'id', 'installation?.account?.login?': 'name', 'repository?.owner?.login?': 'name' },
}
const REPOSITORY: Shape = { 'repository.full_name': 'name' }
const HEAD: Shape = { 'pull_request.number': 'id', 'pull_request.head.ref': 'name', 'pull_request.head.sha': 'name' }
const CHECK_APP: Shape = { 'app?.id': 'id', head_sha: 'name', 'pull_requests[].number?': 'id' }

const below = (key: string, shape: Shape): Shape =>
  Object.fromEntries(Object.entries(shape).map(([place, kind]) => [`${key}.${place}`, kind]))

/** By event; the events that nobody hears have none. */
const SHAPES: Readonly<Record<string, Shape>> = {
  pull_request: {
    ...REPOSITORY,
    ...HEAD,
    'pull_request.user?.login': 'name',
    'pull_request.merged?': 'flag',
    'pull_request.merge_commit_sha?': 'name',
  },
  pull_request_review: HEAD,
  pull_request_review_thread: HEAD,
  push: {
    ...REPOSITORY,
    ...{ ref: 'name', before: 'name', after: 'name', 'deleted?': 'flag', 'forced?': 'flag' },
    'repository.default_branch': 'name',
    ...{ 'commits[].added[]?': 'name', 'commits[].modified[]?': 'name', 'commits[].removed[]?': 'name' },
  },
  check_run: {
    ...REPOSITORY,
    ...below('check_run', CHECK_APP),
    'check_run.check_suite?.head_branch?': 'name',
    'check_run.external_id?': 'name',
    'requested_action?.identifier?': 'name',
    'sender.type': 'name',
  },
  check_suite: { ...REPOSITORY, ...below('check_suite', CHECK_APP), 'check_suite.head_branch?': 'name' },
  status: { ...REPOSITORY, sha: 'name', 'branches[].name': 'name' },
  deployment_status: { ...REPOSITORY, 'deployment_status.creator?.login': 'name' },
  merge_group: { 'repository?.full_name': 'name', 'merge_group.head_sha': 'name', 'merge_group.head_ref': 'name' },
  issue_comment: {
    ...REPOSITORY,
    ...{ 'comment.id': 'id', 'comment.node_id': 'name', 'comment.created_at': 'time', 'comment.body': 'text' },
    ...{ 'comment.user?.login': 'name', 'comment.user?.type': 'name' },
    'comment.performed_via_github_app?.slug?': 'name',
    ...{ 'issue.number': 'id', 'issue.node_id': 'name', 'issue.state': 'name', 'issue.labels[].name': 'name' },
    ...{ 'sender.login': 'name', 'sender.type': 'name' },
  },
}

const placesOf = (shape: Shape) =>
  Object.entries({ ...COMMON, ...shape }).map(([place, kind]) => ({ place, keys: place.split('.'), kind }))

const PLACES = new Map(Object.entries(SHAPES).map(([event, shape]) => [event, placesOf(shape)]))
const COMMON_PLACES = placesOf({})

/** The first place that does not hold what the event's handlers read there, as a person would write it; undefined: they may read it. */
export function misshapenPlace(event: string, payload: Readonly<Record<string, unknown>>): string | undefined {
  const places = PLACES.get(event) ?? COMMON_PLACES
  return places.find(({ keys, kind }) => !fits(payload, keys, kind))?.place
}

function fits(value: unknown, [written, ...rest]: readonly string[], kind: Kind): boolean {
  if (written === undefined) return isA(kind, value)
  const [, key = '', isList, isOptional] = /^(\w+)(\[\])?(\?)?$/.exec(written) ?? []
  const fields = fieldsOf(value)
  const held = fields !== undefined && Object.hasOwn(fields, key) ? fields[key] : undefined
  if (fields === undefined) return false
  if (isOptional !== undefined && (held === undefined || held === null)) return true
  if (isList === undefined) return fits(held, rest, kind)
  return listOf(held)?.every((item) => fits(item, rest, kind)) ?? false
}

/** Longer than any path, branch or title that GitHub allows. */
const MAX_NAME = 5000

function isA(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'name':
      return typeof value === 'string' && value.length <= MAX_NAME && value.isWellFormed() && !value.includes('\0')
    case 'text':
      return typeof value === 'string'
    case 'id':
      return Number.isSafeInteger(value) && Number(value) > 0
    case 'time':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value))
    case 'flag':
      return typeof value === 'boolean'
  }
}
