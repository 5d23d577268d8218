/** Which bots may speak in a repository: by its configuration as last read, and no request. */
import { expect, it } from 'vitest'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { parseRepoName } from '../../src/domain/ids.ts'
import type { ReadDeps } from '../../src/services/deps.ts'
import { isNamedBot } from '../../src/services/named-bot.ts'
import { known } from '../domain/reference-settings.ts'

const repository = known(parseRepoName('acme/models'))

const isNamed = (text: string | undefined, login = 'renovate[bot]'): Promise<boolean> => {
  const ledger: Pick<ReadDeps['ledger'], 'knownFile'> = {
    knownFile: async () => (text === undefined ? undefined : { oid: 'a', text }),
  }
  return isNamedBot(repository, login, { ledger: ledger as ReadDeps['ledger'], parseConfig: parseRepoConfig })
}

const environment = (line: string): string => `version: 1
models: { churn: {} }
environments:
  prod:
    ${line}
    repository: acme/ml-config
    edit: [{ file: values.yaml, yaml: { tag: "{{ commit.sha }}" } }]
    sync: { argocd: { application: churn } }
`

it.each([
  ['deployers', environment('deployers: ["user:renovate[bot]"]'), true],
  ['approvers', environment('approvers: ["user:Renovate[bot]"]'), true],
  ['lockers', environment('lockers: ["user:renovate[bot]"]'), true],
  ['overriders', environment('overriders: ["user:renovate[bot]"]'), true],
  ['those who may force', environment('force: { by: ["user:renovate[bot]"], rules: [soak] }'), true],
  ['overriders of a model', 'version: 1\nmodels: { churn: { overriders: ["user:renovate[bot]"] } }\n', true],
  [
    'people whom the config repository insists on',
    'version: 1\naccepts: [{ from: acme/models, paths: ["**"], require: { prod: { lockers: ["user:renovate[bot]"] } } }]\n',
    true,
  ],
  ['nobody', environment('deployers: ["role:write"]'), false],
  ['a person of nearly its name', environment('deployers: ["user:renovate"]'), false],
  ['a file that is wrong', 'version: 1\nenvironments: { prod: { deployers: ["user:renovate[bot]"] } }\n', false],
  ['a file that was never read', undefined, false],
] as const)('named among %s', async (_, text, expected) => {
  expect(await isNamed(text)).toBe(expected)
})
