/** What the keys of `candidate`, `baseline`, `reports` and `checks` say about each other. Part of repo-rules.ts. */
import type { RuleReport } from './rules.ts'
import type { KeyPath } from './yaml-node.ts'

/** Exactly one source a side, and MLflow's own keys that exclude each other. */
export function checkMetricSources(report: RuleReport, model: KeyPath): void {
  const candidate = [...model, 'candidate']
  const baseline = [...model, 'baseline']
  report.exactlyOne(candidate, ['mlflow', 'file', 's3', 'artifact', 'dvc', 'wandb'])
  report.exactlyOne([...candidate, 'mlflow'], ['experiment', 'experiment_id'])
  report.exactlyOne(baseline, ['mlflow', 'environment', 'candidate_at', 'file', 's3', 'dvc'])
  checkRegistered(report, [...baseline, 'mlflow'])
  if (report.has([...baseline, 'candidate_at']) && !report.has(candidate)) {
    report.errorAtKey(
      [...baseline, 'candidate_at'],
      'there is no `candidate` whose source it could be',
      'add `candidate`',
    )
  }
  report.knownNames([...baseline, 'environment'], report.names(['environments']), 'environment')
  for (const name of report.names([...model, 'reports'])) {
    report.exactlyOne([...model, 'reports', name], ['file', 's3', 'artifact'])
  }
  const training = [...model, 'training', 'check']
  if (OWN.has(report.scalar(training)?.text.toLowerCase() ?? '')) report.error(training, OWN_REASON, OWN_HINT)
  checkChecks(report, [...model, 'checks'])
}

/** Checks that could only ever be missing, or are there twice. */
function checkChecks(report: RuleReport, checks: KeyPath): void {
  const known = new Set<string>()
  for (const item of report.items(checks)) {
    const place = report.scalar(item) === undefined ? [...item, 'name'] : item
    const name = report.scalar(place)?.text.toLowerCase()
    const app = report.scalar([...item, 'app'])?.text.toLowerCase()
    if (name === undefined) continue
    if (OWN.has(name)) report.error(place, OWN_REASON, OWN_HINT)
    if (app !== undefined && !/^[a-z\d][a-z\d-]*$/.test(app)) {
      report.error([...item, 'app'], 'not the slug of an App', 'the last part of its page: `github.com/apps/<slug>`')
    }
    const key = JSON.stringify([name, app])
    if (known.has(key)) report.error(place, 'this check is there twice', 'keep one of them')
    known.add(key)
  }
}

const OWN: ReadonlySet<string> = new Set(['lockkeeper', 'lockkeeper/promotion'])
const OWN_REASON = "Lockkeeper's own check is never waited for"
const OWN_HINT = 'name a check of your CI, or leave this out'

function checkRegistered(report: RuleReport, mlflow: KeyPath): void {
  report.exactlyOne(mlflow, ['model', 'run'])
  const picks = ['alias', 'version', 'stage'].filter((key) => report.has([...mlflow, key]))
  const [first, second] = picks
  if (second !== undefined) {
    report.errorAtKey([...mlflow, second], `\`${first}\` says already which version it is`, 'keep one of them')
  }
  if (first !== undefined && report.has([...mlflow, 'run'])) {
    report.errorAtKey([...mlflow, first], 'a run has no versions', `keep \`run\`, or \`model\` with \`${first}\``)
  }
}
