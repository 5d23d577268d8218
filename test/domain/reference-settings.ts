/** The settings of examples/reference/, as the rest of the program sees them: for tests of the domain. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import { type EnvironmentName, parseEnvironmentName, parseModelName } from '../../src/domain/ids.ts'
import type { EnvironmentSettings } from '../../src/domain/settings.ts'

const REFERENCE = join(import.meta.dirname, '../../examples/reference')

export const modelSettings: string = readFileSync(join(REFERENCE, 'model-repo/.github/lockkeeper.yml'), 'utf8')
const parsed = parseRepoConfig(modelSettings, { file: 'lockkeeper.yml' })
if (!parsed.ok) throw new Error('the reference does not load')
const { settings } = parsed
export const parsedSettings = settings

export function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('not a valid value')
  return value
}

export const STAGING: EnvironmentName = known(parseEnvironmentName('staging'))
export const PROD: EnvironmentName = known(parseEnvironmentName('prod'))
export const CHURN = known(parseModelName('churn'))
export const staging: EnvironmentSettings = known(settings.environments.get(STAGING))
export const prod: EnvironmentSettings = known(settings.environments.get(PROD))

/** A file of the reference config repository. */
export const manifest = (path: string): string => readFileSync(join(REFERENCE, 'config-repo', path), 'utf8')
