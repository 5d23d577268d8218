/** `lockkeeper plan`: the exact diff that a promotion would make in a local checkout of the config repository, decided by the bot's own code (domain/promotion-admission.ts). */
import { dirname, join } from 'node:path'
import { parseRepoConfig } from '../config/repo-config.ts'
import { UserError } from '../domain/failure.ts'
import { parseEnvironmentName, parseModelName, parseRepoName, type RepoName } from '../domain/ids.ts'
import { admitPromotion, findEnvironment } from '../domain/promotion-admission.ts'
import { planDiffs } from '../domain/promotion-diff.ts'
import { renderEdits } from '../domain/promotion-plan.ts'
import type { EnvironmentSettings, ModelSettings, RepoSettings } from '../domain/settings.ts'
import type { TemplateValues } from '../domain/template.ts'
import { checkoutProblem, originOf, readCheckout } from './plan-checkout.ts'
import { asJson, asText, type Outcome, refusalLines } from './plan-output.ts'
import { completed, type Given, missingValues, valuesOfFile, valuesOfOptions } from './plan-values.ts'
import { type CliIo, createVerb, printable, readText } from './verb.ts'

const USAGE = `lockkeeper plan ENVIRONMENT --checkout DIR [--model NAME] [--value NAME=VALUE]…

Prints what a promotion to ENVIRONMENT would change in DIR, a checkout of the
config repository, as a unified diff: the same edits, the same refusals and the
same \`accepts:\` as the bot's. Nothing is written, and no server is asked.

  --checkout DIR       the config repository, with its .github/lockkeeper.yml
  --model NAME         which model; default: the only one
  --value NAME=VALUE   a value of the release, as templates name it:
                       model.version=12, commit.sha=3f9c2e1…,
                       image.digest=sha256:…; repeatable
  --release FILE       the same as JSON: { "model": { "version": "12" } };
                       --value goes before it
  --config FILE        the model repository's configuration
                       (default: .github/lockkeeper.yml)
  --from OWNER/REPO    the model repository (default: by its Git remote)
  --json               one JSON document
  --help               this text

What the model's own \`release:\` templates make of these (its URI, its image and
tag) need not be given. Whether an artefact exists is not looked up, and times
and approvals are not judged.

Exit codes: 0 nothing would change, 1 it would change what the diff shows,
2 refused, a value is missing, or wrong usage.
`

/** The verb, for the list in verbs.ts. */
export const plan = createVerb({
  name: 'plan',
  usage: USAGE,
  options: {
    checkout: { type: 'string' },
    model: { type: 'string' },
    value: { type: 'string', multiple: true },
    release: { type: 'string' },
    config: { type: 'string' },
    from: { type: 'string' },
    json: { type: 'boolean' },
  },
  ask: ({ values, positionals: [environment, ...others] }): Asked | string => {
    const { checkout, model, value: options = [], release, config = DEFAULT_FILE, from, json = false } = values
    if (environment === undefined || others.length > 0) return 'exactly one ENVIRONMENT is needed'
    if (checkout === undefined) return '--checkout DIR is needed: where the config repository is checked out'
    const repository = from === undefined ? undefined : parseRepoName(from)
    if (from !== undefined && repository === undefined) return `--from ${from}: OWNER/REPO is needed`
    return { environment, checkout, model, options, release, config, from: repository, json }
  },
  run: runPlan,
})

type Asked = {
  readonly environment: string
  readonly checkout: string
  readonly model: string | undefined
  readonly options: readonly string[]
  readonly release: string | undefined
  readonly config: string
  readonly from: RepoName | undefined
  readonly json: boolean
}

const DEFAULT_FILE = '.github/lockkeeper.yml'

/** What stops it before anything is planned: wrong usage, files that cannot be read, values that are missing. */
class Unasked extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Runs the verb; see its usage for the exit codes. */
async function runPlan(asked: Asked, io: CliIo): Promise<number> {
  try {
    const outcome = await planned(asked, io)
    io.stdout(asked.json ? asJson(outcome) : asText(outcome, io.isTty))
    if (!asked.json) io.stderr(`${printable(outcome.summary)}\n`)
    return outcome.files.length === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof UserError) && !(error instanceof Unasked)) throw error
    if (asked.json) io.stdout(asJson(error))
    else for (const line of refusalLines(error)) io.stderr(`${line}\n`)
    return 2
  }
}

