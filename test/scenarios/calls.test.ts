/**
 * How many GitHub calls each operation takes, counted at the sandbox's log of requests, with installation tokens that are
 * there already. calls.json holds what was counted; docs/performance.md is compared with it.
 */
import { expect, test } from 'vitest'
import { callsSince } from '../../sandbox/demo/calls.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { fieldsOf } from '../../src/domain/json-fields.ts'
import { mutationsIn } from '../support/outside-call.ts'
import { MINUTE, scenario, type Tale } from '../support/story.ts'

/** Of each operation the most that it may take, or, where they are the same every time, the names of the calls. */
const recorded: Record<string, number | string> = {}

function counted(operation: string, limit: number, calls: readonly string[]): void {
  recorded[operation] = limit
  expect(calls.length, `${operation}: ${calls.join(', ')}`).toBeLessThanOrEqual(limit)
}

function exactly(operation: string, limit: number, calls: readonly string[]): void {
  counted(operation, limit, calls)
  recorded[operation] = calls.join(', ')
}

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
  counted('first comparison of a file', 5, first)
  expect(first).toContain('repos/compare-commits-with-basehead')
  const report = { name: 'lint', status: 'completed', conclusion: 'success' } as const
  const again = await story.calls(() => story.world.github.reportCheck(MODELS, headSha, report))
  // The check run and its suite are two events, which may be heard one after the other.
  counted('refresh comparison of a file', 2, again)
  expect(again).not.toContain('ReadFiles')
  expect(again).not.toContain('repos/compare-commits-with-basehead')
})

