/** What `lockkeeper doctor` looks at of GitHub: the App, and the repositories that it is installed for. Part of examinations.ts. */
import { createBot } from './bot.ts'
import { examineApp } from './clients/github/examine-app.ts'
import { examineClock } from './clients/github/examine-clock.ts'
import { type ConfigFacts, examineRepositories } from './clients/github/examine-repositories.ts'
import type { Env } from './config/env.ts'
import { parseRepoConfig } from './config/repo-config.ts'
import { createLog } from './log.ts'
import type { Examination } from './services/examine-systems.ts'

const CLOCK = { now: () => new Date() }
const SANDBOX = { skipped: "the time is taken from the sandbox's clock" }
const WHEN_DOWN = "Check this machine's network and proxy, and https://www.githubstatus.com."

export function examineGitHub(env: Env): readonly Examination[] {
  const { apiUrl, host, webUrl } = env.github
  const bot = () => createBot({ env, log: createLog('silent') })
  return [
    {
      system: 'GitHub App',
      name: '',
      whenDown: WHEN_DOWN,
      look: async () => {
        const { probot } = await bot()
        return examineApp(await probot.auth(), { appId: env.app.id, apiUrl, host, webUrl })
      },
    },
    {
      system: 'clock',
      name: '',
      whenDown: WHEN_DOWN,
      look: env.clockUrl === undefined ? async () => examineClock(await (await bot()).probot.auth(), CLOCK) : SANDBOX,
    },
    {
      system: 'rollbacks',
      name: '',
      whenDown: WHEN_DOWN,
      look: async () => {
        const { probot } = await bot()
        return examineRepositories({
          appOctokit: await probot.auth(),
          octokitFor: (id) => probot.auth(id),
          appId: env.app.id,
          readConfig,
          clock: CLOCK,
        })
      },
    },
  ]
}

function readConfig(text: string): ConfigFacts | undefined {
  const parsed = parseRepoConfig(text, { file: '.github/lockkeeper.yml' })
  if (!parsed.ok) return undefined
  const { accepts, environments } = parsed.settings
  return {
    acceptsPromotions: accepts.length > 0,
    startsWorkflows: [...environments.values()].some(({ verify }) => (verify.workflows ?? []).length > 0),
  }
}
