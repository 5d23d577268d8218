/** A repository without a configuration. */
import { expect, it } from 'vitest'
import { parseRepoName } from '../../src/domain/ids.ts'
import { takeSettings } from '../../src/services/repo-settings.ts'
import { known } from '../domain/reference-settings.ts'

it('a repository without a configuration file is told where it goes', async () => {
  const deps = { ledger: { saveKnownFile: async () => {} } } as unknown as Parameters<typeof takeSettings>[2]
  await expect(takeSettings(known(parseRepoName('acme/models')), undefined, deps)).rejects.toMatchObject({
    code: 'config_missing',
    message: 'acme/models has no .github/lockkeeper.yml on its default branch',
  })
})
