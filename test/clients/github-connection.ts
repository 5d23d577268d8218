/** The GitHub port connected to the stand-in, and what its tests ask and write. For github-sandbox.test.ts. */
import { createProbot } from 'probot'
import { appPrivateKey, type TrialWorld } from '../../sandbox/github/trial-world.ts'
import { createGitHub } from '../../src/clients/github/github.ts'
import { createOctokitClass } from '../../src/clients/github/octokit.ts'
import { type CommitSha, parseCommitSha } from '../../src/domain/ids.ts'
import type { CheckRunOutput, GitHub, PromotionQuestion } from '../../src/services/ports.ts'
import { CONFIG, MODELS, recordingLog } from './github/nock-github.ts'

const logger = {
  child: () => logger,
  ...Object.fromEntries(['debug', 'info', 'warn', 'error', 'fatal', 'trace'].map((level) => [level, () => {}])),
}

/** The port over Probot's own authentication; `installationOf` is what the store knows. */
export async function connectTo(
  world: TrialWorld,
  installationOf: () => Promise<number | undefined> = async () => undefined,
  { listsSuspended = false }: { readonly listsSuspended?: boolean } = {},
): Promise<GitHub> {
  const probot = createProbot({
    env: { GHE_HOST: world.github.host, GHE_PROTOCOL: 'http' },
    overrides: {
      appId: 4711,
      privateKey: appPrivateKey,
      secret: 'a-secret-that-is-long-enough-0123456789',
      Octokit: createOctokitClass({ userAgent: 'lockkeeper/test' }),
      log: logger as never,
    },
  })
  await probot.ready()
  return createGitHub({
    octokitFor: (id) => probot.auth(id),
    appOctokit: await probot.auth(),
    installationOf,
    listsSuspended,
    appId: 4711,
    appLogin: 'lockkeeper[bot]',
    log: recordingLog(),
    clock: world.clock,
  })
}

export const commitId = (text: string): CommitSha => {
  const sha = parseCommitSha(text)
  if (sha === undefined) throw new Error(`no commit: ${text}`)
  return sha
}

export const output: CheckRunOutput = {
  status: 'in_progress',
  conclusion: undefined,
  title: 'Comparing',
  summary: 'waits for training',
  annotations: [],
  actions: [],
  detailsUrl: undefined,
}

export const question = (more: Partial<PromotionQuestion> = {}): PromotionQuestion => ({
  modelRepository: MODELS,
  configRepository: CONFIG,
  branch: undefined,
  headBranch: 'lockkeeper/acme/models/churn/prod',
  pullRequestNumber: undefined,
  files: ['prod/app.yaml', 'prod/none.yaml'],
  standing: undefined,
  ...more,
})
