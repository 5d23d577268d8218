/** Writes the pages and schemas that come from the code: `npm run docs`. test/contract/generated-docs.test.ts fails when one is not as the code says. */
import { writeFileSync } from 'node:fs'
import { renderCommandsPage } from '../src/comments/help.ts'
import { renderSettings } from '../src/config/env-settings.ts'
import { generatedConfigFiles } from '../src/config/generated-files.ts'
import { COMMANDS } from '../src/handlers/commands/index.ts'
import { renderPermissionsPage } from './permissions-page.ts'
import { renderRbacPage } from './rbac-page.ts'

const SETTINGS_INTRODUCTION = `# Settings of the server

<!-- Written by \`npm run docs\` from src/config/env-settings.ts; change it there. -->

Read from the environment, once, at the start. Everything that is wrong is said at once, with the setting's name and never its value.
A setting with a \`_FILE\` twin may be given as a file, as container platforms mount secrets. An empty value is an absent one.
What the repositories configure is another page: [config.md](config.md).

`

/** Paths from the root of the repository, and the text that each file must have. */
export function generatedDocs(): ReadonlyMap<string, string> {
  return new Map([
    ...generatedConfigFiles(),
    ['docs/commands.md', renderCommandsPage(COMMANDS)],
    ['docs/permissions.md', renderPermissionsPage()],
    ['docs/guides/rbac.md', renderRbacPage()],
    ['docs/settings.md', `${SETTINGS_INTRODUCTION}${renderSettings()}`],
  ])
}

if (import.meta.main) for (const [path, text] of generatedDocs()) writeFileSync(path, text)
