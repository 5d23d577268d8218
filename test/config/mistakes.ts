/** Configurations with one thing to look at, and what is said of them. For the tests of src/config/repo-config.ts. */
import { parseRepoConfig } from '../../src/config/repo-config.ts'

/** `line:column key | reason | hint` of everything, with the severity where it is no error. */
export function problemsOf(text: string): string[] {
  const parsed = parseRepoConfig(text, { file: 'f' })
  return (parsed.ok ? parsed.notices : parsed.problems).map(({ line, column, key, reason, hint, severity }) =>
    [`${line}:${column} ${key}`, ...(severity === 'error' ? [] : [severity]), reason, hint].join(' | '),
  )
}

/** A configuration with one environment `prod` that has these further keys. */
export const environment = (more: string): string => `version: 1
environments:
  prod:
    repository: a/b
    edit: [{ file: f.yaml, yaml: { a: "x" } }]
    sync: { argocd: { application: a } }
${more
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
`

/** A configuration with one model `churn` that has these keys. */
export const model = (more: string): string => `version: 1
models:
  churn:
${more
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
`
