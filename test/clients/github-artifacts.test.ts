/** Files in artifacts of GitHub Actions, read through Probot's own authentication from the GitHub stand-in and its storage. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTrialWorld, type TrialWorld } from '../../sandbox/github/trial-world.ts'
import { listen, type SandboxHandler, type SandboxServer } from '../../sandbox/http.ts'
import type { CommitSha } from '../../src/domain/ids.ts'
import type { ArtifactQuestion, ArtifactReading, GitHub } from '../../src/services/ports.ts'
import { MODELS } from './github/nock-github.ts'
import { commitId, connectTo } from './github-connection.ts'

const NAME = 'acme/models'
const files = { 'metrics.json': '{"auc":0.91}' }

let world: TrialWorld
let github: GitHub
let head: CommitSha

beforeEach(async () => {
  world = await startTrialWorld()
  github = await connectTo(world)
  head = push('topic')
})
afterEach(async () => {
  const { violations } = world.github
  await world.close()
  expect(violations).toEqual([])
})

function push(branch: string): CommitSha {
  const text = `one: ${branch} ${world.clock.now().getTime()}\n`
  return commitId(world.github.commit(NAME, branch, { message: 'Tune it', files: { 'train.yaml': text }, by: 'bob' }))
}

const ask = (more: Partial<ArtifactQuestion> = {}): Promise<ArtifactReading> =>
  github.readArtifact(MODELS, { commits: [head], name: 'metrics', file: undefined, workflow: undefined, ...more })

const start = (workflow = 'train.yml', sha: string = head): number =>
  world.github.startWorkflow(NAME, sha, { workflow, by: 'bob' })
const upload = (run: number, text = '{"auc":0.91}', name = 'metrics'): number =>
  world.github.uploadArtifact(NAME, run, { name, files: { 'metrics.json': text } })
const minute = () => world.clock.advance(60_000)
const textOf = (reading: ArtifactReading): string => (reading.kind === 'found' ? reading.text : reading.kind)

describe('an artifact of a run on the commit', () => {
  it('is read in three calls, and one download that carries no token', async () => {
    const run = start()
    upload(run)
    world.github.finishWorkflow(NAME, run)
    expect(await ask()).toEqual({
      kind: 'found',
      text: '{"auc":0.91}',
      file: 'metrics.json',
      url: `${world.github.url}/${NAME}/actions/runs/${run}`,
      runId: String(run),
      commit: head,
      newerRunning: false,
    })
    const asked = world.github.requests.map(({ operation }) => operation)
    expect(asked.filter((operation) => operation?.startsWith('actions/'))).toEqual([
      'actions/list-workflow-runs-for-repo',
      'actions/list-workflow-run-artifacts',
      'actions/download-artifact',
    ])
  })

  it('is taken from the newest run that has it', async () => {
    const old = start()
    upload(old, '{"auc":0.5}')
    world.github.finishWorkflow(NAME, old)
    minute()
    const run = start()
    upload(run, '{"auc":0.7}')
    world.github.finishWorkflow(NAME, run, 'failure')
    minute()
    world.github.finishWorkflow(NAME, start('lint.yml'))
    expect(textOf(await ask())).toBe('{"auc":0.7}')
  })

  it('is taken from the named workflow, whatever others upload under the same name', async () => {
    const train = start('train.yml')
    upload(train, '{"auc":0.7}')
    minute()
    upload(start('bench.yml'), '{"auc":0.1}')
    expect(textOf(await ask({ workflow: 'train.yml' }))).toBe('{"auc":0.7}')
    expect(textOf(await ask())).toBe('{"auc":0.1}')
  })

  it('counts as soon as it is there: the run may go on, and may even wait for our check', async () => {
    const run = start()
    upload(run)
    expect(textOf(await ask())).toBe('{"auc":0.91}')
  })

  it('is the newest attempt’s', async () => {
    const run = start()
    upload(run, '{"auc":0.5}')
    world.github.finishWorkflow(NAME, run)
    minute()
    world.github.rerunWorkflow(NAME, run)
    expect(await ask()).toEqual({ kind: 'running', count: 1 })
    minute()
    upload(run, '{"auc":0.7}')
    expect(textOf(await ask())).toBe('{"auc":0.7}')
  })

  it('of an older run that was run again is newer than that of the run after it', async () => {
    const [old, young] = [start(), start('train.yml')]
    for (const run of [old, young]) {
      upload(run, '{"auc":0.5}')
      world.github.finishWorkflow(NAME, run)
    }
    minute()
    world.github.rerunWorkflow(NAME, old)
    minute()
    upload(old, '{"auc":0.7}')
    world.github.finishWorkflow(NAME, old)
    expect(textOf(await ask())).toBe('{"auc":0.7}')
  })

  it('of an earlier attempt stands where only other jobs were run again', async () => {
    const run = start()
    upload(run)
    world.github.finishWorkflow(NAME, run, 'failure')
    minute()
    world.github.rerunWorkflow(NAME, run)
    world.github.finishWorkflow(NAME, run)
    expect(textOf(await ask())).toBe('{"auc":0.91}')
  })

  it('says that a later run of the same workflow is at work', async () => {
    const run = start()
    upload(run)
    world.github.finishWorkflow(NAME, run)
    minute()
    start('lint.yml')
    expect(await ask()).toMatchObject({ kind: 'found', newerRunning: false })
    start()
    expect(await ask()).toMatchObject({ kind: 'found', newerRunning: true })
  })

  it('is taken from the first commit that has one', async () => {
    const other = push('other')
    const run = start('train.yml', other)
    upload(run, '{"auc":0.2}')
    expect(await ask({ commits: [head, other] })).toMatchObject({ kind: 'found', commit: other })
    minute()
    upload(start())
    expect(await ask({ commits: [head, other] })).toMatchObject({ kind: 'found', commit: head })
  })

  it('of a fork’s head is found in the repository that ran it', async () => {
    const fork = world.github.forkRepository(NAME, 'eve')
    const sha = commitId(
      world.github.commit(fork, 'mine', { message: 'x', files: { 'train.yaml': 'evil\n' }, by: 'eve' }),
    )
    upload(world.github.startWorkflow(NAME, sha, { from: fork, by: 'eve' }))
    expect(await ask({ commits: [sha] })).toMatchObject({ kind: 'found', commit: sha })
  })

  it('may be the file itself, as `archive: false` uploads it', async () => {
    const content = Buffer.from('{"auc":0.91}')
    world.github.uploadArtifact(NAME, start(), { name: 'metrics.json', content, contentType: 'application/json' })
    expect(await ask({ name: 'metrics.json' })).toMatchObject({ text: '{"auc":0.91}', file: 'metrics.json' })
    expect(await ask({ name: 'metrics.json', file: 'metrics.json' })).toMatchObject({ kind: 'found' })
    expect(await ask({ name: 'metrics.json', file: 'a.json' })).toMatchObject({
      reason: 'is a single file and no archive, so there is no a.json in it',
    })
  })
})

describe('what is not there', () => {
  it('no run, a run without it, a run that has not ended: told apart', async () => {
    expect(await ask()).toEqual({ kind: 'absent', runs: 0 })
    const run = start()
    expect(await ask()).toEqual({ kind: 'running', count: 1 })
    upload(run, '{}', 'model')
    world.github.finishWorkflow(NAME, run)
    expect(await ask()).toEqual({ kind: 'absent', runs: 1 })
    expect(await ask({ workflow: 'other.yml' })).toEqual({ kind: 'absent', runs: 0 })
  })

  it('expired, by its listing or by the download', async () => {
    const run = start()
    const id = upload(run)
    world.github.fail({ operation: 'actions/download-artifact' }, { status: 410 })
    expect(await ask()).toMatchObject({ kind: 'expired' })
    world.github.expireArtifact(NAME, id)
    expect(await ask()).toMatchObject({ kind: 'expired', url: expect.stringContaining(`/actions/runs/${run}`) })
  })

  it('an archive that cannot be read is refused with the reason, and where the run is', async () => {
    const run = start()
    world.github.uploadArtifact(NAME, run, { name: 'metrics', files: { ...files, 'model.bin': 'x' } })
    expect(await ask()).toMatchObject({ kind: 'refused', reason: 'holds several files: metrics.json, model.bin' })
    expect(textOf(await ask({ file: 'metrics.json' }))).toBe('{"auc":0.91}')
  })

  it('one that is larger than 16 MiB is not downloaded', async () => {
    const content = Buffer.alloc(16 * 1024 * 1024 + 1)
    world.github.uploadArtifact(NAME, start(), { name: 'metrics', content })
    expect(await ask()).toMatchObject({ kind: 'refused', reason: 'is larger than 16 MiB' })
    expect(world.github.requests.some(({ operation }) => operation === 'actions/download-artifact')).toBe(false)
  })

  it('without the permission it says so', async () => {
    world.github.fail({ operation: 'actions/list-workflow-runs-for-repo' }, { status: 403 })
    expect(await ask()).toEqual({ kind: 'not_allowed' })
  })

  it('a commit with many runs costs eleven calls at most', async () => {
    for (let run = 0; run < 30; run += 1) world.github.finishWorkflow(NAME, start(`w${run}.yml`))
    const before = world.github.requests.length
    await ask()
    const asked = world.github.requests.slice(before).filter(({ operation }) => operation?.startsWith('actions/'))
    expect(asked).toHaveLength(11)
  })
})

describe('the storage', () => {
  let storage: SandboxServer
  afterEach(() => storage.close())

  async function storageThat(handler: SandboxHandler): Promise<void> {
    storage = await listen(handler)
    upload(start())
    world.github.state.urls = { ...world.github.state.urls, storage: storage.url }
  }

  it('is an outage of its own when it is broken, without the signed address', async () => {
    await storageThat(() => ({ status: 503 }))
    const failure: unknown = await ask().catch((error: unknown) => error)
    expect(String(failure)).toBe("SystemUnavailable: GitHub's storage of artifacts: it answers 503")
    await storage.close()
    const refused: unknown = await ask().catch((error: unknown) => error)
    expect(String(refused)).toBe("SystemUnavailable: GitHub's storage of artifacts: connection refused")
    expect(JSON.stringify([failure, refused])).not.toContain('sig')
  })

  it('cannot send more than was announced', async () => {
    await storageThat(({ response }) => {
      response.writeHead(200, { 'content-type': 'application/zip' })
      const chunk = Buffer.alloc(1024 * 1024)
      const send = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', send)
      send()
      return undefined
    })
    expect(await ask()).toMatchObject({ kind: 'refused', reason: 'is larger than 16 MiB' })
  })

  it('is not followed anywhere else', async () => {
    await storageThat(() => ({ status: 302, headers: { location: world.github.url } }))
    await expect(ask()).rejects.toThrow('it answers 302')
  })
})
