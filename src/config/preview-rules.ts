/** `from: pull_request`: what an environment for heads that are not merged cannot have. The reasons are docs/guides/preview.md. */
import type { RuleReport } from './rules.ts'

/** Nobody merged what goes there: it goes by command alone, proves nothing for the environments after it, and is nobody's champion. */
export function checkPreviews(report: RuleReport): void {
  const names = report.names(['environments'])
  const previews = new Set(
    names.filter((name) => report.scalar(['environments', name, 'from'])?.text === 'pull_request'),
  )
  for (const name of previews) {
    const deploy = report.scalar(['environments', name, 'deploy'])?.text
    if (deploy === 'on-merge' || deploy === 'automatic') {
      report.error(
        ['environments', name, 'deploy'],
        `\`${deploy}\` would replace the pull request that somebody is looking at`,
        'use `deploy: on-command` beside `from: pull_request`',
      )
    }
    for (const key of [['after'], ['on_verified', 'mlflow_alias']]) {
      if (!report.has(['environments', name, ...key])) continue
      const reason =
        key[0] === 'after'
          ? 'what is not merged was verified nowhere before, so that it could never go here'
          : 'what is not merged moves no alias'
      report.errorAtKey(['environments', name, ...key], reason, 'remove it, or `from: pull_request`')
    }
  }
  for (const name of names) {
    if (!previews.has(name) && report.scalar(['environments', name, 'forks'])?.text === 'allow') {
      const reason = 'no heads of pull requests come here, and so none of forks'
      report.error(['environments', name, 'forks'], reason, 'add `from: pull_request`, or remove it')
    }
    for (const { text, path } of report.texts(['environments', name, 'after'])) {
      if (!previews.has(text)) continue
      const reason = `\`${text}\` takes pull requests that are not merged, and what is verified there proves nothing of a release`
      report.error(path, reason, 'name an environment with `from: default_branch`')
    }
  }
}
