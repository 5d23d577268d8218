/** The pages of the sandbox in a real browser, with the real bot behind them: what a newcomer does first. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenStage, openStory, raiseOpenStage } from '../../sandbox/demo/open.ts'
import { CONFIG, MODELS } from '../../sandbox/world/index.ts'
import { startBrowser } from './browser.ts'

let browser: Browser
let open: OpenStage
const PULL = `/${MODELS}/pull/1`

beforeAll(async () => {
  browser = await startBrowser()
  open = await raiseOpenStage()
  await openStory(open)
})
afterAll(async () => {
  await browser?.close()
  await open?.close()
})

type Reader = { readonly width: number; readonly colorScheme: 'light' | 'dark'; readonly javaScriptEnabled?: boolean }

/** A page at a path; whatever the browser complains about fails the test. */
async function visit(path: string, { width, ...options }: Reader): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await page.goto(`${open.stage.world.github.url}${path}`)
  return { page, complaints }
}

async function act(page: Page, as: string, button: string, text = ''): Promise<void> {
  await page.selectOption('select[name=as]', as)
  await page.fill('textarea[name=body]', text)
  await Promise.all([page.waitForURL(/pull/), page.click(`button[value=${button}]`)])
}

const DESKTOP: Reader = { width: 1280, colorScheme: 'light' }

test('a newcomer merges, is told to wait, moves the clock, deploys, approves, and sees it live', async () => {
  const { page, complaints } = await visit(PULL, DESKTOP)
  await page.getByText('better than champion v11').first().waitFor()
  await act(page, 'carol', 'merge')
  await page.getByText('promotion PR 1').waitFor()
  await act(page, 'alice', 'comment', '/deploy prod')
  await page.getByText('Refused').waitFor()
  await Promise.all([page.waitForURL(/pull/), page.click('.clock button[value="60"]')])
  await page.getByText('11:0').first().waitFor()
  await act(page, 'alice', 'comment', '/deploy prod')
  await page.getByText('is open and waits').first().waitFor()
  await page.goto(`${open.stage.world.github.url}/${CONFIG}/pull/2`)
  await act(page, 'bob', 'approve')
  await page.getByText('Merged', { exact: true }).waitFor()
  await page.goto(`${open.stage.world.github.url}${PULL}`)
  await page.getByText('checks have held since').first().waitFor()
  await Promise.all([page.waitForURL(/pull/), page.click('.clock button[value="15"]')])
  await page.getByText('alias champion → v12').first().waitFor({ timeout: 60_000 })
  expect(open.stage.world.mlflow.alias('champion')).toBe('12')
  expect(complaints).toEqual([])
})

test('an update does not touch what the reader types or has unfolded', async () => {
  const { page } = await visit(PULL, DESKTOP)
  await page.locator('details').first().locator('summary').first().click()
  await page.fill('textarea[name=body]', 'half a sente')
  const { github } = open.stage.world
  github.comment(MODELS, 1, 'something new', { by: 'dave' })
  await page.getByText('something new').waitFor()
  expect(await page.inputValue('textarea[name=body]')).toBe('half a sente')
  expect(await page.locator('details').first().getAttribute('open')).not.toBeNull()
})

test('without JavaScript a comment works as well', async () => {
  const { page } = await visit(PULL, { ...DESKTOP, javaScriptEnabled: false })
  await act(page, 'erin', 'comment', '/status')
  await open.stage.world.github.delivered()
  expect(
    open.stage.world.github.comments(MODELS, 1).some(({ author, body }) => author === 'erin' && body === '/status'),
  ).toBe(true)
})

test('nothing that somebody writes runs', async () => {
  open.stage.world.github.comment(
    MODELS,
    1,
    '<img src=x onerror="document.title=\'owned\'"> <script>document.title="owned"</script>',
    {
      by: 'dave',
    },
  )
  const { page, complaints } = await visit(PULL, DESKTOP)
  expect([await page.title(), complaints]).toEqual([expect.not.stringContaining('owned'), []])
})

describe.each([
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
  { width: 390, colorScheme: 'light' },
] as const)('at $width pixels, $colorScheme', (reader) => {
  test.each(['/', '/environments', PULL, `/${CONFIG}/pull/2`, `/${MODELS}`, `/${CONFIG}`])(
    '%s fits and can be read',
    async (path) => {
      const { page, complaints } = await visit(path, reader)
      const seen = await page.evaluate<Seen>(LOOK)
      expect(seen.overflow).toBe(0)
      expect(contrast(seen.text, seen.ground)).toBeGreaterThan(7)
      expect(complaints).toEqual([])
      await page.context().close()
    },
  )
})

type Seen = { readonly overflow: number; readonly text: string; readonly ground: string }

const LOOK = `({
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  text: getComputedStyle(document.body).color,
  ground: getComputedStyle(document.body).backgroundColor,
})`

/** The contrast ratio of the accessibility guidelines, 1 to 21. */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number).map((value) => {
    const share = value / 255
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
