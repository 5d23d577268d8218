/** The richest comment on a page of the sandbox in a real browser, its charts drawn by Mermaid as GitHub draws them. */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClock } from '../../sandbox/clock.ts'
import { type GitHubSandbox, startGitHub } from '../../sandbox/github/index.ts'
import { createPages } from '../../sandbox/github/pages/index.ts'
import { EMPTY_STAGE } from '../../sandbox/github/pages/stage.ts'
import { renderComparison } from '../../src/comments/comparison.ts'
import { richReport } from '../comments/rich-report.ts'
import { startBrowser } from './browser.ts'

const MODELS = 'acme/models'
/** Where the pictures are left for whoever wants to look at them. */
const PICTURES = join(tmpdir(), 'lockkeeper-pictures')

let browser: Browser
let github: GitHubSandbox

beforeAll(async () => {
  browser = await startBrowser()
  github = await startGitHub({
    clock: createClock(new Date('2026-11-24T09:00:00Z')),
    app: { id: 1, slug: 'lockkeeper', publicKey: '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n' },
    pages: createPages(EMPTY_STAGE),
  })
  github.createUser('alice')
  github.createOrganization('acme', { members: { alice: 'member' } })
  github.createRepository(MODELS, { files: { 'train.py': 'C = 1.0\n' }, collaborators: { alice: 'write' } })
  github.commit(MODELS, 'better', {
    message: 'Regularise less',
    files: { 'train.py': 'C = 0.5\n' },
    by: 'alice',
    from: 'main',
  })
  github.openPullRequest(MODELS, { title: 'Regularise less', body: '', head: 'better', by: 'alice' })
  github.comment(MODELS, 1, renderComparison(richReport), { by: 'alice' })
  mkdirSync(PICTURES, { recursive: true })
})
afterAll(async () => {
  await browser?.close()
  await github?.close()
})

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 390],
] as const)('in %s at %i pixels', async (colorScheme, width) => {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true })
  const page = await context.newPage()
  await page.goto(`${github.url}/${MODELS}/pull/1`)
  // The page reads itself again, and would put the source back where a chart was drawn.
  await page.route('**/pull/1', (route) => route.abort())
  await page.screenshot({ path: join(PICTURES, `comment-${colorScheme}-${width}.png`), fullPage: true })
  await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true })')
  const charts = await drawCharts(page, colorScheme)
  await page.screenshot({ path: join(PICTURES, `comment-${colorScheme}-${width}-open.png`), fullPage: true })
  expect(charts).toEqual([21, 21, 21])
  expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0)
  await context.close()
})

/** Each chart in place of its source; how many points its line has. */
async function drawCharts(page: Page, colorScheme: 'light' | 'dark'): Promise<unknown> {
  await page.addScriptTag({ path: join(import.meta.dirname, '../../node_modules/mermaid/dist/mermaid.min.js') })
  return page.evaluate(`(async () => {
    mermaid.initialize({ startOnLoad: false, theme: ${JSON.stringify(colorScheme === 'dark' ? 'dark' : 'default')} })
    const points = []
    for (const [index, source] of [...document.querySelectorAll('code.language-mermaid')].entries()) {
      const { svg } = await mermaid.render('chart' + index, source.textContent)
      source.parentElement.outerHTML = '<div class="chart">' + svg + '</div>'
      const line = document.querySelector('#chart' + index + ' .line-plot-0 path, #chart' + index + ' [class*=line] path')
      points.push((line?.getAttribute('d') ?? '').split(/[ML]/).length - 1)
    }
    return points
  })()`)
}
