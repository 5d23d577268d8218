/** reconcile() of a pending release: looks for its artefacts until all exist, then gives it its id, judges its gates and wakes its environments. Begun by begin-releases.ts. */
import { verdictWords } from '../comments/comparison-words.ts'
import type { ModelReport } from '../domain/comparison-report.ts'
import { UserError } from '../domain/failure.ts'
import { keepComparison } from '../domain/kept-comparison.ts'
import { type Release, type ReleaseContent, type ReleaseImage, releaseId } from '../domain/release.ts'
import type { ModelSettings } from '../domain/settings.ts'
import { releaseSubject, type Subject } from '../domain/subject.ts'
import { renderTemplate, type TemplateValues } from '../domain/template.ts'
import type { Deps } from './deps.ts'
import { judgeRelease, unjudged } from './judge-release.ts'
import type { ReleaseRecord } from './ledger.ts'
import { publishThread } from './publish-thread.ts'
import { knownSettings } from './repo-settings.ts'

const POLL_MS = 20_000

type Found = { readonly content: ReleaseContent; readonly report: ModelReport }
/** Something is not there yet, in words that name it. */
type Missing = { readonly missing: readonly string[] }

export async function completeRelease(subject: Extract<Subject, { kind: 'release' }>, deps: Deps): Promise<void> {
  const record = await deps.ledger.release(subject.repository, subject.model, subject.sha, subject.unmerged)
  if (record === undefined) return
  if (record.state.kind === 'given-up') return publishThread(record.repository, record.pullRequest?.number, deps)
  if (record.state.kind === 'complete') return announce(record, deps)
  try {
    await look(record, deps)
  } catch (error) {
    // A deadline must not wait for somebody to mend the configuration.
    if (!(error instanceof UserError) || deadlineOf(record) > deps.clock.now()) throw error
    await giveUp(record, [`a configuration that can be read: ${error.message}`], deps)
  }
}

async function look(record: ReleaseRecord, deps: Deps): Promise<void> {
  const settings = await knownSettings(record.repository, deps)
  const model = settings.models.get(record.model)
  if (model === undefined)
    return giveUp(record, [`the model \`${record.model}\`, which the configuration no longer has`], deps)
  const found = await gather(record, model, deps)
  if ('missing' in found) return wait(record, { model, missing: found.missing }, deps)
  const release: Release = {
    ...found.content,
    id: releaseId(found.content),
    completedAt: deps.clock.now().toISOString(),
    gates: gatesOf(found.report),
    comparison: keepComparison(found.report, verdictWords(found.report)),
  }
  const complete: ReleaseRecord = { ...record, state: { kind: 'complete', release } }
  await deps.ledger.saveRelease(complete)
  await deps.ledger.audit({
    at: deps.clock.now(),
    actor: 'lockkeeper',
    action: 'release',
    subject: release.id,
    detail: { model: release.model, commit: release.commit },
  })
  await announce(complete, deps)
}

/** Safe to repeat: hints coalesce, the thread is written only when it changed. */
async function announce(record: ReleaseRecord, deps: Deps): Promise<void> {
  const settings = await knownSettings(record.repository, deps)
  for (const environment of settings.models.get(record.model)?.environments ?? []) {
    await deps.hints.hint({ kind: 'environment', repository: record.repository, model: record.model, environment })
  }
  await publishThread(record.repository, record.pullRequest?.number, deps)
}

async function wait(
  record: ReleaseRecord,
  { model, missing }: { model: ModelSettings; missing: readonly string[] },
  deps: Deps,
): Promise<void> {
  const now = deps.clock.now()
  const waiting: ReleaseRecord = { ...record, within: model.release.within, state: { kind: 'pending', missing } }
  const deadline = deadlineOf(waiting)
  if (deadline <= now) return giveUp(record, missing, deps)
  await deps.ledger.saveRelease(waiting)
  const at = new Date(Math.min(deadline.getTime(), now.getTime() + POLL_MS))
  await deps.hints.wakeAt(releaseSubject(record), at)
}

/** Where no configuration was ever seen that says how long. */
const WITHIN_MS = 2 * 3_600_000

const deadlineOf = ({ begunAt, within = WITHIN_MS }: ReleaseRecord): Date => new Date(Date.parse(begunAt) + within)

async function giveUp(record: ReleaseRecord, missing: readonly string[], deps: Deps): Promise<void> {
  await deps.ledger.saveRelease({ ...record, state: { kind: 'given-up', missing, at: deps.clock.now().toISOString() } })
  deps.log.warn({ repository: record.repository, model: record.model, missing }, 'release given up')
  await publishThread(record.repository, record.pullRequest?.number, deps)
}

async function gather(record: ReleaseRecord, model: ModelSettings, deps: Deps): Promise<Found | Missing> {
  const { repository, commit, pullRequest } = record
  const head = pullRequest?.headSha ?? commit
  const report = await judgeRelease(record, model, deps)
  const missing = unjudged(report, { model, head })
  if (missing.length > 0) return { missing }
  const version = await versionOf(record, { model, report }, deps)
  if (version !== undefined && 'missing' in version) return version
  const values: TemplateValues = {
    'model.name': model.name,
    'model.version': version?.version,
    'commit.sha': commit,
    'pull_request.sha': head,
    'pull_request.number': pullRequest && String(pullRequest.number),
  }
  // CI of a pull request builds GitHub's test merge of its head.
  const tested = record.origin === 'pull_request' ? pullRequest?.testMergeCommit : undefined
  const places = tested === undefined ? [values] : [values, { ...values, 'commit.sha': tested }]
  const uri = await first(places, (at) => uriOf(record, { model, values: at, source: version?.source }, deps))
  if (typeof uri === 'object') return uri
  const image = await first(places, (at) => imageOf(record, { model, values: at }, deps))
  if (image !== undefined && 'missing' in image) return image
  const content: ReleaseContent = {
    repository,
    model: model.name,
    ...(record.origin === 'pull_request' ? { origin: record.origin } : {}),
    commit,
    pullRequest: pullRequest && { number: pullRequest.number, headSha: pullRequest.headSha },
    modelVersion: version?.version,
    registeredModel: version === undefined ? undefined : model.release.model?.registry?.name,
    modelUri: uri,
    image,
    runs: report.runs,
    metrics: report.metrics,
    dataDigests: report.dataDigests,
  }
  return { content, report }
}

