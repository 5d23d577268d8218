/** How many GitHub calls each operation takes, counted at the sandbox's log of requests. Warm tokens; the numbers of the README come from here. */
import { afterAll, expect } from 'vitest'
import { callsToOpen } from '../../sandbox/demo/calls.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

const table: { operation: string; limit: number; calls: readonly string[] }[] = []

function counted(operation: string, limit: number, calls: readonly string[]): void {
  table.push({ operation, limit, calls })
  expect(calls.length, `${operation}: ${calls.join(', ')}`).toBeLessThanOrEqual(limit)
}

afterAll(() => {
  const rows = table.map(
    ({ operation, limit, calls }) => `${operation}: ${calls.length} of ${limit} (${calls.join(', ')})`,
  )
  process.stdout.write(`GitHub calls per operation\n${rows.join('\n')}\n`)
})

scenario(
  'a comparison is refreshed with one read and one write, and with no write when nothing changed',
  async (story) => {
    const pull = await story.opens('better')
    counted('refresh comparison', 3, await story.calls(() => story.trains(pull)))
    const report = { name: 'lint', status: 'completed', conclusion: 'success' } as const
    const unchanged = await story.calls(() => story.world.github.reportCheck(MODELS, pull.headSha, report))
    counted('refresh comparison, nothing changed', 1, unchanged)
    expect(unchanged).not.toContain('Write')
  },
)

scenario('where a branch began is asked once per head, and only for a baseline at a commit', async (story) => {
  let headSha = ''
  const first = await story.calls(async () => {
    headSha = (await story.proposesFraud({ f1: 0.82, 'f1/segment=eu': 0.8 })).headSha
  })
  counted('first comparison of a file', 6, first)
  expect(first).toContain('repos/compare-commits-with-basehead')
  const report = { name: 'lint', status: 'completed', conclusion: 'success' } as const
  const again = await story.calls(() => story.world.github.reportCheck(MODELS, headSha, report))
  // The check run and its suite are two events, which may be heard one after the other.
  counted('refresh comparison of a file', 6, again)
  expect(again).not.toContain('repos/compare-commits-with-basehead')
})

scenario('a promotion pull request over two files', async (story) => {
  const before = story.world.github.requests.length
  await story.releases('better')
  counted('open promotion pull request', 4, callsToOpen(story.world.github, before).names)
})

/** Staging then consists of so many files, each with the version in it. */
async function stagingOf(files: number, story: Tale): Promise<void> {
  const paths = Array.from({ length: files }, (_, index) => `environments/staging/churn/part-${index}.yaml`)
  const written = Object.fromEntries(paths.map((path) => [path, 'version: "11"\n']))
  story.world.github.commit(CONFIG, 'main', { message: 'Parts', files: written, by: 'carol' })
  const edit = (path: string) => `      - { file: "${path}", yaml: { version: "{{ model.version }}" } }\n`
  await story.configures((text) =>
    text.replace(/ {4}edit:\n[\s\S]*?(?= {4}sync:)/, `    edit:\n${paths.map(edit).join('')}`),
  )
}

/** What of these calls reads for, writes and labels the promotion pull request, without what tells of it elsewhere. */
async function callsForIt(story: Tale, act: () => Promise<unknown>): Promise<readonly string[]> {
  const before = story.world.github.requests.length
  await act()
  const concerns = /createCommitOnBranch|updateRefs|createPullRequest/
  const requests = story.world.github.requests.slice(before).filter(({ graphql, operation, body }) => {
    const isWrite = graphql === 'Write' && concerns.test(JSON.stringify(body ?? ''))
    return isWrite || graphql === 'ReadPromotionWorld' || operation === 'issues/add-labels'
  })
  return requests.map(({ graphql, operation }) => graphql ?? operation ?? '')
}

for (const files of [1, 3, 20]) {
  scenario(`a promotion pull request over ${files} files, and one that a newer release moves`, async (story) => {
    await stagingOf(files, story)
    await story.says('/lock staging churn an audit', { on: (await story.proposesFraud({ f1: 0.5 })).number })
    const opened = await callsForIt(story, () => story.releases('better'))
    expect(story.promotion('staging').files).toHaveLength(files)
    // What follows is the next look at it.
    expect(opened.slice(0, 3)).toEqual(['ReadPromotionWorld', 'Write', 'issues/add-labels'])
    const moved = await callsForIt(story, () => story.releases('better-2'))
    expect(story.promotions()).toEqual(['Promote churn v13 to staging (open)'])
    expect(moved.slice(0, 3)).toEqual(['ReadPromotionWorld', 'Write', 'Write'])
  })
}

scenario('/deploy to start and to its end, where nobody has to approve', async (story) => {
  await story.configures((text) => text.replace('approvals: 1 ', 'approvals: 0 ').replace('soak: 1h ', 'soak: 0s '))
  await story.configures((text) => text.replace('{ approvals: 1, soak: 30m }', '{ approvals: 0 }'), CONFIG)
  await story.releases('better')
  // The commits above are direct pushes, which are believed at the second look.
  await story.pass(MINUTE)
  const started = await story.calls(() => story.says('/deploy prod'))
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  counted('/deploy to start', 9, started)
  const ended = await story.calls(story.verifies)
  expect(story.deployments().at(-1)).toBe('prod/churn: in_progress, success')
  counted('/deploy, whole life', 11, [...started, ...ended])
  counted('half an hour in which nothing happens', 0, await story.calls(() => story.pass(1_800_000, 600_000)))
})
