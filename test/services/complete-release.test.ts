/** Which registry a pending release asks for its image, and as whom. */
import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/config/policy-file.ts'
import { parseRepoConfig } from '../../src/config/repo-config.ts'
import type { ModelReport } from '../../src/domain/comparison-report.ts'
import { type ModelName, parseDigest } from '../../src/domain/ids.ts'
import { mayUse } from '../../src/domain/server-policy.ts'
import { completeRelease, pollDelay } from '../../src/services/complete-release.ts'
import type { Deps } from '../../src/services/deps.ts'
import type { ReleaseRecord } from '../../src/services/ledger.ts'
import type { Registries } from '../../src/services/ports.ts'
import { HEAD, repository } from './comparison-world.ts'

type Asked = Parameters<Registries['resolve']>[0]

const REPORT: ModelReport = {
  model: 'churn' as ModelName,
  verdict: 'after_merge',
  comparison: undefined,
  gates: { verdict: 'none', failing: [], pending: [], missing: [], waived: [], advisory: [] },
  candidate: undefined,
  baseline: undefined,
  runs: [],
  metrics: {},
  dataDigests: [],
  baselineDataDigests: [],
  parametersChanged: [],
  waiting: undefined,
  failedChecks: [],
  notes: [],
  outside: [],
  trend: [],
  problem: undefined,
}

/** Completes the release of a model with this image under this policy; what registries were asked, and what became of the release. */
async function complete(
  image: string,
  allow: string,
  report: ModelReport = REPORT,
): Promise<{ asked: Asked[]; state: ReleaseRecord['state'] }> {
  const config = `version: 1
models: { churn: { release: { image: "${image}:{{ commit.sha }}" } } }
environments:
  prod:
    repository: acme/config
    deploy: on-command
    edit: [{ file: prod/values.yaml, yaml: { image.digest: "{{ image.digest }}" } }]
    sync: { argocd: { application: churn, namespace: argocd } }
`
  const policy = parsePolicy(`version: 1\nallow:\n  - ${allow}\n`, { file: 'policy.yml' })
  if (!policy.ok) throw new Error(JSON.stringify(policy.problems))
  const digest = parseDigest(`sha256:${'a'.repeat(64)}`)
  if (digest === undefined) throw new Error('no digest')
  const asked: Asked[] = []
  let record: ReleaseRecord = {
    repository,
    model: 'churn' as ModelName,
    commit: HEAD,
    pullRequest: undefined,
    begunAt: '2026-03-03T10:00:00Z',
    sequence: 1,
    state: { kind: 'pending', missing: [] },
  }
  const ledger: Partial<Deps['ledger']> = {
    release: async () => record,
    saveRelease: async (saved) => {
      record = saved
    },
    knownFile: async () => ({ oid: 'o', text: config }),
  }
  const deps: Partial<Deps> = {
    ledger: ledger as Deps['ledger'],
    registries: {
      resolve: async (question) => {
        asked.push(question)
        return { kind: 'found', digest }
      },
    },
    hints: { hint: async () => undefined, wakeAt: async () => undefined },
    clock: { now: () => new Date('2026-03-03T10:01:00Z') },
    parseConfig: parseRepoConfig,
    mayUse: (repo, need) => mayUse(policy.policy, repo, need),
    compareModel: async () => report,
  }
  await completeRelease({ kind: 'release', repository, model: record.model, sha: HEAD }, deps as Deps)
  return { asked, state: record.state }
}

describe('the image of a release', () => {
  it('on a public registry is asked for without credentials where the policy does not speak of registries', async () => {
    const { asked, state } = await complete('ghcr.io/acme/churn', '{ repositories: [acme/models] }')
    expect(asked).toEqual([{ repository: 'ghcr.io/acme/churn', reference: HEAD, anonymously: true }])
    expect(state.kind).toBe('complete')
  })

  it('that the policy names is asked for with them', async () => {
    const allow = '{ repositories: [acme/models], registries: ["registry.example.com/acme/*"] }'
    const { asked } = await complete('registry.example.com/acme/churn', allow)
    expect(asked).toMatchObject([{ anonymously: false }])
  })

  it.each(['localhost:5000/a/b', '10.0.0.7/a/b', 'registry.internal/a/b'])(
    'at %s is not asked for, and the pull request hears why',
    async (image) => {
      const { asked, state } = await complete(image, '{ repositories: [acme/models] }')
      expect(asked).toEqual([])
      expect(state).toMatchObject({
        kind: 'pending',
        missing: [
          `acme/models may not use the images of ${image}: the operator's policy (LOCKKEEPER_POLICY) has no entry for it`,
        ],
      })
    },
  )
})

it('the gates of a release keep the names of those that fail and of those that were waived, by whom and why', async () => {
  const image = 'ghcr.io/acme/churn'
  const waived = { gate: 'CHECK/Coverage', by: 'carol', reason: 'the service is down' }
  const coverage = { name: 'check/coverage', verdict: 'waived', required: true, evidence: '', url: undefined } as const
  const judged = async (gates: Partial<ModelReport['gates']>) => {
    const outside = gates.waived === undefined ? [] : [{ ...coverage, waived }]
    const report: ModelReport = { ...REPORT, outside, gates: { ...REPORT.gates, ...gates } }
    const { state } = await complete(image, '{ repositories: [acme/models] }', report)
    return state.kind === 'complete' ? state.release.gates : state
  }
  expect(await judged({ verdict: 'pass', waived: ['check/coverage'] })).toEqual({
    verdict: 'pass',
    failing: [],
    waived: ['check/coverage'],
    waivers: [{ gate: 'check/coverage', by: 'carol', reason: 'the service is down' }],
  })
  expect(await judged({ verdict: 'fail', failing: ['auc', 'check/coverage'] })).toEqual({
    verdict: 'fail',
    failing: ['auc', 'check/coverage'],
  })
})

describe('the time until the next look', () => {
  it('grows with the wait: 20 seconds at first, five minutes at last, 44 looks in two hours', () => {
    const looks: number[] = []
    for (let waited = 0; waited < 2 * 3_600_000; waited += pollDelay(waited)) looks.push(waited)
    expect(looks.length).toBe(44)
    expect(pollDelay(0)).toBe(20_000)
    expect(pollDelay(10 * 60_000)).toBe(90_000)
    expect(pollDelay(24 * 3_600_000)).toBe(5 * 60_000)
  })
})
