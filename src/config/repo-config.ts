/** `.github/lockkeeper.yml` to settings, or to every problem it has. The schema is repo-schema.ts; what the settings mean is src/domain/settings.ts. */
import type { LineOf, Problem } from '../domain/config-problem.ts'
import type { RepoSettings } from '../domain/settings.ts'
import { inactiveFindings } from './inactive-keys.ts'
import { checkRepoRules } from './repo-rules.ts'
import { repoSchema } from './repo-schema.ts'
import { toSettings } from './repo-settings.ts'
import { lineOf, reportProblems } from './report.ts'
import { checkShape } from './shape.ts'
import { readYaml } from './yaml-document.ts'

export type ParsedRepoConfig =
  | {
      readonly ok: true
      readonly settings: RepoSettings
      /** Severity `inactive` and `warning`, in the order of the file. */
      readonly notices: readonly Problem[]
      readonly lineOf: LineOf
    }
  | {
      readonly ok: false
      /** At least one error, and whatever notices there are, in the order of the file. */
      readonly problems: readonly Problem[]
    }

/**
 * Reads a configuration of a model repository, a config repository or both. Never throws, whatever the text.
 * `file` only names the file in the problems.
 */
export function parseRepoConfig(text: string, options: { readonly file: string }): ParsedRepoConfig {
  const yaml = readYaml(text)
  const { root } = yaml
  if (root === undefined)
    return { ok: false, problems: reportProblems(text, options.file, [{ severity: 'error', findings: yaml.findings }]) }
  const shape = checkShape(repoSchema, root)
  const rules = checkRepoRules(root)
  const problems = reportProblems(text, options.file, [
    { severity: 'error', findings: [...yaml.findings, ...shape.findings, ...rules.errors] },
    { severity: 'warning', findings: rules.warnings },
    { severity: 'inactive', findings: inactiveFindings(root) },
  ])
  if (shape.document === undefined || problems.some((problem) => problem.severity === 'error'))
    return { ok: false, problems }
  return {
    ok: true,
    settings: toSettings(shape.document),
    notices: problems,
    lineOf: (model, path) => lineOf({ text, root }, ['models', model, ...path], 2),
  }
}
