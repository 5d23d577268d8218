/** A promotion pull request whose writing was cut off, by a lost answer or a crash: it ends as if nothing had happened. */
import { expect } from 'vitest'
import { finishTraining, mergeModel } from '../../sandbox/world/acts.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { HOUR, MINUTE, scenario, type Tale } from '../support/story.ts'

const branches = ({ world }: Tale): readonly string[] => Object.keys(world.github.branches(CONFIG)).toSorted()
type Request = { readonly body: unknown }

const writes = ({ body }: Request, pattern: RegExp): boolean => pattern.test(JSON.stringify(body ?? ''))

/** Breaks the connection at the first such write; tells whether it came. */
function breaks({ world }: Tale, pattern: RegExp, drop: 'before' | 'after'): () => boolean {
  let came = false
  const isIt = (request: Request): boolean => {
    const hit = writes(request, pattern)
    came ||= hit
    return hit
  }
  world.github.fail(isIt, { drop })
  return () => came
}

const LABELS = ['lockkeeper', 'model: churn', 'environment: staging']
const DELETION = /"beforeOid":"(?!0{40})[0-9a-f]{40}","afterOid":"0{40}"/

/** A release that waits in staging. */
async function waitsInStaging(story: Tale) {
  const first = await story.proposes('better')
  await story.says('/lock staging churn an audit')
  await story.merges(first)
  return first
}

scenario(
  'one attempt to open it fails, and the answer to the next is lost: it is waited for, and not made anew',
  async (story) => {
    const { github } = story.world
    const first = await story.proposes('better')
    await story.says('/lock staging churn an audit')
    await story.pass(MINUTE)
    github.setLag({ seconds: 15 })
    github.fail({ graphql: /createPullRequest/ }, { status: 502 })
    const came = breaks(story, /createPullRequest/, 'after')
    await story.merges(first)
    await story.pass(5 * MINUTE, 5000)
    expect(came()).toBe(true)
    expect(story.promotions()).toEqual(['Promote churn v12 to staging (open)'])
  },
)

for (const drop of ['before', 'after'] as const) {
  scenario(`the connection breaks ${drop} it is opened: one pull request, one commit, all labels`, async (story) => {
    const came = breaks(story, /createPullRequest/, drop)
    await waitsInStaging(story)
    await story.pass(5 * MINUTE, MINUTE)
    expect(came()).toBe(true)
    expect(story.promotions()).toEqual(['Promote churn v12 to staging (open)'])
    expect(story.promotion('staging').labels).toEqual(LABELS)
    expect(story.promotion('staging').commits).toHaveLength(1)
  })

  scenario(
    `the connection breaks ${drop} a newer release's commit: moved all the same, nothing left`,
    async (story) => {
      await waitsInStaging(story)
      const came = breaks(story, /createCommitOnBranch.*\+next/, drop)
      await story.releases('better-2')
      await story.pass(5 * MINUTE, MINUTE)
      expect(came()).toBe(true)
      expect(story.promotions()).toEqual(['Promote churn v13 to staging (open)'])
      expect(story.promotion('staging').commits).toHaveLength(1)
      expect(branches(story)).toEqual(['lockkeeper/acme/models/churn/staging', 'main'])
    },
  )

  scenario(`the connection breaks ${drop} the branch is moved to a newer release: moved once more`, async (story) => {
    await waitsInStaging(story)
    const came = breaks(story, /updatePullRequest/, drop)
    await story.releases('better-2')
    await story.pass(5 * MINUTE, MINUTE)
    expect(came()).toBe(true)
    expect(story.promotions()).toEqual(['Promote churn v13 to staging (open)'])
    expect(story.promotion('staging').commits).toHaveLength(1)
    expect(branches(story)).toEqual(['lockkeeper/acme/models/churn/staging', 'main'])
  })

  scenario(`the connection breaks ${drop} the branch is deleted: it is gone`, async (story) => {
    const came = breaks(story, DELETION, drop)
    const pull = await story.releases('better')
    await story.pass(5 * MINUTE, MINUTE)
    expect(came()).toBe(true)
    expect(branches(story)).toEqual(['main'])
    expect(story.thread(pull)).toContain('live in staging')
  })
}

scenario('without the right to label: promoted all the same', async (story) => {
  story.world.github.fail({ operation: 'issues/add-labels' }, { status: 403 })
  await story.releases('better')
  expect(story.promotions()).toEqual(['Promote churn v12 to staging (merged)'])
  expect(story.promotion('staging').labels).toEqual([])
})

scenario('labels that were not made are made with the next commit', async (story) => {
  story.world.github.fail({ operation: 'issues/add-labels' }, { status: 403 })
  await waitsInStaging(story)
  await story.releases('better-2')
  expect(story.promotion('staging').labels).toEqual(LABELS)
})

scenario('somebody pushes in the moment in which the branch is moved: their commit stays', async (story) => {
  await waitsInStaging(story)
  const branch = 'lockkeeper/acme/models/churn/staging'
  let theirs = ''
  story.world.github.fail((request) => {
    const isMove = writes(request, /updatePullRequest/)
    const push = { message: 'Mine', files: { a: 'a' }, by: 'bob' }
    if (isMove && theirs === '') theirs = story.world.github.commit(CONFIG, branch, push)
    return false
  }, {})
  await story.releases('better-2')
  await story.pass(5 * MINUTE, MINUTE)
  expect(theirs).not.toBe('')
  expect(story.world.github.branches(CONFIG)[branch]).toBe(theirs)
})

/** dave's pull request on fraud; it conflicts with no other. */
function opensFraud({ world }: Tale, index: number) {
  const files = { [`models/fraud/part-${index}.py`]: 'DEPTH = 7\n' }
  const branch = `fraud-${index}`
  const headSha = world.github.commit(MODELS, branch, { message: branch, files, by: 'dave', from: 'main' })
  const number = world.github.openPullRequest(MODELS, { title: branch, head: branch, by: 'dave' })
  world.bucket.put(`s3://acme-models/fraud/${headSha}/model.json`, 'fraud')
  const pull = { number, headSha, candidate: 'better' } as const
  finishTraining(world, pull)
  return pull
}

scenario('twenty merges at once: one pull request, at the newest', async (story) => {
  const pulls = Array.from({ length: 20 }, (_, index) => opensFraud(story, index))
  await story.settle()
  await story.says('/lock staging fraud an audit')
  for (const pull of pulls) mergeModel(story.world, pull)
  await story.settle()
  await story.pass(HOUR, 30 * MINUTE)
  expect(story.promotions()).toHaveLength(1)
  expect(story.promotion('staging', 'fraud')).toMatchObject({ state: 'open', commits: [{}] })
  expect(story.promotion('staging', 'fraud').files[0]?.patch).toContain(pulls.at(-1)?.headSha ?? '?')
})