/** What is found at the first place that has it, else what is missing at the first. */
async function first<Answer>(
  [place, ...others]: readonly TemplateValues[],
  look: (place: TemplateValues) => Promise<Answer>,
): Promise<Answer> {
  const answer = await look(place ?? {})
  const isMissing = (one: Answer): boolean => typeof one === 'object' && one !== null && 'missing' in one
  if (!isMissing(answer)) return answer
  for (const other of others) {
    const found = await look(other)
    if (!isMissing(found)) return found
  }
  return answer
}

type Asked = { readonly model: ModelSettings; readonly report: ModelReport }

async function versionOf(
  record: ReleaseRecord,
  { model, report }: Asked,
  deps: Deps,
): Promise<{ readonly version: string; readonly source: string | undefined } | Missing | undefined> {
  const registry = model.release.model?.registry
  if (registry === undefined) return undefined
  const permit = deps.mayUse(record.repository, { kind: 'mlflow', server: registry.server, model: registry.name })
  if (!permit.allowed) return { missing: [permit.message] }
  if (report.runs.length === 0)
    return { missing: [`a finished MLflow run of ${record.pullRequest?.headSha ?? record.commit}`] }
  const versions = await deps.mlflow.versionsOfRuns(registry.server, registry.name, report.runs)
  const ready = versions.find(({ status }) => status === 'READY')
  if (ready === undefined)
    return { missing: [`a registered version of \`${registry.name}\` made from run ${report.runs[0]}`] }
  return { version: ready.version, source: ready.source }
}

/** The artefact's URI, once it exists. Only `s3://` can be looked into; other stores are taken at their word. */
async function uriOf(
  record: ReleaseRecord,
  {
    model,
    values,
    source,
  }: { readonly model: ModelSettings; readonly values: TemplateValues; readonly source: string | undefined },
  deps: Deps,
): Promise<string | undefined | Missing> {
  const template = model.release.model?.uri
  if (template === undefined) {
    if (source === undefined || !/^(models|mlflow-artifacts|runs):/.test(source)) return source
    return {
      missing: [`an artefact URI that KServe can pull: the registry says \`${source}\`; set \`release.model.uri\``],
    }
  }
  const rendered = renderTemplate(template, values)
  if (!rendered.ok) return { missing: [`a value for {{ ${rendered.missing} }} in \`${template.source}\``] }
  if (!rendered.text.startsWith('s3://')) return rendered.text
  const permit = deps.mayUse(record.repository, { kind: 'bucket', uri: rendered.text })
  if (!permit.allowed) return { missing: [permit.message] }
  const answer = await deps.buckets.exists(rendered.text)
  if (answer.kind === 'found') return rendered.text
  return {
    missing: [
      answer.kind === 'refused'
        ? `a look at \`${rendered.text}\`: ${answer.reason}`
        : `the artefact \`${rendered.text}\``,
    ],
  }
}

async function imageOf(
  record: ReleaseRecord,
  { model, values }: { readonly model: ModelSettings; readonly values: TemplateValues },
  deps: Deps,
): Promise<ReleaseImage | Missing | undefined> {
  const template = model.release.image
  if (template === undefined) return undefined
  const rendered = renderTemplate(template, values)
  if (!rendered.ok) return { missing: [`a value for {{ ${rendered.missing} }} in \`${template.source}\``] }
  const reference = splitImage(rendered.text)
  if (reference === undefined)
    throw new UserError('config_invalid', `\`${rendered.text}\` is not \`host/name:tag\``, 'Correct `release.image`.')
  const need = { kind: 'registry', image: reference.repository } as const
  const permit = deps.mayUse(record.repository, { ...need, anonymously: true })
  if (!permit.allowed) return { missing: [permit.message] }
  const anonymously = !deps.mayUse(record.repository, { ...need, anonymously: false }).allowed
  const answer = await deps.registries.resolve({ ...reference, anonymously })
  if (answer.kind === 'found') return { ...reference, digest: answer.digest }
  return {
    missing: [
      answer.kind === 'absent' ? `the image \`${rendered.text}\`` : `a look at \`${rendered.text}\`: ${answer.reason}`,
    ],
  }
}

function splitImage(text: string): { readonly repository: string; readonly tag: string } | undefined {
  const colon = text.lastIndexOf(':')
  if (colon <= text.lastIndexOf('/') || text.includes('@')) return undefined
  return { repository: text.slice(0, colon), tag: text.slice(colon + 1) }
}

function gatesOf(report: ModelReport): Release['gates'] {
  const { gates } = report
  if (gates.verdict === 'none') return { verdict: 'none', failing: [] }
  const verdict = gates.verdict === 'pass' ? 'pass' : 'fail'
  const waived = gates.waived.length === 0 ? {} : { waived: gates.waived }
  // Training that never finished judges no gate: closed, by name.
  return { verdict, failing: [...gates.failing, ...gates.pending], ...waived }
}