scenario('a promotion pull request over two files, and a push that concerns none', async (story) => {
  const first = await callsForIt(story, () => story.releases('better'))
  exactly('open promotion pull request, the first one to its environment', 3, first)
  const second = await callsForIt(story, () => story.releases('better-2'))
  exactly('open promotion pull request', 2, second)
  await story.writes('README.md', '# Elsewhere\n')
  const push = await story.calls(() => story.writes('README.md', '# Once more\n'))
  counted('push to the config repository that concerns no promotion', 0, push)
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

/**
 * All that is asked from the first read of what a promotion pull request depends on to the write that opens or moves it, and its label. Not what the
 * thread of the model's pull request tells meanwhile; what follows is the next look.
 */
async function callsForIt(story: Tale, act: () => Promise<unknown>): Promise<readonly string[]> {
  const before = story.world.github.requests.length
  await act()
  const made = story.world.github.requests
    .slice(before)
    .map(({ by, graphql, operation, body }) => ({ by, name: graphql ?? operation ?? '', writes: writesIn(body) }))
    .filter(
      ({ by, writes }) => by !== 'app' && writes.join() !== 'addComment' && writes.join() !== 'updateIssueComment',
    )
  const read = made.findIndex(({ name }) => name === 'ReadPromotionWorld')
  const written = made.findIndex(({ writes }) => writes.some((write) => /^(?:create|update)PullRequest$/.test(write)))
  const isLabelled = made[written + 1]?.name === 'issues/add-labels'
  return made.slice(read, written + (isLabelled ? 2 : 1)).map(({ name }) => name)
}

const writesIn = (body: unknown): readonly string[] => {
  const document = fieldsOf(body)?.['query']
  return typeof document === 'string' ? mutationsIn(document) : []
}

for (const files of [1, 3, 20]) {
  scenario(`a promotion pull request over ${files} files, and one that a newer release moves`, async (story) => {
    await stagingOf(files, story)
    await story.says('/lock staging churn an audit', { on: (await story.proposesFraud({ f1: 0.5 })).number })
    const opened = await callsForIt(story, () => story.releases('better'))
    expect(story.promotion('staging').files).toHaveLength(files)
    expect(opened).toEqual(['ReadPromotionWorld', 'Write', 'issues/add-labels'])
    const moved = await callsForIt(story, () => story.releases('better-2'))
    expect(story.promotions()).toEqual(['Promote churn v13 to staging (open)'])
    exactly('move promotion pull request to a newer release', 3, moved)
  })
}

/** Nobody has to approve, and nothing has to soak. */
async function withoutApprovals(story: Tale): Promise<void> {
  await story.configures((text) => text.replace('approvals: 1 ', 'approvals: 0 ').replace('soak: 1h ', 'soak: 0s '))
  await story.configures((text) => text.replace('{ approvals: 1, soak: 30m }', '{ approvals: 0 }'), CONFIG)
  // These commits are direct pushes, which are believed at the second look.
  await story.pass(MINUTE)
}

/** Up to the write that says that the rollout has begun: Argo CD of the sandbox is done in the same moment, a real one is not. */
async function untilStarted(story: Tale, act: () => Promise<unknown>): Promise<{ started: string[]; all: string[] }> {
  const before = story.world.github.requests.length
  await act()
  const made = story.world.github.requests.slice(before)
  const begun = made.findIndex(({ body }) => /createDeploymentStatus.*IN_PROGRESS/.test(JSON.stringify(body ?? '')))
  const all = [...callsSince(story.world.github, before).names]
  return { started: all.slice(0, begun + 1), all }
}

scenario('/deploy to start and to its end, where nobody has to approve', async (story) => {
  await withoutApprovals(story)
  await story.releases('better')
  const first = await untilStarted(story, () => story.says('/deploy prod'))
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  exactly('/deploy to start, the first one to its environment', 7, first.started)
  const ended = await story.calls(story.verifies)
  expect(story.deployments().at(-1)).toBe('prod/churn: in_progress, success')
  counted('/deploy, whole life, the first one to its environment', 10, [...first.all, ...ended])
  counted('half an hour in which nothing happens', 0, await story.calls(() => story.pass(1_800_000, 600_000)))
  await story.releases('better-2')
  const second = await untilStarted(story, () => story.says('/deploy prod'))
  expect(story.promotions().at(-1)).toBe('Promote churn v13 to prod (merged)')
  exactly('/deploy to start', 6, second.started)
  counted('/deploy, whole life', 9, [...second.all, ...(await story.calls(story.verifies))])
  await story.says('/rollback prod')
  await story.verifies()
  await story.says('/unlock prod')
  await story.says('/deploy prod v13')
  await story.verifies()
  const back = await untilStarted(story, () => story.says('/rollback prod'))
  exactly('/rollback to start', 6, back.started)
  counted('/rollback, whole life', 9, [...back.all, ...(await story.calls(story.verifies))])
})

scenario('commands that promote nothing, and those that are refused', async (story) => {
  await story.releases('better')
  const of = (line: string, by?: string) => story.calls(() => story.says(line, by === undefined ? {} : { by }))
  exactly('/help', 2, await of('/help'))
  exactly('/status', 2, await of('/status'))
  exactly('/lock', 3, await of('/lock prod for 2h an incident'))
  exactly('/deploy refused by rules', 3, await of('/deploy prod'))
  exactly('/unlock', 3, await of('/unlock prod'))
  exactly('/deploy --dry-run', 3, await of('/deploy prod --dry-run'))
  exactly('/deploy refused for want of the right', 3, await of('/deploy prod', 'dave'))
  exactly('/deploy of an unknown environment', 2, await of('/deploy nowhere'))
  exactly('an unknown command', 2, await of('/deplyo prod'))
})

scenario('an approval, up to the rollout that it lets begin', async (story) => {
  await story.waitsForApproval()
  counted('/cancel', 6, await story.calls(() => story.says('/cancel prod')))
  await story.says('/deploy prod')
  await story.pass(MINUTE)
  const { started } = await untilStarted(story, () => story.says('/approve prod', { by: 'bob' }))
  expect(story.promotions().at(-1)).toBe('Promote churn v12 to prod (merged)')
  counted('/approve, up to the rollout that it lets begin', 7, started)
})

scenario('a comparison with something else', async (story) => {
  await story.releases('better')
  await story.opens('better-2')
  await story.pass(MINUTE)
  const anew = await story.calls(() => story.says('/compare'))
  counted('/compare, with the comparison made anew', 5, anew)
  exactly('/compare with a version', 4, await story.calls(() => story.says('/compare with v11')))
})

test('what was counted is what is recorded', async () => {
  await expect(`${JSON.stringify(recorded, null, 2)}\n`).toMatchFileSnapshot('calls.json')
})
