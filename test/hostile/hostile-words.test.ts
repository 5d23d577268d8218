/**
 * People who want more than to be read: names of metrics and branches, titles, messages, reasons, arguments and a configuration, all hostile, in one
 * story against the running program. What it writes in both repositories quotes them, and nothing of theirs acts.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finishTraining, mergeModel, openChurnPullRequest, startTraining } from '../../sandbox/world/acts.ts'
import { CONFIG, MODELS, WEBHOOK_SECRET } from '../../sandbox/world/index.ts'
import { readComment } from '../comments/github-markdown.ts'
import { type AttackedBot, startAttackedBot } from './attacked-bot.ts'

/** Each would do something where it is taken for Markdown, HTML, a marker, a template or a key. */
const HOSTILE = [
  '@acme/ml-leads',
  '![x](https://evil.test/x.png)',
  '[here](https://evil.test/)',
  '<img src=https://evil.test/y.png onerror=alert(1)>',
  '</details></summary>',
  '<!-- lockkeeper:comparison:v1 -->',
  'a | b | c',
  '`code` ```',
  '#1 https://evil.test/z www.evil.test',
  '{{ model.uri }} $' + '{process.env.WEBHOOK_SECRET} <%= 1 %>',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
] as const
const ALL = HOSTILE.join(' ')

let attacked: AttackedBot
beforeAll(async () => {
  attacked = await startAttackedBot()
}, 120_000)
afterAll(() => attacked?.close())

test('nothing hostile acts in comments, checks and promotions', { timeout: 400_000 }, async () => {
  const { world, settle } = attacked
  const { github } = world
  const says = async (number: number, body: string): Promise<void> => {
    github.comment(MODELS, number, body, { by: 'alice' })
    await settle()
  }
  const fraud = await openFraud()
  const churn = openChurnPullRequest(world, 'better', { title: ALL })
  startTraining(world, churn)
  finishTraining(world, churn)
  await settle()
  await openConfiguration()
  for (const command of ['compare', 'deploy', 'deploy prod', 'status', 'override', 'cancel', 'help', 'frobnicate'])
    await says(fraud, `/${command} ${ALL}`)
  for (const each of HOSTILE) await says(fraud, `/override ${JSON.stringify(each)} because ${each}`)
  await says(fraud, `/lock prod --reason ${JSON.stringify(ALL)}`)
  await says(fraud, '/status')
  mergeModel(world, churn, 'squash')
  await settle()
  await says(churn.number, '/unlock prod')
  await says(churn.number, `/deploy prod --reason ${JSON.stringify(ALL)}`)

  const written = allWritten()
  const joined = written.map(({ body }) => body).join('\n')
  expect(attacked.errors()).toEqual([])
  // What is quoted was read, or this proves nothing.
  for (const each of ['__proto__', '{{ model.uri }}', 'evil.test', 'lockkeeper:comparison:v1', 'prototype'])
    expect(joined).toContain(each)
  expect(joined).not.toContain(WEBHOOK_SECRET)
  expect(written.length).toBeGreaterThan(15)
  expect(written.flatMap(({ where, body }) => actsIn(body).map((what) => `${where}: ${what}`))).toEqual([])
})

/** fraud's metrics are in a file of the pull request. */
async function openFraud(): Promise<number> {
  const { github } = attacked.world
  const metrics = `{${[...HOSTILE, ALL, 'f1'].map((name, at) => `${JSON.stringify(name)}: 0.${at + 1}`).join(', ')}}`
  const head = 'fraud/@acme-#1-`x`-|-{{model.uri}}-__proto__'
  const headSha = github.commit(MODELS, head, {
    message: `${ALL}\n\nLockkeeper-Record: ${ALL}`,
    files: { 'models/fraud/metrics.json': metrics },
    by: 'dave',
  })
  const number = github.openPullRequest(MODELS, { title: ALL, body: ALL, head, by: 'dave' })
  github.reportCheck(MODELS, headSha, { name: 'train', status: 'completed', conclusion: 'success' })
  await attacked.settle()
  return number
}

/** A configuration is checked as soon as it is proposed. */
async function openConfiguration(): Promise<void> {
  const { github } = attacked.world
  const keys = HOSTILE.map((each) => `  ${JSON.stringify(each)}: { ${JSON.stringify(each)}: ${JSON.stringify(each)} }`)
  const files = { '.github/lockkeeper.yml': `version: 1\nmodels:\n${keys.join('\n')}\n${JSON.stringify(ALL)}: 1\n` }
  github.commit(MODELS, 'configure', { message: 'Configure', files, by: 'dave' })
  github.openPullRequest(MODELS, { title: 'Configure', head: 'configure', by: 'dave' })
  await attacked.settle()
}

type Written = { readonly where: string; readonly body: string }

/** Everything that the App wrote for people. */
function allWritten(): readonly Written[] {
  const { github } = attacked.world
  return [MODELS, CONFIG].flatMap((name) =>
    github.pullRequests(name).flatMap(({ number, headSha, author, body }) => [
      ...github
        .comments(name, number)
        .filter((comment) => comment.author.endsWith('[bot]'))
        .map((comment) => ({ where: `a comment on ${name}#${number}`, body: comment.body })),
      ...github
        .checkRuns(name, headSha)
        .filter(({ app }) => app === 'lockkeeper')
        .map(({ summary }) => ({ where: `a check of ${name}#${number}`, body: summary ?? '' })),
      ...(author.endsWith('[bot]') ? [{ where: `${name}#${number}`, body }] : []),
    ]),
  )
}

/** Ours: folded blocks, and what marks the comment at its beginning. */
const OUR_HTML = /^<\/?(?:details|summary)>|^<details><summary>|^<!-- lockkeeper:/

function actsIn(body: string): readonly string[] {
  const { html, addresses, texts, counts } = readComment(body)
  const markers: readonly string[] = html.join('\n').match(/<!-- lockkeeper:[a-z-]+/g) ?? []
  return [
    ...html.filter((tag) => !OUR_HTML.test(tag.trim())).map((tag) => `HTML ${tag}`),
    ...addresses.filter((address) => address.includes('evil.test')).map((address) => `a link to ${address}`),
    ...(counts['image'] === undefined ? [] : ['an image']),
    ...texts.filter((text) => /@acme|:\/\/evil|www\.evil|\$\{/.test(text)).map((text) => `a reference in ${text}`),
    // Whoever forges a marker has a comment taken for another one.
    ...(new Set(markers).size === markers.length ? [] : [`markers ${markers.join(' ')}`]),
    ...(markers.includes('<!-- lockkeeper:comparison') && !body.startsWith('<!-- lockkeeper:comparison')
      ? ['a forged marker']
      : []),
  ]
}

test('what acts is noticed', () => {
  expect(HOSTILE.slice(0, 6).filter((each) => actsIn(`Gate ${each}`).length === 0)).toEqual(['</details></summary>'])
})
