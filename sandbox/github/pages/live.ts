/** The one script of the pages: reads the page again every two seconds and exchanges what changed, without touching what the reader types or has unfolded. */
import { createHash } from 'node:crypto'

export const LIVE_SCRIPT = `
setInterval(async () => {
  if (document.hidden) return
  let fresh
  try {
    const response = await fetch(location.href)
    if (!response.ok) return
    fresh = new DOMParser().parseFromString(await response.text(), 'text/html')
  } catch { return }
  for (const part of document.querySelectorAll('[data-live]')) {
    const next = fresh.querySelector('[data-live="' + part.dataset.live + '"]')
    if (!next || next.textContent === part.dataset.shown) continue
    part.dataset.shown = next.textContent
    const open = new Set([...part.querySelectorAll('details[open]')].map((each) => each.querySelector('summary')?.textContent))
    for (const each of next.querySelectorAll('details')) each.open ||= open.has(each.querySelector('summary')?.textContent)
    if (next.textContent !== part.textContent) part.innerHTML = next.innerHTML
  }
}, 2000)
`

/** Nothing but this script runs, nothing is loaded from elsewhere, forms go nowhere else. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src 'sha256-${createHash('sha256').update(LIVE_SCRIPT).digest('base64')}'`,
  "style-src 'unsafe-inline'",
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')