async function planned(asked: Asked, io: CliIo): Promise<Outcome> {
  const problem = await checkoutProblem(asked.checkout)
  if (problem !== undefined) throw new Unasked([problem])
  const settings = await settingsOf(asked.config, io)
  const from = asked.from ?? (await originOf(dirname(asked.config)))
  if (from === undefined) throw new Unasked(['which repository is the model in? Say it by --from OWNER/REPO'])
  const { model, environment } = target(asked, settings, from)
  const values = { ...(await valuesOf(asked, model, io)), 'model.name': model.name, environment: environment.name }
  refuseMissing(environment, model, values)
  const rendered = renderEdits(environment, model.name, values)
  const paths = rendered.kind === 'rendered' ? rendered.files.map(({ file }) => file) : []
  const files = await readCheckout(asked.checkout, paths)
  const accepts = await acceptsOf(asked.checkout, io)
  // What would come to such an environment: the release itself does not say whether anybody has merged it.
  const isUnmerged = environment.from === 'pull_request'
  const question = { from, model: model.name, environment, values, isUnmerged, restore: undefined, files }
  const { plan: made } = admitPromotion(question, accepts)
  if (made.kind === 'refused') throw new UserError(made.code, made.message, made.hint)
  const changes = made.kind === 'planned' ? made.changes : []
  return {
    model: model.name,
    environment: environment.name,
    repository: environment.repository,
    changes,
    files: planDiffs(made, files),
    summary: `${model.name} → ${environment.name}: ${summary(changes.length, made, environment)}${await elsewhere(asked, environment)}`,
  }
}

function summary(values: number, made: ReturnType<typeof admitPromotion>['plan'], { repository }: EnvironmentSettings) {
  const count = (many: number, noun: string) => `${many} ${noun}${many === 1 ? '' : 's'}`
  return made.kind === 'planned'
    ? `${count(values, 'value')} in ${count(made.files.length, 'file')} of ${repository} would change`
    : `nothing would change in ${repository}, every value is there already`
}

/** A wrong checkout gives a diff that nobody will see. */
async function elsewhere({ checkout }: Asked, { repository }: EnvironmentSettings): Promise<string> {
  const origin = await originOf(checkout)
  return origin === undefined || origin === repository ? '' : ` (but ${checkout} is a checkout of ${origin})`
}

async function settingsOf(file: string, io: CliIo): Promise<RepoSettings> {
  const read = await readText(file, io)
  if (!read.ok) throw new Unasked([read.reason])
  const parsed = parseRepoConfig(read.text, { file })
  if (parsed.ok) return parsed.settings
  const errors = parsed.problems.filter(({ severity }) => severity === 'error')
  throw new Unasked(
    errors.map(({ line, column, key, reason, hint }) => `${file}:${line}:${column}  ${key}  ${reason}  ${hint}`),
  )
}

/** Without a file nothing is accepted, and the refusal says what it would need. */
async function acceptsOf(checkout: string, io: CliIo): Promise<RepoSettings['accepts']> {
  const file = join(checkout, DEFAULT_FILE)
  const read = await readText(file, io)
  if (read.ok) return (await settingsOf(file, io)).accepts
  if (!read.isAbsent) throw new Unasked([read.reason])
  return []
}

function target(
  asked: Asked,
  settings: RepoSettings,
  repository: RepoName,
): { readonly model: ModelSettings; readonly environment: EnvironmentSettings } {
  const environment = parseEnvironmentName(asked.environment)
  if (environment === undefined) throw new Unasked([`${asked.environment}: there is no such environment`])
  const all = [...settings.models.values()]
  const names = all.map(({ name }) => name).join(', ')
  if (asked.model === undefined && all.length !== 1)
    throw new Unasked([all.length === 0 ? `${asked.config}: there are no models` : `which model? --model ${names}`])
  const model = asked.model === undefined ? all[0]?.name : parseModelName(asked.model)
  if (model === undefined) throw new Unasked([`--model ${asked.model}: there is no such model; there are: ${names}`])
  return findEnvironment({ repository, model, environment }, settings)
}

async function valuesOf(asked: Asked, model: ModelSettings, io: CliIo): Promise<TemplateValues> {
  const ofOptions = taken(valuesOfOptions(asked.options))
  if (asked.release === undefined) return completed(ofOptions, model)
  const read = await readText(asked.release, io)
  if (!read.ok) throw new Unasked([read.reason])
  return completed({ ...taken(valuesOfFile(read.text, asked.release)), ...ofOptions }, model)
}

function taken(given: Given): TemplateValues {
  if (!given.ok) throw new Unasked(given.problems)
  return given.values
}

function refuseMissing(environment: EnvironmentSettings, model: ModelSettings, values: TemplateValues): void {
  const missing = missingValues(environment, model, values)
  if (missing.length === 0) return
  throw new Unasked(
    missing.map(({ name, template }) => `\`${template}\` needs a value that is not given: --value ${name}=…`),
  )
}
