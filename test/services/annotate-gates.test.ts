/** Gates that fail, on the lines of the configuration that set them; GitHub keeps every annotation that it was ever sent. */
import { describe, expect, it } from 'vitest'
import type { GitHubWrite } from '../../src/services/ports.ts'
import { CONFIG, createWorld, fileOf, HEAD, pullRequest, run, type World } from './comparison-world.ts'

const FILE = '.github/lockkeeper.yml'

/** A world whose candidate is too bad for its gate in line 9, and what is written on check runs there. */
function failing(auc = 0.7): { readonly world: World; readonly writes: GitHubWrite[] } {
  const world = createWorld()
  const writes: GitHubWrite[] = []
  world.runs = [run('worse', HEAD, auc)]
  world.beforeWrite = (all) => writes.push(...all.filter(({ kind }) => kind.endsWith('check-run')))
  return { world, writes }
}

const sent = (writes: readonly GitHubWrite[]) =>
  writes.map((write) =>
    'output' in write ? [write.kind, write.output.annotations.map(({ startLine }) => startLine)] : [],
  )

describe('a gate that fails', () => {
  it('is annotated where it stands', async () => {
    const { world, writes } = failing()
    await world.refresh()
    const last = writes.at(-1)
    expect(last !== undefined && 'output' in last ? last.output.annotations : []).toEqual([
      {
        path: FILE,
        startLine: 9,
        endLine: 9,
        level: 'failure',
        title: 'churn: auc fails',
        message:
          'auc is 0.7000; the limit is ≥ 0.8. auc is 0.7000, champion v11 has 0.9000 (−22%); allowed is a drop ≤ 0.5%.',
      },
    ])
  })

  it('is annotated where it stands on the head, if the pull request or an old branch has another file', async () => {
    const { world, writes } = failing()
    world.view = pullRequest({ headConfigFile: fileOf(`# moved\n\n${CONFIG}`) })
    await world.refresh()
    expect(sent(writes).at(-1)).toEqual(['update-check-run', [11]])
  })

  it('is not annotated where the head has no configuration, or one that does not load', async () => {
    const { world, writes } = failing()
    world.view = pullRequest({ headConfigFile: fileOf('version: [') })
    await world.refresh()
    expect(sent(writes).at(-1)).toEqual(['update-check-run', []])
  })

  it('is annotated once, though the check run is written again', async () => {
    const { world, writes } = failing()
    await world.refresh()
    world.runs = [run('also-worse', HEAD, 0.7)]
    await world.refresh()
    expect(sent(writes).slice(-2)).toEqual([
      ['update-check-run', [9]],
      ['update-check-run', []],
    ])
  })

  it('loses its annotation with its check run once it passes', async () => {
    const { world, writes } = failing()
    await world.refresh()
    world.runs = [run('better', HEAD, 0.95)]
    await world.refresh()
    expect(sent(writes).at(-1)).toEqual(['create-check-run', []])
  })
})
