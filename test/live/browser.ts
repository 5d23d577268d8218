/** A real browser for the live suite: Debian's Chromium, installed when it is missing. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { installDebian } from '../../sandbox/recordings/installations.ts'

const CHROMIUM = '/usr/bin/chromium'

/** Starts it without a window. It reaches nothing but this machine. */
export async function startBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) await installDebian('chromium', 'fonts-noto-color-emoji')
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })
}
