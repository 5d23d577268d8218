/** `canary: compare:`: the same query for the new release and for the stable one. The rule is `compareValues` in src/domain/canary.ts; one of the kinds of run-checks.ts. */
import { type CanaryComparison, compareValues, isWhole } from '../domain/canary.ts'
import { type Evidence, historyIn, livePromotion, type Promotion } from '../domain/promotion.ts'
import { type Release, releaseValues } from '../domain/release.ts'
import { renderTemplate, type Template } from '../domain/template.ts'
import type { Deps } from './deps.ts'
import { releaseOf } from './promotion-context.ts'
import type { LookAtChecks, Looking } from './run-checks.ts'

/** Nothing to compare once all of the traffic is the new release's. */
export const lookAtCanary: LookAtChecks = async (looking, deps) => {
  const { promotion, environment, release } = looking
  const { canary } = promotion
  const comparisons = environment.canary?.compare ?? []
  const isNone = canary === undefined || isWhole(canary) || promotion.kind === 'rollback'
  if (isNone || release === undefined || comparisons.length === 0) return { evidence: [] }
  const stable = await stableOf(promotion, environment.repository, deps)
  const asking = { looking, release, stable }
  return { evidence: await Promise.all(comparisons.map((comparison) => compare(comparison, asking, deps))) }
}

/** The release that has the rest of the traffic. */
async function stableOf(
  promotion: Promotion,
  into: Looking['environment']['repository'],
  deps: Deps,
): Promise<Release | undefined> {
  const live = livePromotion(historyIn(await deps.ledger.history(promotion), into))
  return live && releaseOf(live, deps)
}

type Asking = { readonly looking: Looking; readonly release: Release; readonly stable: Release | undefined }

async function compare(
  comparison: CanaryComparison,
  { looking, release, stable }: Asking,
  deps: Deps,
): Promise<Evidence> {
  const { promotion, now } = looking
  const { server, query, stable: other = query } = comparison
  const text = textOf(query, release, promotion)
  const wanted = 'not worse than the stable release'
  const evidence = (verdict: Evidence['verdict'], seen: string): Evidence => ({
    ...{ check: `canary: ${text}`, verdict, seen, wanted, at: now.toISOString() },
  })
  const permit = deps.mayUse(promotion.repository, { kind: 'prometheus', server })
  if (!permit.allowed) return evidence('fails', permit.message)
  if (stable === undefined) return evidence('no_data', 'no release was verified here before')
  const [mine, theirs] = await Promise.all([
    deps.prometheus.query(server, text),
    deps.prometheus.query(server, textOf(other, stable, promotion)),
  ])
  if (mine.kind !== 'value')
    return evidence('no_data', `${release.model}: ${mine.kind === 'failed' ? mine.reason : 'no data'}`)
  if (theirs.kind !== 'value')
    return evidence('no_data', `stable: ${theirs.kind === 'failed' ? theirs.reason : 'no data'}`)
  const judged = compareValues(comparison, { canary: mine.value, stable: theirs.value })
  const seen = `${digits(mine.value)}, stable ${digits(theirs.value)}`
  return { ...evidence(judged.verdict, seen), wanted: judged.wanted }
}

const digits = (value: number): string => String(Number(value.toPrecision(4)))

function textOf(template: Template, release: Release, { environment }: Promotion): string {
  const rendered = renderTemplate(template, releaseValues(release, environment))
  return rendered.ok ? rendered.text : template.source
}
