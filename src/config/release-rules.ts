/** What the keys of a model's `release:` (release-schema.ts) say about each other. Part of repo-rules.ts. */
import type { RuleReport } from './rules.ts'
import type { KeyPath } from './yaml-node.ts'

/** `model` is the path of the model. */
export function checkRelease(report: RuleReport, model: KeyPath): void {
  const artefact: KeyPath = [...model, 'release', 'model']
  report.atLeastOne(artefact, ['mlflow', 'uri'], 'a release model without `mlflow` and `uri` names no artefact')
  const create: KeyPath = [...artefact, 'mlflow', 'create']
  if (report.has(create) && !report.has([...model, 'candidate', 'mlflow']))
    report.errorAtKey(
      create,
      'the candidate is no MLflow run that could be registered',
      'name its experiment: `candidate: { mlflow: { experiment: … } }`',
    )
  const map: KeyPath = [...artefact, 'uri_map']
  if (!report.has(map)) return
  if (report.names(map).length === 0)
    report.errorAtKey(map, 'this maps nothing', 'add a beginning and what it becomes, or remove the key')
  if (report.has([...artefact, 'uri']))
    report.errorAtKey(map, '`uri` is written as it is, so that nothing is mapped', 'remove `uri` or `uri_map`')
  else if (!report.has([...artefact, 'mlflow']))
    report.errorAtKey(map, 'only the addresses of a registry are mapped', 'add `mlflow`, or write `uri`')
}
