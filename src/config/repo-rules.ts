/** Rules of `.github/lockkeeper.yml` over more than one key. They read the tree, not the parsed document, so that they speak up even where something else is wrong. */
import { checkCanary } from './canary-schema.ts'
import { checkEdit } from './edit-rules.ts'
import { checkEnvironmentOrder } from './environment-order.ts'
import { checkGates } from './gate-rules.ts'
import { checkMetricSources } from './metric-source-rules.ts'
import { checkPreviews } from './preview-rules.ts'
import { checkProducers } from './producer-rules.ts'
import { checkRelease } from './release-rules.ts'
import { RuleReport } from './rules.ts'
import { checkSync } from './sync-rules.ts'
import { checkVerify } from './verify-rules.ts'
import type { Finding } from './yaml-document.ts'
import type { KeyPath, YamlNode } from './yaml-node.ts'

/** Rules look at every model in every environment. */
const MAX_NAMES = 200

export type RuleFindings = { readonly errors: readonly Finding[]; readonly warnings: readonly Finding[] }

/** Everything that one key says about another. */
export function checkRepoRules(root: YamlNode): RuleFindings {
  const report = new RuleReport(root)
  for (const part of ['models', 'environments']) {
    if (report.names([part]).length <= MAX_NAMES) continue
    report.errorAtKey([part], `more than ${MAX_NAMES} ${part}`, 'split the repository')
    return report
  }
  for (const name of report.names(['models'])) checkModel(report, ['models', name])
  for (const name of report.names(['environments'])) checkEnvironment(report, ['environments', name])
  checkEnvironmentOrder(report)
  checkPreviews(report)
  checkProducers(report)
  for (const path of report.items(['accepts'])) checkAcceptance(report, path)
  for (const name of report.names(['retrain'])) {
    if (!report.has(['models', name]))
      report.errorAtKey(['retrain', name], `there is no model \`${name}\``, 'name a model of this file')
  }
  return report
}

function checkModel(report: RuleReport, model: KeyPath): void {
  checkMetricSources(report, model)
  checkRelease(report, model)
  checkGates(report, model)
  report.knownNames([...model, 'environments'], report.names(['environments']), 'environment')
}

function checkEnvironment(report: RuleReport, environment: KeyPath): void {
  for (const edit of report.items([...environment, 'edit'])) checkEdit(report, edit)
  checkCanary(report, environment)
  checkSync(report, [...environment, 'sync'])
  checkVerify(report, [...environment, 'verify'])
}

function checkAcceptance(report: RuleReport, path: KeyPath): void {
  const environments = report.texts([...path, 'environments']).map(({ text }) => text)
  for (const name of report.names([...path, 'require'])) {
    if (environments.length > 0 && !environments.includes(name)) {
      report.errorAtKey(
        [...path, 'require', name],
        `this entry does not accept the environment \`${name}\``,
        `add it to \`environments\`, or name one of: ${environments.map((known) => `\`${known}\``).join(', ')}`,
      )
    }
  }
}
