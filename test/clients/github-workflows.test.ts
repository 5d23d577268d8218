/** Workflows that the App starts, against the GitHub stand-in: which run it is, how it ended, and why one is not started. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from '../../sandbox/github/trial-world.ts'
import type { GitHub } from '../../src/services/ports.ts'
import { MODELS } from './github/nock-github.ts'
import { connectTo } from './github-connection.ts'

let world: TrialWorld
let github: GitHub

const SMOKE = `run-name: smoke \${{ inputs.lockkeeper_promotion }}
on: { workflow_dispatch: { inputs: { image: { required: true }, lockkeeper_promotion: {} } } }
`

beforeEach(async () => {
  world = await startTrialWorld()
  const files = { '.github/workflows/smoke.yml': SMOKE, '.github/workflows/train.yml': 'on: push\n' }
  world.github.commit('acme/models', 'main', { message: 'CI', files, by: 'bob' })
  grant('write')
  github = await connectTo(world)
})
afterEach(async () => {
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

function grant(actions: 'read' | 'write'): void {
  const installation = world.github.state.installations.get(world.installation)
  if (installation !== undefined) installation.permissions = { ...installation.permissions, actions }
}

const start = (inputs: Readonly<Record<string, string>>, file = 'smoke.yml', ref?: string) =>
  github.dispatchWorkflow(MODELS, { file, ref, inputs })
const since = new Date('2026-03-03T08:59:30Z')
const find = (name: string, from = since) => github.findWorkflowRun(MODELS, { file: 'smoke.yml', since: from, name })

it('GitHub tells which run it is, and how it goes', async () => {
  const started = await start({ image: 'churn:1' })
  if (started.kind !== 'started' || started.run === undefined) throw new Error(JSON.stringify(started))
  const { id, url } = started.run
  expect(url).toContain(`/acme/models/actions/runs/${id}`)
  expect(await github.readWorkflowRun(MODELS, id)).toMatchObject({ status: 'in_progress', conclusion: undefined })
  world.github.finishWorkflow('acme/models', Number(id), 'failure')
  expect(await github.readWorkflowRun(MODELS, id)).toEqual({ id, url, status: 'completed', conclusion: 'failure' })
  expect(await github.readWorkflowRun(MODELS, '1')).toBeUndefined()
})

it('a lost run is found: as the only one, by its name among several, and not at all where nothing tells', async () => {
  expect(await find('pro-1')).toBeUndefined()
  world.github.startWorkflow('acme/models', world.github.branches('acme/models')['main'] ?? '', {
    workflow: 'smoke.yml',
    event: 'workflow_dispatch',
    by: 'bob',
  })
  expect(await find('pro-1')).toBeUndefined()
  await start({ image: 'churn:1' })
  expect(await find('pro-1')).toMatchObject({ status: 'in_progress' })
  await start({ image: 'churn:2', lockkeeper_promotion: 'pro-2' })
  const [, , named] = world.github.dispatchedRuns('acme/models')
  expect(await find('pro-2')).toMatchObject({ id: String(named?.id) })
  expect(await find('pro-1')).toBe('several')
})

it('a lost run that has a name is found by a clock that is two minutes ahead; without one it may be the one before', async () => {
  const ahead = new Date(world.clock.now().getTime() + 119_000)
  await start({ image: 'churn:1' })
  expect(await find('pro-1', ahead)).toBeUndefined()
  await start({ image: 'churn:2', lockkeeper_promotion: 'pro-2' })
  expect(await find('pro-2', ahead)).toMatchObject({ status: 'in_progress' })
})

it.each([
  ['an input that it does not declare', { image: 'x', colour: 'red' }, 'smoke.yml', /Unexpected inputs provided/],
  ['an input that is missing', {}, 'smoke.yml', /Required input 'image' not provided/],
  ['a workflow that cannot be started by hand', {}, 'train.yml', /workflow_dispatch/],
  ['a workflow that is not there', {}, 'other.yml', /Not Found/],
] as const)('%s is refused in GitHub’s words', async (_, inputs, file, words) => {
  expect(await start(inputs, file)).toEqual({ kind: 'refused', reason: expect.stringMatching(words) })
})

it('without the permission it says so', async () => {
  grant('read')
  expect(await start({ image: 'churn:1' })).toEqual({ kind: 'not_allowed' })
  expect(world.github.dispatchedRuns('acme/models')).toEqual([])
})
