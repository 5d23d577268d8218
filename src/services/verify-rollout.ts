/** Runs the checks of `verify:` until they have held for their duration: stage `verifying` → `verified`, or failed. The rule is src/domain/verification.ts. */
import { assessInferenceService, predictorDeployments } from '../domain/kserve-readiness.ts'
import type { Evidence, Promotion, Stage } from '../domain/promotion.ts'
import type { Release } from '../domain/release.ts'
import { releaseValues } from '../domain/release.ts'
import type { HttpCheck, PrometheusCheck, VerifySettings } from '../domain/settings.ts'
import { renderTemplate, type Template } from '../domain/template.ts'
import { assessVerification, enough } from '../domain/verification.ts'
import type { Deps } from './deps.ts'
import type { Following } from './follow-sync.ts'
import type { Deployment, InferenceService } from './ports.ts'
import { releaseOf, type Target } from './promotion-context.ts'

/** Between two looks at every check. It also sees what no watch tells: a new pod that crashes behind old ones changes nothing in its InferenceService. */
const EVERY_MS = 15_000

export async function verifyRollout(promotion: Promotion, target: Target, deps: Deps): Promise<Following> {
  const { stage } = promotion
  if (stage.at !== 'verifying') throw new Error('only a verifying promotion is verified')
  const release = await releaseOf(promotion, deps)
  const { verify } = target.environment
  const { evidence, fatal } = await look({ promotion, stage, release, verify }, deps)
  const now = deps.clock.now()
  const state = {
    syncedAt: new Date(stage.syncedAt),
    holdingSince: stage.holdingSince === undefined ? undefined : new Date(stage.holdingSince),
    within: verify.within,
    for: verify.for,
  }
  const verdict = assessVerification(state, { evidence, fatal, now })
  switch (verdict.kind) {
    case 'verified': {
      const done: Stage = {
        at: 'verified',
        revision: stage.revision,
        mergedAt: stage.mergedAt,
        verifiedAt: now.toISOString(),
        evidence,
        alias: undefined,
      }
      return { promotion: { ...promotion, stage: done }, wait: undefined }
    }
    case 'failed': {
      const code = fatal === undefined ? 'verify_timeout' : 'verify_failed'
      const over: Stage = {
        at: 'failed',
        failedAt: now.toISOString(),
        code,
        message: verdict.reason,
        revision: stage.revision,
        evidence,
        rollback: undefined,
      }
      return { promotion: { ...promotion, stage: over }, wait: undefined }
    }
    case 'holding': {
      const next = { ...stage, evidence, holdingSince: verdict.since.toISOString() }
      return { promotion: { ...promotion, stage: next }, wait: earlier(verdict.until, now) }
    }
    case 'not-holding': {
      const next = { ...stage, evidence, holdingSince: undefined }
      return { promotion: { ...promotion, stage: next }, wait: earlier(verdict.deadline, now) }
    }
  }
}

const earlier = (at: Date, now: Date): Date => new Date(Math.min(at.getTime(), now.getTime() + EVERY_MS))

type Looking = {
  readonly promotion: Promotion
  readonly stage: Extract<Stage, { at: 'verifying' }>
  readonly release: Release | undefined
  readonly verify: VerifySettings
}

type Seen = { readonly evidence: readonly Evidence[]; readonly fatal: string | undefined }

async function look(looking: Looking, deps: Deps): Promise<Seen> {
  const { verify } = looking
  const kserve = verify.kserve === undefined ? [] : [await lookAtService(looking, verify.kserve, deps)]
  const http = await Promise.all(verify.http.map((check) => lookAtUrl(looking, check, deps)))
  const prometheus = await Promise.all(verify.prometheus.map((check) => lookAtQuery(looking, check, deps)))
  return {
    evidence: [...kserve.map(({ evidence }) => evidence), ...http, ...prometheus],
    fatal: kserve.find(({ fatal }) => fatal !== undefined)?.fatal,
  }
}

/** A template's text; the checks may use everything that edits may. */
function text({ promotion, release }: Looking, template: Template): string {
  const values =
    release === undefined
      ? { 'model.name': promotion.model, environment: promotion.environment }
      : releaseValues(release, promotion.environment)
  const rendered = renderTemplate(template, values)
  return rendered.ok ? rendered.text : template.source
}

type ServiceCheck = { readonly name: Template; readonly namespace: string }

async function lookAtService(
  looking: Looking,
  check: ServiceCheck,
  deps: Deps,
): Promise<{ readonly evidence: Evidence; readonly fatal: string | undefined }> {
  const name = text(looking, check.name)
  const label = `InferenceService ${check.namespace}/${name}`
  const at = deps.clock.now().toISOString()
  const { verdict, detail } = await judgeService(looking, { namespace: check.namespace, name }, deps)
  return {
    evidence: { check: label, verdict: verdict === 'fatal' ? 'fails' : verdict, seen: detail, wanted: 'Ready', at },
    fatal: verdict === 'fatal' ? `${label}: ${detail}` : undefined,
  }
}

