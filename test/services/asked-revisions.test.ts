/** What is asked of GitHub and of Argo CD about one merge, and how often: an answer that may be wrong for a moment is not believed for good. */
import { expect, it } from 'vitest'
import { type CommitSha, parseCommitSha } from '../../src/domain/ids.ts'
import { answerTo } from '../../src/services/ask-argocd.ts'
import type { Deps } from '../../src/services/deps.ts'
import type { Synced } from '../../src/services/look-at-sync.ts'
import { overwrittenAt, revisionsOfOurs } from '../../src/services/our-revisions.ts'
import type { RepoFile } from '../../src/services/ports.ts'
import { promotion, SHA, SYNCING } from '../domain/outcome-history.ts'
import { known, PROD, parsedSettings } from '../domain/reference-settings.ts'

const LATER = known(parseCommitSha('d'.repeat(40)))
const OTHER = known(parseCommitSha('e'.repeat(40)))
const environment = parsedSettings.environments.get(PROD)

const RELEASE = {
  ...{ id: 'rel-v12', model: 'churn', modelVersion: '12', modelUri: 's3://acme-models/churn/12', commit: SHA },
  image: { repository: 'ghcr.io/acme/churn', tag: 'v12', digest: 'sha256:12' },
}

function synced(revision: CommitSha): Synced {
  if (environment === undefined) throw new Error('the reference has changed')
  return { promotion: promotion('v12', SYNCING), revision, mergedAt: '2026-11-24T10:00:00Z', environment }
}

it('files that GitHub does not show yet are not somebody else’s work, until they are gone twice', async () => {
  let minutes = 0
  const deps = {
    clock: { now: () => new Date(Date.parse('2026-11-24T10:00:00Z') + minutes * 60_000) },
    github: { contains: async () => true, readFiles: async () => new Map<string, RepoFile>() },
    ledger: {
      releaseById: async () => ({ state: { kind: 'complete', release: RELEASE } }),
    },
  } as unknown as Deps
  const look = async () => (await overwrittenAt([LATER], synced(SHA), deps))?.kind
  expect(await look()).toBeUndefined()
  minutes = 2
  expect(await look()).toBe('failed')
})

it('a commit that GitHub does not know yet is unread for two minutes, asked about every few seconds; one that stays unknown is none of ours', async () => {
  let seconds = 0
  let asked = 0
  let answer: boolean | undefined
  const deps = {
    clock: { now: () => new Date(Date.parse('2026-11-24T10:00:00Z') + seconds * 1000) },
    github: {
      contains: async () => {
        asked += 1
        return answer
      },
      readFiles: async () => new Map<string, RepoFile>(),
    },
    ledger: { releaseById: async () => ({ state: { kind: 'complete', release: RELEASE } }) },
  } as unknown as Deps
  const look = async (revision: CommitSha) => {
    const unread = new Set<string>()
    const ours = await revisionsOfOurs([revision], { ...synced(SHA), unread }, deps)
    return ours.size > 0 ? 'ours' : unread.has(revision) ? 'unread' : 'elsewhere'
  }
  const seen: string[] = []
  for (; seconds <= 300; seconds += 5) seen.push(await look(LATER))
  expect(seen.indexOf('elsewhere')).toBe(24)
  expect(new Set(seen.slice(24))).toEqual(new Set(['elsewhere']))
  // Every five seconds, and once a minute from then on.
  expect(asked).toBe(25 + 3)
  answer = false
  expect(await look(OTHER)).toBe('elsewhere')
  answer = undefined
  seconds += 60
  expect(await look(OTHER)).toBe('elsewhere')
})

it('Argo CD is asked to look once for every merge of a canary, and again where it was away', async () => {
  let minutes = 0
  let asked = 0
  let refusal: string | undefined
  const deps = {
    clock: { now: () => new Date(Date.parse('2026-11-24T10:00:00Z') + minutes * 60_000) },
    github: {},
  } as unknown as Deps
  const ask = {
    permit: () => ({ allowed: true }) as const,
    sync: async () => undefined,
    refresh: async () => {
      asked += 1
      return refusal
    },
  }
  const look = async (revision: CommitSha) => {
    const waiting = { kind: 'waiting', because: 'not-seen', detail: 'it waits' } as const
    const answer = await answerTo('refresh', waiting, { synced: synced(revision), ask, deps })
    return 'detail' in answer ? answer.detail : ''
  }
  await look(SHA)
  await look(SHA)
  expect(asked).toBe(1)
  refusal = 'it is away'
  expect(await look(LATER)).toContain('it is away')
  minutes = 1
  expect(await look(LATER)).toContain('it is away')
  expect(asked).toBe(2)
  minutes = 4
  refusal = undefined
  expect(await look(LATER)).toBe('it waits')
  expect(asked).toBe(3)
})
