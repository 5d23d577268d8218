/** What is reported on the config repository's commits, against the GitHub stand-in: the newest word of each commit, and who wrote it. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from '../../sandbox/github/trial-world.ts'
import type { GitHub, ReportQuestion } from '../../src/services/ports.ts'
import { CONFIG } from './github/nock-github.ts'
import { commitId, connectTo } from './github-connection.ts'

let world: TrialWorld
let github: GitHub

beforeEach(async () => {
  world = await startTrialWorld()
  github = await connectTo(world)
})
afterEach(async () => {
  await world.github.delivered()
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

const commit = (text: string) => {
  world.github.commit('acme/config', 'main', { message: text, files: { 'prod/app.yaml': text }, by: 'bob' })
  return commitId(world.github.branches('acme/config')['main'] ?? '')
}
const ask = (question: Pick<ReportQuestion, 'revision'> & Partial<ReportQuestion>) =>
  github.readReports(CONFIG, { kind: 'commit_status', name: 'argocd/churn', ...question })

it('commit statuses: the newest of the context on our commit and on later ones, and nothing of what was before', async () => {
  const before = commit('tag: "1"\n')
  const ours = commit('tag: "2"\n')
  const later = commit('tag: "2"\nreplicas: 3\n')
  const say = (sha: string, state: 'pending' | 'success' | 'error', more: object = {}) =>
    world.github.reportStatus('acme/config', sha, { context: 'argocd/churn', state, ...more })
  say(before, 'success')
  say(ours, 'pending')
  say(ours, 'success', { description: 'synced', targetUrl: 'https://argo.example.com/churn' })
  say(later, 'error', { by: 'bob', targetUrl: 'javascript:alert(1)' })
  world.github.reportStatus('acme/config', ours, { context: 'argocd/fraud', state: 'error' })
  const when = world.clock.now()
  when.setMilliseconds(0)
  const calls = world.github.requests.length
  expect(await ask({ revision: ours })).toEqual([
    { sha: later, state: 'failure', word: 'error', by: 'bob', at: when, description: undefined, url: undefined },
    {
      sha: ours,
      state: 'success',
      word: 'success',
      by: 'ci[bot]',
      at: when,
      description: 'synced',
      url: 'https://argo.example.com/churn',
    },
  ])
  const asked = world.github.requests.slice(calls).filter(({ path }) => path.endsWith('graphql'))
  expect(asked).toHaveLength(1)
  expect(await ask({ revision: later, name: 'argocd/fraud' })).toEqual([])
})

it('deployment statuses: the newest of the newest deployment of the environment', async () => {
  const ours = commit('tag: "2"\n')
  const question = { revision: ours, kind: 'deployment', name: 'prod/churn' } as const
  expect(await ask(question)).toEqual([])
  const id = world.github.createDeployment('acme/config', { ref: ours, environment: 'prod/churn', by: 'bob' })
  expect(await ask(question)).toMatchObject([{ sha: ours, state: 'queued', by: 'bob' }])
  world.github.reportDeployment('acme/config', id, { state: 'in_progress', by: 'bob' })
  expect(await ask(question)).toMatchObject([{ state: 'pending', word: 'in_progress' }])
  world.github.reportDeployment('acme/config', id, { state: 'failure', description: 'hook failed', by: 'bob' })
  expect(await ask(question)).toMatchObject([{ state: 'failure', description: 'hook failed', url: undefined }])
  world.github.createDeployment('acme/config', { ref: ours, environment: 'staging/churn', by: 'bob' })
  expect(await ask(question)).toMatchObject([{ state: 'failure' }])
})