type Judged = { readonly verdict: Evidence['verdict'] | 'fatal'; readonly detail: string }
type At = { readonly namespace: string; readonly name: string }

async function judgeService({ promotion, stage, release }: Looking, at: At, deps: Deps): Promise<Judged> {
  const permit = deps.mayUse(promotion.repository, { kind: 'kubernetes', namespace: at.namespace })
  if (!permit.allowed) return { verdict: 'fails', detail: permit.message }
  const read = await deps.cluster.readInferenceService(at)
  if (read.kind === 'absent') return { verdict: 'fails', detail: 'it does not exist' }
  if (read.kind === 'refused') return { verdict: 'no_data', detail: read.reason }
  const pods = await readPredictor(read.service, deps)
  if (pods.kind === 'refused') return { verdict: 'no_data', detail: pods.reason }
  const readiness = assessInferenceService(read.service, {
    uri: writtenUri(promotion, release, read.service),
    since: new Date(stage.mergedAt),
    deployment: pods.deployment,
  })
  return {
    verdict: ({ ready: 'holds', waiting: 'fails', failed: 'fatal' } as const)[readiness.kind],
    detail: readiness.detail,
  }
}

type Predictor =
  | { readonly kind: 'known'; readonly deployment: Deployment | undefined }
  | { readonly kind: 'refused'; readonly reason: string }

/** One read more, two for the names that older versions of KServe give; none where pods prove nothing. */
async function readPredictor(service: InferenceService, deps: Deps): Promise<Predictor> {
  for (const name of predictorDeployments(service)) {
    const read = await deps.cluster.readDeployment({ namespace: service.namespace, name })
    if (read.kind === 'refused') return read
    if (read.kind === 'found') return { kind: 'known', deployment: read.deployment }
  }
  return { kind: 'known', deployment: undefined }
}

/** The model's URI that the promotion wrote, in the InferenceService itself or in what it is made from; absent when it wrote none. */
function writtenUri({ changes }: Promotion, release: Release | undefined, service: InferenceService) {
  const uris = changes.filter(({ path }) => path.endsWith('.storageUri'))
  const own = uris.find(({ document }) => document === `InferenceService ${service.name}`) ?? uris[0]
  // A container of its own gets its model in ways that KServe does not show.
  const isShown = service.storageUri !== undefined
  return own?.after ?? changes.find(({ after }) => isShown && after === release?.modelUri)?.after
}

async function lookAtUrl(looking: Looking, check: HttpCheck, deps: Deps): Promise<Evidence> {
  const url = text(looking, check.url)
  const at = deps.clock.now().toISOString()
  const wanted = `${check.expect}, ${check.successes} of ${check.of}`
  const permit = deps.mayUse(looking.promotion.repository, { kind: 'http', url })
  if (!permit.allowed) return { check: `GET ${url}`, verdict: 'fails', seen: permit.message, wanted, at }
  const looks: boolean[] = []
  let last = ''
  while (enough(looks, check) === 'unknown' && looks.length < check.of) {
    const answer = await deps.probe.get(url)
    looks.push(answer.kind === 'answer' && answer.status === check.expect)
    last = answer.kind === 'answer' ? `HTTP ${answer.status}` : answer.reason
  }
  const good = looks.filter(Boolean).length
  const verdict = enough(looks, check) === 'yes' ? 'holds' : 'fails'
  return { check: `GET ${url}`, verdict, seen: `${good} of ${looks.length} (last: ${last})`, wanted, at }
}

async function lookAtQuery(looking: Looking, check: PrometheusCheck, deps: Deps): Promise<Evidence> {
  const query = text(looking, check.query)
  const at = deps.clock.now().toISOString()
  const bounds = [
    check.min === undefined ? [] : [`≥ ${check.min}`],
    check.max === undefined ? [] : [`≤ ${check.max}`],
  ].flat()
  const evidence = (verdict: Evidence['verdict'], seen: string): Evidence => ({
    check: query,
    verdict,
    seen,
    wanted: bounds.join(', '),
    at,
  })
  const permit = deps.mayUse(looking.promotion.repository, { kind: 'prometheus', server: check.server })
  if (!permit.allowed) return evidence('fails', permit.message)
  const answer = await deps.prometheus.query(check.server, query)
  if (answer.kind === 'no_data') return evidence('no_data', 'no data')
  if (answer.kind === 'failed') return evidence('no_data', answer.reason)
  const within = answer.value >= (check.min ?? -Infinity) && answer.value <= (check.max ?? Infinity)
  return evidence(within ? 'holds' : 'fails', String(Number(answer.value.toPrecision(4))))
}
