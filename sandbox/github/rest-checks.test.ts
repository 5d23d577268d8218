/** Tests of check runs, commit statuses and deployments through REST. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from './trial-world.ts'

let world: TrialWorld
beforeEach(async () => {
  world = await startTrialWorld()
})
afterEach(async () => {
  await world.github.delivered()
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

const MODELS = '/repos/acme/models'
const head = (): string => world.github.branches('acme/models')['main'] ?? ''

describe('checks, statuses, deployments', () => {
  const annotation = { path: 'a', start_line: 1, end_line: 1, annotation_level: 'notice', message: 'm' }

  it('takes check runs within the limits and adds annotations up', async () => {
    const { rest } = world
    const many = (count: number) => Array.from({ length: count }, () => annotation)
    const output = { title: 't', summary: 's', annotations: many(50) }
    const made = await rest(`POST ${MODELS}/check-runs`, {
      body: {
        name: 'lockkeeper',
        head_sha: head(),
        status: 'in_progress',
        output,
        actions: [{ label: 'Again', description: 'd', identifier: 'again' }],
      },
    })
    expect([made.status, made.body['status']]).toEqual([201, 'in_progress'])
    const patch = (body: unknown) => rest(`PATCH ${MODELS}/check-runs/${made.body['id']}`, { body })
    const done = await patch({ conclusion: 'success', output: { ...output, annotations: many(2) } })
    expect(done.body).toMatchObject({ status: 'completed', conclusion: 'success', output: { annotations_count: 52 } })
    expect((await rest(`GET ${MODELS}/check-runs/${made.body['id']}/annotations?per_page=100`)).list).toHaveLength(52)
  })

  it('takes a commit status and combines the newest of each context', async () => {
    const { rest, github } = world
    await github.delivered()
    const installation = [...github.state.installations.values()][0]
    if (installation !== undefined) installation.permissions = { ...installation.permissions, statuses: 'write' }
    const authorization = `token ${await world.token()}`
    const post = (state: string) =>
      rest(`POST ${MODELS}/statuses/${head()}`, { body: { state, context: 'lock' }, authorization })
    expect((await post('pending')).status).toBe(201)
    expect((await post('success')).status).toBe(201)
    const combined = await rest(`GET ${MODELS}/commits/main/status`)
    expect(combined.body).toMatchObject({ state: 'success', total_count: 1 })
    expect((await rest(`GET ${MODELS}/commits/main/statuses`)).list.map(({ state }) => state)).toEqual([
      'success',
      'pending',
    ])
  })

  it('refuses a deployment of a commit whose checks are not green, unless no context is required', async () => {
    const { rest, github } = world
    github.reportStatus('acme/models', head(), { context: 'ci', state: 'failure' })
    const deploy = (body: Record<string, unknown>) =>
      rest(`POST ${MODELS}/deployments`, { body: { ref: head(), environment: 'staging', auto_merge: false, ...body } })
    expect((await deploy({})).status).toBe(409)
    expect((await deploy({ required_contexts: ['other'] })).status).toBe(409)
    expect((await deploy({ required_contexts: [] })).status).toBe(201)
    expect((await deploy({ ref: 'nowhere' })).status).toBe(422)
  })

  it('merges the default branch into a branch that is behind, and creates no deployment then', async () => {
    const { rest, github } = world
    github.commit('acme/models', 'topic', { message: 'Topic', files: { t: '1' }, by: 'bob' })
    github.commit('acme/models', 'main', { message: 'Main', files: { m: '1' }, by: 'ada' })
    const answer = await rest(`POST ${MODELS}/deployments`, { body: { ref: 'topic' } })
    expect(answer.status).toBe(202)
    expect(github.deployments('acme/models')).toEqual([])
    expect(github.file('acme/models', 'topic', 'm')).toBe('1')
  })

  it('makes older successes of an environment inactive', async () => {
    const { rest, github } = world
    for (const _ of [1, 2]) {
      const made = await rest(`POST ${MODELS}/deployments`, {
        body: { ref: head(), environment: 'staging', auto_merge: false, required_contexts: [] },
      })
      await rest(`POST ${MODELS}/deployments/${made.body['id']}/statuses`, { body: { state: 'success' } })
    }
    expect(github.deployments('acme/models').map(({ statuses }) => statuses.map(({ state }) => state))).toEqual([
      ['success', 'inactive'],
      ['success'],
    ])
  })
})
